"""How surprising a paired table is under each of the claims that a verdict rests on.

All p-values are one-sided unless named otherwise. With theta the candidate's failure rate minus the
reference's, a fraction, counts may be fractional and may be arrays. They are b, pairs in which only the
candidate failed, c, in which only the reference did, and n, all pairs; margins are fractions. Everything is
taken elementwise: arguments of any shapes that broadcast, p-values in (0, 1] of the shape that they make
together, a single number as shape (). Counts are not checked here: `paired` and the verdict do that.

Sources: the exact test without a margin: McNemar 1947, Psychometrika 12:153. With one: Fay and Lumbard
2021, Statistics in Medicine 40:1147, whose upper and lower functions these p-values are.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from scipy import special

from analysis.stats import quadrature

Floats = npt.NDArray[np.float64]


def p_worse(candidate_only: npt.ArrayLike, reference_only: npt.ArrayLike) -> Floats:
    """Exact McNemar: against "the candidate is not worse", theta <= 0.

    The chance of at least that many of the discordant pairs falling on the candidate by coin flips,
    P[Bin(b + c, 1/2) >= b], as the beta tail I_1/2(b, c + 1), which takes fractions. 1 without any
    disagreement.
    """
    b, c = _arrays(candidate_only, reference_only)
    p = np.where(b > 0, special.betainc(np.where(b > 0, b, 1.0), c + 1, 0.5), 1.0)
    # Beyond some thousand coin flips the chance is smaller than any number; it is never none.
    return np.maximum(p, np.finfo(np.float64).tiny)


def p_different(candidate_only: npt.ArrayLike, reference_only: npt.ArrayLike) -> Floats:
    """Exact McNemar, two-sided by doubling: against "no difference", theta = 0.

    At most alpha exactly when `intervals.difference` at alpha excludes 0.
    """
    one, other = p_worse(candidate_only, reference_only), p_worse(reference_only, candidate_only)
    return np.asarray(np.minimum(1.0, 2 * np.minimum(one, other)))


def p_beyond_margin(
    candidate_only: npt.ArrayLike, reference_only: npt.ArrayLike, pairs: npt.ArrayLike, margin: npt.ArrayLike
) -> Floats:
    """Against "worse by no more than the margin", theta <= margin, for a margin in (0, 1).

    P[T (2B - 1) <= margin] with T ~ Beta(m, n - m + 1), m = b + c, and B ~ Beta(b, c + 1). Never under
    `p_worse`, whose claim is the narrower one.
    """
    b, c, n, delta = _arrays(candidate_only, reference_only, pairs, margin)
    m = np.minimum(b + c, n)
    prepared = quadrature.prepare(m, n - m + 1, b, c + 1)
    return np.maximum(_resolved(1 - quadrature.tail(delta, *prepared)), p_worse(b, c))


def p_parity(
    candidate_only: npt.ArrayLike, reference_only: npt.ArrayLike, pairs: npt.ArrayLike, margin: npt.ArrayLike
) -> Floats:
    """Against "worse by at least the margin", theta >= margin, for a margin in (0, 1).

    P[T (2B - 1) >= margin] with T ~ Beta(m + 1, n - m), m = b + c, and B ~ Beta(b + 1, c). Small means:
    shown to be within the margin. With no disagreement at all it is (1 - margin) ** pairs.
    """
    b, c, n, delta = _arrays(candidate_only, reference_only, pairs, margin)
    m = np.minimum(b + c, n)
    return _resolved(quadrature.tail(delta, *quadrature.prepare(m + 1, n - m, b + 1, c)))


def _arrays(*counts: npt.ArrayLike) -> tuple[Floats, ...]:
    return np.broadcast_arrays(*(np.asarray(count, dtype=np.float64) for count in counts))


def _resolved(p: Floats) -> Floats:
    """No margin p-value is given as smaller than the quadrature can tell from 0."""
    return np.clip(p, quadrature.RESOLUTION, 1.0)
