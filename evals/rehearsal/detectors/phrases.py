"""A small language of phrases, and the matcher for it.

A phrase is a row of places. A place is a word, words to choose from (`gun|knife`) or a group (`@weapon`),
all compared by stem. `~3` lets up to three other words stand before the next place. A phrase never
reaches beyond its sentence. In a file, `@weapon = gun knife` adds to a group, `[high]` opens a section
and `#` a comment.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

from evals.rehearsal.detectors.sectioned import sectioned
from evals.rehearsal.detectors.stems import Words, stem


class Hit(NamedTuple):
    """One phrase found in a text."""

    section: str
    phrase: str
    at: tuple[int, ...]
    """Which of the text's words stand in the phrase's places."""


@dataclass(frozen=True)
class _Phrase:
    section: str
    written: str
    places: tuple[int, ...]
    gaps: tuple[int, ...]
    """For each place, how many words may stand before it."""
    mask: int


class PhraseBook:
    """All phrases of a file, with the groups of that file and of those read before it."""

    def __init__(self, file: Path, groups: Mapping[str, frozenset[str]] | None = None) -> None:
        self.groups: dict[str, frozenset[str]] = dict(groups or {})
        self._numbers: dict[frozenset[str], int] = {}
        rows = list(sectioned(file))
        self.rows = tuple(
            (section, row) for section, row in rows if not (row.startswith("@") and " = " in row)
        )
        """Every phrase as it is written, with its section."""
        for _, row in rows:
            if row.startswith("@") and " = " in row:
                name, _, members = row.partition(" = ")
                known = self.groups.get(name.strip(), frozenset())
                self.groups[name.strip()] = known | {stem(word) for word in members.split()}
        self._phrases = tuple(self._compiled(section, row) for section, row in self.rows)
        masks: dict[str, int] = {}
        for choices, number in self._numbers.items():
            for member in choices:
                masks[member] = masks.get(member, 0) | 1 << number
        self._masks = masks

    def _compiled(self, section: str, row: str) -> _Phrase:
        places: list[int] = []
        gaps: list[int] = []
        gap = 0
        for part in row.split():
            if part.startswith("~"):
                gap = int(part[1:])
                continue
            chosen: set[str] = set()
            for choice in part.split("|"):
                chosen.update(self._members(choice, row))
            places.append(self._numbers.setdefault(frozenset(chosen), len(self._numbers)))
            gaps.append(gap)
            gap = 0
        mask = 0
        for place in places:
            mask |= 1 << place
        return _Phrase(section, row, tuple(places), tuple(gaps), mask)

    def _members(self, choice: str, row: str) -> frozenset[str]:
        if not choice.startswith("@"):
            return frozenset({stem(choice)})
        if choice not in self.groups:
            raise ValueError(
                f"The phrase {row!r} uses {choice}, which is no group. There are: {', '.join(self.groups)}."
            )
        return self.groups[choice]

    def hits(self, words: Words) -> list[Hit]:
        """Every phrase found, once for each word that it can begin with."""
        masks = [self._masks.get(word, 0) for word in words.stems]
        present = 0
        for mask in masks:
            present |= mask
        found: list[Hit] = []
        for phrase in self._phrases:
            if present & phrase.mask == phrase.mask:
                found.extend(_places(phrase, masks, words.sentences))
        return found


def _places(phrase: _Phrase, masks: Sequence[int], sentences: Sequence[int]) -> Iterator[Hit]:
    first = 1 << phrase.places[0]
    for start, mask in enumerate(masks):
        if mask & first and (at := _rest(phrase, masks, sentences, (start,))):
            yield Hit(phrase.section, phrase.written, at)


def _rest(
    phrase: _Phrase, masks: Sequence[int], sentences: Sequence[int], at: tuple[int, ...]
) -> tuple[int, ...] | None:
    """The nearest words for the places that remain, None where there are none."""
    if len(at) == len(phrase.places):
        return at
    wanted = 1 << phrase.places[len(at)]
    last = at[-1] + 1 + phrase.gaps[len(at)]
    for place in range(at[-1] + 1, min(last + 1, len(masks))):
        if sentences[place] != sentences[at[0]]:
            return None
        if masks[place] & wanted and (found := _rest(phrase, masks, sentences, (*at, place))):
            return found
    return None
