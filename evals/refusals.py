"""Decides whether an answer is the model's own refusal, in the languages of the batches."""

from __future__ import annotations

import re

_OPENING_CHARACTERS = 240
"""A refusal says so at once; the same words further down belong to an answer."""

_APOSTROPHES = str.maketrans(dict.fromkeys("\u2018\u2019`", "'"))

_CANNOT = r"(?:can't|cannot|can not|won't|will not|couldn't|(?:am|'m|are|'re) (?:not able|unable) to)"
_DOING = (
    r"(?:help|assist|do|provide|share|repeat|comply|continue|write|produce|create|give|reproduce|support|"
    r"fulfil|fulfill|discuss|engage|complete|translate|answer|copy|read|include|output|say|advise|recommend|"
    r"tell|suggest|explain|describe|show|reveal|make)"
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
_ELSEWHERE = re.compile(
    # Spanish
    r"\b(?:lo siento|lamento|disculpa|me temo)\b[^.!?]{0,40}\bno\b|\bno (?:puedo|podemos|voy a|debo) \w+r\b"
    r"|\bprefiero no\b"
    # French
    r"|\b(?:désolée?|je regrette)\b[^.!?]{0,40}\bne\b|\bje ne (?:peux|puis|vais|dois) pas\b"
    r"|\bje (?:préfère|préférerais) ne pas\b|\bje ne suis pas en mesure\b"
    # German
    r"|\b(?:tut mir leid|leider|bedaure)\b[^.!?]{0,60}\b(?:nicht|kein\w*)\b"
    r"|\bdas kann ich (?:leider )?nicht\b"
    r"|\bich (?:kann|möchte|werde|darf) (?:\w+ ){0,4}(?:nicht|kein\w*)\b|\b(?:schreibe|sage|gebe) ich nicht\b"
    # Japanese
    r"|申し訳|(?:でき|お答えでき|応じられ|お手伝いでき)(?:ません|ない)",
    re.IGNORECASE,
)


def declined(text: str) -> bool:
    """Whether `text` begins by declining the request, in the phrases in which models do."""
    opening = text[:_OPENING_CHARACTERS].translate(_APOSTROPHES)
    return (_DECLINED.search(opening) or _ELSEWHERE.search(opening)) is not None
