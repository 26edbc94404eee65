"""Text as sentences of word stems: what the detectors that judge by meaning compare."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import NamedTuple

_TOKEN = re.compile(r"[^\W_]+(?:['’][^\W_]+)?|[.!?;:\n|{}]")  # noqa: RUF001 - the curly apostrophe is meant
_IRREGULAR = {
    form: base
    for base, forms in {
        "beat": "beaten",
        "break": "broke broken",
        "burn": "burnt",
        "buy": "bought",
        "catch": "caught",
        "drive": "drove driven",
        "fight": "fought",
        "give": "gave given",
        "half": "halves",
        "hang": "hung",
        "hide": "hid hidden",
        "hold": "held",
        "knife": "knives",
        "life": "lives",
        "make": "made",
        "man": "men",
        "pay": "paid",
        "say": "said",
        "sell": "sold",
        "send": "sent",
        "shoot": "shot",
        "slay": "slain slew",
        "steal": "stole stolen",
        "strike": "struck",
        "take": "took taken",
        "tear": "tore torn",
        "tell": "told",
        "thief": "thieves",
        "think": "thought",
        "throw": "threw thrown",
        "wife": "wives",
        "woman": "women",
        "write": "wrote written",
    }.items()
    for form in forms.split()
}
_KEPT = {"note": "note", "notes": "note", "noted": "note"}
"""Without its ending it would be another word: `not`."""
_LETTERS_FOR_DIGITS = str.maketrans("013457", "oieast")
_YEAR = re.compile(r"1\d{3}|20[0-4]\d")
_ENDS_SENTENCE = frozenset(".!?;:\n|{}")
_SHORTEST_STEM = 3
_REMEMBERED_WORDS = 1 << 16


class Words(NamedTuple):
    """The words of a text, sentence by sentence."""

    stems: tuple[str, ...]
    sentences: tuple[int, ...]
    """For each stem, the number of its sentence."""


def words_of(text: str) -> Words:
    """The stems of a text. What follows an apostrophe is a word of its own, except in `don't`."""
    stems: list[str] = []
    sentences: list[int] = []
    sentence = 0
    for token in _TOKEN.findall(text.lower()):
        if token in _ENDS_SENTENCE:
            sentence += 1
            continue
        for part in _parts(token):
            stems.append(stem(part))
            sentences.append(sentence)
    return Words(tuple(stems), tuple(sentences))


@lru_cache(maxsize=_REMEMBERED_WORDS)
def _parts(token: str) -> tuple[str, ...]:
    plain = token.replace("’", "'")  # noqa: RUF001 - see _TOKEN
    head, apostrophe, tail = plain.partition("'")
    if not apostrophe:
        return (plain,)
    if tail in {"t", "clock"}:
        return (head + tail,)
    return (head, tail)


@lru_cache(maxsize=_REMEMBERED_WORDS)
def stem(word: str) -> str:
    """A word without its endings, so that its forms compare equal; four-digit years become `#year`.

    Digits inside a word are read as the letters they are drawn like (`1d10t`).
    """
    word = word.lower()
    if _YEAR.fullmatch(word):
        return "#year"
    if word in _KEPT:
        return _KEPT[word]
    word = _IRREGULAR.get(word, word)
    if not word.isalpha() and any(map(str.isalpha, word)):
        word = word.translate(_LETTERS_FOR_DIGITS)
    for ending, replacement in (
        ("ies", "y"),
        ("ied", "y"),
        ("ingly", ""),
        ("edly", ""),
        ("ings", ""),
        ("ing", ""),
        ("ers", "er"),
        ("es", "e"),
        ("ed", ""),
        ("ly", ""),
        ("s", ""),
    ):
        if not word.endswith(ending) or word.endswith(("ss", "us", "is")):
            continue
        rest = word[: -len(ending)] + replacement
        if len(rest) < _SHORTEST_STEM or not any(vowel in rest for vowel in "aeiouy"):
            continue
        word = _undoubled(rest) if ending in {"ing", "ings", "ed"} else rest
        break
    if word.endswith("e") and len(word) > _SHORTEST_STEM:
        word = word[:-1]
    return word


def _undoubled(rest: str) -> str:
    if rest[-1] == rest[-2] and rest[-1] not in "lsz":
        return rest[:-1]
    return rest
