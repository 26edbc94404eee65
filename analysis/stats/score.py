"""The score interval for a paired difference, and the score test at a margin. Counts in, numbers out.

With theta the candidate's failure rate minus the reference's, b and c the pairs in which only the
candidate or only the reference failed, and n all pairs, the statistic is (Tango 1998, equation 8)

    Z(theta) = (b - c - n theta) / sqrt(n (2 q + theta (1 - theta)))

where q is the most likely chance of a c-pair among all tables whose true difference is theta: the
larger root of 2n q^2 + B q + C = 0 with

    B = (2n - b + c) theta - b - c        C = -c theta (1 - theta).

It is asymptotic. At the small levels of a corrected family "worse than the margin" is rejected up to
2.6 times too often, so the verdict rests on `intervals.difference`; this is the second opinion that
most of the literature prints. Counts may be fractional and may be arrays.

Source: Tango 1998, Statistics in Medicine 17:891; the same test at a margin: Nam 1997, Biometrics
53:1422.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from scipy import special
from scipy.optimize import elementwise

Floats = npt.NDArray[np.float64]

_TOLERANCES = {"xatol": 1e-15, "xrtol": 1e-12, "fatol": 0.0, "frtol": 0.0}


def difference(
    candidate_only: npt.ArrayLike,
    reference_only: npt.ArrayLike,
    pairs: npt.ArrayLike,
    *,
    alpha: float = 0.05,
) -> tuple[Floats, Floats]:
    """Two-sided 1 - alpha score limits for the candidate's rate minus the reference's.

    Never of zero width: with no disagreement at all the limits are -+ z^2 / (n + z^2), and where all
    pairs fell on one arm the other limit is (n - z^2) / (n + z^2).

    Args:
        candidate_only: Pairs in which only the candidate failed.
        reference_only: Pairs in which only the reference failed.
        pairs: All pairs, at least the two together and more than 0.
        alpha: Error of both sides together, in (0, 1).

    Returns:
        The lower and the upper limits, each of the shape that the counts have together.
    """
    b, c, n = _arrays(candidate_only, reference_only, pairs)
    z = -float(special.ndtri(alpha / 2))
    # The lower limit is the upper one of the arms exchanged: one search finds both.
    upper = _upper(np.stack([b, c]), np.stack([c, b]), np.stack([n, n]), z)
    return -upper[1], upper[0]


def z_at(
    margin: npt.ArrayLike,
    candidate_only: npt.ArrayLike,
    reference_only: npt.ArrayLike,
    pairs: npt.ArrayLike,
) -> Floats:
    """Z(margin), for a margin in (-1, 1); large means: worse by more than the margin.

    Elementwise, counts and margin of any shapes that broadcast; standard normal in large samples where the
    margin is the true difference.

    At margin 0 it is McNemar's statistic without a continuity correction, (b - c) / sqrt(b + c), and
    0 where there is no disagreement.
    """
    theta, b, c, n = _arrays(margin, candidate_only, reference_only, pairs)
    distance = b - c - n * theta
    spread = np.sqrt(n * _variance(theta, b, c, n))
    return np.divide(distance, spread, out=np.zeros_like(distance), where=spread > 0)


def p_parity(
    candidate_only: npt.ArrayLike, reference_only: npt.ArrayLike, pairs: npt.ArrayLike, margin: npt.ArrayLike
) -> Floats:
    """Score test against "worse by at least the margin", theta >= margin; small means within it.

    P[N(0, 1) <= Z(margin)], one-sided, elementwise as `z_at`. The margin is a fraction.
    """
    return np.asarray(special.ndtr(z_at(margin, candidate_only, reference_only, pairs)))


def p_beyond_margin(
    candidate_only: npt.ArrayLike, reference_only: npt.ArrayLike, pairs: npt.ArrayLike, margin: npt.ArrayLike
) -> Floats:
    """Score test against "worse by no more than the margin", theta <= margin.

    P[N(0, 1) >= Z(margin)], one-sided, elementwise as `z_at`. The margin is a fraction.
    """
    return np.asarray(special.ndtr(-z_at(margin, candidate_only, reference_only, pairs)))


def _arrays(*counts: npt.ArrayLike) -> tuple[Floats, ...]:
    return np.broadcast_arrays(*(np.asarray(count, dtype=np.float64) for count in counts))


def _variance(theta: Floats, b: Floats, c: Floats, n: Floats) -> Floats:
    """2 q + theta (1 - theta), n times the variance of the difference, were theta true.

    For theta < 0 the arms are exchanged, so that C <= 0 and the discriminant has no subtraction.
    """
    negative = theta < 0
    size = np.abs(theta)
    b, c = np.where(negative, c, b), np.where(negative, b, c)
    linear = (2 * n - b + c) * size - b - c
    constant = -c * size * (1 - size)
    root = np.sqrt(linear**2 - 8 * n * constant)
    # Where B > 0, -B + root cancels: at n = 10^5 it loses all digits, the other form of the root none.
    cancels = linear > 0
    q = np.where(
        cancels,
        -2 * constant / np.where(cancels, linear + root, 1.0),
        (root - linear) / (4 * n),
    )
    return np.asarray(2 * q + size * (1 - size))


def _upper(b: Floats, c: Floats, n: Floats, z: float) -> Floats:
    """Where Z falls through -z, between the estimate and 1."""
    shape = b.shape
    b, c, n = b.ravel(), c.ravel(), n.ravel()
    limit = np.ones_like(n)
    none, all_better = (b + c == 0), (c == n) & (n > 0)
    limit[none] = z**2 / (n[none] + z**2)
    limit[all_better] = (z**2 - n[all_better]) / (z**2 + n[all_better])
    search = ~(none | all_better | (b == n))
    if search.any():
        table = b[search], c[search], n[search]
        estimate = (table[0] - table[1]) / table[2]
        found = elementwise.find_root(
            lambda theta, b, c, n: b - c - n * theta + z * np.sqrt(n * _variance(theta, b, c, n)),
            (estimate, np.ones_like(estimate)),
            args=table,
            tolerances=_TOLERANCES,
        )
        limit[search] = found.x
    return limit.reshape(shape)
