"""How uncertain a paired difference and a single rate are. Counts in, limits out, nothing random.

Counts may be fractional (several epochs, effective sample sizes) and may be arrays; the results have
the shape that the counts have together.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import numpy.typing as npt
from scipy import special
from scipy.optimize import elementwise

from analysis.stats import quadrature

Floats = npt.NDArray[np.float64]

_TOLERANCES = {"xrtol": 1e-12}


def difference(
    candidate_only: npt.ArrayLike,
    reference_only: npt.ArrayLike,
    pairs: npt.ArrayLike,
    *,
    alpha: float = 0.05,
) -> tuple[Floats, Floats]:
    """Two-sided 1 - alpha limits for the candidate's rate minus the reference's.

    Either limit alone is a one-sided limit at 1 - alpha / 2. The interval excludes 0 exactly when the
    two-sided exact McNemar test rejects at alpha, and never has zero width. That it covers at least
    1 - alpha is conjectured by its authors and borne out by enumeration, not proved.

    Args:
        candidate_only: Pairs in which only the candidate failed.
        reference_only: Pairs in which only the reference failed.
        pairs: All pairs, at least the two together.
        alpha: Error of both sides together, in (0, 1).

    Returns:
        Lower and upper limits, fractions, each of the shape that the counts have together.

    Source: Fay and Lumbard 2021, Statistics in Medicine 40:1147.
    """
    low = -upper(reference_only, candidate_only, pairs, alpha=alpha / 2)
    return low, upper(candidate_only, reference_only, pairs, alpha=alpha / 2)


def upper(
    candidate_only: npt.ArrayLike,
    reference_only: npt.ArrayLike,
    pairs: npt.ArrayLike,
    *,
    alpha: float = 0.05,
) -> Floats:
    """One-sided 1 - alpha upper limit for the candidate's rate minus the reference's.

    The largest difference that is not rejected at the one-sided level alpha; it is at most the margin
    exactly when `hypotheses.p_parity` is at most alpha. The lower limit is that of the arms exchanged,
    negated. Arguments as `difference`, but for alpha, which is the error of this side alone; a fraction in
    (-1, 1] of the shape that the counts have together.

    Source: the upper function of Fay and Lumbard 2021, Statistics in Medicine 40:1147.
    """
    b, c, n = _arrays(candidate_only, reference_only, pairs)
    shape = b.shape
    b, c, n = b.ravel(), c.ravel(), n.ravel()
    limit = np.ones_like(n)
    # P[B >= 1/2] is the p-value of "no difference", whatever T is: it decides on which side of 0 to look.
    at_zero = np.where(c > 0, special.betaincc(b + 1, np.where(c > 0, c, 1.0), 0.5), 1.0)

    positive = (at_zero > alpha) & (b < n)
    limit[positive] = _positive(b[positive], c[positive], n[positive], alpha)
    negative = at_zero <= alpha
    limit[negative] = _negative(b[negative], c[negative], n[negative], alpha)
    return limit.reshape(shape)


def rate_upper(failures: npt.ArrayLike, trials: npt.ArrayLike, *, alpha: float = 0.05) -> Floats:
    """One-sided exact upper limit for one arm's rate; 1 without trials.

    Args:
        failures: What failed; any shape.
        trials: Of how many, at least as many; a shape that broadcasts with it.
        alpha: The chance, in (0, 1), with which the true rate may lie above.

    Returns:
        Fractions, of the shape that both have together: the 1 - alpha quantile of Beta(k + 1, n - k).
        Without a failure it is 1 - alpha ** (1 / n), the rule of three made exact.

    Source: Clopper and Pearson 1934, Biometrika 26:404.
    """
    k, n = _arrays(failures, trials)
    proper = k < n
    return np.where(
        proper,
        special.betaincinv(k + 1, np.where(proper, n - k, 1.0), 1 - alpha),
        1.0,
    )


def _arrays(*counts: npt.ArrayLike) -> tuple[Floats, ...]:
    return np.broadcast_arrays(*(np.asarray(count, dtype=np.float64) for count in counts))


def _positive(b: Floats, c: Floats, n: Floats, alpha: float) -> Floats:
    """Solve P[T (2B - 1) >= t] = alpha. T alone, that is B = 1, gives an upper bracket."""
    m = np.minimum(b + c, n)
    prepared = quadrature.prepare(m + 1, n - m, b + 1, c)
    highest = np.where(m < n, special.betainccinv(m + 1, np.maximum(n - m, 1e-300), alpha), 1.0)
    return _root(lambda t, *shapes: quadrature.tail(t, *shapes) - alpha, highest, prepared)


def _negative(b: Floats, c: Floats, n: Floats, alpha: float) -> Floats:
    """Solve P[T (2B - 1) >= -s] = alpha: with 1 - B for B the complement is a tail above s."""
    m = np.minimum(b + c, n)
    prepared = quadrature.prepare(m, n - m + 1, c, b + 1)
    highest = special.betaincinv(m, n - m + 1, alpha)
    return -_root(lambda s, *shapes: 1 - alpha - quadrature.tail(s, *shapes), highest, prepared)


def _root(excess: Callable[..., Floats], highest: Floats, prepared: tuple[Floats, ...]) -> Floats:
    """Where `excess` falls through 0 between 0 and `highest`.

    Where both ends have one sign, the root is one of them to within the quadrature's resolution.
    """
    if not highest.size:
        return highest
    # A hair wider than the bracket, since at its end the excess may be 0 up to rounding.
    high = np.minimum(highest + (1 - highest) * 1e-9, np.nextafter(1.0, 0.0))
    low = high * 1e-12
    found = elementwise.find_root(excess, (low, high), args=prepared, tolerances=_TOLERANCES)
    limit = np.minimum(found.x, highest)
    if not found.success.all():
        nearest = np.where(excess(low, *prepared) > 0, highest, 0.0)
        limit = np.where(found.success, limit, nearest)
    return np.asarray(limit)
