"""One metric's counts, limits and verdict: what the registered rule says of it. Rates are fractions."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from suites.metrics import MetricName

VerdictName = Literal["parity", "regression", "inconclusive", "not_comparable"]
Estimand = Literal["suite", "templates"]
"""What is spoken of: these prompts asked again, or new prompts from the templates they were made of."""
Family = Literal["primary", "critical", "category"]
Breach = Literal["shown", "not_excluded"]
"""Of a regression: the loss is shown to be beyond the margin, or that is not excluded."""


class Closed(BaseModel):
    """Takes no key that it does not know: a file of another version is refused, not half read."""

    model_config = ConfigDict(extra="forbid")


class Finding(Closed):
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
