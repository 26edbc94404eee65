"""How the tail probability of Fay and Lumbard's product of two beta variables is computed.

With T and B independent beta variables, T for the share of discordant pairs and B for the candidate's
part of them, T (2B - 1) stands for the paired difference. Its tail is an integral over T,

    P[T (2B - 1) >= t] = P[T > x1] + integral from x0 to x1 of P[B >= (1 + t/x) / 2] dF_T(x)

where below x0 either factor, and above x1 the change of the second factor, is negligible. Outside of
that window nothing is left to integrate, so a fixed rule is sharp however narrow either variable is.
The rule is Gauss-Legendre over s = logit((x - t) / (1 - t)), on which both ends fall off
exponentially: no shape parameter, however small, leaves a kink or a pole.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from scipy import special

Floats = npt.NDArray[np.float64]

RESOLUTION = 1e-12
"""Below this the probabilities are not told apart; margin p-values are never given as smaller."""

_TAIL, _HALF_TAIL = 1e-20, 1e-8
"""Probabilities cut off at the ends of a window: alone, and where the other factor is small as well."""
_DEPTH, _HALF_DEPTH = 38.0, 20.0
"""Distances on s over which dx/ds, like exp(-|s|), is small: alone, and beside another small factor."""
_LOWEST = -300.0
"""No s is smaller, so that exp never vanishes."""
_NODES, _WEIGHTS = np.polynomial.legendre.leggauss(160)


def prepare(t1: Floats, t2: Floats, b1: Floats, b2: Floats) -> tuple[Floats, ...]:
    """What `tail` needs to know of T ~ Beta(t1, t2) and B ~ Beta(b1, b2), arrays of one shape.

    A zero shape is the limit: all mass at 0 (first shape zero) or at 1 (second shape zero). Returned
    are the four shapes and the ends of the windows: of T, of 1 - T and of r = 1 - B, all of that shape.
    """
    proper_t, proper_b = (t1 > 0) & (t2 > 0), (b1 > 0) & (b2 > 0)
    up = np.where(proper_t, t1, 1.0), np.where(proper_t, t2, 1.0)
    down = up[1], up[0]
    r = np.where(proper_b, b2, 1.0), np.where(proper_b, b1, 1.0)
    windows = (
        _low_quantile(*up, _TAIL),
        _low_quantile(*down, _TAIL),
        _low_quantile(*down, _HALF_TAIL),
        _low_quantile(*r, _TAIL),
        _low_quantile(*r, _HALF_TAIL),
        np.fmin(special.betainccinv(*r, _TAIL), 0.5),
    )
    return t1, t2, b1, b2, *windows


def tail(t: Floats, *prepared: Floats) -> Floats:
    """P[T (2B - 1) >= t], elementwise, for 0 < t < 1 and what `prepare` returned."""
    t, t1, t2, b1, b2, *windows = np.broadcast_arrays(t, *prepared)
    result = np.zeros(t.shape)

    possible = (t1 > 0) & (b1 > 0)
    certain = possible & (t2 == 0) & (b2 == 0)
    only_t = possible & (t2 > 0) & (b2 == 0)
    only_b = possible & (t2 == 0) & (b2 > 0)
    both = possible & (t2 > 0) & (b2 > 0)

    result[certain] = 1.0
    result[only_t] = special.betaincc(t1[only_t], t2[only_t], t[only_t])
    result[only_b] = special.betainc(b2[only_b], b1[only_b], (1 - t[only_b]) / 2)
    if both.any():
        shapes = t1[both], t2[both], b1[both], b2[both]
        low, high = _window(t[both], *(end[both] for end in windows))
        result[both] = _integral(t[both], shapes, low, high)
    return result


def _low_quantile(first: Floats, second: Floats, mass: float) -> Floats:
    """Where the lower tail ends; 0, which only widens a window, for shapes whose inverse is not found."""
    return np.asarray(np.nan_to_num(special.betaincinv(first, second, mass), nan=0.0))


def _window(
    t: Floats,
    t_low: Floats,
    below_one_low: Floats,
    below_one_half_low: Floats,
    r_low: Floats,
    r_half_low: Floats,
    r_high: Floats,
) -> tuple[Floats, Floats]:
    """The ends of s between which there is something to integrate; equal ends where there is nothing."""
    high = np.minimum.reduce(
        [
            _place_of_t(t, 1 - below_one_low, below_one_low),
            np.maximum(_place_of_t(t, 1 - below_one_half_low, below_one_half_low), _HALF_DEPTH),
            _place_of_r(t, r_high),
            np.full_like(t, _DEPTH),
        ]
    )
    top = np.minimum(high, 0.0)
    low = np.maximum.reduce(
        [
            _place_of_t(t, t_low, 1 - t_low),
            _place_of_r(t, r_low),
            np.minimum(_place_of_r(t, r_half_low), top - _HALF_DEPTH),
            top - _DEPTH,
        ]
    )
    return np.minimum(low, high), high


def _integral(t: Floats, shapes: tuple[Floats, ...], low: Floats, high: Floats) -> Floats:
    """The integral between the ends, and above them T's tail, over which B's factor is constant."""
    t1, t2, b1, b2 = shapes
    half = (high - low)[:, None] / 2
    s = low[:, None] + half * (_NODES + 1)
    share, rest = special.expit(s), special.expit(-s)
    above_t, below_one = (1 - t)[:, None] * share, (1 - t)[:, None] * rest
    x = t[:, None] + above_t
    density = np.exp(
        special.xlogy(t1[:, None] - 1, x)
        + special.xlogy(t2[:, None] - 1, below_one)
        - special.betaln(t1, t2)[:, None]
    )
    factor = special.betainc(b2[:, None], b1[:, None], above_t / (2 * x))
    inside = np.sum(_WEIGHTS * density * factor * above_t * rest, axis=1) * half[:, 0]

    above_t, below_one = (1 - t) * special.expit(high), (1 - t) * special.expit(-high)
    beyond = special.betainc(t2, t1, below_one) * special.betainc(b2, b1, above_t / (2 * (t + above_t)))
    return np.asarray(np.clip(inside + beyond, 0.0, 1.0))


def _place_of_t(t: Floats, x: Floats, one_less_x: Floats) -> Floats:
    """The s of a value x of T."""
    with np.errstate(divide="ignore"):
        place = np.log(np.maximum(x - t, 0.0)) - np.log(one_less_x)
    return np.asarray(np.clip(place, _LOWEST, -_LOWEST))


def _place_of_r(t: Floats, r: Floats) -> Floats:
    """The s at which 1 - B = r is just enough, x = t / (1 - 2r)."""
    with np.errstate(divide="ignore"):
        place = np.log(2 * r * t) - np.log(np.maximum(1 - 2 * r - t, 0.0))
    return np.asarray(np.clip(place, _LOWEST, -_LOWEST))
