"""A text that knows where its protected values stand, whatever it is set into."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Self

from suites.case import Span

SLOT = re.compile(r"\{([a-z_][a-z0-9_]*)\}")


@dataclass(frozen=True)
class Piece:
    """A stretch of text; `type` names the kind of personal data that it is, where it is one."""

    text: str
    type: str | None = None


@dataclass(frozen=True)
class Marked:
    """A text in pieces. Spans are counted from them, so they are right by construction."""

    pieces: tuple[Piece, ...]

    @classmethod
    def filled(cls, pattern: str, value_of: Callable[[str], Piece]) -> Self:
        """A pattern with every `{slot}` replaced by the piece that `value_of` gives for its name."""
        pieces: list[Piece] = []
        done = 0
        for slot in SLOT.finditer(pattern):
            pieces += [Piece(pattern[done : slot.start()]), value_of(slot[1])]
            done = slot.end()
        return cls.of([*pieces, Piece(pattern[done:])])

    @classmethod
    def of(cls, pieces: Iterable[Piece]) -> Self:
        """The text of these pieces; empty ones are left out."""
        return cls(tuple(piece for piece in pieces if piece.text))

    @property
    def text(self) -> str:
        """The whole text."""
        return "".join(piece.text for piece in self.pieces)

    @property
    def spans(self) -> tuple[Span, ...]:
        """Where the protected values stand, in code points, in order and apart."""
        spans: list[Span] = []
        start = 0
        for piece in self.pieces:
            end = start + len(piece.text)
            if piece.type is not None:
                spans.append(Span(start=start, end=end, type=piece.type))
            start = end
        return tuple(spans)

    def each(self, change: Callable[[Piece], str]) -> Self:
        """The same pieces, each with the text that `change` makes of it."""
        return type(self).of(Piece(change(piece), piece.type) for piece in self.pieces)

    def within(self, setting: str, place: str) -> Self:
        """This text where `place` stands in a setting, escaped where the setting is JSON."""
        before, _, after = setting.partition(place)
        inner = self.each(lambda piece: _escaped(piece.text)) if setting.startswith('{"') else self
        return type(self).of([Piece(before), *inner.pieces, Piece(after)])

    def capitalised(self) -> Self:
        """The same text with a capital first letter, unless a protected value stands first."""
        first, *rest = self.pieces
        if first.type is not None:
            return self
        return type(self).of([Piece(first.text[0].upper() + first.text[1:]), *rest])


def _escaped(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)[1:-1]
