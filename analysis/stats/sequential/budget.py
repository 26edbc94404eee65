"""How a year's chance of a false alarm is shared out among its looks.

Bonferroni's inequality does not ask how the looks depend on one another, and they depend a great deal
where all of them are set against one baseline.
"""

from __future__ import annotations

from dataclasses import dataclass

NIGHTS = 365
"""Looks a year of a nightly job."""


@dataclass(frozen=True)
class Window:
    """Nights that are looked at together."""

    name: str
    nights: int
    looks: int
    """How often a year, in 52 whole weeks."""


WINDOWS = (Window("night", 1, 364), Window("week", 7, 52), Window("four weeks", 28, 13))
"""A jump shows in a night, a drift only in weeks; each resolution has a third of the year's chance."""


def acute_level(*, alpha: float = 0.05, looks: int = NIGHTS) -> float:
    """The level of one night's tests at which a year has at most the chance alpha of a false alarm.

    Night by night Holm's procedure over the metrics runs at this level. With the exact McNemar test
    one metric alone then takes 13 new failures and no repaired one (2^-13 < 0.05 / 365).

    Raises:
        ValueError: There is not a single look, or alpha is no chance.
    """
    _check(alpha, looks, "looks")
    return alpha / looks


def window_level(window: Window, *, alpha: float = 0.05, metrics: int = 1) -> float:
    """The level of one look through this window at one of so many metrics.

    Raises:
        ValueError: There is not a single metric, or alpha is no chance.
    """
    _check(alpha, metrics, "metrics")
    return alpha / len(WINDOWS) / window.looks / metrics


def _check(alpha: float, number: int, name: str) -> None:
    if not 0 < alpha < 1:
        raise ValueError(f"alpha is {alpha}; it must lie between 0 and 1, for example 0.05.")
    if number < 1:
        raise ValueError(f"{name} is {number}; there must be at least 1.")
