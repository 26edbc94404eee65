"""How far two raters agree."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Agreement:
    """Two raters on the same answers."""

    answers: int
    share: float | None
    """Fraction of answers on which they say the same; None without any."""
    kappa: float | None
    """Cohen's kappa; None where chance alone would make them agree always, as when all is `no`."""


def agreement(labels: Sequence[tuple[bool, bool]]) -> Agreement:
    """Raw agreement p_o, and kappa = (p_o - p_e) / (1 - p_e), with p_e from each rater's own rate.

    Args:
        labels: By answer what the first and the second rater said.

    Source: Cohen 1960, Educational and Psychological Measurement 20:37.
    """
    n = len(labels)
    if not n:
        return Agreement(answers=0, share=None, kappa=None)
    observed = sum(first == second for first, second in labels) / n
    first, second = (sum(each) / n for each in zip(*labels, strict=True))
    expected = first * second + (1 - first) * (1 - second)
    kappa = None if expected == 1 else (observed - expected) / (1 - expected)
    return Agreement(answers=n, share=observed, kappa=kappa)
