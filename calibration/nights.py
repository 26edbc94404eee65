"""Years of nights in which nothing changes, and how soon a change is noticed."""

from __future__ import annotations

import math
from collections.abc import Iterator

import numpy as np
from scipy import special

from analysis.stats import hypotheses
from analysis.stats.sequential import baseline, betting, budget, detector
from analysis.stats.sequential.nights import FrozenBaselineNight
from calibration.promises import Measured

YEAR = budget.NIGHTS
PAIRS = 1000
DISCORDANCE = 0.03
"""Of two arms that each fail on about 1.5 % of the prompts."""
METRICS = 5


def unchanged(*, years: int, seed: int) -> Iterator[Measured]:
    """The chance of a false alarm in a year, both arms asked anew each night, one metric and several."""
    for metrics in (1, METRICS):
        draw = np.random.default_rng((seed, metrics))
        b, c = _nights(draw, (years, metrics, YEAR), 0.0)
        setting = {"metrics": metrics, "pairs": PAIRS}
        level = budget.acute_level() / metrics
        acute = (hypotheses.p_worse(b, c) <= level).any(axis=(1, 2))
        yield Measured("acute", "acute alarm", setting, float(acute.mean()), trials=years)
        limit = math.log(metrics * detector.TEN_YEARS)
        drift = (_evidence(b, c) >= limit).any(axis=(1, 2))
        yield Measured("drift", "drift alarm", setting, float(drift.mean()), trials=years)
        if metrics == 1:
            naive = (hypotheses.p_worse(b, c) <= 0.05).any(axis=(1, 2))  # noqa: PLR2004 - what is warned of
            yield Measured(None, "5 % every night", setting, float(naive.mean()), trials=years)
            low, high = _sequence(b[:, 0], c[:, 0])
            missed = ((low > 0) | (high < 0)).any(axis=1)
            yield Measured("sequence", "confidence sequence", setting, float(missed.mean()), trials=years)


def frozen(*, years: int, prompts: int, epochs: int, seed: int) -> Iterator[Measured]:
    """Tonight against one recorded baseline: the looks that are offered, and what is refused instead.

    Prompts fail with chances of their own, 1.5 % on average.

    Args:
        years: To draw.
        prompts: Of the batch.
        epochs: Answers to each prompt when the baseline was recorded.
        seed: Of the draws.
    """
    draw = np.random.default_rng((seed, 3))
    alarms = refused = 0
    for _ in range(years):
        chance = draw.beta(0.15, 9.85, prompts)
        recorded = draw.binomial(epochs, chance)
        nights = draw.binomial(1, chance, (YEAR, prompts))
        looks = baseline.looks(
            baseline.Baseline(recorded, epochs), [FrozenBaselineNight(night) for night in nights]
        )
        alarms += any(look.alarm for look in looks)
        once = draw.binomial(1, chance)
        b, c = (nights > once).sum(axis=1), (nights < once).sum(axis=1)
        gathered = np.cumsum(betting.log_capital(b, c, prompts, 0.0), axis=0)
        refused += bool(
            (special.logsumexp(gathered, axis=1) - np.log(gathered.shape[1])).max() >= math.log(20)
        )
    setting = {"prompts": prompts, "epochs": epochs}
    yield Measured("frozen", "looks by night, week, four weeks", setting, alarms / years, trials=years)
    yield Measured(
        None, "evidence added up (refused)", setting | {"epochs": 1}, refused / years, trials=years
    )


def delays(shifts: tuple[float, ...], *, years: int, after: int, seed: int) -> Iterator[Measured]:
    """The median number of nights from a shift to its alarm; `rate` holds it, infinite where most never do.

    Args:
        shifts: By how much the candidate is worse from that night on, as fractions.
        years: To draw for each.
        after: Quiet nights before it.
        seed: Of the draws.
    """
    for shift in shifts:
        draw = np.random.default_rng((seed, round(shift * 1e4), 4))
        quiet = _nights(draw, (years, 1, after), 0.0)
        loud = _nights(draw, (years, 1, YEAR - after), shift)
        b, c = (np.concatenate(each, axis=2) for each in zip(quiet, loud, strict=True))
        alarms = {
            "acute alarm": hypotheses.p_worse(b, c) <= budget.acute_level(),
            "drift alarm": _evidence(b, c) >= math.log(detector.TEN_YEARS),
        }
        for name, rings in alarms.items():
            since = rings[:, 0, after:]
            first = np.where(since.any(axis=1), since.argmax(axis=1) + 1.0, math.inf)
            yield Measured(
                None, name, {"shift": shift, "pairs": PAIRS}, float(np.median(first)), trials=years
            )


def _nights(draw: np.random.Generator, shape: tuple[int, ...], shift: float) -> tuple[np.ndarray, np.ndarray]:
    half = DISCORDANCE / 2
    counts = draw.multinomial(PAIRS, [half + shift, half, 1 - 2 * half - shift], size=shape)
    return counts[..., 0], counts[..., 1]


def _evidence(b: np.ndarray, c: np.ndarray) -> np.ndarray:
    """What the detector has gathered after each night, for many years at once (`detector.Drift.after`)."""
    bets = betting.log_capital(b, c, PAIRS, 0.0)
    capital = np.zeros((*b.shape[:-1], bets.shape[-1]))
    gathered = np.empty(b.shape)
    for night in range(b.shape[-1]):
        capital = np.maximum(capital, 0.0) + bets[..., night, :]
        gathered[..., night] = special.logsumexp(capital, axis=-1) - np.log(bets.shape[-1])
    return gathered


def _sequence(b: np.ndarray, c: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Where 0 is outside, the evidence against one side has reached its share of alpha on some night."""
    up, down = np.cumsum(b, axis=1), np.cumsum(c, axis=1)
    n = PAIRS * np.arange(1, b.shape[1] + 1)
    enough = math.log(2 / 0.05)
    low = np.where(betting.log_evidence(up, down, n, 0.0) > enough, 1.0, -1.0)
    high = np.where(betting.log_evidence(down, up, n, 0.0) > enough, -1.0, 1.0)
    return low, high
