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
    """One-sided lower limit of the difference."""
    p_worse: float
    p_beyond: float
    p_parity: float
    p_better: float
    upper: float
    """The higher of both arms' exact upper limits."""
    worth: Worth


_COMPUTED = ("low", "high", "worst", "best", "p_worse", "p_beyond", "p_parity", "p_better", "upper")


def compute(cells: Sequence[Cell]) -> list[Numbers]:
    """The numbers of each cell, in the order given."""
    worths = [worth(cell) for cell in cells]
    b, c, n, u, both, margin, equivalence = (
        np.array([getattr(cell, name) for cell in cells], dtype=np.float64)
        for name in ("candidate_only", "reference_only", "pairs", "missing", "both", "margin", "equivalence")
    )
    deff, in_reference, in_candidate = (
        np.array([getattr(each, name) for each in worths], dtype=np.float64)
        for name in ("deff", "reference", "candidate")
    )
    whole = n + u
    # A cell without pairs is computed as if it had one, and then has no number.
    possible = np.where(whole > 0, whole, 1.0)
    upper = np.maximum(
        intervals.rate_upper((both + c + u) / in_reference, possible / in_reference, alpha=ALPHA),
        intervals.rate_upper((both + b + u) / in_candidate, possible / in_candidate, alpha=ALPHA),
    )
    b, c, u, observed, possible = (each / deff for each in (b, c, u, np.where(n > 0, n, 1.0), possible))
    low, high = intervals.difference(b, c, observed, alpha=ALPHA)
    not_worse = hypotheses.p_parity(b + u, c, possible, margin)
    not_better = np.where(
        equivalence > 0, hypotheses.p_parity(c + u, b, possible, margin) if equivalence.any() else 0.0, 0.0
    )
    about_all = (
        intervals.difference(b + u, c, possible, alpha=2 * ALPHA)[1],
        intervals.difference(b, c + u, possible, alpha=2 * ALPHA)[0],
        hypotheses.p_worse(b, c + u),
        hypotheses.p_beyond_margin(b, c + u, possible, margin),
        np.maximum(not_worse, not_better),
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
