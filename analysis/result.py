"""The verdict file: what `compare` writes and every report reads. Rates and margins are fractions."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Literal

from pydantic import ConfigDict, Field

from analysis.described import (
    AnyOfK,
    Attribution,
    CategoryOutcomes,
    ChannelCoverage,
    ChannelState,
    Cost,
    HiddenLoss,
    Judging,
    Masked,
    Spending,
)
from analysis.finding import Breach, Closed, Estimand, Finding, VerdictName

EXIT_CODES: dict[VerdictName | None, int] = {
    "parity": 0,
    "regression": 1,
    "inconclusive": 3,
    "not_comparable": 4,
    None: 5,
}
"""The process's exit code by verdict; None is a run that did not finish. 2 is a usage error."""


class PathDefect(Closed):
    """An input-side case on which the arms, or an arm and control, did not agree."""

    suite: str
    case: str
    epoch: int
    category: str
    reference: bool | None
    candidate: bool | None
    control: bool | None


class ChannelDifference(Closed):
    """A channel that is read in front of one arm and not, or not as much, in front of the other."""

    suite: str
    policy: str
    side: str
    channel: str
    reference: ChannelState
    candidate: ChannelState


class MissingAnswers(Closed):
    """Whether answers are missing on one arm more than on the other; counts of pairs."""

    pairs: int
    reference_only: int
    candidate_only: int
    both: int
    p_different: float
    """Exact McNemar, two-sided."""
    uneven: bool
    """The difference is beyond chance, so that nothing can be signed off."""


class Thinned(Closed):
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


class SuiteResult(Closed):
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


class PlanUsed(Closed):
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


class Verdict(Closed):
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
