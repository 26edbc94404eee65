"""Takes from a text what machines wrap around it: masks become barriers, escapes and tags go."""

from __future__ import annotations

import html
import re
import sys
from collections.abc import Callable
from typing import get_args
from urllib.parse import unquote

from evals.leaks.lookalikes import BARRIER
from suites.rules import PiiType

_MASK = re.compile(r"\{([A-Z][\w-]{1,60})\}")
_TYPES = frozenset(get_args(PiiType))
_TAG = re.compile(
    r"<!--(.{0,400}?)-->"
    r"|</?(?:a|b|big|blockquote|body|br|caption|cite|code|dd|del|div|dl|dt|em|figure|font|h[1-6]|hr|html|i|img"
    r"|ins|kbd|label|li|mark|ol|p|pre|q|s|samp|section|small|span|strike|strong|sub|sup|table|tbody|td|tfoot|th"
    r"|thead|title|tr|tt|u|ul|var|wbr)((?:\s[^<>]{0,400})?)/?>",
    re.IGNORECASE | re.DOTALL,
)
_ESCAPE = re.compile(r"\\(?:u\{([0-9A-Fa-f]{1,6})\}|u([0-9A-Fa-f]{4})|U([0-9A-Fa-f]{8})|(.))", re.DOTALL)
_BYTES = re.compile(r"(?:\\x[0-9A-Fa-f]{2})+")
_PAIR = re.compile("[\ud800-\udbff][\udc00-\udfff]")
"""JSON escapes a character beyond 16 bits as two."""
_PERCENT = re.compile(r"%[0-9A-Fa-f]{2}")
_PRINTABLE = re.compile(r"(?:=[0-9A-F]{2}){3,}")
"""Quoted-printable (RFC 2045); of single signs the @ alone, since `pin=40` is no escape."""
_PRINTABLE_AT = re.compile(r"(?<=\w)=40(?=\w)")
_LAYERS = 3
"""An escape may be escaped again, as in JSON within JSON; deeper ones are nobody's to read."""


def visible(text: str, *, masks: bool = True) -> str:
    """The text as a reader has it in mind: without escapes and tags, with a barrier for each mask.

    What stood in a tag, and the name of a mask that is no type of Bedrock's, follows behind a barrier: it
    may be a value that only looks like markup.
    """
    if BARRIER in text:
        text = text.replace(BARRIER, "")
    if "\\" in text:
        text = _repeated(text, _without_backslashes, "\\")
    if "%" in text:
        text = _repeated(text, unquote, "%") if _PERCENT.search(text) else text
    if "&" in text and ";" in text:
        text = _repeated(text, html.unescape, "&")
    if "=" in text:
        text = _without_quoted_printable(text)
    aside: list[str] = []
    if "<" in text:
        text = _TAG.sub(lambda tag: _set_aside(" ", tag[1] or tag[2], aside), text)
    if masks and "{" in text:
        text = _MASK.sub(lambda mask: _set_aside(BARRIER, "" if mask[1] in _TYPES else mask[1], aside), text)
    return BARRIER.join((text, *aside)) if aside else text


def _repeated(text: str, step: Callable[[str], str], sign: str) -> str:
    for _ in range(_LAYERS):
        done = step(text)
        if done == text or sign not in done:
            return done
        text = done
    return text


def _without_backslashes(text: str) -> str:
    text = _ESCAPE.sub(_unescaped, _BYTES.sub(_as_text, text))
    return _PAIR.sub(lambda pair: pair[0].encode("utf-16", "surrogatepass").decode("utf-16"), text)


def _as_text(found: re.Match[str]) -> str:
    raw = bytes.fromhex(found[0].replace("\\x", ""))
    try:
        return raw.decode()
    except UnicodeDecodeError:
        return raw.decode("latin-1")


def _unescaped(found: re.Match[str]) -> str:
    code = found[1] or found[2] or found[3]
    if code:
        number = int(code, 16)
        return chr(number) if 0 < number <= sys.maxunicode else ""
    return " " if found[4] in "nrt" else found[4]


def _without_quoted_printable(text: str) -> str:
    text = _PRINTABLE.sub(
        lambda found: bytes.fromhex(found[0].replace("=", "")).decode(errors="replace"), text
    )
    return _PRINTABLE_AT.sub("@", text)


def _set_aside(place: str, content: str | None, aside: list[str]) -> str:
    if content and content.strip():
        aside.append(content)
    return place
