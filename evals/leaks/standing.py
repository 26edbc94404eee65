"""Whether letters and digits that follow each other in a text really stand there as one value."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import pairwise
from typing import NamedTuple

from evals.leaks.cues import is_cue, is_wide
from evals.leaks.reading import Reading

LONG = 24
"""From so many letters and digits on, a match needs no word ends to be no accident."""
_NUMBER = 8
"""So many digits are a number of their own, also where letters are glued to them."""
_SHORT = 6
"""Below so many, separators inside count only where all are the same, or where the value has them."""
_CODE = 3
"""So many digits are a code, such as a PIN, and may be grouped."""
_WIDEST_GAP = 4
_MOST_PLACES = 50
_TOKEN_BEFORE = re.compile(r"(?P<token>[^\W_]+)(?P<gap>[-./: ]?)$")
_TOKEN_AFTER = re.compile(r"(?P<gap>[-./: ]?)(?P<token>[^\W_]+)")
_HEX_PAIR = re.compile("[0-9a-f]{2}")
_HIDDEN = re.compile("x+")
"""What stands for characters that are not shown."""
_LAST_WORD = re.compile(r"[a-z]+$")
_FIRST_WORD = re.compile(r"[a-z]+")


class Stand(NamedTuple):
    """Where in a folded text something stands: `folded[start:end]`."""

    start: int
    end: int


class Demands(NamedTuple):
    """What has to be true of separators and neighbours for a value."""

    has_at: bool = False
    """The value is an address with an @ itself."""
    breaks: frozenset[int] = frozenset()
    """Where the value has separators."""
    grouped: bool = False
    """Whether the text must have separators there too."""
    cue: tuple[str, ...] = ()
    """Words that may be glued to a short number, as in `PIN4821`."""
    whole: bool = True
    """Whether the letters are a whole value; a part must not be glued to anything at all."""


def stands(reading: Reading, letters: str, demands: Demands) -> Iterator[Stand]:
    """Every place where `letters` stand in a row, apart from what is around them."""
    at = reading.compact.find(letters)
    for _ in range(_MOST_PLACES):
        if at < 0:
            return
        if (found := stand(reading, at, len(letters), demands)) is not None:
            yield found
        at = reading.compact.find(letters, at + 1)


def stand(reading: Reading, at: int, length: int, demands: Demands) -> Stand | None:
    """The place of `compact[at : at + length]`, None where it is part of something else or torn apart."""
    folded, places = reading.folded, reading.places
    start, end = places[at], places[at + length - 1] + 1
    if length >= LONG:
        return Stand(start, end)
    if _glued(folded, start, end, length if demands.whole else 0, demands.cue):
        return None
    if not demands.has_at and folded[end : end + 1] == "@" and folded[end + 1 : end + 2].isalnum():
        # The part of an e-mail address before its @ is the address's business and no leak of a name.
        return None
    gaps = [folded[places[place] + 1 : places[place + 1]] for place in range(at, at + length - 1)]
    if length < _SHORT and _is_group(folded, start, end, spaced=any(gaps)):
        return None
    if not any(gaps):
        return None if demands.grouped and demands.breaks else Stand(start, end)
    return Stand(start, end) if _one_value(reading.compact[at : at + length], gaps, demands) else None


def is_row(letters: str) -> bool:
    """Whether it is 000000, 123456 or 654321: a row that many numbers hold, whoever's they are."""
    return letters.isdigit() and len({(int(b) - int(a)) % 10 for a, b in pairwise(letters)}) <= 1


def continues(reading: Reading, at: int, size: int, *, rest: tuple[int, int] | None = None) -> bool:
    """Whether `compact[at : at + size]` is the middle of a longer number or code, in groups or not.

    Args:
        reading: The text.
        at: Where the piece begins in its letters and digits.
        size: How many it has.
        rest: Of a code with letters, how many letters and digits it has before the piece and after it; a
            word of just so many is another code's beginning or end.
    """
    folded, places = reading.folded, reading.places
    before = _TOKEN_BEFORE.search(folded, max(0, places[at] - LONG), places[at])
    after = _TOKEN_AFTER.match(folded, places[at + size - 1] + 1)
    first, last = rest or (None, None)
    return _goes_on(before, first) or _goes_on(after, last)


def _is_group(folded: str, start: int, end: int, *, spaced: bool) -> bool:
    """Whether a short number is part of a date or a longer number, as 01-01 is of 1991-01-01."""
    if not (folded[start].isdigit() and folded[end - 1].isdigit()):
        return False
    beside = (_TOKEN_BEFORE.search(folded, max(0, start - LONG), start), _TOKEN_AFTER.match(folded, end))
    return any(
        found is not None and (spaced or found["gap"] != " ") and any(map(str.isdigit, found["token"]))
        for found in beside
    )


def _goes_on(found: re.Match[str] | None, rest: int | None) -> bool:
    if found is None or _HIDDEN.fullmatch(found["token"]):
        return False
    if any(map(str.isdigit, found["token"])):
        return True
    if rest is None:
        return False
    if found["gap"] == " ":
        return len(found["token"]) == rest
    return found["gap"] != ":" or _HEX_PAIR.fullmatch(found["token"]) is not None


def _glued(folded: str, start: int, end: int, length: int, cue: tuple[str, ...]) -> bool:
    """Whether a letter or digit beside it makes it part of a longer word or number."""
    before = folded[start - 1] if start else ""
    after = folded[end : end + 1]
    return (
        _joined(folded[start], before, length)
        and not _is_word(_LAST_WORD.search(folded, max(0, start - LONG), start), folded[start], cue)
    ) or (
        _joined(folded[end - 1], after, length)
        and not _is_word(_FIRST_WORD.match(folded, end), folded[end - 1], cue)
    )


def _joined(edge: str, neighbour: str, length: int) -> bool:
    if not neighbour.isalnum() or is_wide(edge) or is_wide(neighbour):
        return False
    if edge.isdigit() and not neighbour.isdigit():
        return length < _NUMBER
    return True


def _is_word(word: re.Match[str] | None, edge: str, cue: tuple[str, ...]) -> bool:
    """Whether what is glued to a digit says what the number is, or stands for digits that are hidden."""
    if word is None or not edge.isdigit():
        return False
    return _HIDDEN.fullmatch(word[0]) is not None or (bool(cue) and is_cue(word[0], cue))


def _one_value(letters: str, gaps: list[str], demands: Demands) -> bool:
    if any(len(gap.strip()) > _WIDEST_GAP or ("@" in gap and not demands.has_at) for gap in gaps):
        return False
    broken = {place for place, gap in enumerate(gaps, 1) if gap}
    if demands.grouped and not demands.breaks <= broken:
        return False
    if len(letters) < _SHORT and (letters.isdigit() or letters.isalpha()) and not is_wide(letters[0]):
        return _is_short_value(letters, gaps, demands.breaks)
    return not _is_amount(letters, gaps, broken)


def _is_short_value(letters: str, gaps: list[str], breaks: frozenset[int]) -> bool:
    """Whether separators are the same throughout or, in a code, soft; but 3-4 years are no 34 years."""
    inside = {gap.strip() for place, gap in enumerate(gaps, 1) if place not in breaks}
    if letters.isdigit():
        return inside <= ({"", "-"} if len(letters) >= _CODE else {""}) or (
            len(letters) >= _CODE and len(inside) == 1 and all(gaps)
        )
    return {bool(gap) for place, gap in enumerate(gaps, 1) if place not in breaks} != {False, True} and (
        len(inside) <= 1
    )


def _is_amount(letters: str, gaps: list[str], broken: set[int]) -> bool:
    """Whether it is a sum such as 110,000,000."""
    return (
        letters.isdigit()
        and not letters.startswith("0")
        and set(gaps) == {"", ","}
        and {(len(letters) - place) % 3 for place in broken} == {0}
    )
