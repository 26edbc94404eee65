"""Lays what the guardrail gave out over what it was given: which values it masked, and what beside them."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from functools import lru_cache

from evals.leaks import Protected
from suites.case import Span
from suites.masking import Masking, masking

_GAP = r"[\W_]{0,3}"
"""A model may group a number anew; what it disguises further is not located, and not counted."""


def masked_of(values: Sequence[Protected], given: str, shown: str) -> Masking | None:
    """What became of the values in a text that passed the guardrail.

    Args:
        values: What had to be masked, with types.
        given: The text before the guardrail: what it was asked about, or the model's raw output.
        shown: The text after it.

    Returns:
        None where the text holds none of the values, or `shown` is not that text with masks in it.
    """
    spans = locate(values, given)
    return masking(given, spans, shown) if spans else None


def locate(values: Sequence[Protected], text: str) -> tuple[Span, ...]:
    """Where the values stand in the text, in order and apart: as they are, or in other case and grouping."""
    found: list[Span] = []
    for span in sorted(_everywhere(values, text), key=lambda span: (span.start, -span.end)):
        if not found or span.start >= found[-1].end:
            found.append(span)
    return tuple(found)


def _everywhere(values: Sequence[Protected], text: str) -> Iterator[Span]:
    for each in values:
        if each.type is not None:
            for place in _pattern(each.value).finditer(text):
                yield Span(start=place.start(), end=place.end(), type=each.type)


@lru_cache(maxsize=4096)
def _pattern(value: str) -> re.Pattern[str]:
    letters = _GAP.join(re.escape(letter) for letter in value if letter.isalnum())
    return re.compile(
        rf"(?<![^\W_])(?:{re.escape(value)}|{letters})(?![^\W_])" if letters else re.escape(value),
        re.IGNORECASE,
    )
