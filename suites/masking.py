"""What a guardrail masked of a text: which protected values, wholly or in part, and what beside them.

Places are found by laying the literal pieces between the masks over the original text. Where several layings
fit, the one counts that masks most of the values and least beside them: the texts alone cannot tell them
apart, and a doubt must not look like a fault of one model.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import accumulate
from typing import Literal

from suites.case import Span

_MASK = re.compile(r"\{([A-Za-z][\w .-]{0,99})\}")
"""The name of a type, or of a custom pattern, in braces."""

_VALUE, _OWN_TYPE = 2.0, 0.5
"""What a masked character of a value is worth, and more where the mask bears its type; one beside costs 1."""


@dataclass(frozen=True)
class Mask:
    """A place that was masked, `text[start:end]` of the original, and the name that stands there now."""

    start: int
    end: int
    label: str


@dataclass(frozen=True)
class MaskedSpan:
    """What became of one protected value."""

    span: Span
    masked: Literal["fully", "partly", "not"]
    labels: tuple[str, ...]
    """The masks over it, in order."""

    @property
    def as_its_type(self) -> bool:
        """Whether there is a mask over it and every one bears its own type's name."""
        return set(self.labels) == {self.span.type}


@dataclass(frozen=True)
class Masking:
    """What was masked of one text."""

    masks: tuple[Mask, ...]
    spans: tuple[MaskedSpan, ...]
    beside: tuple[Mask, ...]
    """Masked places that belong to no protected value, without blanks at their edges."""

    @property
    def collateral(self) -> int:
        """How many characters were masked that belong to no protected value."""
        return sum(place.end - place.start for place in self.beside)


@dataclass
class Tally:
    """Counts of one type over many texts; rates are their quotients."""

    spans: int = 0
    fully: int = 0
    partly: int = 0
    as_its_type: int = 0
    """Of those masked at all, how many under their own type's name alone."""
    collateral: int = 0
    """Characters that masks of this name covered beside the values."""


def masking(text: str, spans: Sequence[Span], masked: str) -> Masking | None:
    """Compare a text with what the guardrail made of it.

    Args:
        text: The original.
        spans: Its protected values, in order and apart.
        masked: The same text with masks such as `{EMAIL}` in the place of what was found.

    Returns:
        None where `masked` is not `text` with masks in it, so that nothing can be said.
    """
    masks = _laid_over(text, spans, masked)
    if masks is None:
        return None
    return Masking(
        masks=tuple(masks),
        spans=tuple(_masked_span(span, masks) for span in spans),
        beside=tuple(place for mask in masks for place in _beside(text, spans, mask)),
    )


def tally(maskings: Iterable[Masking]) -> dict[str, Tally]:
    """Count over many texts, by type: values under their own, collateral under the mask's name."""
    counts: dict[str, Tally] = {}
    for each in maskings:
        for found in each.spans:
            count = counts.setdefault(found.span.type, Tally())
            count.spans += 1
            count.fully += found.masked == "fully"
            count.partly += found.masked == "partly"
            count.as_its_type += found.as_its_type
        for place in each.beside:
            counts.setdefault(place.label, Tally()).collateral += place.end - place.start
    return dict(sorted(counts.items()))


def _masked_span(span: Span, masks: Sequence[Mask]) -> MaskedSpan:
    over = [mask for mask in masks if mask.start < span.end and mask.end > span.start]
    covered = sum(min(mask.end, span.end) - max(mask.start, span.start) for mask in over)
    how: Literal["fully", "partly", "not"] = (
        "fully" if covered == span.end - span.start else "partly" if covered else "not"
    )
    return MaskedSpan(span, how, tuple(mask.label for mask in over))


def _beside(text: str, spans: Sequence[Span], mask: Mask) -> Iterator[Mask]:
    """The mask without the values under it."""
    start = mask.start
    for span in [*spans, Span.model_construct(start=mask.end, end=mask.end, type="")]:
        if span.end > start and span.start <= mask.end:
            bare = text[start : span.start].strip()
            if bare:
                first = text.index(bare, start)
                yield Mask(first, first + len(bare), mask.label)
            start = max(start, span.end)


def _laid_over(text: str, spans: Sequence[Span], masked: str) -> list[Mask] | None:
    """The masks' places by dynamic programming over the literal pieces; None where the pieces do not fit."""
    pieces = _MASK.split(masked)
    if not text.startswith(pieces[0]):
        return None
    ends = {len(pieces[0]): 0.0}
    steps: list[dict[int, tuple[int, bool]]] = []
    worth = _worth(text, spans)
    for number in range(1, len(pieces), 2):
        label, piece = pieces[number], pieces[number + 1]
        last = number + 2 == len(pieces)
        ends, before = _next_piece(text, ends, label, piece, last=last, worth=worth(label))
        if not ends:
            return None
        steps.append(before)
    return _traced(len(text), steps, pieces) if len(text) in ends else None


def _worth(text: str, spans: Sequence[Span]) -> Callable[[str], list[float]]:
    """By label, for every place of the text what masking all before it would cost."""

    def of(label: str) -> list[float]:
        costs = [1.0] * len(text)
        for span in spans:
            gain = 1.0 - _VALUE - (_OWN_TYPE if span.type == label else 0.0)
            costs[span.start : span.end] = [gain] * (span.end - span.start)
        return list(accumulate(costs, initial=0.0))

    return cache(of)


def _next_piece(
    text: str, ends: dict[int, float], label: str, piece: str, *, last: bool, worth: list[float]
) -> tuple[dict[int, float], dict[int, tuple[int, bool]]]:
    """Where a piece can end after a mask, at what cost, and where the piece before it ended then.

    The cost of a mask from `a` to `b` is `worth[b] - worth[a]`, so that the best `a` for every `b` is the
    best one so far.
    """
    literal = f"{{{label}}}"
    costs: dict[int, float] = {}
    before: dict[int, tuple[int, bool]] = {}
    cheapest, place = math.inf, -1
    for start in range(min(ends), len(text) - len(piece) + 1):
        if start - 1 in ends and ends[start - 1] - worth[start - 1] < cheapest:
            cheapest, place = ends[start - 1] - worth[start - 1], start - 1
        if not text.startswith(piece, start) or (last and start + len(piece) != len(text)):
            continue
        itself = start - len(literal)
        if itself in ends and text.startswith(literal, itself):
            costs[start + len(piece)], before[start + len(piece)] = ends[itself], (itself, False)
        elif place >= 0:
            costs[start + len(piece)], before[start + len(piece)] = cheapest + worth[start], (place, True)
    return costs, before


def _traced(end: int, steps: Sequence[dict[int, tuple[int, bool]]], pieces: Sequence[str]) -> list[Mask]:
    masks: list[Mask] = []
    for number in range(len(steps) - 1, -1, -1):
        start, is_mask = steps[number][end]
        if is_mask:
            masks.append(Mask(start, end - len(pieces[2 * number + 2]), pieces[2 * number + 1]))
        end = start
    return masks[::-1]
