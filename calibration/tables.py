"""All tables that so many pairs can reasonably give, with their chances."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy import special, stats

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

_LEFT_OUT = 1e-9
"""Chance at either end of a count that is not enumerated; it is counted against the method."""


@dataclass(frozen=True)
class Truth:
    """Two arms' failure rates and how alike they fail."""

    reference: float
    candidate: float
    correlation: float

    @property
    def cells(self) -> tuple[float, float, float, float]:
        """Chances that both fail, the candidate alone, the reference alone, neither."""
        p, q = self.reference, self.candidate
        both = p * q + self.correlation * np.sqrt(p * (1 - p) * q * (1 - q))
        both = float(min(both, p, q))
        return both, q - both, p - both, 1 - p - q + both

    @property
    def difference(self) -> float:
        """Candidate minus reference."""
        return self.candidate - self.reference


def discordant(n: int, worse: float, better: float) -> tuple[Ints, Ints, Floats]:
    """Counts of the discordant cells and their chances, by trinomial enumeration.

    Args:
        n: Pairs.
        worse: Chance that the candidate alone fails.
        better: Chance that the reference alone does.
    """
    b, c = (grid.ravel() for grid in np.meshgrid(_likely(n, worse), _likely(n, better), indexing="ij"))
    possible = b + c <= n
    b, c = b[possible], c[possible]
    return b, c, _chance((b, c, n - b - c), (worse, better, 1 - worse - better))


def whole(n: int, truth: Truth) -> tuple[Ints, Ints, Ints, Floats]:
    """Counts of both, candidate alone and reference alone, and their chances."""
    both, worse, better, neither = truth.cells
    a, b, c = (
        grid.ravel()
        for grid in np.meshgrid(*(_likely(n, rate) for rate in (both, worse, better)), indexing="ij")
    )
    possible = a + b + c <= n
    a, b, c = a[possible], b[possible], c[possible]
    return a, b, c, _chance((a, b, c, n - a - b - c), (both, worse, better, neither))


def _likely(n: int, rate: float) -> Ints:
    low = stats.binom.ppf(_LEFT_OUT, n, rate) if rate > 0 else 0
    high = stats.binom.isf(_LEFT_OUT, n, rate) if rate > 0 else 0
    return np.arange(max(0, int(low) - 1), min(n, int(high) + 1) + 1)


def _chance(counts: tuple[Ints, ...], rates: tuple[float, ...]) -> Floats:
    n = sum(counts)
    logs = special.gammaln(n + 1)
    for count, rate in zip(counts, rates, strict=True):
        logs = logs - special.gammaln(count + 1) + special.xlogy(count, max(rate, 0.0))
    return np.asarray(np.exp(logs))
