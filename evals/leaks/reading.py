"""A text as it is read in search of values: folded once, every other reading made when first asked for."""

from __future__ import annotations

import re
from functools import cached_property
from itertools import compress, count
from operator import and_, or_

from evals.leaks.decoding import decoded
from evals.leaks.folding import visible
from evals.leaks.lookalikes import BARRIER, plain
from evals.leaks.numerals import number_words
from evals.leaks.spelling import CODE_WORDS, KANJI_DIGITS, SIGNS, speaking_words, spelled

_SEPARATORS = bytes(code for code in range(1, 128) if not chr(code).isalnum())
"""What separates in a folded text, in which all characters beyond ASCII are letters. Barriers stay."""
_LATIN = bytes(code if ord("a") <= code <= ord("z") else ord(" ") for code in range(256))
"""Of a folded text in ASCII the Latin letters, and a blank for all else."""
_NO_NUMBER = bytes(range(ord("a"), ord("z") + 1))
_TWO_IN_A_ROW = bytes([True] * 2)
_HUMP = re.compile(r"(?<=[a-z])(?=[A-Z])|(?<=[A-Za-z])(?=[0-9])|(?<=[0-9])(?=[A-Za-z])")
_LEET = bytes.maketrans(b"01345789i", b"oleastbgl")
"""Digits in the place of letters, and the letter i, which is one with l and 1."""


class Reading:
    """One text, or what is encoded in it.

    `visible` is what a reader has in mind, `folded` that in one case and alphabet, `compact` the letters and
    digits of `folded` in a row, with the barriers.
    """

    def __init__(self, text: str) -> None:
        self.raw = text
        self.visible = visible(text)
        self.folded = plain(self.visible)
        self.compact = compact(self.folded)

    @cached_property
    def places(self) -> list[int]:
        """For each character of `compact` its place in `folded`."""
        return list(compress(count(), map(str.isalnum, self.folded.replace(BARRIER, "0"))))

    @cached_property
    def digits(self) -> str:
        """`compact` without Latin letters: a number that does not stand here does not stand there either."""
        return self.compact.encode(errors="replace").translate(None, _NO_NUMBER).decode()

    @cached_property
    def leet(self) -> str:
        """`compact` with letters for the digits that look like them."""
        return leet(self.compact)

    @cached_property
    def words(self) -> list[str]:
        """The Latin words, in order."""
        return self.folded.encode("ascii", "replace").translate(_LATIN).decode().split()

    @cached_property
    def known_words(self) -> frozenset[str]:
        """The words that stand for digits, signs or letters."""
        found = speaking_words().intersection(self.words)
        return found if self.folded.isascii() else found | KANJI_DIGITS.intersection(self.folded)

    @cached_property
    def signs(self) -> bool:
        """Whether one of the known words is a sign's."""
        return not SIGNS.isdisjoint(self.known_words)

    @cached_property
    def counts(self) -> bool:
        """Whether two number words follow each other, as they do in any number of four digits or more."""
        return _TWO_IN_A_ROW in self._are(number_words()) or not self.folded.isascii()

    @cached_property
    def spells(self) -> bool:
        """Whether words of the spelling alphabet follow each other, or a number word."""
        if CODE_WORDS.isdisjoint(self.known_words):
            return False
        letters, numbers = self._are(CODE_WORDS), self._are(number_words())
        either = bytes(map(or_, letters, numbers))
        return any(map(and_, letters, either[1:])) or any(map(and_, either, letters[1:]))

    def _are(self, some: frozenset[str]) -> bytes:
        """For each word whether it is one of these."""
        return bytes(map(some.__contains__, self.words))

    @cached_property
    def apart(self) -> Reading | None:
        """The text with words set apart that are glued as in `cardNumber` or `PIN4821`; None without any."""
        taken_apart = _HUMP.sub(" ", self.visible)
        return None if taken_apart == self.visible else Reading(taken_apart)

    @cached_property
    def spelled(self) -> tuple[Reading, ...]:
        """The text with words for digits and signs, and for letters, read as such; none where none stand."""
        ways = [spelled(self.folded)] if self.known_words else []
        if self.spells:
            ways.append(spelled(self.folded, letters=True))
        return tuple(_Folded(way) for way in ways if way != self.folded)

    @cached_property
    def decoded(self) -> tuple[Reading, ...]:
        """Each text that is encoded in this one."""
        return tuple(map(Reading, decoded(self.visible)))


class _Folded(Reading):
    """A reading that is folded already."""

    def __init__(self, folded: str) -> None:
        self.raw = self.visible = self.folded = folded
        self.compact = compact(folded)


def compact(folded: str) -> str:
    """Letters, digits and barriers in a row."""
    return folded.encode(errors="replace").translate(None, _SEPARATORS).decode()


def leet(compact: str) -> str:
    """Letters for the digits that look like them."""
    return compact.encode(errors="replace").translate(_LEET).decode()
