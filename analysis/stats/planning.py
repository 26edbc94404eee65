"""How many pairs a claim of parity needs."""

from __future__ import annotations

import math

import numpy as np
import numpy.typing as npt
from scipy import special

from analysis.stats import hypotheses, intervals

POWER = 0.8
_ENUMERABLE = 40.0
"""Largest expected number of failures on one arm only for which every table is looked at."""
_MOST = 10_000_000
_ROUGH = 0.01
"""Share of the answer to which it is found; how many disagreements there will be is known less well."""


def pairs_for_alike(*, discordance: float, margin: float, shift: float = 0.0, alpha: float = 0.05) -> float:
    """Pairs with which parity would be shown with about 80 % power, in closed form.

    Where fewer than some ten pairs disagree it can ask for half of what is needed; it never asks for
    fewer than parity takes without a single disagreement.

    Args:
        discordance: How often the arms disagree, both ways together.
        margin: How much worse the candidate may be, over `shift`; all are fractions.
        shift: The difference that is supposed to be true.
        alpha: One-sided error of the claim.

    Source: Liu, Hsueh, Hsieh and Chen 2002, Statistics in Medicine 21:231.
    """
    quantiles = float(special.ndtri(1 - alpha) + special.ndtri(POWER))
    return max(quantiles**2 * discordance / (margin - shift) ** 2, math.log(alpha) / math.log1p(-margin))


def pairs_for_parity(
    *,
    discordant: float,
    pairs: float,
    margin: float,
    shift: float = 0.0,
    alpha: float = 0.05,
    exact: bool = True,
) -> int | None:
    """Pairs with which parity would be shown with 80 % power, judged by the pairs at hand.

    The discordance is taken at its exact upper limit, so that having seen no disagreement is not
    mistaken for there being none. A closed form starts the search; where disagreements stay few, every
    possible table is enumerated, since the closed form can be half of what is needed there.

    Args:
        discordant: Pairs so far in which exactly one arm failed.
        pairs: Pairs so far.
        margin: How much worse the candidate may be, as a fraction.
        shift: The difference that is supposed to be true; none is found where it reaches the margin.
        alpha: One-sided error of the claim.
        exact: Enumerate; else the closed form is the answer.

    Returns:
        The number of pairs, or None where no number within reason suffices.
    """
    excess = max(shift, 0.0)
    if excess >= margin:
        return None
    total = float(intervals.rate_upper(discordant, pairs, alpha=alpha)) if pairs else 1.0
    total = min(1.0, max(total, excess))
    worse, better = (total + excess) / 2, (total - excess) / 2
    start = pairs_for_alike(discordance=total, margin=margin, shift=excess, alpha=alpha)
    if start > _MOST:
        return None
    if not exact or start * max(worse, better) > _ENUMERABLE:
        return math.ceil(start)
    low, high = math.floor(start * 0.8), math.ceil(start)
    while _power(high, worse, better, margin, alpha) < POWER:
        low, high = high, math.ceil(high * 1.3)
    while high - low > max(1, high * _ROUGH):
        middle = (low + high) // 2
        if _power(middle, worse, better, margin, alpha) < POWER:
            low = middle
        else:
            high = middle
    return high


def pairs_for_cap(*, failures: float, pairs: float, cap: float, alpha: float = 0.05) -> int | None:
    """Pairs with which a rate like the one seen is shown to be under the cap; None where it is not under it.

    With no failure seen this is the rule of three made exact.

    Args:
        failures: Failures of the arm so far; may be fractional.
        pairs: Pairs so far.
        cap: The rate that the arm must stay under, a fraction in (0, 1).
        alpha: One-sided error of the upper limit, which is Clopper and Pearson's.
    """
    rate = failures / pairs if pairs else 0.0
    if rate >= cap:
        return None
    low, high = 0, max(1, math.ceil(pairs))
    while intervals.rate_upper(rate * high, high, alpha=alpha) > cap:
        low, high = high, high * 2
        if high > _MOST:
            return None
    while high - low > 1:
        middle = (low + high) // 2
        if intervals.rate_upper(rate * middle, middle, alpha=alpha) > cap:
            low = middle
        else:
            high = middle
    return high


def _power(n: int, worse: float, better: float, margin: float, alpha: float) -> float:
    """The chance of p_parity <= alpha, by enumeration of the tables that n pairs can reasonably give."""
    b, c = (grid.ravel() for grid in np.meshgrid(_likely(n, worse), _likely(n, better)))
    possible = b + c <= n
    b, c = b[possible], c[possible]
    rest = n - b - c
    log_chance = (
        special.gammaln(n + 1)
        - special.gammaln(b + 1)
        - special.gammaln(c + 1)
        - special.gammaln(rest + 1)
        + special.xlogy(b, worse)
        + special.xlogy(c, better)
        + special.xlogy(rest, max(0.0, 1 - worse - better))
    )
    shown = hypotheses.p_parity(b, c, n, margin) <= alpha
    return float(np.sum(np.exp(log_chance[shown])))


def _likely(n: int, rate: float) -> npt.NDArray[np.int64]:
    """The counts that n trials give but for about one time in ten thousand."""
    middle, reach = n * rate, 4 * math.sqrt(n * rate) + 4
    return np.arange(math.floor(max(0.0, middle - reach)), math.ceil(min(n, middle + reach)) + 1)
