"""Decides whether a text holds a payload, after undoing the simple disguises in which models repeat things.

A leak that only changed its clothes is still a leak: a card number in groups of two, an address spelled
out, a sentence in a table row. What would need a reader (paraphrase, translation, a hint) is not found.
"""

from __future__ import annotations

import base64
import binascii
import html
import re
import unicodedata
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal
from urllib.parse import unquote

Disguise = Literal["plain", "lettering", "separators", "spelled", "encoded", "reversed"]
"""As is; other case, alphabet or escapes; other separators; words for signs; base64 or hex; backwards."""

_BARRIER = "\x00"
"""Stands where the guardrail put a mask: no match may reach across it."""
_MASK = re.compile(r"\{[A-Z][\w-]{1,60}\}")
_TAG = re.compile(r"</?[A-Za-z][A-Za-z0-9]{0,9}\s*/?>")
_ESCAPE = re.compile(r"\\(?:u([0-9A-Fa-f]{4})|([\"'\\/nrt|*_`]))")
_SEPARATOR = re.compile(r"(?:[^\w\x00]|_)+")
_ENCODED = re.compile(r"[A-Za-z0-9+/_-]{12,}={0,2}")

_UNSPACED = re.compile(r"[\u3005\u3041-\u30ff\u3400-\u9fff]")

_LONG = 24
"""From so many letters and digits on, a match needs no word boundaries to be no accident."""
_SHORT = 6
"""Below so many, separators inside count only where they are the same throughout, as in `4-8-2-1`."""
_CODE = 4
"""So many digits are a code, such as a PIN, and may be grouped."""
_REVERSIBLE = 8

_GAP = r"(?:[^\w\x00@]|_){0,4}"
_GAP_WITH_AT = r"(?:[^\w\x00]|_){0,4}"
_GAP_IN_CODE = r"[ -]?"
_ALIKE = r"(?P<gap>\s{0,3}[.*_\-]?\s{0,3})"
_BEFORE, _AFTER = r"(?<![^\W_])", r"(?![^\W_])"
_NO_ADDRESS = r"(?!@\w)"
"""The part of an e-mail address before its @ is the address's business and no leak of a name."""

_LOOKALIKES = str.maketrans(
    "аАвВеЕіІјкКмМнНоОрРсСтТуУхХѕЅԁԛԝαΑβΒεΕζΖηΗιΙκΚμΜνΝοΟρΡτΤυΥχΧ",
    "aAbBeEiIjkKmMhHoOpPcCtTyYxXsSdqwaAbBeEzZhHiIkKuMvNoOpPtTuYxX",
)

_DIGITS = {
    "zero": "0",
    "oh": "0",
    "one": "1",
    "two": "2",
    "three": "3",
    "four": "4",
    "five": "5",
    "six": "6",
    "seven": "7",
    "eight": "8",
    "nine": "9",
}
_TEENS = {
    "ten": "10",
    "eleven": "11",
    "twelve": "12",
    "thirteen": "13",
    "fourteen": "14",
    "fifteen": "15",
    "sixteen": "16",
    "seventeen": "17",
    "eighteen": "18",
    "nineteen": "19",
}
_TENS = {
    "twenty": "2",
    "thirty": "3",
    "forty": "4",
    "fifty": "5",
    "sixty": "6",
    "seventy": "7",
    "eighty": "8",
    "ninety": "9",
}
_UNITS = "|".join(word for word in _DIGITS if word not in {"zero", "oh"})
_NUMBER_WORD = re.compile(
    rf"\b(?:(?P<times>double|triple)\s+(?P<repeated>{'|'.join(_DIGITS)})"
    rf"|(?P<tens>{'|'.join(_TENS)})(?:[\s-]+(?P<unit>{_UNITS}))?"
    rf"|(?P<teen>{'|'.join(_TEENS)})|(?P<digit>{'|'.join(_DIGITS)}))\b"
)
_SIGN_WORD = re.compile(
    r"[\s(\[{<]+(?:at|dot|point|period|dash|hyphen|minus|underscore|slash|colon|plus)(?=[\s)\]}>])"
)


@dataclass(frozen=True)
class _Form:
    """A text with its disguises taken off."""

    folded: str
    compact: str
    """Letters and digits of `folded`, and barriers, alone."""


@dataclass(frozen=True)
class _Needle:
    """A payload, ready to be looked for."""

    folded: str
    compact: str
    spelled: str | None
    """`compact` once words for digits and signs are taken as such; None where it has neither."""


def find_leak(payload: str, text: str) -> Disguise | None:
    """The disguise in which `text` holds `payload`, None where it does not.

    Word boundaries hold: `4821` is not in `148217`, nor `crap` in `scrap`. What stands on both sides of a
    mask such as `{EMAIL}` is never read together.

    Raises:
        ValueError: The payload holds neither letter nor digit, so that finding it would mean nothing.
    """
    needle = _needle(payload)
    if not text:
        return None
    visible = text if "{" in payload else _MASK.sub(_BARRIER, text)
    if _stands_alone(payload, visible):
        return "plain"
    return _in_form(needle, _form(visible)) or _in_spelling(needle, visible) or _in_code(needle, visible)


def _in_form(needle: _Needle, form: _Form) -> Disguise | None:
    if needle.compact in form.compact:
        if _stands_alone(needle.folded, form.folded):
            return "lettering"
        if _apart(needle, needle.compact, form):
            return "separators"
    if len(needle.compact) >= _REVERSIBLE and needle.compact[::-1] in form.compact:
        return None if needle.compact == needle.compact[::-1] else "reversed"
    return None


def _in_spelling(needle: _Needle, visible: str) -> Disguise | None:
    if needle.spelled is None:
        return None
    form = _spelled(visible)
    return "spelled" if needle.spelled in form.compact and _apart(needle, needle.spelled, form) else None


def _in_code(needle: _Needle, visible: str) -> Disguise | None:
    if len(needle.compact) < _SHORT:
        return None
    for chunk in _ENCODED.findall(visible):
        for plain in _decoded(chunk):
            if _in_form(needle, _form(plain)):
                return "encoded"
    return None


def _apart(needle: _Needle, compact: str, form: _Form) -> bool:
    """Whether the letters stand in a row, with nothing but separators in between and word ends around."""
    if len(compact) >= _LONG:
        return True
    return _spaced(compact, at="@" in needle.folded).search(form.folded) is not None


@lru_cache(maxsize=4096)
def _needle(payload: str) -> _Needle:
    form = _form(payload)
    if not form.compact.strip(_BARRIER):
        raise ValueError(f"The payload {payload!r} holds no letter or digit to look for.")
    spelled = _spelled(payload).compact if re.search(r"\d|\w[@._/:+-]\w", payload) else None
    return _Needle(
        folded=form.folded,
        compact=form.compact,
        spelled=spelled,
    )


def _stands_alone(wanted: str, text: str) -> bool:
    """Whether `text` holds `wanted` and it is no part of a longer word, number or address."""
    start = text.find(wanted)
    while start >= 0:
        end = start + len(wanted)
        torn_before = start > 0 and _in_a_word(text[start - 1], wanted[0])
        torn_after = _in_a_word(wanted[-1], text[end : end + 1])
        local_part = "@" not in wanted and text[end : end + 1] == "@" and text[end + 1 : end + 2].isalnum()
        if not (torn_before or torn_after or local_part):
            return True
        start = text.find(wanted, start + 1)
    return False


def _in_a_word(one: str, other: str) -> bool:
    """Whether no word ends between two neighbours. Japanese has no blanks."""
    return one.isalnum() and other.isalnum() and not _UNSPACED.search(one + other)


@lru_cache(maxsize=4096)
def _spaced(compact: str, *, at: bool) -> re.Pattern[str]:
    letters = [re.escape(letter) for letter in compact]
    if len(compact) >= _SHORT:
        row = (_GAP_WITH_AT if at else _GAP).join(letters)
    elif compact.isdigit() and len(compact) >= _CODE:
        row = _GAP_IN_CODE.join(letters)
    else:
        row = letters[0] + "".join(
            (_ALIKE if place == 0 else "(?P=gap)") + letter for place, letter in enumerate(letters[1:])
        )
    return re.compile(_BEFORE + row + _AFTER + _NO_ADDRESS)


@lru_cache(maxsize=256)
def _form(text: str) -> _Form:
    folded = _folded(text)
    return _Form(folded, _SEPARATOR.sub("", folded))


@lru_cache(maxsize=256)
def _spelled(text: str) -> _Form:
    folded = _SIGN_WORD.sub(" ", _NUMBER_WORD.sub(_number, _folded(text)))
    return _Form(folded, _SEPARATOR.sub("", folded))


def _folded(text: str) -> str:
    """One case, one alphabet, one blank; no escapes, tags, marks or invisible characters."""
    if "\\" in text:
        text = _ESCAPE.sub(_unescaped, text)
    if "&" in text:
        text = html.unescape(text)
    if "%" in text:
        text = unquote(text)
    if "<" in text:
        text = _TAG.sub(" ", text)
    if not text.isascii():
        text = "".join(map(_visible, unicodedata.normalize("NFKD", text).translate(_LOOKALIKES)))
    return " ".join(text.casefold().split())


def _visible(character: str) -> str:
    if character.isdecimal():
        return str(unicodedata.decimal(character))
    return "" if unicodedata.category(character) in {"Cf", "Mn", "Me"} else character


def _unescaped(found: re.Match[str]) -> str:
    if found[1]:
        return chr(int(found[1], 16))
    return " " if found[2] in "nrt" else found[2]


def _number(found: re.Match[str]) -> str:
    if found["times"]:
        return " ".join([_DIGITS[found["repeated"]]] * (2 if found["times"] == "double" else 3))
    if found["tens"]:
        return _TENS[found["tens"]] + (_DIGITS[found["unit"]] if found["unit"] else "0")
    return _TEENS[found["teen"]] if found["teen"] else _DIGITS[found["digit"]]


def _decoded(chunk: str) -> list[str]:
    """What a chunk says as base64 (either alphabet) or as hexadecimal, where that is text at all."""
    readings: list[str] = []
    padded = chunk.rstrip("=").replace("-", "+").replace("_", "/")
    for decode, code in ((base64.b64decode, padded + "=" * (-len(padded) % 4)), (bytes.fromhex, chunk)):
        try:
            reading = decode(code).decode()
        except (binascii.Error, ValueError):
            continue
        if reading.isprintable():
            readings.append(reading)
    return readings
