"""The same numbers by the plainest means: one table, one pair at a time. What the product is set beside.

They are slow, not wrong: a test holds them to the product's results.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from scipy import integrate, optimize, stats

from analysis.stats.tables import Observed


def counts(observed: Observed, metric: int) -> list[int]:
    """The five counts of one metric, pair by pair: pairs, missing, both, candidate only, reference only."""
    pairs = missing = both = candidate_only = reference_only = 0
    columns = (observed.counted, observed.missing, observed.reference, observed.candidate)
    for counted, lost, reference, candidate in zip(*(each[metric].tolist() for each in columns), strict=True):
        pairs += counted
        missing += lost
        both += reference and candidate
        candidate_only += candidate and not reference
        reference_only += reference and not candidate
    return [pairs, missing, both, candidate_only, reference_only]


def score_interval(b: int, c: int, n: int) -> tuple[float, float]:
    """Tango's limits of one table by Brent's method, for tables with some but not only disagreement."""
    z = float(stats.norm.ppf(0.975))

    def statistic(theta: float) -> float:
        linear = (2 * n - b + c) * theta - b - c
        q = (np.sqrt(linear**2 + 8 * n * c * theta * (1 - theta)) - linear) / (4 * n)
        return float((b - c - n * theta) / np.sqrt(n * (2 * q + theta * (1 - theta))))

    estimate = (b - c) / n
    high = optimize.brentq(lambda theta: statistic(theta) + z, estimate, 1 - 1e-9)
    low = optimize.brentq(lambda theta: statistic(theta) - z, -1 + 1e-9, estimate)
    return float(low), float(high)


def exact_upper(b: int, c: int, n: int, alpha: float) -> float:
    """Fay and Lumbard's one-sided upper limit of one table: adaptive integration inside Brent's method.

    For tables with disagreement on both sides.
    """
    m = b + c
    if stats.beta.sf(0.5, b + 1, c) > alpha:
        share = stats.beta(m + 1, n - m)
        return _root(lambda t: _tail(t, share, stats.beta(b + 1, c)) - alpha, share)
    share = stats.beta(m, n - m + 1)
    return -_root(lambda t: 1 - alpha - _tail(t, share, stats.beta(c, b + 1)), share)


def _tail(t: float, share: Any, part: Any) -> float:
    """P[T (2B - 1) >= t] for T of the distribution `share` and B of `part`."""
    inside = integrate.quad(
        lambda u: part.sf((1 + t / share.ppf(u)) / 2), share.cdf(t), 1, epsabs=1e-8, limit=200
    )
    return float(inside[0])


def _root(excess: Callable[[float], float], share: Any) -> float:
    return float(optimize.brentq(excess, 1e-9, share.ppf(1 - 1e-12), xtol=1e-7))


def limits(tables: Sequence[tuple[int, int, int]]) -> list[tuple[float, float, float]]:
    """What a verdict needs of each table: two-sided limits at 95 %, and the one-sided upper one."""
    return [
        (-exact_upper(c, b, n, 0.025), exact_upper(b, c, n, 0.025), exact_upper(b, c, n, 0.05))
        for b, c, n in tables
    ]
