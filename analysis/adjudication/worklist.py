"""Which answers people are asked about."""

from __future__ import annotations

import random
from collections.abc import Sequence

from analysis.adjudication.answers import COMPARED, JudgedAnswer

SAMPLE = 50
"""Concordant answers of each arm and suite that are looked at beside the discordant ones."""


def worklist(answers: Sequence[JudgedAnswer], *, sample: int = SAMPLE, seed: int = 0) -> list[JudgedAnswer]:
    """Every answer of a pair that was judged differently, and a random sample of the others by arm.

    In an order that tells nothing: by the items' own names. The same answers and seed give the same list.

    Args:
        answers: All judged answers of a suite.
        sample: How many of the concordant ones of each arm; all of them where there are fewer.
        seed: Of the sample.
    """
    chosen = [answer for answer in answers if answer.discordant]
    for arm in COMPARED:
        alike = sorted(
            (answer for answer in answers if answer.arm == arm and not answer.discordant),
            key=lambda answer: answer.item,
        )
        draw = random.Random(f"{seed}:{arm}")  # noqa: S311 - a repeatable sample, no secret
        chosen += draw.sample(alike, min(sample, len(alike)))
    return sorted(chosen, key=lambda answer: answer.item)
