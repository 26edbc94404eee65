"""Which values in a text are neither reserved for documentation and tests nor fictional.

The ranges are those of RFC 2606, 5737 and 7042, Ofcom's numbers for drama, NANPA's 555-01xx, the cards that
payment providers publish for tests, SSA's advertising numbers, and the registries' own specimens.
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Callable, Mapping

Look = Callable[[str], list[str]]

TEST_CARDS = {
    "4111111111111111", "4242424242424242", "5555555555554444", "378282246310005", "6011111111111117",
    "2223003122003222", "3530111333300000", "30569309025904", "5105105105105100", "4012888888881881",
}  # fmt: skip
SPECIMEN_IBANS = {
    "GB82WEST12345698765432", "DE89370400440532013000", "FR1420041010050500013M02606",
    "NL91ABNA0417164300", "ES9121000418450200051332",
}  # fmt: skip
FICTITIOUS_NAMES = {
    "Jane Doe", "John Stiles", "Richard Roe", "Mary Major", "Alejandro Rosalez", "Akua Mansa",
    "Carlos Salazar", "Nikki Wolf", "Paulo Santos", "Saanvi Sarkar",
}  # fmt: skip
OTHER_CAPITALISED = {
    "Any Street", "Any Town", "Main Street", "Sample Road", "Test Boulevard", "Example Lane",
    "Example Avenue", "Placeholder Drive", "Sample Court", "National Insurance", "My National",
    "Payslip May", "From July", "Anybank Direct", "Exampletrust Plus", "At Anybank", "At Exampletrust",
}  # fmt: skip
RESERVED_HOST = re.compile(r"(^|\.)(example\.(com|org|net)|example|test|invalid)$")
DRAMA_NUMBER = re.compile(r"^(020794609\d\d|0161496\d{4}|0131496\d{4}|07700900\d{3}|01632960\d{3})$")


def foreign(text: str) -> list[tuple[str, str]]:
    """What in `text` is neither reserved nor fictional, as (kind, value).

    It errs on the side of finding: what looks like a value and cannot be shown to be reserved is told.
    """
    return [(kind, value) for kind, look in LOOKS.items() for value in look(text)]


def _hosts(text: str) -> list[str]:
    named = re.findall(r"(?:@|https?://)([\w-]+(?:\.[\w-]+)+)", text)
    bare = re.findall(r"\b(?:[a-z0-9-]+\.)+(?:com|net|org|io|gov|edu|info|uk|de|fr|us|ai|app|dev)\b", text)
    return [host for host in {*named, *bare} if not RESERVED_HOST.search(host)]


def _addresses(text: str) -> list[str]:
    nets = [ipaddress.ip_network(net) for net in ("192.0.2.0/24", "198.51.100.0/24", "203.0.113.0/24")]
    quads = re.findall(r"(?<![\d.])\d{1,3}(?:\.\d{1,3}){3}(?![\d.])", text)
    return [quad for quad in quads if not any(ipaddress.ip_address(quad) in net for net in nets)]


def _phones(text: str) -> list[str]:
    north = re.findall(r"(?<![\w-])(?:\+1[ -]?)?\(?\d{3}\)?[ -](\d{3})[ -](\d{4})(?![\w-])", text)
    british = re.findall(r"(?<![\w-])(?<!\d )(?:\+44 ?|0)[1-9]\d{1,3}(?: ?\d{3,4}){2}(?![\w-]| \d)", text)
    numbers = [number.replace("+44", "0").replace(" ", "") for number in british]
    return [
        *(f"{office}-{line}" for office, line in north if office != "555" or not line.startswith("01")),
        *(number for number in numbers if not DRAMA_NUMBER.match(number)),
    ]


def _cards(text: str) -> list[str]:
    runs = re.findall(r"(?<![\w])\d(?:[ -]?\d){12,18}(?![\w])", text)
    numbers = [re.sub(r"\D", "", run) for run in runs]
    return [
        number for number in numbers if _luhn(number) and number not in TEST_CARDS and set(number) != {"1"}
    ]


def _luhn(number: str) -> bool:
    digits = [int(digit) for digit in reversed(number)]
    return sum(sum(divmod(2 * d, 10)) if place % 2 else d for place, d in enumerate(digits)) % 10 == 0


def _social_security(text: str) -> list[str]:
    found = re.findall(r"(?<![\w-])(\d{3})-(\d{2})-(\d{4})(?![\w-])", text)
    return [
        "-".join(parts)
        for parts in found
        if not (
            (parts[:2] == ("987", "65") and parts[2].startswith("432"))
            or (parts[0][0] == "9" and re.match(r"7\d|8[0-8]", parts[1]) and parts[2] == "0000")
        )
    ]


def _national_insurance(text: str) -> list[str]:
    return [v for v in re.findall(r"\b[A-Z]{2} ?\d\d ?\d\d ?\d\d ?[A-D]\b", text) if not v.startswith("QQ")]


def _accounts(text: str) -> list[str]:
    found = re.findall(r"\b[A-Z]{2}\d{2}(?: ?[A-Z0-9]{4}){3,7}(?: ?[A-Z0-9]{1,3})?\b", text)
    return [value for value in found if value.replace(" ", "") not in SPECIMEN_IBANS]


def _bank_codes(text: str) -> list[str]:
    found = re.findall(r"(?:SWIFT|BIC)[^.;\n]*?\b([A-Z]{6}[A-Z0-9]{2}(?:[A-Z0-9]{3})?)\b", text)
    return [code for code in found if code[7] != "0"]


def _keys(text: str) -> list[str]:
    access = re.findall(r"\b(?:AKIA|ASIA)[A-Z0-9]{16}\b", text)
    secret = re.findall(r"(?<![\w/+])[\w/+]{40}(?![\w/+])", text)
    return [key for key in access if not key.endswith("EXAMPLE")] + [
        key for key in secret if not key.endswith("EXAMPLEKEY")
    ]


def _adapters(text: str) -> list[str]:
    found = re.findall(r"\b[0-9A-Fa-f]{2}(?:[:-][0-9A-Fa-f]{2}){5}\b", text)
    return [value for value in found if not value.replace("-", ":").upper().startswith("00:00:5E:00:53:")]


def _vehicles(text: str) -> list[str]:
    found = re.findall(r"(?<![\w-])(?=[A-Z0-9]*[A-Z])(?=[A-Z0-9]*\d)[A-HJ-NPR-Z0-9]{17}(?![\w-])", text)
    return [value for value in found if value[0] != "0" and value != "1M8GDM9AXKP042788"]


def _people(text: str) -> list[str]:
    return [
        pair
        for pair in re.findall(r"\b[A-Z][a-z]+ [A-Z][a-z]+\b", text)
        if pair not in FICTITIOUS_NAMES | OTHER_CAPITALISED
    ]


LOOKS: Mapping[str, Look] = {
    "host": _hosts,
    "IP address": _addresses,
    "phone": _phones,
    "card": _cards,
    "SSN or ITIN": _social_security,
    "NINO": _national_insurance,
    "IBAN": _accounts,
    "BIC": _bank_codes,
    "AWS key": _keys,
    "MAC": _adapters,
    "VIN": _vehicles,
    "name": _people,
}
