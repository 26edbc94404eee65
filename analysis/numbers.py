"""The numbers behind a verdict: limits and p-values of all cells at once.

Rates, difference and the two-sided interval describe the pairs that were observed. Everything else
takes every missing pair at its worst for the claim in question: as failures of the candidate alone for
parity, as failures of the reference alone for a regression.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from analysis.counts import Cell
from analysis.estimands import Worth, worth
from analysis.stats import hypotheses, intervals

ALPHA = 0.05
"""Chance of any false regression in a family, and of a false sign-off; also 1 minus the confidence."""


@dataclass(frozen=True)
class Numbers:
    """What was computed for one cell; NaN where it has no pair."""

    low: float
    high: float
    worst: float
    """One-sided upper limit of the difference."""
    best: float
    """One-sided lower limit of the difference; NaN unless the margin binds both sides."""
    p_worse: float
    p_beyond: float
    p_parity: float
    p_better: float
    upper: float
    """The higher of both arms' exact upper limits."""
    worth: Worth


_COMPUTED = ("low", "high", "worst", "best", "p_worse", "p_beyond", "p_parity", "p_better", "upper")


def compute(cells: Sequence[Cell], *, cap_alpha: float = ALPHA) -> list[Numbers]:
    """The numbers of each cell, in the order given.

    `cap_alpha` is the chance with which both arms' upper limits, which a sign-off needs, may be too low.
    """
    worths = [worth(cell) for cell in cells]
    b, c, n, u, both, margin = (
        np.array([getattr(cell, name) for cell in cells], dtype=np.float64)
        for name in ("candidate_only", "reference_only", "pairs", "missing", "both", "margin")
    )
    both_sides = np.array([cell.equivalence for cell in cells], dtype=bool)
    deff, in_reference, in_candidate = (
        np.array([getattr(each, name) for each in worths], dtype=np.float64)
        for name in ("deff", "reference", "candidate")
    )
    whole = n + u
    # A cell without pairs is computed as if it had one, and then has no number.
    possible = np.where(whole > 0, whole, 1.0)
    upper = np.maximum(
        intervals.rate_upper((both + c + u) / in_reference, possible / in_reference, alpha=cap_alpha),
        intervals.rate_upper((both + b + u) / in_candidate, possible / in_candidate, alpha=cap_alpha),
    )
    b, c, u, observed, possible = (each / deff for each in (b, c, u, np.where(n > 0, n, 1.0), possible))
    low, high = intervals.difference(b, c, observed, alpha=ALPHA)
    best, not_better = np.full_like(b, np.nan), np.zeros_like(b)
    sided = b[both_sides], (c + u)[both_sides], possible[both_sides]
    best[both_sides] = -intervals.upper(sided[1], sided[0], sided[2], alpha=ALPHA)
    not_better[both_sides] = hypotheses.p_parity(sided[1], sided[0], sided[2], margin[both_sides])
    about_all = (
        intervals.upper(b + u, c, possible, alpha=ALPHA),
        best,
        hypotheses.p_worse(b, c + u),
        hypotheses.p_beyond_margin(b, c + u, possible, margin),
        np.maximum(hypotheses.p_parity(b + u, c, possible, margin), not_better),
        hypotheses.p_worse(c, b + u),
        upper,
    )
    columns = [
        *(np.where(n > 0, column, np.nan) for column in (low, high)),
        *(np.where(whole > 0, column, np.nan) for column in about_all),
    ]
    rows = np.column_stack(columns).tolist()
    return [
        Numbers(**dict(zip(_COMPUTED, row, strict=True)), worth=each)
        for row, each in zip(rows, worths, strict=True)
    ]
