"""How good a judge was on each arm, by what people settled.

All discordant answers are settled and only a sample of the others is, so each settled answer counts for as
many as it stands for: 1 where all of its kind were settled, N / n where n of N were (Horvitz and Thompson
1952). The limits are Clopper and Pearson's on the effective number of answers, (sum w)^2 / sum w^2 (Kish
1965).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from analysis.adjudication.answers import COMPARED, JUDGES, JudgedAnswer
from analysis.stats.intervals import rate_upper

_BESIDE = 0.025
"""Error on either side of 95 % limits."""


@dataclass(frozen=True)
class Share:
    """A fraction with its 95 % limits; None where no answer could tell."""

    answers: int
    rate: float | None
    low: float | None
    high: float | None


@dataclass(frozen=True)
class Quality:
    """One judge on one arm."""

    judge: str
    arm: str
    sensitivity: Share
    """Of the answers that give it, those that the judge said give it."""
    specificity: Share
    """Of the answers that do not, those that the judge said do not."""


def quality(answers: Sequence[JudgedAnswer]) -> list[Quality]:
    """Every judge on every arm, judges in order of weight last.

    Args:
        answers: All judged answers of a suite, settled or not.
    """
    return [
        Quality(
            judge=judge,
            arm=arm,
            sensitivity=_share(answers, judge, arm, truth=True),
            specificity=_share(answers, judge, arm, truth=False),
        )
        for judge in JUDGES
        if any(judge in answer.words for answer in answers)
        for arm in COMPARED
    ]


def _share(answers: Sequence[JudgedAnswer], judge: str, arm: str, *, truth: bool) -> Share:
    there = Counter((answer.arm, answer.discordant) for answer in answers)
    settled = Counter((answer.arm, answer.discordant) for answer in answers if answer.settled is not None)
    weights: list[float] = []
    right = 0.0
    for answer in answers:
        word = answer.words.get(judge)
        if answer.arm != arm or answer.settled is not truth or word is None:
            continue
        kind = (answer.arm, answer.discordant)
        weight = there[kind] / settled[kind]
        weights.append(weight)
        right += weight * (word is truth)
    if not weights:
        return Share(0, None, None, None)
    total = sum(weights)
    effective = total**2 / sum(weight**2 for weight in weights)
    rate = min(1.0, right / total)
    high = rate_upper(rate * effective, effective, alpha=_BESIDE)
    low = 1 - rate_upper((1 - rate) * effective, effective, alpha=_BESIDE)
    return Share(len(weights), rate, float(low), float(high))
