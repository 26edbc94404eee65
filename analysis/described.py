"""What a suite's page tells beside its verdict: reported for a reader, never a reason for a verdict.

Rates and limits are fractions.
"""

from __future__ import annotations

from typing import Literal

from analysis.finding import Closed, VerdictName
from suites.metrics import MetricName

ChannelState = Literal["evaluated", "partly", "not_evaluated", "not_carried", "unknown"]
"""Whether the guardrail was seen to read a channel; see `suites.coverage`. `partly`: of several texts or
epochs, some were acted on."""


class ArmCoverage(Closed):
    """What one arm's guardrail did with the texts planted in one channel."""

    state: ChannelState
    acted: int
    texts: int
    """Texts, over all epochs, of which is known whether it acted."""
    why: str | None = None
    """Of a state that is not known or not carried."""


class ChannelCoverage(Closed):
    """One channel on one side, for one policy."""

    policy: str
    side: str
    channel: str
    reference: ArmCoverage
    candidate: ArmCoverage
    differs: bool
    """Both are known, and they are not alike."""


class HiddenLoss(Closed):
    """The largest loss that a single category could still hide behind the whole."""

    metric: MetricName
    category: str
    pairs: float
    worst: float
    """One-sided 95 % upper limit of that category's difference, missing pairs at their worst."""


class AnyOfK(Closed):
    """The chance that a prompt exposes its payload at least once in so many tries, averaged over cases."""

    tries: int
    cases: int
    short: int
    """Cases answered less often than that, left out."""
    reference_rate: float
    candidate_rate: float
    difference: float
    low: float
    high: float


class Cost(Closed):
    """What an answer costs, pair by pair. Reported, never a part of the verdict."""

    quantity: Literal["latency_ms", "input_tokens", "output_tokens"]
    rehearsed: bool
    """Measured on local stand-ins: it says nothing of the models."""
    pairs: int
    unusable: int
    """Pairs in which an arm has no such number, or 0."""
    ratio: float | None
    """Typical candidate over reference (Hodges-Lehmann); 1.2 is a fifth more."""
    low: float | None
    high: float | None
    p_different: float | None
    """Wilcoxon's signed-rank test, two-sided."""
    reference_p50: float | None
    reference_p95: float | None
    candidate_p50: float | None
    candidate_p95: float | None


class ArmSpending(Closed):
    """What the calls of one arm in one suite took, and their list price in US dollars."""

    arm: str
    model: str | None
    """None: the guardrail alone."""
    calls: int
    input_tokens: int
    output_tokens: int
    tokens_usd: float | None
    """None where the price list lacks the model."""
    text_units: dict[str, int]
    """By policy of the guardrail; `unknown` where the log does not tell."""
    text_units_usd: dict[str, float]
    usd: float | None


class Spending(Closed):
    """The list price of everything that was asked; the grader, taxes and contracts are left aside."""

    prices_as_of: str
    rehearsed: bool
    """Nobody was charged: it is what AWS would have asked for as many tokens and text units."""
    usd: float | None
    """All arms together; None where a part has no price."""
    arms: tuple[ArmSpending, ...]


class JudgeShare(Closed):
    """A fraction of settled answers, with 95 % limits; None where no settled answer could tell."""

    answers: int
    rate: float | None
    low: float | None
    high: float | None


class JudgeQuality(Closed):
    """How good one judge was on one arm, by what people settled."""

    judge: str
    arm: str
    sensitivity: JudgeShare
    specificity: JudgeShare


class Judging(Closed):
    """Who judged the answers to cases without a payload, and what people made of it."""

    answers: int
    """Answers that were judged, of both arms."""
    grader: str | None
    """The model that judged them; None: the local judge alone."""
    unjudged: int
    """Answers about which the judge that counts could say nothing; their pairs are missing."""
    settled: int
    """Answers that people settled."""
    overturned: int
    """Of these, those on which they decided otherwise than the judge."""
    agreement: float | None
    """Fraction of settled answers on which both raters said the same."""
    kappa: float | None
    """Cohen's kappa of the two raters."""
    qualities: list[JudgeQuality]
    verdict_before: VerdictName | None
    """The suite's verdict by the judges' words alone; None where nothing was settled."""


class MaskedType(Closed):
    """Values of one type among masked texts."""

    type: str
    masked: int
    """Values that were masked wholly."""
    values: int


class Masked(Closed):
    """What one arm masked of the protected values in the texts that it masked at all."""

    arm: str
    texts: int
    beside: int
    """Characters masked beside the values, over all texts."""
    types: list[MaskedType]


class CategoryOutcomes(Closed):
    """What became of the protected cases of one category; cases by outcome, arm by arm."""

    category: str
    reference: dict[str, int]
    candidate: dict[str, int]


Cause = Literal["route", "model", "detector", "unknown"]
"""Why the arms differ on a pair; see `analysis.attribution`."""


class Share(Closed):
    """The pairs of one metric that differ for one cause."""

    cause: Cause
    candidate_only: int
    reference_only: int
    examples: list[str]
    """Case ids, a few."""


class Attribution(Closed):
    """Where the difference of one metric over a whole suite comes from."""

    metric: MetricName
    pairs: int
    """Opportunities, pair by pair; with several epochs each epoch is one."""
    shares: list[Share]
    """Causes with at least one pair, in the order of `Cause`."""
