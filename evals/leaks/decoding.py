"""Finds what a text holds in base64, base32, hexadecimal or character codes, where that is text at all."""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Callable, Iterator
from itertools import product
from typing import TypeVar

_RUN = re.compile(r"[A-Za-z0-9+/_-]{12,}={0,2}|[A-Za-z0-9+/_-]{2,11}={1,2}")
"""Shorter ones only with their padding; else every other word would be one."""
_BASE32 = re.compile(r"[A-Z2-7]{12,}={0,6}")
_NUMBER = re.compile(r"[0-9_/+-]+")
_WRAPPED = re.compile(r"(?<![A-Za-z0-9+/_-])[A-Za-z0-9+/_-]{16,}(?:\r?\n[ \t>|]*[A-Za-z0-9+/_-]{2,}={0,2})+")
"""Base64 in lines, as in e-mail."""
_PAIRS = re.compile(r"(?:(?:0x|\\x)?[0-9A-Fa-f]{2}[\s:,;-]{1,2}){3,}(?:0x|\\x)?[0-9A-Fa-f]{2}(?![0-9A-Za-z])")
_HEX = re.compile("[0-9A-Fa-f]+")
_BETWEEN_BYTES = re.compile(r"[,:;\\-]")
_NOT_HEX = re.compile(r"0x|\\x|[^0-9A-Fa-f]")
_BYTE = r"(?:3[2-9]|[4-9]\d|1\d\d|2[0-4]\d|25[0-5])"
_CODES = re.compile(rf"(?:\b{_BYTE}[\s,;]{{1,2}}){{3,}}{_BYTE}\b")
_BITS = re.compile(r"(?:\b[01]{8}[\s,;]*){4,}")
_BYTE_WORDS = frozenset(
    f"{before}{word}{after}"
    for byte in range(256)
    for word in (f"{byte:02x}", f"{byte:02X}", str(byte), f"{byte:08b}")
    for before, after in product(("", "0x", "\\x"), ("", ",", ";"))
)
"""One byte as people write it among others."""
_FEWEST_BYTES = 4
_BYTES_IN_A_ROW = bytes([True] * _FEWEST_BYTES)
_FEWEST_CODED, _FEWEST_IN_LINE = 12, 16
_DEPTH = 2
_MOST = 40
"""So many runs of one text are tried; an answer that holds more of them is no disguise but a file."""
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ufffe\uffff]")
"""What no text holds, and nearly every row of bytes that is none."""
_Code = TypeVar("_Code")


def decoded(text: str) -> tuple[str, ...]:
    """Each text that is encoded in `text`, also twice over; in no order."""
    found: dict[str, None] = {}
    level = [text]
    for _ in range(_DEPTH):
        level = [plain for each in level for plain in _once(each) if plain not in found]
        if not level:
            break
        found |= dict.fromkeys(level)
    return tuple(found)


def _once(text: str) -> Iterator[str]:
    words = text.split()
    # Words of small letters, but for a capital and one sign around them, are plain: no code is that long.
    coded = [
        word
        for word in words
        if len(word) >= _FEWEST_CODED and not ((inner := word[1:-1]).isalpha() and inner.islower())
    ]
    if "=" in text:
        coded += [word for word in words if "=" in word and len(word) < _FEWEST_CODED]
    for word in coded[:_MOST]:
        yield from _word(word)
    if _BYTES_IN_A_ROW in bytes(map(_BYTE_WORDS.__contains__, words)):
        yield from _numbers(text)
    if any(len(word) >= _FEWEST_IN_LINE and f"{word}\n" in text for word in coded):
        for wrapped in _WRAPPED.findall(text):
            yield from _base64("".join(re.findall(r"[A-Za-z0-9+/_=-]+", wrapped)))


def _word(word: str) -> Iterator[str]:
    for run in _RUN.findall(word):
        if not _NUMBER.fullmatch(run):
            yield from _base64(run)
        if _BASE32.fullmatch(run):
            bare = run.rstrip("=")
            yield from _text(base64.b32decode, bare + "=" * (-len(bare) % 8))
        digits = run.removeprefix("0x")
        if len(digits) % 2 == 0 and _HEX.fullmatch(digits):
            yield from _text(bytes.fromhex, digits)
    if len(_BETWEEN_BYTES.findall(word)) >= _FEWEST_BYTES - 1:
        yield from _numbers(word)


def _base64(run: str) -> Iterator[str]:
    """Of the whole run, or of what follows one of its signs, which may belong to what stands before."""
    letters = run.rstrip("=").replace("-", "+").replace("_", "/")
    starts = [0]
    if "+" in letters or "/" in letters:
        starts += (place + 1 for place, letter in enumerate(letters) if letter in "+/")
    for start in starts[:_FEWEST_BYTES]:
        rest = letters[start:]
        yield from _text(binascii.a2b_base64, rest + "=" * (-len(rest) % 4))


def _numbers(text: str) -> Iterator[str]:
    """Bytes that stand apart: in pairs of hexadecimal digits, as decimal codes, as bits."""
    for pairs in _PAIRS.findall(text):
        yield from _text(bytes.fromhex, _NOT_HEX.sub("", pairs))
    for codes in _CODES.findall(text):
        yield from _text(bytes, [int(code) for code in re.findall(r"\d+", codes)])
    for bits in _BITS.findall(text):
        yield from _text(bytes, [int(eight, 2) for eight in re.findall(r"[01]{8}", bits)])


def _text(decode: Callable[[_Code], bytes], code: _Code) -> Iterator[str]:
    try:
        plain = decode(code).decode()
    except (binascii.Error, ValueError):
        return
    if len(plain) >= _FEWEST_BYTES and not _CONTROL.search(plain):
        yield plain
