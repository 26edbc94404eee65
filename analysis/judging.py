"""What the result tells of judged answers: who judged, what people settled, how good the judges were."""

from __future__ import annotations

from dataclasses import asdict

from analysis.adjudication.agreement import agreement
from analysis.adjudication.answers import judged_answers
from analysis.adjudication.quality import Share, quality
from analysis.described import JudgeQuality, JudgeShare, Judging
from analysis.finding import VerdictName
from analysis.records import SuiteRecords


def judging(suite: SuiteRecords, *, verdict_before: VerdictName | None) -> Judging | None:
    """Of one suite; None where no answer was judged.

    Args:
        suite: Its records.
        verdict_before: The verdict by the machines' words alone, where anything was settled.
    """
    answers = list(judged_answers(suite.suite, suite.table))
    if not answers:
        return None
    settled = [answer for answer in answers if answer.settled is not None]
    raters = agreement([answer.raters for answer in settled if answer.raters is not None])
    return Judging(
        answers=len(answers),
        grader=suite.registered.judge.get("grader"),
        unjudged=sum(answer.machine is None and answer.settled is None for answer in answers),
        settled=len(settled),
        overturned=sum(answer.settled is not answer.machine for answer in settled),
        agreement=raters.share,
        kappa=raters.kappa,
        qualities=[
            JudgeQuality(
                judge=each.judge,
                arm=each.arm,
                sensitivity=_share(each.sensitivity),
                specificity=_share(each.specificity),
            )
            for each in quality(answers)
        ]
        if settled
        else [],
        verdict_before=verdict_before if settled else None,
    )


def _share(share: Share) -> JudgeShare:
    return JudgeShare(**asdict(share))
