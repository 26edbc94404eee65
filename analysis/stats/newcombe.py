"""Newcombe's interval for a paired difference: the square-and-add form of both arms' own intervals.

In closed form and therefore quick; covers well, but is no inversion of a test. It may disagree with
McNemar's, and it depends on how the agreeing pairs split into both failed and neither failed.

Source: Newcombe 1998, Statistics in Medicine 17:2635, method 10.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from scipy import special

Floats = npt.NDArray[np.float64]


def difference(
    both: npt.ArrayLike,
    candidate_only: npt.ArrayLike,
    reference_only: npt.ArrayLike,
    neither: npt.ArrayLike,
    *,
    alpha: float = 0.05,
) -> tuple[Floats, Floats]:
    """Two-sided 1 - alpha limits for the candidate's rate minus the reference's.

    With p the arms' rates, l and u their Wilson limits, and phi the correlation between the arms,

        lower = p1 - p0 - sqrt((p1 - l1)^2 - 2 phi (p1 - l1)(u0 - p0) + (u0 - p0)^2)

    and the upper limit likewise with the arms exchanged.

    Args:
        both: Pairs in which both arms failed.
        candidate_only: Pairs in which only the candidate failed.
        reference_only: Pairs in which only the reference failed.
        neither: Pairs in which no arm failed. Together there must be at least one pair.
        alpha: Error of both sides together, in (0, 1).

    Returns:
        The lower and the upper limits, each of the shape that the counts have together.
    """
    a, b, c, d = np.broadcast_arrays(
        *(np.asarray(count, dtype=np.float64) for count in (both, candidate_only, reference_only, neither))
    )
    n = a + b + c + d
    z = -float(special.ndtri(alpha / 2))
    candidate, reference = (a + b) / n, (a + c) / n
    candidate_low, candidate_high = _wilson(a + b, n, z)
    reference_low, reference_high = _wilson(a + c, n, z)
    phi = _correlation(a, b, c, d)
    estimate = (b - c) / n
    low = estimate - _added(candidate - candidate_low, reference_high - reference, phi)
    high = estimate + _added(candidate_high - candidate, reference - reference_low, phi)
    return np.asarray(low), np.asarray(high)


def _wilson(failures: Floats, n: Floats, z: float) -> tuple[Floats, Floats]:
    """Wilson's (1927) score limits of one arm's rate."""
    middle = (failures + z**2 / 2) / (n + z**2)
    reach = z * np.sqrt(failures * (n - failures) / n + z**2 / 4) / (n + z**2)
    # At the ends the two terms are equal but for rounding; the limit is the end itself.
    low = np.where(failures == 0, 0.0, middle - reach)
    return np.asarray(low), np.where(failures == n, 1.0, middle + reach)


def _correlation(a: Floats, b: Floats, c: Floats, d: Floats) -> Floats:
    """Phi with Newcombe's continuity correction, which only ever makes a positive one smaller.

    It is 0 where an arm always or never failed, since there is nothing to correlate then.
    """
    product = a * d - b * c
    corrected = np.where(product > 0, np.maximum(product - (a + b + c + d) / 2, 0.0), product)
    scale = np.sqrt((a + b) * (c + d) * (a + c) * (b + d))
    return np.asarray(np.divide(corrected, scale, out=np.zeros_like(scale), where=scale > 0))


def _added(first: Floats, second: Floats, phi: Floats) -> Floats:
    return np.asarray(np.sqrt(np.maximum(first**2 - 2 * phi * first * second + second**2, 0.0)))
