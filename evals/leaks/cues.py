"""The words that say what a number is: a short one means nothing without them."""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import lru_cache

from evals.leaks.lookalikes import plain
from suites.leak_rules import LeakRule

_WIDE_FROM = 0x2E80
"""From here on, scripts write words without blanks between them."""


@lru_cache(maxsize=256)
def cue_words(words: tuple[str, ...]) -> re.Pattern[str]:
    """Matches any of the words in a folded text, the longest first; Latin ones as whole words only."""
    folded = sorted({" ".join(plain(word).split()) for word in words}, key=len, reverse=True)
    return re.compile("|".join(map(_whole, folded)))


def _whole(word: str) -> str:
    written = re.escape(word).replace(r"\ ", r"[\s_-]*")
    before = "" if is_wide(word[0]) else "(?<![a-z])"
    after = "" if is_wide(word[-1]) else "(?![a-z])"
    return f"{before}{written}{after}"


def is_wide(character: str) -> bool:
    """Whether it is of a script without blanks between words, as Japanese is."""
    return ord(character) >= _WIDE_FROM


def near(folded: str, start: int, end: int, words: Iterable[str], within: int) -> bool:
    """Whether one of the words stands within so many characters before `start` or after `end`."""
    find = cue_words(tuple(words)).search
    return find(folded[max(0, start - within) : start]) is not None or (
        find(folded[end : end + within]) is not None
    )


def is_cue(word: str, words: Iterable[str]) -> bool:
    """Whether the word is one of the cue words."""
    return cue_words(tuple(words)).fullmatch(word) is not None


def without_cue(value: str, rule: LeakRule) -> str:
    """The value without a cue word that it brings along, as `123` of `CVV 123`."""
    if not rule.cue:
        return value
    changed = True
    while changed:
        changed = False
        for cut in _cuts(rule.cue):
            rest = cut.sub("", value, count=1)
            if rest != value and any(map(str.isalnum, rest)):
                value, changed = rest, True
    return value


@lru_cache(maxsize=64)
def _cuts(words: tuple[str, ...]) -> tuple[re.Pattern[str], re.Pattern[str]]:
    ordered = sorted(words, key=len, reverse=True)
    named = "|".join(re.escape(word).replace(r"\ ", r"\s+") for word in ordered)
    return (
        re.compile(
            rf"^\W*(?:{named})(?:\s*[.:=#]|\s|(?<=[^\x00-\x7f]))[\s.:=#]*(?:is\s+)?(?=\w|[(+])", re.IGNORECASE
        ),
        re.compile(rf"(?<=[0-9])[\s-]*(?:{named})\W*$", re.IGNORECASE),
    )
