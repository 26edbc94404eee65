"""Reads words for digits, signs and letters as such: `four one`, `jane at example dot com`, `Alpha Bravo`."""

from __future__ import annotations

import re
from functools import cache

from evals.leaks.numerals import REPEATED, THOUSANDS, Words, number_words, numerals

_LETTERS = re.compile(r"([a-z]+)")
_BETWEEN = frozenset({" ", "-", " - "})
"""What may stand between the words of one number."""
_LONGEST = 6
"""So many words has the longest phrase of the table, as in `nine hundred and twenty one`."""


def _words(*texts: str) -> frozenset[str]:
    return frozenset(" ".join(texts).split())


SIGNS = _words(
    # English
    "at dot point period dash hyphen minus underscore slash backslash colon plus hash space percent",
    # Spanish
    "arroba punto guion bajo barra mas espacio",
    # French
    "arobase arrobase tiret souligne barre espace",
    # German
    "punkt bindestrich unterstrich schragstrich doppelpunkt klammeraffe leerzeichen",
)
"""Words for signs; what they stand for separates and is no letter, so that they may simply go."""
_KANJI = str.maketrans("〇零一二三四五六七八九", "00123456789")
KANJI_DIGITS = frozenset(map(chr, _KANJI))
_ALPHABET = {
    word: word[0]
    for word in _words(
        "alpha alfa bravo charlie delta echo foxtrot golf hotel india juliet juliett kilo lima mike november",
        "oscar papa quebec romeo sierra tango uniform victor whiskey whisky xray yankee zulu",
    )
}
"""The spelling alphabet of ICAO and ITU."""
CODE_WORDS = frozenset(_ALPHABET)


@cache
def speaking_words() -> frozenset[str]:
    """Every word that may stand for digits, signs or letters."""
    return number_words() | SIGNS | CODE_WORDS | {"o"}


def spelled(folded: str, *, letters: bool = False) -> str:
    """A folded text with digits for number words and nothing for sign words.

    Args:
        folded: In one case and without accents.
        letters: Also take the words of the spelling alphabet for letters.
    """
    if letters:
        folded = folded.replace("x-ray", "xray")
    pieces = _LETTERS.split(folded.translate(_KANJI) if not folded.isascii() else folded)
    known = speaking_words()
    done = 0
    for place in [place for place in range(1, len(pieces), 2) if pieces[place] in known]:
        if place < done:
            continue
        taken, digits = _number(pieces, place)
        if taken:
            pieces[place] = digits
            pieces[place + 1 : place + 2 * taken - 1] = [""] * (2 * taken - 2)
            done = place + 2 * taken
        elif letters and pieces[place] in _ALPHABET:
            pieces[place] = _ALPHABET[pieces[place]]
        elif _is_sign(pieces, place):
            pieces[place] = " "
    return " ".join("".join(pieces).split())


def _number(pieces: list[str], place: int) -> tuple[int, str]:
    """How many words from `place` on are one number, and its digits; none are 0."""
    word = pieces[place]
    if word in REPEATED and place + 2 < len(pieces):
        digit = numerals().get((pieces[place + 2],), "")
        return (2, digit * REPEATED[word]) if len(digit) == 1 else (0, "")
    if word == "o":
        return (1, "0") if _beside_a_digit(pieces, place) else (0, "")
    taken, digits = (0, "1") if word in THOUSANDS else _phrase(pieces, place)
    after = place + 2 * taken
    if 0 < len(digits) < 4 and after < len(pieces) and pieces[after] in THOUSANDS:  # noqa: PLR2004
        more, rest = _phrase(pieces, after + 2)
        return taken + 1 + more, digits + rest.rjust(3, "0")
    return taken, digits


def _phrase(pieces: list[str], place: int) -> tuple[int, str]:
    """The longest phrase of the table that stands at `place`."""
    if place >= len(pieces) or pieces[place] not in number_words():
        return 0, ""
    words: Words = (pieces[place],)
    found = (1, numerals()[words]) if words in numerals() else (0, "")
    for count in range(2, _LONGEST + 1):
        place += 2
        if place >= len(pieces) or pieces[place - 1] not in _BETWEEN:
            break
        words = (*words, pieces[place])
        if words in numerals():
            found = count, numerals()[words]
    return found


def _beside_a_digit(pieces: list[str], place: int) -> bool:
    """Whether the letter o stands between digits and is read as nought."""
    return any(0 < other < len(pieces) and (pieces[other],) in numerals() for other in (place - 2, place + 2))


def _is_sign(pieces: list[str], place: int) -> bool:
    """Whether the word is a sign's name between blanks or brackets."""
    return (
        pieces[place] in SIGNS
        and (not pieces[place - 1] or pieces[place - 1][-1] in " ([{<")
        and (not pieces[place + 1] or pieces[place + 1][0] in " )]}>")
    )
