"""The verdict file: what `compare` writes and every report reads. Rates and margins are fractions."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from suites.metrics import MetricName

VerdictName = Literal["parity", "regression", "inconclusive", "not_comparable"]

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
    """One metric over one slice of one suite."""

    suite: str
    metric: MetricName
    slice: str = "all"
    """`all`, or `category:<name>`."""
    family: Literal["primary", "category"] = "primary"
    estimand: Literal["suite", "templates"] = "suite"
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
    margin: float
    cap: float
    deff: float = 1.0
    p_worse: float | None
    p_beyond_margin: float | None
    p_parity: float | None
    verdict: VerdictName
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


class SuiteResult(_Closed):
    """One suite's verdict and what its page needs beside the findings."""

    suite: str
    title: str
    claim: str
    version: str
    purpose: str
    verdict: VerdictName
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


class Verdict(_Closed):
    """The whole answer of one run."""

    schema_version: Literal[1] = Field(default=1, alias="schema")
    rehearsal: bool
    purpose: str
    verdict: VerdictName | None
    headline: str
    """The verdict in the words for people; a rehearsal's begins with REHEARSAL."""
    exit_code: int
    suites_not_run: list[str]
    suites: list[SuiteResult]
    findings: list[Finding]
    path_defects: list[PathDefect]
    attachment: list[dict[str, Any]]
    """`suites.registered.Attachment` entries, each with its suite."""
    notes: list[str]
    """Anything a reader must know: partial plan, planted faults, declared differences."""
    registered: dict[str, Any]
    """By suite, what the logs registered."""

    model_config = ConfigDict(extra="forbid", populate_by_name=True)
