"""What a night's numbers were compared with decides what may be added up over nights.

Against one frozen baseline every night repeats the same draw of the baseline. An unlucky one looks
like evidence every night, and adding that up ends in a false alarm within a year in 42 % of simulated
years (1,000 prompts failing 1.5 % of the time, no change at all; 5 % was promised). So the two kinds
of night are two types, and what adds up evidence takes only one of them.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt


@dataclass(frozen=True)
class ConcurrentNight:
    """One night in which both arms answered anew, side by side.

    Raises:
        ValueError: The counts are no paired table.
    """

    candidate_only: float
    reference_only: float
    pairs: float
    """All pairs of the night; counts may be fractional, as those of several epochs are."""

    def __post_init__(self) -> None:
        for name in ("candidate_only", "reference_only", "pairs"):
            count = getattr(self, name)
            if not (math.isfinite(count) and count >= 0):
                raise ValueError(f"{name} is {count}; it must be a number of pairs, 0 or more.")
        if self.candidate_only + self.reference_only > self.pairs * (1 + 1e-12):
            raise ValueError(
                f"candidate_only {self.candidate_only} and reference_only {self.reference_only} "
                f"are more than pairs, {self.pairs}."
            )


@dataclass(frozen=True, eq=False)
class FrozenBaselineNight:
    """One night of one arm, to be set against answers that were recorded once.

    Raises:
        ValueError: More failures than answers.
    """

    failures: npt.NDArray[np.int64]
    """Tonight's failed answers by case; shape (N,), the same cases in the same order every night."""
    epochs: int = 1
    """Tonight's answers to each case."""

    def __post_init__(self) -> None:
        if self.epochs < 1:
            raise ValueError(f"epochs is {self.epochs}; a night has at least 1.")
        failures = np.asarray(self.failures)
        if failures.ndim != 1 or (failures < 0).any() or (failures > self.epochs).any():
            raise ValueError(f"Failures by case must lie between 0 and epochs, {self.epochs}.")


def concurrent(night: object) -> ConcurrentNight:
    """The night, if evidence of its kind may be added up.

    Raises:
        TypeError: It is a night against a frozen baseline, or no night at all.
    """
    if isinstance(night, ConcurrentNight):
        return night
    if isinstance(night, FrozenBaselineNight):
        raise TypeError(
            "A night against a frozen baseline cannot be added to other nights: every night would count "
            "the luck of the same baseline again, which raises a false alarm in 42 % of unchanged years. "
            "Ask the reference anew each night (ConcurrentNight), or use sequential.baseline.looks."
        )
    raise TypeError(f"A night is a ConcurrentNight; given was {type(night).__name__}.")
