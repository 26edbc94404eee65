"""Cuts a long asking into parts, each with a log of its own.

Inspect keeps a summary, the scores and a waiting task of every sample until a log is closed, some 20 kB each.
A long run in one log would hold all of them; in parts it holds those of one.
"""

from __future__ import annotations

from collections.abc import Sequence
from math import ceil

from inspect_ai.dataset import Sample

from suites.registered import Part

SAMPLES_OF_A_PART = 4_000
"""A pass through a suite's whole batch is one part."""


def cut(
    samples: Sequence[Sample], *, number: int, limit: int | None, epochs: int, at_most: int
) -> tuple[Sequence[Sample], Part | None]:
    """One part of what is asked.

    A case's epochs stay together.

    Args:
        samples: The whole dataset.
        number: Which part, counted from 1.
        limit: How many of the dataset are asked; None: all.
        epochs: How often each is.
        at_most: How many samples, cases times epochs, one log may hold; the epochs of one case may be more.

    Returns:
        The part's share of the dataset, and what is registered of it; all of it and None where one log holds
        everything.

    Raises:
        ValueError: There is no part of that number.
    """
    asked = samples[:limit]
    of = max(1, ceil(len(asked) / max(1, at_most // epochs)))
    if not 1 <= number <= of:
        raise ValueError(f"There is no part {number} of {of}.")
    if of == 1:
        return samples, None
    size = ceil(len(asked) / of)
    return asked[(number - 1) * size : number * size], Part(number=number, of=of, samples=len(asked) * epochs)
