"""Coverage of the intervals, every table enumerated."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import product

import numpy as np

from analysis.stats import hypotheses, intervals, newcombe, score
from calibration.promises import Measured
from calibration.tables import Floats, Ints, Truth, discordant, whole

ALPHA = 0.05
_LIMITS_UP_TO = 200
"""Pairs up to which the limits themselves are computed. Beyond, an interval covers a difference where neither
one-sided test at it rejects at half of alpha, which is what the limits solve for."""
_ALL_CELLS_UP_TO = 1000
"""Pairs up to which Newcombe's method, which needs all four cells, is enumerated."""


def truths(rates: tuple[float, ...], shifts: tuple[float, ...]) -> list[Truth]:
    """The grid of failure rates, shifts and correlations."""
    return [
        Truth(reference=rate, candidate=rate + shift, correlation=correlation)
        for rate, shift, correlation in product(rates, shifts, (0.0, 0.5))
    ]


def measure(pairs: tuple[int, ...], grid: list[Truth]) -> Iterator[Measured]:
    """The chance that each interval holds the true difference."""
    for n, truth in product(pairs, grid):
        setting = {
            "pairs": n, "reference": truth.reference, "difference": truth.difference,
            "correlation": truth.correlation,
        }  # fmt: skip
        _, worse, better, _ = truth.cells
        b, c, chance = discordant(n, worse, better)
        covered = _fay_lumbard(b, c, n, truth.difference)
        yield Measured("fay_lumbard", "Fay-Lumbard", setting, _sum(chance[covered]))
        low, high = score.difference(b, c, n, alpha=ALPHA)
        yield Measured(None, "Tango", setting, _sum(chance[_inside(low, high, truth.difference)]))
        if n <= _ALL_CELLS_UP_TO:
            a, b, c, chance = whole(n, truth)
            low, high = newcombe.difference(a, b, c, n - a - b - c, alpha=ALPHA)
            yield Measured(None, "Newcombe 10", setting, _sum(chance[_inside(low, high, truth.difference)]))


def one_arm(pairs: tuple[int, ...], rates: tuple[float, ...]) -> Iterator[Measured]:
    """The chance that the one-sided limit of one arm's rate is not below the truth."""
    for n, rate in product(pairs, rates):
        k, _, chance = discordant(n, rate, 0.0)
        upper = intervals.rate_upper(k, n, alpha=ALPHA)
        yield Measured(
            "clopper_pearson", "Clopper-Pearson", {"pairs": n, "reference": rate}, _sum(chance[upper >= rate])
        )


def _fay_lumbard(b: Ints, c: Ints, n: int, difference: float) -> np.ndarray:
    if n <= _LIMITS_UP_TO:
        return _inside(*intervals.difference(b, c, n, alpha=ALPHA), difference)
    if difference == 0:
        below, above = hypotheses.p_worse(b, c), hypotheses.p_worse(c, b)
    else:
        below = hypotheses.p_beyond_margin(b, c, n, difference)
        above = hypotheses.p_parity(b, c, n, difference)
    return np.asarray((below > ALPHA / 2) & (above > ALPHA / 2))


def _inside(low: Floats, high: Floats, difference: float) -> np.ndarray:
    return np.asarray((low <= difference + 1e-12) & (difference - 1e-12 <= high))


def _sum(chance: Floats) -> float:
    return float(np.sum(chance))
