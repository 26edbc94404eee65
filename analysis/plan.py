"""What a batch will be able to show: from numbers typed by hand, or for each metric of a finished run.

Parity is planned at the level at which a suite signs off: every primary metric at alpha, since asking
for all of them at once needs no correction. A regression is planned at alpha over the size of the
family, the hardest step of Holm's correction. Rates and margins are fractions.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from analysis.result import Verdict
from analysis.stats import power as chances
from suites.metrics import MetricName

ALPHA = 0.05


@dataclass(frozen=True)
class Question:
    """What is known before a batch is run."""

    discordance: float
    """How often equally good arms disagree, both ways together."""
    margin: float | None = None
    """How much worse the candidate may be; None asks which margin can be shown."""
    pairs: int | None = None
    """Opportunities in the batch; None asks how many are needed."""
    power: float = chances.POWER
    family: int = 1
    """Claims corrected together."""

    @property
    def levels(self) -> chances.Levels:
        """At which levels the claims are tested."""
        return chances.Levels(parity=ALPHA, worse=ALPHA / self.family)


@dataclass(frozen=True)
class Answer:
    """What the batch needs, and what it can show; None where nothing under all limits would do."""

    pairs_needed: int | None
    """Pairs with which equally good arms are shown to be within the margin, if one was given."""
    margin_shown: float | None
    """The smallest margin within which these pairs, if given, show equally good arms to be."""
    regression_caught: float | None
    """The smallest true loss that is called a regression."""
    chance_shown: float | None
    """With these pairs and this margin, if the arms are equally good."""


@dataclass(frozen=True)
class Row:
    """The plan of one metric of a finished run, from what it counted."""

    suite: str
    metric: MetricName
    question: Question
    answer: Answer
    discordant: float
    """Pairs of the run in which exactly one arm failed."""


def answer(question: Question) -> Answer:
    """Everything that can be said ahead. What was not asked is taken from what was answered.

    Raises:
        ValueError: A number is no fraction or no count; the message names it.
    """
    q, levels = question, question.levels
    shown = (
        None
        if q.pairs is None
        else chances.margin_shown(
            pairs=q.pairs, discordance=q.discordance, power=q.power, alpha=levels.parity
        )
    )
    margin = shown if q.margin is None else q.margin
    needed = (
        None
        if q.margin is None
        else chances.pairs_needed(
            margin=q.margin, discordance=q.discordance, power=q.power, alpha=levels.parity
        )
    )
    pairs = needed if q.pairs is None else q.pairs
    if pairs is None or margin is None:
        return Answer(needed, shown, None, None)
    caught = chances.regression_caught(
        pairs=pairs, margin=margin, discordance=q.discordance, power=q.power, levels=levels
    )
    at_zero = chances.chances(
        pairs=pairs, margin=margin, discordance=q.discordance, shifts=0.0, levels=levels
    )
    return Answer(needed, shown, caught, float(at_zero.parity))


def questions(
    verdict: Verdict, *, power: float = chances.POWER
) -> Iterator[tuple[str, MetricName, Question]]:
    """Suite, metric and question of each primary metric, as if the same prompts were asked again.

    The discordance is taken at its exact upper limit: to have seen little disagreement is no proof of
    there being little. A metric without a pair has nothing to plan with and no question.
    """
    for finding in verdict.findings:
        pairs = int(finding.pairs)
        if finding.family != "primary" or finding.estimand != "suite" or pairs < 1:
            continue
        discordant = finding.candidate_only + finding.reference_only
        yield (
            finding.suite,
            finding.metric,
            Question(
                discordance=chances.discordance_upper(discordant, finding.pairs),
                margin=finding.margin,
                pairs=pairs,
                power=power,
                family=int(verdict.registered[finding.suite]["family_size"]),
            ),
        )


def of_run(verdict: Verdict, *, power: float = chances.POWER) -> Iterator[Row]:
    """A row for each primary metric that has a question (`questions`)."""
    discordant = {
        (f.suite, f.metric): f.candidate_only + f.reference_only
        for f in verdict.findings
        if f.family == "primary" and f.estimand == "suite"
    }
    for suite, metric, question in questions(verdict, power=power):
        yield Row(
            suite=suite,
            metric=metric,
            question=question,
            answer=answer(question),
            discordant=discordant[suite, metric],
        )
