"""A folder of logs in, the run's verdict out; and the verdict's file.

What decides about more than the counts stands here: what was not run, what did not finish, where the
guardrail was not proved to be there.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from analysis import (
    applicability,
    attribution,
    costs,
    counts,
    coverage,
    disagreements,
    hidden,
    missing,
    retries,
    standing,
    thinning,
    verdict,
    wording,
)
from analysis.adjudication.answers import any_settled
from analysis.adjudication.before import before
from analysis.errors import EvidenceError
from analysis.finding import Finding, VerdictName
from analysis.judging import judging
from analysis.logs.files import LogFile
from analysis.masking import masked
from analysis.notes import asked_less, notes
from analysis.numbers import ALPHA
from analysis.records import SuiteRecords, read_folder
from analysis.result import EXIT_CODES, MissingAnswers, SuiteResult, Thinned, Verdict
from analysis.spending import spending
from analysis.stats.tables import Observed
from suites.files import write_atomically
from suites.outcomes import Facts
from suites.plan import Plan
from suites.registered import Attachment, UnderPlan
from suites.suite import suite_names

_CONFIGURATIONS: Any = {
    "guardrails": {"__all__": {"configuration"}},
    "guardrails_elsewhere": {"__all__": {"__all__": {"configuration"}}},
}


def compare(
    folder: Path, *, allow_partial: bool = False, laid_over: tuple[Plan, UnderPlan] | None = None
) -> Verdict:
    """Reach the verdict from the logs in a run's folder, or in any folder of logs.

    The same logs give the same verdict, byte for byte.

    Args:
        folder: Where the logs are.
        allow_partial: Let a run of only some suites or cases reach parity.
        laid_over: A plan, with what a run under it registers, for logs that were made under none. Such a
            verdict is exploratory.

    Raises:
        EvidenceError: The logs are damaged, are not ours, or do not belong together.
    """
    suites = read_folder(folder)
    if laid_over is not None:
        suites = standing.laid_over(suites, *laid_over)
    return conclude(suites, swapped=attribution.on_file(folder), allow_partial=allow_partial)


def conclude(
    suites: Sequence[SuiteRecords],
    *,
    swapped: Mapping[attribution.Key, Facts] | None = None,
    allow_partial: bool = False,
) -> Verdict:
    """Reach the verdict from what the logs held; `swapped` is what the swap adds to them.

    Raises:
        EvidenceError: They register fewer metrics than they have.
    """
    thin = {each.suite: thinning.thinned(each.suite, each.table) for each in suites}
    compared = [each for each in suites if each.attached and not each.unfinished and not thin[each.suite]]
    judged = {each.suite: counts.judged(each.table) for each in compared}
    lost = {each.suite: missing.compare(each.table) for each in suites}
    plan = standing.plan_used(suites)
    sign_off = ALPHA if plan is None else plan.alpha
    findings = _findings(suites, judged, lost, sign_off)
    unsettled = _unsettled(suites, compared, lost, sign_off)
    results = []
    for each in suites:
        own = [finding for finding in findings if finding.suite == each.suite]
        reached, reason = _suite_verdict(each, own, thin[each.suite], allow_partial=allow_partial)
        result = _result(each, reached, reason)
        result.missing_answers = lost[each.suite]
        result.spending = spending(each)
        if each.suite in judged:
            pairs, registered = judged[each.suite], each.registered
            result.breach = verdict.breach_of(own)
            result.discordant = list(disagreements.discordant(each.table, pairs))
            result.hidden_loss = hidden.largest(own)
            result.any_of_k = list(retries.any_of_k(each.table, pairs, epochs=registered.epochs))
            by_machines = [finding for finding in unsettled if finding.suite == each.suite]
            result.judging = judging(
                each, verdict_before=_suite_verdict(each, by_machines, [], allow_partial=allow_partial)[0]
            )
            result.masking = masked(each.table)
            result.coverage = coverage.cover(each.probes)
            result.by_category = list(disagreements.by_category(each.table))
            result.attribution = attribution.of_suite(each.suite, each.table, pairs, swapped or {})
            result.costs = list(costs.compare(each.table, rehearsed=registered.rehearsal))
        results.append(result)
    wanted = suite_names() if plan is None else plan.suites
    not_run = [name for name in wanted if name not in {each.suite for each in suites}]
    purpose = " and ".join(sorted({each.registered.purpose for each in suites}))
    unplanned = "release" in purpose if plan is None else plan.exploratory is not None
    overall = _overall(suites, results, partial=bool(not_run) and not allow_partial, confirming=not unplanned)
    valid = standing.validity(suites)
    whole = Verdict(
        rehearsal=suites[0].registered.rehearsal,
        purpose=purpose,
        verdict=overall,
        breach=verdict.breach_of(findings) if overall == "regression" else None,
        headline="",
        exit_code=EXIT_CODES[overall],
        suites_not_run=not_run,
        suites=results,
        findings=findings,
        path_defects=[
            defect for each in compared for defect in disagreements.path_defects(each.suite, each.table)
        ],
        channel_differences=coverage.differences(results),
        attachment=[
            {"suite": each.suite, **proof.model_dump(mode="json")}
            for each in suites
            for proof in each.registered.attachment
        ],
        checks=[
            {"suite": each.suite, **check.model_dump(mode="json")}
            for each in suites
            for check in each.registered.checks
        ],
        thinned=[arm for each in suites for arm in thin[each.suite]],
        notes=[
            *coverage.different(results),
            *notes(suites, not_run, lost),
            *coverage.unread(results),
        ],
        registered={
            # What the guardrails say in full stays in the logs; their digests are here.
            each.suite: each.registered.model_dump(mode="json", exclude=_CONFIGURATIONS)
            for each in suites
        },
        plan=plan,
        expires=valid.expires,
        expires_because=valid.expires_because,
        voided_by=valid.voided_by,
        detectors=valid.detectors,
    )
    return whole.model_copy(update={"headline": _headline(whole)})


def write_verdict(reached: Verdict, path: Path) -> None:
    """Write the verdict's file, whole or not at all."""
    text = reached.model_dump_json(indent=2, by_alias=True) + "\n"
    write_atomically(path, text)


def _findings(
    suites: Sequence[SuiteRecords],
    judged: Mapping[str, Observed],
    lost: Mapping[str, MissingAnswers | None],
    sign_off: float,
) -> list[Finding]:
    return verdict.judge(
        [
            cell
            for each in suites
            if each.suite in judged
            for cell in counts.cells(each.registered, each.table, judged[each.suite])
        ],
        family_size=_family_size(suites),
        critical_size=_critical_family_size(suites),
        uneven=[suite for suite, answers in lost.items() if answers and answers.uneven],
        sign_off=sign_off,
    )


def _unsettled(
    suites: Sequence[SuiteRecords],
    compared: Sequence[SuiteRecords],
    lost: Mapping[str, MissingAnswers | None],
    sign_off: float,
) -> list[Finding]:
    """The findings by what machines said of answers, where people settled any; none else."""
    if not any(any_settled(each.suite, each.table) for each in compared):
        return []
    by_machines = {each.suite: counts.judged(before(each.suite, each.table)) for each in compared}
    return _findings(suites, by_machines, lost, sign_off)


def _family_size(suites: Sequence[SuiteRecords]) -> int:
    """How many primary metrics were registered; the logs at hand cannot have more."""
    size = suites[0].registered.family_size
    there = sum(len(each.registered.metrics) for each in suites)
    if there > size:
        raise EvidenceError(
            f"The logs of {wording.series(each.suite for each in suites)} have {there} metrics, but each"
            f" registers a family of {size}. They were made from different catalogs: run the suites again."
        )
    return size


def _critical_family_size(suites: Sequence[SuiteRecords]) -> int:
    """How many metrics of critical strata were registered; as above."""
    size = suites[0].registered.critical_family_size
    there = sum(len(stratum.metrics) for each in suites for stratum in each.registered.critical)
    if there > size:
        raise EvidenceError(
            f"The logs of {wording.series(each.suite for each in suites)} have {there} metrics of critical"
            f" strata, but each registers a family of {size}. They were made from different catalogs: run the"
            " suites again."
        )
    return size


def _result(suite: SuiteRecords, reached: VerdictName, reason: str) -> SuiteResult:
    registered = suite.registered
    return SuiteResult(
        suite=suite.suite,
        title=registered.title,
        claim=registered.claim,
        version=registered.suite_version,
        purpose=registered.purpose,
        estimand=counts.gating(registered.purpose),
        verdict=reached,
        reason=reason,
        cases_planned=registered.batch_cases,
        cases_run=int(suite.table["case"].nunique()),
        epochs=registered.epochs,
        outcomes=disagreements.outcomes(suite.table),
        discordant=[],
        not_tested=list(registered.not_tested),
        languages=list(registered.languages),
    )


def _suite_verdict(
    suite: SuiteRecords, findings: Sequence[Finding], thin: Sequence[Thinned], *, allow_partial: bool
) -> tuple[VerdictName, str]:
    """One suite's verdict; without attachment or an end it has no findings and rests on no number."""
    if not suite.attached:
        return "not_comparable", _unattached(suite)
    if thin:
        return "not_comparable", " ".join(map(thinning.sentence, thin))
    if suite.unfinished:
        return "inconclusive", _unfinished(suite)
    reached, reason = verdict.suite_verdict(findings)
    if reached == "parity" and (late := standing.overdue(suite)):
        return "inconclusive", late
    planned = suite.registered.batch_cases * suite.registered.epochs
    if reached == "regression" or allow_partial or len(suite.table) >= planned:
        return reached, reason
    part = (
        f"Partial: {wording.count(len(suite.table))} of {wording.count(planned)} registered cases were run."
    )
    aside = applicability.sentence(suite.registered)
    return "inconclusive", " ".join(filter(None, (part, aside, asked_less(suite), reason)))


def _unattached(suite: SuiteRecords) -> str:
    proofs = [proof for log in suite.logs for proof in log.registered.attachment]
    arms = dict.fromkeys(proof.arm for proof in proofs if not proof.passed)
    unequal = [check for log in suite.logs for check in log.registered.checks if check.passed is False]
    if unequal and not arms:
        told = "; ".join(
            dict.fromkeys(f"{wording.readable(each.check)}: {each.evidence}" for each in unequal)
        )
        return f"The arms do not stand under equal conditions. {told}. Mend this and run the suite again."
    if not arms:
        return "The log holds no proof that the guardrail acts. Run the suite again."
    told = "; ".join(_failed_checks(arm, [proof for proof in proofs if proof.arm == arm]) for arm in arms)
    return f"The guardrail was not proved to act as it must. {told}. Mend this and run the suite again."


def _failed_checks(arm: str, proofs: Sequence[Attachment]) -> str:
    failed = [proof for proof in proofs if not proof.passed]
    policies = wording.series(dict.fromkeys(proof.policy for proof in failed))
    first = failed[0]
    return (
        f"On {arm} {len(failed)} of {len(proofs)} checks failed ({policies}); the first,"
        f" {wording.readable(first.canary)} for {first.policy} at the {first.side}: {first.evidence}"
    )


def _unfinished(suite: SuiteRecords) -> str:
    planned = suite.registered.batch_cases * suite.registered.epochs
    told = "; ".join(_broken_off(log, planned) for log in suite.unfinished)
    return f"Not finished: {told}. Run the same command again to finish it; finished cases are kept."


def _broken_off(log: LogFile, planned: int) -> str:
    part = log.registered.part
    if part is not None and log.status == "success":
        return f"after the log {log.path.name}, part {part.number} of {part.of}, another part was to come"
    return (
        f"the log {log.path.name} ended as {log.status} with {wording.count(log.samples)} of"
        f" {wording.count(planned)} cases" + (f" ({log.message})" if log.message else "")
    )


def _overall(
    suites: Sequence[SuiteRecords], results: Sequence[SuiteResult], *, partial: bool, confirming: bool
) -> VerdictName | None:
    """The worst of the suites; nothing at all where a run broke off, inconclusive where some did not run.

    Without `confirming`, which takes a plan older than the first sample, nothing is signed off.
    """
    worst = verdict.worst_of(result.verdict for result in results)
    if worst == "not_comparable":
        return worst
    if any(suite.unfinished for suite in suites):
        return None
    return "inconclusive" if worst == "parity" and (partial or not confirming) else worst


def _headline(reached: Verdict) -> str:
    """The verdict in the words for people."""
    banner = f"{wording.BANNER}: " if reached.rehearsal else ""
    partial = reached.suites_not_run or any(s.cases_run < s.cases_planned for s in reached.suites)
    judged = reached.verdict not in {None, "not_comparable"}
    part = " (only a part of the plan was run)" if partial and judged else ""
    if reached.plan is not None and reached.plan.exploratory:
        part += " (exploratory: the plan is younger than the first sample)"
    return f"{banner}{wording.words_of_run(reached).long}{part}"
