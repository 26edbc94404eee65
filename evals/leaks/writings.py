"""The usual ways of writing one value: with or without the country code or the scheme, family name first."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Callable, Iterator, Mapping
from types import MappingProxyType

_UMLAUTS = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue", "Ä": "Ae", "Ö": "Oe", "Ü": "Ue"})
_ONE_DIGIT = re.compile("[17]")
_TWO_DIGITS = re.compile("2[07]|3[0-469]|4[013-9]|5[1-8]|6[0-6]|8[1246]|9[0-58]")
"""Country calling codes (ITU-T E.164) of one and two digits; all others have three."""
_FEWEST_NATIONAL = 7
_STREETS = {
    "street": "st",
    "avenue": "ave",
    "road": "rd",
    "boulevard": "blvd",
    "drive": "dr",
    "lane": "ln",
    "place": "pl",
    "square": "sq",
    "court": "ct",
    "calle": "c",
    "avenida": "av",
}
_MONTHS = (
    ("january", "jan", "enero", "janvier", "januar"),
    ("february", "feb", "febrero", "fevrier", "februar"),
    ("march", "mar", "marzo", "mars", "marz"),
    ("april", "apr", "abril", "avril"),
    ("may", "mayo", "mai"),
    ("june", "jun", "junio", "juin", "juni"),
    ("july", "jul", "julio", "juillet", "juli"),
    ("august", "aug", "agosto", "aout"),
    ("september", "sep", "sept", "septiembre", "septembre"),
    ("october", "oct", "octubre", "octobre", "oktober"),
    ("november", "nov", "noviembre", "novembre"),
    ("december", "dec", "diciembre", "decembre", "dezember"),
)
_SCHEME = re.compile(r"^(?:[a-z][a-z0-9+.-]*://)?(?:www\.)?", re.IGNORECASE)
_EXPIRY = re.compile(r"(0?[1-9]|1[0-2])\D{1,3}(?:20)?([0-9]{2})")


def writings(kind: str | None, value: str) -> tuple[str, ...]:
    """The value as given, then other writings of it, without repetition.

    Args:
        kind: A PII type; for any other no more than spellings without umlauts are known.
        value: What the value is, without words around it.
    """
    rewritten = (*_WAYS[kind](value),) if kind in _WAYS else ()
    ways = (value, *rewritten)
    return tuple(dict.fromkeys((*ways, *(way.translate(_UMLAUTS) for way in ways))))


def national(number: str) -> str:
    """The digits of a telephone number without its country code and the nought before the area."""
    digits = "".join(filter(str.isdecimal, number))
    if number.lstrip("( ").startswith("+") or digits.startswith("00"):
        digits = digits.removeprefix("00")
        digits = digits[1 if _ONE_DIGIT.match(digits) else 2 if _TWO_DIGITS.match(digits) else 3 :]
    elif len(digits) == 11 and digits.startswith("1"):  # noqa: PLR2004 - North America, with its code
        digits = digits[1:]
    return digits.removeprefix("0")


def _phone(value: str) -> Iterator[str]:
    without = national(value)
    if len(without) >= _FEWEST_NATIONAL:
        yield without


def _name(value: str) -> Iterator[str]:
    """Family name first, as on forms."""
    words = value.split()
    if len(words) > 1:
        yield f"{words[-1]}, {' '.join(words[:-1])}"
        yield f"{words[0]} {words[-1]}"


def _address(value: str) -> Iterator[str]:
    for long, short in _STREETS.items():
        for one, other in ((long, short), (short, long)):
            changed = re.sub(rf"(?<=\w )\b{one}\b\.?|\b{one}\b\.?(?= \w)", other, value, flags=re.IGNORECASE)
            if changed != value:
                yield changed
    yield re.sub(r"(?<=\w)stra(?:ß|ss)e\b", "str.", value, flags=re.IGNORECASE)


def _url(value: str) -> Iterator[str]:
    yield _SCHEME.sub("", value).rstrip("/")


def host(url: str) -> str:
    """The host of a URL, without `www.`; of a text that is none, its beginning."""
    return re.split(r"[/?#:]", _SCHEME.sub("", url), maxsplit=1)[0]


def _swift(value: str) -> Iterator[str]:
    """The head office may be written with XXX or with nothing."""
    bare = re.sub(r"\W", "", value).upper()
    if len(bare) == 11 and bare.endswith("XXX"):  # noqa: PLR2004 - ISO 9362
        yield bare[:8]
    elif len(bare) == 8:  # noqa: PLR2004
        yield f"{bare}XXX"


def _ip(value: str) -> Iterator[str]:
    try:
        address = ipaddress.ip_address(value.strip("[] "))
    except ValueError:
        return
    yield address.compressed
    yield address.exploded


def _expiry(value: str) -> Iterator[str]:
    found = _EXPIRY.search(value)
    if found is None:
        return
    month, year = int(found[1]), found[2]
    for written in (f"{month:02}", str(month)):
        yield f"{written}/{year}"
        yield f"{written}/20{year}"
    for name in _MONTHS[month - 1]:
        yield f"{name} {year}"
        yield f"{name} 20{year}"


_WAYS: Mapping[str | None, Callable[[str], Iterator[str]]] = MappingProxyType(
    {
        "ADDRESS": _address,
        "CREDIT_DEBIT_CARD_EXPIRY": _expiry,
        "IP_ADDRESS": _ip,
        "NAME": _name,
        "PHONE": _phone,
        "SWIFT_CODE": _swift,
        "URL": _url,
    }
)
