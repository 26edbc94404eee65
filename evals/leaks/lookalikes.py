"""One plain character for every character that looks like it, and none for what nobody sees."""

from __future__ import annotations

import re
import unicodedata

BARRIER = "\x00"
"""Stands where the guardrail put a mask: nothing is read across it."""

_SCRIPTS = (
    ("аАвВеЕіІјЈкКмМнНоОрРсСтТуУхХѕЅԁԛԚԝԜһӏӀьЬᴦѵѴү", "aAbBeEiIjJkKmMhHoOpPcCtTyYxXsSdqQwWhllbBrvVy"),
    ("αΑβΒγεΕζΖηΗιΙκΚμΜνΝοΟρΡστΤυΥχΧω", "aAbByeEzZhHiIkKuMvNoOpPotTuYxXw"),
    ("օսհոյցզՕՍԼ", "ouhnjgqOUL"),
    ("ᎪᏴᏟᎬᎻᎫᏦᏞᎷᏢᎡᏚᎢᏙᎳᏃ", "ABCEHJKLMPRSTVWZ"),  # noqa: RUF001 - that is the point
    ("ɑɡɩ", "agi"),  # noqa: RUF001
)
"""Letters of other scripts in the place of Latin ones, beside those whose Unicode names say so."""
_ALIKE = {
    ord(other): latin
    for others, latins in _SCRIPTS
    for other, latin in zip(others, latins, strict=True)
}  # fmt: skip
_SIGNS = {"Pd": "-", "Zs": " ", "Zl": "\n", "Zp": "\n"}
"""Dashes and blanks by category; which sign any other one is makes no difference."""
_UNSEEN = frozenset({"Cf", "Mn", "Me"})
_UNSEEN_LETTERS = frozenset("\u115f\u1160\u2800\u3164\uffa0")
"""Fillers and the like: letters or signs by their category, and nothing to the eye."""
_TAGS = range(0xE0020, 0xE007F)
"""Unseen copies of ASCII, which machines read."""
_LATIN = re.compile(
    r"LATIN (?:SMALL |CAPITAL )?LETTER (?:SMALL CAPITAL |DOTLESS |SCRIPT )?([A-Z])(?: WITH .+)?"
    r"|NEGATIVE (?:CIRCLED|SQUARED) LATIN CAPITAL LETTER ([A-Z])"
    r"|REGIONAL INDICATOR SYMBOL LETTER ([A-Z])"
)


class _Plain(dict[int, str]):
    """A table for `str.translate` that finds the plain writing of a character when it first meets it."""

    def __missing__(self, code: int) -> str:
        plain = "".join(map(_plain, unicodedata.normalize("NFKD", chr(code)))).casefold()
        self[code] = plain
        return plain


def _plain(character: str) -> str:
    code = ord(character)
    category = unicodedata.category(character)
    digit = unicodedata.digit(character, None)
    if character.isascii():
        return character
    if code in _TAGS:
        return chr(code - 0xE0000)
    if category in _UNSEEN or character in _UNSEEN_LETTERS:
        return ""
    if digit is not None:
        return str(digit)
    return _ALIKE.get(code) or _by_name(character) or _SIGNS.get(category, "~")


def _by_name(character: str) -> str:
    """The Latin letter that the name tells, else any other letter as it is; nothing for a sign."""
    named = _LATIN.fullmatch(unicodedata.name(character, ""))
    if named:
        return str(named[1] or named[2] or named[3])
    return character if character.isalnum() else ""


_TABLE = _Plain()
_OTHERS = re.compile(r"[^\x00-\x7f]+")


def plain(text: str) -> str:
    """The text in one case and, where letters only look different, in one alphabet; unseen characters go."""
    if not text.isascii():
        text = _OTHERS.sub(lambda others: others[0].translate(_TABLE), text)
    return text.lower()
