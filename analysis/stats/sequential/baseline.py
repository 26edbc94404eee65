"""Tonight against answers that were recorded once: an alarm that the frozen baseline cannot fool.

Every look is a complete test of its own: the nights of its window, pooled, against the baseline, by
the exact test within cases. Nothing is carried from look to look, and the year's chance of a false
alarm is shared out by Bonferroni's inequality, to which it does not matter that all looks share a
baseline. The baseline's own luck is the floor of what can be seen: record it with ten epochs or more.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from analysis.stats import within_case
from analysis.stats.sequential import budget
from analysis.stats.sequential.nights import FrozenBaselineNight


@dataclass(frozen=True, eq=False)
class Baseline:
    """What was recorded once.

    Raises:
        ValueError: More failures than answers.
    """

    failures: npt.NDArray[np.int64]
    """Failed answers by case; shape (N,)."""
    epochs: int
    """Answers to each case; ten or more make a baseline worth having."""

    def __post_init__(self) -> None:
        failures = np.asarray(self.failures)
        if self.epochs < 1 or (failures < 0).any() or (failures > self.epochs).any():
            raise ValueError(f"Failures by case must lie between 0 and epochs, {self.epochs}.")


@dataclass(frozen=True)
class Look:
    """One window that ended on one night."""

    night: int
    """Place of its last night, from 0."""
    window: budget.Window
    p_worse: float
    """Exact, one-sided: against "no case fails more often than in the baseline"."""
    level: float

    @property
    def alarm(self) -> bool:
        """Whether the look is one to wake somebody for."""
        return self.p_worse <= self.level


def looks(
    baseline: Baseline, nights: Sequence[FrozenBaselineNight], *, alpha: float = 0.05, metrics: int = 1
) -> Iterator[Look]:
    """All looks of a year at one metric: each night, each whole week, each four whole weeks.

    Args:
        baseline: What was recorded once.
        nights: The year's nights so far, without gaps, over the baseline's cases.
        alpha: Chance of any false alarm in a year, over all metrics and windows.
        metrics: How many metrics are watched.

    Raises:
        ValueError: A night has other cases than the baseline.
    """
    for place, night in enumerate(nights):
        if np.shape(night.failures) != np.shape(baseline.failures):
            raise ValueError(
                f"Night {place} has {np.size(night.failures)} cases, "
                f"the baseline {np.size(baseline.failures)}; record a baseline for this batch."
            )
        for window in budget.WINDOWS:
            if (place + 1) % window.nights == 0:
                pooled = nights[place + 1 - window.nights : place + 1]
                yield Look(
                    night=place,
                    window=window,
                    p_worse=within_case.p_worse(
                        reference_failures=baseline.failures,
                        candidate_failures=np.sum([each.failures for each in pooled], axis=0),
                        reference_epochs=baseline.epochs,
                        candidate_epochs=sum(each.epochs for each in pooled),
                    ),
                    level=budget.window_level(window, alpha=alpha, metrics=metrics),
                )
