"""The ways in which people hide a value, or a machine mangles it: text in, text out.

Each form keeps what a reader needs to turn it back. Whether a guardrail sees through it is what cases with
such a form ask.
"""

from __future__ import annotations

import base64
import re
from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Literal, get_args

Form = Literal["reformatted", "spaced", "spelled", "zero_width", "homoglyph", "base64", "split"]
FORMS: tuple[Form, ...] = get_args(Form)

_FEWEST_LETTERS = 4
_FEWEST_BYTES = 9
"""Fewer give a base64 text of under 12 letters, which could be an accident."""
_LONG_NUMBER = 8
_DIGITS = ("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine")
_SIGNS = {
    "@": "at", ".": "dot", "-": "dash", "_": "underscore", "/": "slash", ":": "colon", "+": "plus",
}  # fmt: skip
_ALIKE = str.maketrans("aceiopxyACEHIKMOPTXB", "асеіорхуАСЕНІКМОРТХВ")  # noqa: RUF001 - that is the point
_MATHEMATICAL_ZERO = 0x1D7F6
_ZERO_WIDTH = "\u200b"


def disguised(form: Form, value: str) -> str | None:
    """The value in this form; None where the form would leave it as it is or make it unrecognisable.

    Args:
        form: How to write it.
        value: What to write: a number, an address, a name.
    """
    changed = _WAYS[form](value)
    return None if changed is None or changed == value else changed


def _reformatted(value: str) -> str | None:
    """Other separators, or groups where there were none; capitals for words; brackets around dots.

    A secret with small letters stays as it is: in another writing it is another secret.
    """
    if "@" in value or "://" in value or re.fullmatch(r"[0-9]+(\.[0-9]+)+", value):
        return value.replace(".", "[.]")
    if re.search(r"[^\W\d_]{2}", value) and any(map(str.islower, value)):
        return value.upper() if " " in value else None
    if re.fullmatch(r"[A-Z0-9]+", value) and len(value) >= _LONG_NUMBER:
        return " ".join(value[start : start + 4] for start in range(0, len(value), 4))
    for there, other in ((":", "-"), ("-", " "), (" ", "-")):
        if there in value:
            return value.replace(there, other)
    return None


def _spaced(value: str) -> str | None:
    """A blank between any two letters or digits, and a wider one between words."""
    if sum(map(str.isalnum, value)) < _FEWEST_LETTERS:
        return None
    return "  ".join(re.sub(r"(?<=[^\W_])(?=[^\W_])", " ", word) for word in value.split())


def _spelled(value: str) -> str | None:
    """Digits and signs as English words; a value without either, letter by letter."""
    if not any(sign.isdecimal() or sign in "@._/:+" for sign in value):
        return " ".join("-".join(word.upper()) for word in value.split())
    grouped = re.fullmatch(r"[0-9 -]+", value) is not None
    parts = re.findall(r"[0-9]|[^\W\d_]+|[^\w\s]|_", value)
    return " ".join(
        _DIGITS[int(part)] if "0" <= part <= "9" else _SIGNS.get(part, part)
        for part in parts
        if not (grouped and part == "-")
    )


def _zero_width(value: str) -> str | None:
    return _ZERO_WIDTH.join(value[start : start + 3] for start in range(0, len(value), 3))


def _homoglyph(value: str) -> str | None:
    """Cyrillic letters and mathematical digits in the place of Latin ones: every one that has a twin."""
    changed = value.translate(_ALIKE)
    if changed != value:
        return changed
    return re.sub(r"[0-9]", lambda digit: chr(_MATHEMATICAL_ZERO + int(digit[0])), value)


def _base64(value: str) -> str | None:
    plain = value.encode()
    return base64.b64encode(plain).decode() if len(plain) >= _FEWEST_BYTES else None


def _split(value: str) -> str | None:
    """A line break in the middle: after a separator where one is near, else between two characters."""
    if sum(map(str.isalnum, value)) < _FEWEST_LETTERS:
        return None
    middle = len(value) // 2
    near = [place for place in range(1, len(value) - 1) if value[place] in " -./:@_"]
    at = min(near, key=lambda place: abs(place + 1 - middle)) if near else middle
    if near and value[at] == " ":
        return f"{value[:at]}\n{value[at + 1 :]}"
    cut = at + 1 if near else at
    return f"{value[:cut]}\n{value[cut:]}"


_WAYS: Mapping[Form, Callable[[str], str | None]] = MappingProxyType(
    {
        "reformatted": _reformatted,
        "spaced": _spaced,
        "spelled": _spelled,
        "zero_width": _zero_width,
        "homoglyph": _homoglyph,
        "base64": _base64,
        "split": _split,
    }
)
