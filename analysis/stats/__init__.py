"""Exact statistics for paired yes-or-no observations, on counts alone (numpy and scipy only).

`paired` answers for one table. The modules beneath work on arrays: `intervals`, `hypotheses`,
`multiplicity` and `planning`.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

from analysis.stats import hypotheses, intervals

MOST_PAIRS = 1e9
"""Far beyond it digits are lost: at 10^13 pairs a limit is a twentieth too near, at 10^15 it is wrong."""

__all__ = ["MOST_PAIRS", "PairedResult", "paired"]


@dataclass(frozen=True)
class PairedResult:
    """What one paired table says; rates and their difference are fractions."""

    low: float
    high: float
    """Two-sided limits of the difference (Fay and Lumbard 2021)."""
    difference: float
    """The candidate's failure rate minus the reference's; positive is worse."""
    p_worse: float
    """Exact McNemar, one-sided: against "not worse"."""
    p_beyond_margin: float | None
    """Against "worse by no more than the margin"; None without a margin."""
    p_parity: float | None
    """Against "worse by at least the margin"; None without a margin."""


def paired(
    *,
    candidate_only: float,
    reference_only: float,
    pairs: float,
    margin: float | None = None,
    alpha: float = 0.05,
) -> PairedResult:
    """Interval and p-values for one paired table.

    Args:
        candidate_only: Pairs in which only the candidate failed. Counts may be fractional.
        reference_only: Pairs in which only the reference failed.
        pairs: All pairs, those on which both agree included.
        margin: How much worse the candidate may be, as a fraction in (0, 1).
        alpha: 1 minus the confidence of the interval.

    Raises:
        ValueError: The numbers are no table; the message names the one that is wrong.
    """
    _check(candidate_only, reference_only, pairs, margin, alpha)
    low, high = intervals.difference(candidate_only, reference_only, pairs, alpha=alpha)
    table = candidate_only, reference_only, pairs
    return PairedResult(
        low=float(low),
        high=float(high),
        difference=(candidate_only - reference_only) / pairs,
        p_worse=float(hypotheses.p_worse(candidate_only, reference_only)),
        p_beyond_margin=None if margin is None else float(hypotheses.p_beyond_margin(*table, margin)),
        p_parity=None if margin is None else float(hypotheses.p_parity(*table, margin)),
    )


def _check(
    candidate_only: float, reference_only: float, pairs: float, margin: float | None, alpha: float
) -> None:
    counts = {"candidate_only": candidate_only, "reference_only": reference_only, "pairs": pairs}
    for name, count in counts.items():
        if not (math.isfinite(count) and count >= 0):
            raise ValueError(f"{name} is {count}; it must be a number of pairs, 0 or more.")
    if pairs > MOST_PAIRS:
        raise ValueError(f"pairs is {pairs:g}; the limits are computed for up to {MOST_PAIRS:g} pairs.")
    if pairs == 0:
        raise ValueError("pairs is 0; without a pair there is nothing to compare.")
    if candidate_only + reference_only > pairs * (1 + 1e-12):
        raise ValueError(
            f"candidate_only {candidate_only} and reference_only {reference_only} make "
            f"{candidate_only + reference_only} pairs, but pairs is {pairs}. "
            "pairs counts all of them, those on which both agree included."
        )
    if margin is not None and not 0 < margin < 1:
        meant = f" For {margin:g} % write {margin / 100:g}." if 1 <= margin <= 100 else ""  # noqa: PLR2004 - per cent
        raise ValueError(
            f"margin is {margin}; it must be a fraction between 0 and 1, for example 0.01.{meant}"
        )
    if not 0 < alpha < 1:
        raise ValueError(f"alpha is {alpha}; it must lie between 0 and 1, for example 0.05.")
