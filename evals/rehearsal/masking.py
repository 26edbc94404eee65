"""Masks in the place of what was found: `{EMAIL}` for a type, `{name}` for a custom pattern."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple


class Mask(NamedTuple):
    """A place to be masked, `text[start:end]`."""

    start: int
    end: int
    label: str
    score: float


def masked(text: str, masks: Iterable[Mask]) -> str:
    """The text with every place masked.

    Places that overlap become one mask that covers them all, so that no rest of either stays; it is
    labelled as the longest of them, of equally long ones the surest.
    """
    pieces: list[str] = []
    done = 0
    for together in _overlapping(masks):
        start, end = together[0].start, max(mask.end for mask in together)
        leading = max(together, key=lambda mask: (mask.end - mask.start, mask.score))
        pieces += [text[done:start], "{", leading.label, "}"]
        done = end
    return "".join([*pieces, text[done:]])


def _overlapping(masks: Iterable[Mask]) -> list[list[Mask]]:
    groups: list[list[Mask]] = []
    end = -1
    for mask in sorted(masks):
        if mask.start < end:
            groups[-1].append(mask)
        else:
            groups.append([mask])
        end = max(end, mask.end)
    return groups
