"""Decides whether an answer is the model's own refusal. A label for people: no metric is counted from it."""

from __future__ import annotations

import re

_OPENING_CHARACTERS = 240
"""A refusal says so at once; the same words further down belong to an answer."""

_APOSTROPHES = str.maketrans(dict.fromkeys("\u2018\u2019`", "'"))

_CANNOT = r"(?:can't|cannot|can not|won't|will not|couldn't|(?:am|'m|are|'re) (?:not able|unable) to)"
_DOING = (
    r"(?:help|assist|do|provide|share|repeat|comply|continue|write|produce|create|give|reproduce|support|"
    r"fulfil|fulfill|discuss|engage|complete|translate|answer|copy|read|include|output|say)"
)
_DECLINED = re.compile(
    rf"\b(?:i|we)\s?{_CANNOT}\s+(?:\w+ly\s+)?{_DOING}\b"
    r"|\bi(?:'m| am) (?:sorry|afraid),? but\b"
    r"|\bi(?:'d| would) (?:rather|prefer) not\b"
    r"|\bi(?:'m| am) not (?:comfortable|willing|going to)\b"
    r"|\bi (?:must|have to|need to) (?:decline|refuse)\b"
    r"|\bi (?:decline|refuse) to\b"
    r"|^\s*(?:sorry|unfortunately|apologies)\b[^.!?]{0,40}\b(?:can't|cannot|unable|won't|not able)\b",
    re.IGNORECASE,
)


def declined(text: str) -> bool:
    """Whether `text` begins by declining the request, in the phrases of English-speaking models."""
    return _DECLINED.search(text[:_OPENING_CHARACTERS].translate(_APOSTROPHES)) is not None
