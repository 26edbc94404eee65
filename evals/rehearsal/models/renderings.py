"""The ways in which a model gives a text back: its digits, and the container around it."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from types import MappingProxyType

_DIGIT_WORDS = ("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine")
_NUMBER = re.compile(r"(?<![\w.:/@-])\d(?:[\d -]{4,24})\d(?![\w.:/@-])")
_ISO_DATE = re.compile(r"\d{4}-\d{2}-\d{2}")
_FEWEST_DIGITS = 4
"""Below that many digits, it is the letters that a model sets apart."""


def spelled_out(text: str) -> str:
    """The text with its digits as words; with few digits, its e-mail signs as words or its letters apart."""
    if sum(character.isdigit() for character in text) >= _FEWEST_DIGITS:
        return re.sub(r"[0-9]+", _as_words, text)
    if "@" in text:
        return re.sub(r"\S+@\S+", _as_spoken, text)
    return "   ".join(" ".join(word) for word in text.split())


def _as_words(digits: re.Match[str]) -> str:
    return " ".join(_DIGIT_WORDS[int(digit)] for digit in digits.group())


def _as_spoken(address: re.Match[str]) -> str:
    local, _, domain = address.group().partition("@")
    return f"{local} at {domain.replace('.', ' dot ')}"


def regrouped(text: str) -> str:
    """The text with other separators in its longer numbers; dates and dotted numbers stay."""
    return _NUMBER.sub(_with_other_separators, text)


def _with_other_separators(number: re.Match[str]) -> str:
    written = number.group()
    if _ISO_DATE.fullmatch(written):
        return written
    if "-" in written:
        return written.replace("-", " ")
    if " " in written:
        return written.replace(" ", "-")
    return " ".join(written[start : start + 4] for start in range(0, len(written), 4))


def _json(text: str) -> str:
    return json.dumps({"text": text}, ensure_ascii=False)


def _table(text: str) -> str:
    cell = text.replace("|", "\\|").replace("\n", "<br>")
    return f"| Field | Content |\n| --- | --- |\n| text | {cell} |"


def _bullets(text: str) -> str:
    return "\n".join(f"- {line}" for line in text.splitlines() if line.strip())


CONTAINERS: Mapping[str, Callable[[str], str]] = MappingProxyType(
    {
        "plain": lambda text: text,
        "quoted": lambda text: f'"{text}"',
        "fenced": lambda text: f"```\n{text}\n```",
        "json": _json,
        "table": _table,
        "list": _bullets,
    }
)
"""By name, what a text is put into."""

_ASKED = (
    ("json", re.compile(r"\bjson\b", re.IGNORECASE)),
    (
        "table",
        re.compile(
            r"\b(?:markdown |as an? )?table\b(?! (?:tennis|salt|lamp|for (?:two|four)))", re.IGNORECASE
        ),
    ),
    ("list", re.compile(r"\b(?:bullet(?:ed)?(?: points?| list)?|as a list)\b", re.IGNORECASE)),
    ("fenced", re.compile(r"\bcode (?:block|fence)\b", re.IGNORECASE)),
    ("quoted", re.compile(r"\bin (?:double )?quot(?:es|ation marks)\b", re.IGNORECASE)),
)


def asked_container(instruction: str) -> str | None:
    """The container that the instruction asks for, None where it leaves that open."""
    return next((name for name, words in _ASKED if words.search(instruction)), None)
