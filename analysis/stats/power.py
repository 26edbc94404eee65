"""What a batch can show, before it is run: exact chances of each verdict for one metric.

A batch of n pairs gives b pairs on which only the candidate failed and c on which only the reference
did. All tables that n pairs are likely to give are looked at, with the same p-values that will judge
them: no normal formula, which for rare failures asks for as little as half of the pairs that are needed.

For each b the tables at parity are those from some c on, and the tables that are worse are those up to
some c: two borders (`border`) hold every verdict.

The truth is given as a discordance and a shift. The discordance is how often two arms that protect
equally well disagree, half of it each way; a shift comes on top of it, on the candidate's side if it
is positive. All rates are fractions.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy import special, stats

from analysis.stats import border, intervals

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

POWER = 0.8
"""Chance with which a batch should show what is true; four in five is custom."""
MOST = 2_000_000
"""Pairs beyond which no batch is proposed."""

_IGNORED = 1e-9
"""Chance of the tables at either end that are not looked at. They count as inconclusive."""
_NEVER = 1e-15
_AHEAD = 1.08
"""Power falls and rises in teeth as pairs are added; it must hold so far beyond the answer."""


@dataclass(frozen=True)
class Levels:
    """One-sided error of each claim. A corrected family's hardest level is alpha over its size."""

    parity: float = 0.05
    worse: float = 0.05


@dataclass(frozen=True)
class Chances:
    """The chance of each verdict, by shift; the three add up to 1."""

    parity: Floats
    """Shown to be within the margin, a real shift within it included."""
    regression: Floats
    """Shown to be worse, and not shown to be within the margin."""
    inconclusive: Floats


def discordance_upper(discordant: float, pairs: float, *, alpha: float = 0.05) -> float:
    """How large the discordance may be, given what was seen: its exact one-sided upper limit.

    Having seen no disagreement is no proof of there being none: 0 of 300 allows one in 100.

    Raises:
        ValueError: There is no pair, or more discordant ones than pairs.
    """
    if not 0 <= discordant <= pairs or pairs == 0:
        raise ValueError(
            f"{discordant:g} of {pairs:g} pairs are discordant; there must be pairs, and no more than those."
        )
    return float(intervals.rate_upper(discordant, pairs, alpha=alpha))


def chances(
    *,
    pairs: int,
    margin: float,
    discordance: float,
    shifts: npt.ArrayLike,
    levels: Levels = Levels(),
) -> Chances:
    """The chance of each verdict if the true difference is each of `shifts`.

    Args:
        pairs: Pairs in the batch that are opportunities of the metric.
        margin: How much worse the candidate may be.
        discordance: How often equally good arms disagree.
        shifts: True differences, candidate minus reference; any shape.
        levels: One-sided errors at which the claims are tested.

    Raises:
        ValueError: A number is no fraction or no count, or shift and discordance exceed 1 together.
    """
    _check(margin, discordance, levels)
    _check_pairs(pairs)
    theta = np.atleast_1d(np.asarray(shifts, dtype=np.float64))
    worse, better = discordance / 2 + np.maximum(theta, 0), discordance / 2 + np.maximum(-theta, 0)
    # Rates at which not even two million pairs fail once would overflow the binomial's arithmetic.
    worse, better = (np.where(rate < _NEVER, 0.0, rate) for rate in (worse, better))
    if (worse + better > 1).any():
        raise ValueError(
            f"A shift of {float(np.abs(theta).max()):g} and a discordance of {discordance:g} "
            "make more than 1 together."
        )
    b = np.arange(_least(pairs, worse.min()), _most(pairs, worse.max()) + 1)
    most_c = _most(pairs, better.max())
    within = border.fewest_at_parity(b, most_c, pairs, margin, levels.parity)
    up_to = np.minimum(border.most_still_worse(b, levels.worse), within - 1)

    rate_b, rate_c = worse[:, None], better[:, None]
    chance_b = stats.binom.pmf(b, pairs, rate_b)
    rest_c = np.divide(rate_c, 1 - rate_b, out=np.ones_like(rate_b), where=rate_b < 1)
    left = pairs - b
    at_parity = stats.binom.sf(np.minimum(within, most_c + 1) - 1, left, rest_c)
    # What lies beyond the last table looked at is not counted as parity.
    at_parity = np.where(within > most_c, 0.0, at_parity)
    parity = np.clip(np.sum(chance_b * at_parity, axis=1), 0, 1)
    regression = np.clip(np.sum(chance_b * stats.binom.cdf(up_to, left, rest_c), axis=1), 0, 1 - parity)
    shape = np.shape(shifts)
    return Chances(
        parity=parity.reshape(shape),
        regression=regression.reshape(shape),
        inconclusive=(1 - parity - regression).reshape(shape),
    )


def pairs_needed(
    *, margin: float, discordance: float, shift: float = 0.0, power: float = POWER, alpha: float = 0.05
) -> int | None:
    """The fewest pairs with which parity is shown with this power, and stays shown with some more.

    Args:
        margin: How much worse the candidate may be.
        discordance: How often equally good arms disagree.
        shift: The difference that is supposed to be true.
        power: Chance with which parity is to be shown.
        alpha: One-sided error of the claim.

    Returns:
        The number, or None where two million pairs would not do, as when the shift reaches the margin.

    Raises:
        ValueError: A number is no fraction.
    """
    levels = Levels(parity=alpha, worse=alpha)
    _check(margin, discordance, levels)
    _check_power(power)
    room = margin - shift
    # With no disagreement at all the p-value is (1 - margin)^n: fewer pairs never do.
    fewest = math.ceil(math.log(alpha) / math.log1p(-margin))
    if room <= 0 or fewest > MOST:
        return None

    def reached(n: int) -> bool:
        return _parity_power(n, margin, discordance, shift, alpha) >= power

    quantiles = float(special.ndtri(1 - alpha) + special.ndtri(power))
    high = max(fewest, math.ceil(quantiles**2 * (discordance + abs(shift)) / room**2))
    low = fewest - 1
    while high <= MOST and not reached(high):
        low, high = high, math.ceil(high * 1.2)
    if high > MOST:
        return None
    while True:
        high = _first(reached, low, high)
        # The more pairs disagree, the more tables share the chance, and the smaller the teeth.
        looks = int(np.clip(500 / (high * discordance + 1), 6, 25))
        ahead = np.unique(np.geomspace(high, high * _AHEAD, looks).astype(int))
        short = [int(n) for n in ahead if not reached(int(n))]
        if not short:
            return high
        low, high = short[-1], int(ahead[-1])
        while not reached(high):
            low, high = high, math.ceil(high * 1.02)


def margin_shown(
    *, pairs: int, discordance: float, power: float = POWER, alpha: float = 0.05
) -> float | None:
    """The smallest margin within which this many pairs show equally good arms to be, with this power.

    Rounded up to a part in ten thousand of itself; None where no margin under 1 would do.

    Raises:
        ValueError: A number is no fraction or no count.
    """
    _check_pairs(pairs)
    _check_power(power)
    _check(0.5, discordance, Levels(parity=alpha, worse=alpha))
    # With no disagreement at all the p-value is (1 - margin)^n: no smaller margin ever does.
    smallest = -math.expm1(math.log(alpha) / pairs)
    low, high = smallest * (1 - 1e-9), smallest * (1 + 1e-9)
    while high < 1 and _parity_power(pairs, high, discordance, 0.0, alpha) < power:
        low, high = high, high * 1.3
    if high >= 1:
        return None
    while high / low > 1 + 1e-4:
        middle = math.sqrt(low * high)
        if _parity_power(pairs, middle, discordance, 0.0, alpha) < power:
            low = middle
        else:
            high = middle
    return high


def regression_caught(
    *,
    pairs: int,
    margin: float,
    discordance: float,
    power: float = POWER,
    levels: Levels = Levels(),
) -> float | None:
    """The smallest true loss that this many pairs call a regression with this power.

    A loss that is real but inside the margin is parity with a remark, so that with very many pairs the
    answer approaches the margin. Rounded up to a part in a thousand of itself; None where not even the
    largest possible loss would be caught.

    Raises:
        ValueError: A number is no fraction or no count.
    """
    _check_power(power)
    most = 1 - discordance
    low, high = 0.0, min(margin, most)

    def caught(shift: float) -> bool:
        found = chances(pairs=pairs, margin=margin, discordance=discordance, shifts=shift, levels=levels)
        return float(found.regression) >= power

    while not caught(high):
        if high >= most:
            return None
        low, high = high, min(high * 1.5, most)
    while high - low > 1e-3 * high:
        middle = (low + high) / 2
        low, high = (low, middle) if caught(middle) else (middle, high)
    return high


def _parity_power(pairs: int, margin: float, discordance: float, shift: float, alpha: float) -> float:
    levels = Levels(parity=alpha, worse=alpha)
    found = chances(pairs=pairs, margin=margin, discordance=discordance, shifts=shift, levels=levels)
    return float(found.parity)


def _first(reached: Callable[[int], bool], low: int, high: int) -> int:
    """Where between `low`, not reached, and `high`, reached, it turns."""
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (low, middle) if reached(middle) else (middle, high)
    return high


def _most(pairs: int, rate: float) -> int:
    """The largest count that is looked at."""
    return int(min(pairs, stats.binom.isf(_IGNORED, pairs, min(rate, 1.0)) + 1))


def _least(pairs: int, rate: float) -> int:
    """The smallest count that is looked at."""
    return int(max(0, stats.binom.ppf(_IGNORED, pairs, min(rate, 1.0)) - 1))


def _check_pairs(pairs: int) -> None:
    if pairs < 1:
        raise ValueError(f"pairs is {pairs}; a batch has at least 1.")
    if pairs > MOST:
        raise ValueError(f"pairs is {pairs:,}; batches of up to {MOST:,} are planned.")


def _check(margin: float, discordance: float, levels: Levels) -> None:
    if not 0 < margin < 1:
        raise ValueError(f"margin is {margin}; it must be a fraction between 0 and 1{_percent(margin)}.")
    if not 0 <= discordance <= 1:
        raise ValueError(
            f"discordance is {discordance}; it must be a fraction between 0 and 1{_percent(discordance)}."
        )
    for name, alpha in (("parity", levels.parity), ("worse", levels.worse)):
        if not 0 < alpha < 1:
            raise ValueError(
                f"The level of {name} is {alpha}; it must lie between 0 and 1, for example 0.05."
            )


def _percent(number: float) -> str:
    """What was probably meant by a number that is no fraction."""
    return f" (for {number:g} % write {number / 100:g})" if 1 <= number <= 100 else ", for example 0.01"  # noqa: PLR2004 - per cent


def _check_power(power: float) -> None:
    if not 0 < power < 1:
        raise ValueError(f"power is {power}; it must lie between 0 and 1, for example 0.8.")
