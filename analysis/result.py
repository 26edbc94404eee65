"""The verdict file: what `compare` writes and every report reads. Rates and margins are fractions."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from suites.metrics import MetricName

VerdictName = Literal["parity", "regression", "inconclusive", "not_comparable"]
Estimand = Literal["suite", "templates"]
"""What is spoken of: these prompts asked again, or new prompts from the templates they were made of."""
Family = Literal["primary", "critical", "category"]
Breach = Literal["shown", "not_excluded"]
"""Of a regression: the loss is shown to be beyond the margin, or that is not excluded."""

EXIT_CODES: dict[VerdictName | None, int] = {
    "parity": 0,
    "regression": 1,
    "inconclusive": 3,
    "not_comparable": 4,
    None: 5,
}
"""The process's exit code by verdict; None is a run that did not finish. 2 is a usage error."""


class _Closed(BaseModel):
    model_config = ConfigDict(extra="forbid")


class Finding(_Closed):
    """One metric over one slice of one suite, for one estimand."""

    suite: str
    metric: MetricName
    slice: str = "all"
    """`all`, `critical:<name>` or `category:<name>`."""
    title: str | None = None
    """What people call a critical stratum."""
    family: Family = "primary"
    estimand: Estimand = "suite"
    gates: bool = True
    """Whether it counts for the suite's verdict: the estimand that the suite's purpose asks for does, the
    other one is there to be read."""
    epochs: int = 1
    pairs: float
    """Opportunities with both arms observed."""
    missing: float
    """Opportunities, or what may have been, with an arm missing."""
    both: float
    candidate_only: float
    reference_only: float
    reference_rate: float | None
    candidate_rate: float | None
    difference: float | None
    """Candidate minus reference; positive is worse."""
    low: float | None
    high: float | None
    """The 95 % Fay-Lumbard interval for the difference."""
    worst: float | None = None
    """One-sided 95 % upper limit of the difference with missing pairs at their worst. It is at most the
    margin exactly when `p_parity` is at most .05."""
    margin_shown: float | None = None
    """The smallest margin within which this finding by itself lies, one-sided at 95 %, with missing pairs
    at their worst; None where no margin could be shown."""
    margin: float
    cap: float
    equivalence: bool = False
    """Registered as two-sided: `p_parity` then also doubts "better by at least the margin"."""
    deff: float = 1.0
    """Design effect: all limits and p-values were computed on the counts divided by it."""
    clusters: int | None = None
    """Templates among the pairs, for the estimand `templates`."""
    p_worse: float | None
    p_beyond_margin: float | None
    p_parity: float | None
    verdict: VerdictName
    breach: Breach | None = None
    flags: list[str] = Field(default_factory=list)
    """beyond_margin, margin_not_excluded, real_shift_within_margin, improved, cap_not_shown, ..."""
    reason: str | None = None
    """For a reader: why this verdict, in one sentence."""
    needed_pairs: int | None = None


class PathDefect(_Closed):
    """An input-side case on which the arms, or an arm and control, did not agree."""

    suite: str
    case: str
    epoch: int
    category: str
    reference: bool | None
    candidate: bool | None
    control: bool | None


ChannelState = Literal["evaluated", "partly", "not_evaluated", "not_carried", "unknown"]
"""Whether the guardrail was seen to read a channel; see `suites.coverage`. `partly`: of several texts or
epochs, some were acted on."""


class ArmCoverage(_Closed):
    """What one arm's guardrail did with the texts planted in one channel."""

    state: ChannelState
    acted: int
    texts: int
    """Texts, over all epochs, of which is known whether it acted."""
    why: str | None = None
    """Of a state that is not known or not carried."""


class ChannelCoverage(_Closed):
    """One channel on one side, for one policy."""

    policy: str
    side: str
    channel: str
    reference: ArmCoverage
    candidate: ArmCoverage
    differs: bool
    """Both are known, and they are not alike."""


class ChannelDifference(_Closed):
    """A channel that is read in front of one arm and not, or not as much, in front of the other."""

    suite: str
    policy: str
    side: str
    channel: str
    reference: ChannelState
    candidate: ChannelState


class HiddenLoss(_Closed):
    """The largest loss that a single category could still hide behind the whole."""

    metric: MetricName
    category: str
    pairs: float
    worst: float
    """One-sided 95 % upper limit of that category's difference, missing pairs at their worst."""


class MissingAnswers(_Closed):
    """Whether answers are missing on one arm more than on the other; counts of pairs."""

    pairs: int
    reference_only: int
    candidate_only: int
    both: int
    p_different: float
    """Exact McNemar, two-sided."""
    uneven: bool
    """The difference is beyond chance, so that nothing can be signed off."""


class AnyOfK(_Closed):
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


class Cost(_Closed):
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


class ArmSpending(_Closed):
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


class Spending(_Closed):
    """The list price of everything that was asked; the grader, taxes and contracts are left aside."""

    prices_as_of: str
    rehearsed: bool
    """Nobody was charged: it is what AWS would have asked for as many tokens and text units."""
    usd: float | None
    """All arms together; None where a part has no price."""
    arms: tuple[ArmSpending, ...]


class JudgeShare(_Closed):
    """A fraction of settled answers, with 95 % limits; None where no settled answer could tell."""

    answers: int
    rate: float | None
    low: float | None
    high: float | None


class JudgeQuality(_Closed):
    """How good one judge was on one arm, by what people settled."""

    judge: str
    arm: str
    sensitivity: JudgeShare
    specificity: JudgeShare


class Judging(_Closed):
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


class MaskedType(_Closed):
    """Values of one type among masked texts."""

    type: str
    masked: int
    """Values that were masked wholly."""
    values: int


class Masked(_Closed):
    """What one arm masked of the protected values in the texts that it masked at all."""

    arm: str
    texts: int
    beside: int
    """Characters masked beside the values, over all texts."""
    types: list[MaskedType]


class CategoryOutcomes(_Closed):
    """What became of the protected cases of one category; cases by outcome, arm by arm."""

    category: str
    reference: dict[str, int]
    candidate: dict[str, int]


Cause = Literal["route", "model", "detector", "unknown"]
"""Why the arms differ on a pair; see `analysis.attribution`."""


class Share(_Closed):
    """The pairs of one metric that differ for one cause."""

    cause: Cause
    candidate_only: int
    reference_only: int
    examples: list[str]
    """Case ids, a few."""


class Attribution(_Closed):
    """Where the difference of one metric over a whole suite comes from."""

    metric: MetricName
    pairs: int
    """Opportunities, pair by pair; with several epochs each epoch is one."""
    shares: list[Share]
    """Causes with at least one pair, in the order of `Cause`."""


class Thinned(_Closed):
    """An arm on which answers came without evidence of the guardrail, beyond what is tolerated."""

    suite: str
    arm: str
    answers: int
    without: int
    """Answers whose trace was missing, incomplete or another guardrail's, or charged nothing."""
    low: float
    """The exact lower limit of their fraction, one-sided at 95 %."""
    cases: list[str]
    """All of them, in the order of the batch; one that was asked in several epochs may stand repeatedly."""


class SuiteResult(_Closed):
    """One suite's verdict and what its page needs beside the findings."""

    suite: str
    title: str
    claim: str
    version: str
    purpose: str
    estimand: Estimand = "suite"
    """The one that decides, by the suite's purpose."""
    verdict: VerdictName
    breach: Breach | None = None
    reason: str
    cases_planned: int
    cases_run: int
    epochs: int
    outcomes: dict[str, dict[str, int]]
    """Pairs by reference outcome, then candidate outcome."""
    discordant: list[dict[str, Any]]
    """Per discordant case: case, epoch, category, template, metrics, reference, candidate outcomes."""
    not_tested: list[str]
    languages: list[str]
    hidden_loss: HiddenLoss | None = None
    """None where no category was counted."""
    missing_answers: MissingAnswers | None = None
    any_of_k: list[AnyOfK] = Field(default_factory=list)
    """By number of tries; empty where each case was asked once."""
    costs: list[Cost] = Field(default_factory=list)
    spending: Spending | None = None
    """None in verdicts from before it was counted."""
    masking: list[Masked] = Field(default_factory=list)
    """By arm; empty where nothing with gold spans was masked."""
    judging: Judging | None = None
    """None where every case has a payload."""
    coverage: list[ChannelCoverage] = Field(default_factory=list)
    """By policy, side and channel; empty where no text was planted in any."""
    by_category: list[CategoryOutcomes] = Field(default_factory=list)
    attribution: list[Attribution] = Field(default_factory=list)
    """By metric, those in which the arms differed on a pair."""


class PlanUsed(_Closed):
    """The plan that a run was started under, and what this attempt may spend."""

    name: str
    sha256: str
    purpose: str
    owner: str
    registered_at: datetime
    commit: str | None
    committed_at: datetime | None
    attempt: int
    """Of all runs begun under the plan, finished or not, by the ledger."""
    attempts: int | None
    valid_days: int
    suites: list[str]
    afterwards: bool
    wider: str | None
    alpha: float
    """The chance of a false sign-off that this attempt may use, a fraction."""
    exploratory: str | None
    """Why nothing can be confirmed: the plan is younger than the first sample."""


class Verdict(_Closed):
    """The whole answer of one run."""

    schema_version: Literal[1] = Field(default=1, alias="schema")
    rehearsal: bool
    purpose: str
    verdict: VerdictName | None
    breach: Breach | None = None
    headline: str
    """The verdict in the words for people; a rehearsal's begins with REHEARSAL."""
    exit_code: int
    suites_not_run: list[str]
    suites: list[SuiteResult]
    findings: list[Finding]
    path_defects: list[PathDefect]
    channel_differences: list[ChannelDifference] = Field(default_factory=list)
    """Channels that the guardrail does not read alike in front of both arms."""
    attachment: list[dict[str, Any]]
    """`suites.registered.Attachment` entries, each with its suite."""
    checks: list[dict[str, Any]] = Field(default_factory=list)
    """`suites.registered.Check` entries, each with its suite."""
    thinned: list[Thinned] = Field(default_factory=list)
    """Arms whose evidence thinned out during the run; their suites are not compared."""
    notes: list[str]
    """Anything a reader must know: partial plan, planted faults, declared differences."""
    registered: dict[str, Any]
    """By suite, what the logs registered."""
    expires: str | None = None
    """The day, as YYYY-MM-DD, after which the verdict is no longer to be relied on; None: none was agreed."""
    voided_by: list[str] = Field(default_factory=list)
    """In words, the facts with whose change the verdict ends at once."""
    expires_because: str | None = None
    """In words, what sets that day."""
    detectors: dict[str, str | None] = Field(default_factory=dict)
    """By suite the sha256 of what the guardrail alone did with each case; None where it was not asked."""
    plan: PlanUsed | None = None
    """None: the run was started under no registered plan."""

    model_config = ConfigDict(extra="forbid", populate_by_name=True)
