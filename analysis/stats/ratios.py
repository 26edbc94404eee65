"""How much slower or dearer the candidate is, pair by pair. Reported, never gated.

Latencies and costs are skewed and always positive, so each pair gives log(candidate / reference). The
typical ratio is the Hodges-Lehmann estimate of these, the median of the means of all two of them, with
Wilcoxon's signed-rank test and the limits that belong to it.

Sources: Hodges and Lehmann 1963, Annals of Mathematical Statistics 34:598; Wilcoxon 1945, Biometrics
Bulletin 1:80; the limits: Hollander and Wolfe 1973, Nonparametric Statistical Methods, section 3.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy import special

from analysis.stats import walsh

Floats = npt.NDArray[np.float64]

_EXACT = 50
"""Pairs up to which the signed-rank distribution is built up exactly, where no two are tied."""


@dataclass(frozen=True)
class Ratio:
    """The candidate's cost over the reference's, and both arms' quantiles in the unit given."""

    pairs: int
    """Pairs in which both were positive numbers."""
    unusable: int
    """Pairs left out: an arm's number was missing, 0 or negative, so that there is no ratio."""
    ratio: float | None
    """Hodges-Lehmann; 1.2 says a fifth slower. None without pairs."""
    low: float | None
    high: float | None
    """Two-sided limits of the ratio; None where so few pairs can give none."""
    p_different: float | None
    """Wilcoxon signed-rank, two-sided. 1 where all pairs are equal."""
    reference_p50: float | None
    reference_p95: float | None
    candidate_p50: float | None
    candidate_p95: float | None


def compare(reference: npt.ArrayLike, candidate: npt.ArrayLike, *, alpha: float = 0.05) -> Ratio:
    """Compare a cost that both arms have in each pair: milliseconds, tokens, dollars.

    Args:
        reference: By pair, the reference's; NaN is missing. Shape (N,).
        candidate: By pair, the candidate's, in the same unit. Shape (N,).
        alpha: 1 minus the confidence of the limits.

    Raises:
        ValueError: The two are not of one length.
    """
    a, b = np.asarray(reference, dtype=np.float64), np.asarray(candidate, dtype=np.float64)
    if a.shape != b.shape or a.ndim != 1:
        raise ValueError(f"Pairs need two lists of one length; given were {a.shape} and {b.shape}.")
    with np.errstate(invalid="ignore"):
        usable = np.isfinite(a) & np.isfinite(b) & (a > 0) & (b > 0)
    a, b, unusable = a[usable], b[usable], int(usable.size - usable.sum())
    if not a.size:
        return Ratio(0, unusable, *[None] * 8)
    logs = np.log(b) - np.log(a)
    middle, low, high = hodges_lehmann(logs, alpha=alpha)
    return Ratio(
        pairs=a.size,
        unusable=unusable,
        ratio=float(np.exp(middle)),
        low=None if low is None else float(np.exp(low)),
        high=None if high is None else float(np.exp(high)),
        p_different=p_different(logs),
        reference_p50=float(np.quantile(a, 0.5)),
        reference_p95=float(np.quantile(a, 0.95)),
        candidate_p50=float(np.quantile(b, 0.5)),
        candidate_p95=float(np.quantile(b, 0.95)),
    )


def hodges_lehmann(
    differences: npt.ArrayLike, *, alpha: float = 0.05
) -> tuple[float, float | None, float | None]:
    """The median of all means of two (each with itself included), and its 1 - alpha limits.

    The limits are the means in the places that the signed-rank distribution names; with so few
    differences that it names none (5 or fewer at 95 %) they are None. They are exact at any number: the
    means are counted and not drawn (`walsh`).

    Args:
        differences: Shape (N,), in any unit, which is that of the answer; logarithms of ratios for ratios.
        alpha: 1 minus the confidence of the limits.

    Returns:
        Estimate, lower and upper limit.

    Raises:
        ValueError: There is no difference.
    """
    d = np.sort(np.asarray(differences, dtype=np.float64))
    if not d.size:
        raise ValueError("There is no difference to take the middle of.")
    many = d.size * (d.size + 1) // 2
    one, other = walsh.means(d, [(many - 1) // 2, many // 2])
    outside = _tail_place(d.size, alpha)
    if not outside:
        return (one + other) / 2, None, None
    low, high = walsh.means(d, [outside - 1, many - outside])
    return (one + other) / 2, low, high


def p_different(differences: npt.ArrayLike) -> float:
    """Wilcoxon's signed-rank test, two-sided; 1 where nothing differs.

    Exact where no two differences are of one size, as far as that is built up; else by the normal
    distribution, with the variance that ties leave. Differences of 0 are left out, as Wilcoxon did.
    Takes differences of shape (N,), in any unit.
    """
    d = np.asarray(differences, dtype=np.float64)
    d = d[d != 0]
    if not d.size:
        return 1.0
    _, size, tied = np.unique(np.abs(d), return_inverse=True, return_counts=True)
    ranks = (np.cumsum(tied) - (tied - 1) / 2)[size]
    positive = float(ranks[d > 0].sum())
    if d.size <= _EXACT and tied.size == d.size:
        below = np.cumsum(_signed_rank(d.size))
        smaller = min(positive, d.size * (d.size + 1) / 2 - positive)
        return float(min(1.0, 2 * below[round(smaller)]))
    mean, variance = _moments(d.size)
    spread = np.sqrt(variance - (tied**3 - tied).sum() / 48)
    return float(2 * special.ndtr(-abs(positive - mean) / spread))


def _tail_place(n: int, alpha: float) -> int:
    """The largest i with P[V < i] <= alpha / 2 for the signed-rank sum V of n; 0 where there is none."""
    if n > _EXACT:
        mean, variance = _moments(n)
        return max(0, int(np.floor(mean + np.sqrt(variance) * special.ndtri(alpha / 2))))
    return int(np.searchsorted(np.cumsum(_signed_rank(n)), alpha / 2, side="right"))


def _signed_rank(n: int) -> Floats:
    """P[V = i] for the sum V of the ranks 1 to n, each of which counts by the toss of a coin."""
    chances = np.ones(1)
    for rank in range(1, n + 1):
        chances = np.convolve(chances, np.r_[0.5, np.zeros(rank - 1), 0.5])
    return chances


def _moments(n: int) -> tuple[float, float]:
    """Mean and variance of V without ties."""
    return n * (n + 1) / 4, n * (n + 1) * (2 * n + 1) / 24
