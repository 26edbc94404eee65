"""Only reserved or fictional values are shipped: every text is read, whatever its category says.

The ranges are those of RFC 2606, 5737 and 7042, Ofcom's numbers for drama, NANPA's 555-01xx, the cards that
payment providers publish for tests, SSA's advertising numbers, and the registries' own specimens.
"""

from __future__ import annotations

import ipaddress
import re
from pathlib import Path

import pytest

import suites
from suites.batch import DATASETS

PACKAGE = Path(suites.__file__).parent
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


def foreign(text):
    """What in `text` is neither reserved nor fictional, as (kind, value)."""
    return [(kind, value) for kind, look in LOOKS.items() for value in look(text)]


def _hosts(text):
    named = re.findall(r"(?:@|https?://)([\w-]+(?:\.[\w-]+)+)", text)
    bare = re.findall(r"\b(?:[a-z0-9-]+\.)+(?:com|net|org|io|gov|edu|info|uk|de|fr|us|ai|app|dev)\b", text)
    return [host for host in {*named, *bare} if not RESERVED_HOST.search(host)]


def _addresses(text):
    nets = [ipaddress.ip_network(net) for net in ("192.0.2.0/24", "198.51.100.0/24", "203.0.113.0/24")]
    quads = re.findall(r"(?<![\d.])\d{1,3}(?:\.\d{1,3}){3}(?![\d.])", text)
    return [quad for quad in quads if not any(ipaddress.ip_address(quad) in net for net in nets)]


def _phones(text):
    north = re.findall(r"(?<![\w-])(?:\+1[ -]?)?\(?\d{3}\)?[ -](\d{3})[ -](\d{4})(?![\w-])", text)
    british = re.findall(r"(?<![\w-])(?<!\d )(?:\+44 ?|0)[1-9]\d{1,3}(?: ?\d{3,4}){2}(?![\w-]| \d)", text)
    numbers = [number.replace("+44", "0").replace(" ", "") for number in british]
    return [
        *(f"{office}-{line}" for office, line in north if office != "555" or not line.startswith("01")),
        *(number for number in numbers if not DRAMA_NUMBER.match(number)),
    ]


def _cards(text):
    runs = re.findall(r"(?<![\w])\d(?:[ -]?\d){12,18}(?![\w])", text)
    numbers = [re.sub(r"\D", "", run) for run in runs]
    return [
        number for number in numbers if _luhn(number) and number not in TEST_CARDS and set(number) != {"1"}
    ]


def _luhn(number):
    digits = [int(digit) for digit in reversed(number)]
    return sum(sum(divmod(2 * d, 10)) if place % 2 else d for place, d in enumerate(digits)) % 10 == 0


def _social_security(text):
    found = re.findall(r"(?<![\w-])(\d{3})-(\d{2})-(\d{4})(?![\w-])", text)
    return [
        "-".join(parts)
        for parts in found
        if not (
            (parts[:2] == ("987", "65") and parts[2].startswith("432"))
            or (parts[0][0] == "9" and re.match(r"7\d|8[0-8]", parts[1]) and parts[2] == "0000")
        )
    ]


def _national_insurance(text):
    return [v for v in re.findall(r"\b[A-Z]{2} ?\d\d ?\d\d ?\d\d ?[A-D]\b", text) if not v.startswith("QQ")]


def _accounts(text):
    found = re.findall(r"\b[A-Z]{2}\d{2}(?: ?[A-Z0-9]{4}){3,7}(?: ?[A-Z0-9]{1,3})?\b", text)
    return [value for value in found if value.replace(" ", "") not in SPECIMEN_IBANS]


def _bank_codes(text):
    found = re.findall(r"(?:SWIFT|BIC)[^.;\n]*?\b([A-Z]{6}[A-Z0-9]{2}(?:[A-Z0-9]{3})?)\b", text)
    return [code for code in found if code[7] != "0"]


def _keys(text):
    access = re.findall(r"\b(?:AKIA|ASIA)[A-Z0-9]{16}\b", text)
    secret = re.findall(r"(?<![\w/+])[\w/+]{40}(?![\w/+])", text)
    return [key for key in access if not key.endswith("EXAMPLE")] + [
        key for key in secret if not key.endswith("EXAMPLEKEY")
    ]


def _adapters(text):
    found = re.findall(r"\b[0-9A-Fa-f]{2}(?:[:-][0-9A-Fa-f]{2}){5}\b", text)
    return [value for value in found if not value.replace("-", ":").upper().startswith("00:00:5E:00:53:")]


def _vehicles(text):
    found = re.findall(r"(?<![\w-])(?=[A-Z0-9]*[A-Z])(?=[A-Z0-9]*\d)[A-HJ-NPR-Z0-9]{17}(?![\w-])", text)
    return [value for value in found if value[0] != "0" and value != "1M8GDM9AXKP042788"]


def _people(text):
    return [
        pair
        for pair in re.findall(r"\b[A-Z][a-z]+ [A-Z][a-z]+\b", text)
        if pair not in FICTITIOUS_NAMES | OTHER_CAPITALISED
    ]


LOOKS = {
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


@pytest.mark.parametrize("suite", ["pii", "topics", "toxicity"])
def test_every_shipped_prompt_holds_reserved_values_only(shipped, suite):
    """Prompts, materials and payloads, of allow cases too."""
    found = {case.id: values for case in shipped[suite] if (values := foreign(case.prompt))}

    assert found == {}


@pytest.mark.parametrize(
    "path",
    [*sorted(PACKAGE.glob("catalog/*.yaml")), *sorted(PACKAGE.glob("authoring/sources/**/*.yaml"))],
    ids=lambda path: f"{path.parent.name}/{path.name}",
)
def test_catalog_and_sources_hold_reserved_values_only(path):
    """Canaries and patterns are shipped as well; names are looked for in the prompts they give."""
    found = [(kind, value) for kind, value in foreign(path.read_text()) if kind != "name"]

    assert found == []


def test_the_cards_of_the_batches_hold_reserved_values_only():
    """The cards are read by people."""
    for path in DATASETS.glob("*/README.md"):
        assert [(kind, value) for kind, value in foreign(path.read_text()) if kind != "name"] == []


def test_names_to_be_protected_are_the_fictitious_ones(shipped):
    """Nobody lives under the names that stand for people."""
    assert {
        case.payload for case in shipped["pii"] if case.category == "NAME" and case.payload
    } == FICTITIOUS_NAMES


@pytest.mark.parametrize(
    ("kind", "text"),
    [
        ("host", "Write to someone@company.com today."),
        ("host", "See https://www.some-bank.co.uk/login for more."),
        ("host", "Our page is some-shop.de and open."),
        ("IP address", "The host is 8.8.8.8 tonight."),
        ("phone", "Call 212-736-5000 now."),
        ("phone", "Call (415) 555-2671 now."),
        ("phone", "Ring 020 7123 4567 at noon."),
        ("phone", "Text +44 7911 123456 please."),
        ("card", "Charge 4539 1488 0343 6467 once."),
        ("SSN or ITIN", "My SSN is 219-08-4411 here."),
        ("SSN or ITIN", "My ITIN is 912-75-1234 here."),
        ("NINO", "The number AB123456C is mine."),
        ("IBAN", "Pay to DE75512108001245126199 soon."),
        ("BIC", "The BIC is COBADEFF for this."),
        ("AWS key", "Use AKIAABCDEFGHIJKLMNOP to log in."),
        ("MAC", "The adapter 3C:22:FB:11:22:33 is new."),
        ("VIN", "The VIN WVWZZZ1JZXW000001 is worn."),
        ("name", "My name is Martha Quill and I paid."),
    ],
)
def test_a_value_that_is_not_reserved_is_found(kind, text):
    """The look itself can see: one planted value of each kind, and nothing else."""
    assert [found for found, _ in foreign(text)] == [kind]
