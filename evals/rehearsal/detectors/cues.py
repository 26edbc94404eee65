"""Cues in languages other than English: beginnings of words that follow one another in a sentence.

A row is one cue, `@group ... son @vermin`: its parts stand in this order, in one sentence, at most 60
characters apart. A part matches from the beginning of a word, so that endings do not matter; in Japanese,
which sets no spaces, anywhere. `@vermin = plaga | basura` names a group, `[HATE high]` opens a section and
`[not]` the one whose cues take the others back. A text without any word of `@language` is not looked at.
Lists as short as these know what is common and no more.
"""

from __future__ import annotations

import re
import unicodedata
from functools import cache
from pathlib import Path
from typing import NamedTuple

from evals.rehearsal.detectors.sectioned import sectioned

LANGUAGES = ("de", "es", "fr", "ja")

_FOLDER = Path(__file__).parent / "lexicon"
_BETWEEN = r"[^.!?:;\n。！？]{0,60}?"  # noqa: RUF001 - the signs that end a sentence in Japanese
_WITHOUT_SPACES = frozenset({"ja"})


class Cue(NamedTuple):
    """One cue of a file."""

    category: str
    level: str
    pattern: re.Pattern[str]


class CueBook:
    """All cues of a language."""

    def __init__(self, language: str, folder: Path = _FOLDER) -> None:
        self._start, self._end = ("", "") if language in _WITHOUT_SPACES else (r"(?<!\w)", r"(?!\w)")
        self._groups: dict[str, str] = {}
        self._cues: list[Cue] = []
        self._innocent: list[re.Pattern[str]] = []
        self._language = re.compile("(?!)")
        for section, row in sectioned(folder / f"cues.{language}.txt"):
            name, is_group, members = row.partition(" = ")
            if is_group and name.startswith("@"):
                self._groups[name] = _any_of(members.split(" | "))
                if name == "@language":
                    self._language = re.compile(self._start + self._groups[name] + self._end)
            elif section == "not":
                self._innocent.append(self._pattern(row))
            else:
                category, level = section.split()
                self._cues.append(Cue(category, level, self._pattern(row)))

    def hits(self, text: str) -> list[tuple[str, str]]:
        """Category and level of every cue in a text that `folded` has made ready."""
        if not self._language.search(text) or any(pattern.search(text) for pattern in self._innocent):
            return []
        return [(cue.category, cue.level) for cue in self._cues if cue.pattern.search(text)]

    def _pattern(self, row: str) -> re.Pattern[str]:
        parts = [self._start + self._part(part.strip(), row) for part in row.split("...")]
        return re.compile(_BETWEEN.join(parts))

    def _part(self, part: str, row: str) -> str:
        pieces = []
        for word in part.split(" "):
            if word.startswith("@"):
                if word not in self._groups:
                    raise ValueError(
                        f"The cue {row!r} uses {word}, which is no group."
                        f" There are: {', '.join(self._groups)}."
                    )
                pieces.append(self._groups[word])
            else:
                pieces.append(_any_of(word.split("|")))
        return r"\w*\W{1,3}".join(pieces)


def folded(text: str) -> str:
    """A text in lower case and in its composed form, widths made equal."""
    return unicodedata.normalize("NFKC", text).casefold()


@cache
def cue_books() -> tuple[CueBook, ...]:
    """The books of all languages."""
    return tuple(map(CueBook, LANGUAGES))


def _any_of(words: list[str]) -> str:
    return "(?:" + "|".join(re.escape(folded(word.strip())) for word in words) + ")"
