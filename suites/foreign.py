"""Finds values in a text that are neither reserved for documentation and tests nor fictional."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping

from suites.case import Case
from suites.reserved import (
    FICTITIOUS_NAMES,
    RESERVED,
    SPECIMEN_IBANS,
    TEST_CARDS,
    UNISSUED_NINO,
    address,
    compact,
    host,
    luhn,
    phone,
    vin,
)

OTHER_CAPITALISED = {
    "Any Street", "Any Town", "Main Street", "Sample Road", "Test Boulevard", "Example Lane",
    "Example Avenue", "Placeholder Drive", "Sample Court", "National Insurance", "My National",
    "An Exampletrust",
    "Payslip May", "From July", "Anybank Direct", "Exampletrust Plus", "At Anybank", "At Exampletrust",
    "Sesame Street", "Wall Street", "Abbey Road", "Big Mac", "Kind The", "Tax Code",
}  # fmt: skip
"""Pairs of capitalised words that are no names."""


def foreign(text: str, language: str = "en") -> list[tuple[str, str]]:
    """What in `text` is neither reserved nor fictional, as (kind, value), whatever it is said to be.

    It errs on the side of finding: what looks like a value and cannot be shown to be reserved is told. In
    German every noun has a capital, so names are not looked for there.
    """
    return [
        (kind, value)
        for kind, look in LOOKS.items()
        if kind != "name" or language != "de"
        for value in look(text)
    ]


def foreign_texts(case: Case) -> list[list[tuple[str, str]]]:
    """By text of a case, in order, what in it is neither reserved nor fictional, as (kind, value).

    A span that the rule of its type proves is no longer looked at; so is a value in disguise, which the
    plain payload stands for.
    """
    proved = []
    for span in sorted(case.spans, key=lambda span: -span.start):
        value = case.text[span.start : span.end]
        rule = RESERVED.get(span.type)
        hidden = case.form != "plain" and span.type == case.category
        if hidden or (rule is not None and rule(value)):
            proved.append(value)
    found = []
    for text in case.texts:
        rest = text
        for value in proved:
            rest = rest.replace(value, "_")
        found.append(foreign(rest, case.language))
    return found


def _hosts(text: str) -> list[str]:
    named = re.findall(r"(?:@|https?://)([\w-]+(?:\.[\w-]+)+)", text)
    bare = re.findall(r"\b(?:[a-z0-9-]+\.)+(?:com|net|org|io|gov|edu|info|uk|de|fr|us|ai|app|dev)\b", text)
    return [name for name in {*named, *bare} if not host(name)]


def _addresses(text: str) -> list[str]:
    return [
        quad
        for quad in re.findall(r"(?<![\d.])\d{1,3}(?:\.\d{1,3}){3}(?![\d.])", text, re.ASCII)
        if not address(quad)
    ]


def _phones(text: str) -> list[str]:
    north = re.findall(r"(?<![\w-])(?:\+1[ -]?)?\(?[2-9]\d{2}\)?[ -]\d{3}[ -]\d{4}(?![\w-])", text)
    other = re.findall(r"(?<![\w-])(?<!\d )(?:\+\d\d ?|0)[1-9]\d{0,3}(?: ?\d{2,4}){2,4}(?![\w-]| \d)", text)
    return [number for number in (*north, *other) if not phone(number)]


def _cards(text: str) -> list[str]:
    runs = re.findall(r"(?<![\w])\d(?:[ -]?\d){12,18}(?![\w])", text)
    numbers = [compact(run) for run in runs if not re.match(r"97[89]", run)]
    return [
        number for number in numbers if luhn(number) and number not in TEST_CARDS and set(number) != {"1"}
    ]


def _social_security(text: str) -> list[str]:
    found = re.findall(r"(?<![\w-])\d{3}-\d{2}-\d{4}(?![\w-])", text)
    kinds = ("US_SOCIAL_SECURITY_NUMBER", "US_INDIVIDUAL_TAX_IDENTIFICATION_NUMBER")
    return [value for value in found if not any(RESERVED[kind](value) for kind in kinds)]


def _national_insurance(text: str) -> list[str]:
    found = re.findall(r"\b[A-Z]{2} ?\d\d ?\d\d ?\d\d ?[A-D]\b", text)
    return [value for value in found if not UNISSUED_NINO.fullmatch(compact(value))]


def _accounts(text: str) -> list[str]:
    found = re.findall(r"\b[A-Z]{2}\d{2}(?: ?[A-Z0-9]{4}){3,7}(?: ?[A-Z0-9]{1,3})?\b", text)
    return [value for value in found if compact(value) not in SPECIMEN_IBANS and re.search(r"\d{4}", value)]


def _bank_codes(text: str) -> list[str]:
    found = re.findall(r"(?:SWIFT|BIC)[^.;\n]*?\b([A-Z]{6}[A-Z0-9]{2}(?:[A-Z0-9]{3})?)\b", text)
    return [code for code in found if code[7] != "0"]


def _keys(text: str) -> list[str]:
    access = re.findall(r"\b(?:AKIA|ASIA)[A-Z0-9]{16}\b", text)
    secret = re.findall(r"(?<![\w/+])(?=[\w/+]*[A-Z])[\w/+]{40}(?![\w/+])", text)
    return [key for key in access if not key.endswith("EXAMPLE")] + [
        key for key in secret if not key.endswith("EXAMPLEKEY")
    ]


def _adapters(text: str) -> list[str]:
    found = re.findall(r"\b[0-9A-Fa-f]{2}(?:[:-][0-9A-Fa-f]{2}){5}\b", text)
    return [value for value in found if not RESERVED["MAC_ADDRESS"](value)]


def _vehicles(text: str) -> list[str]:
    found = re.findall(r"(?<![\w-])(?=[A-Z0-9]*[A-Z])(?=[A-Z0-9]*\d)[A-HJ-NPR-Z0-9]{17}(?![\w-])", text)
    return [value for value in found if not vin(value)]


def _people(text: str) -> list[str]:
    return [
        pair
        for pair in re.findall(r"\b[A-Z][a-z]+ [A-Z][a-z]+\b", text)
        if pair not in FICTITIOUS_NAMES | OTHER_CAPITALISED and not re.match(r"(?:In|La) ", pair)
    ]


LOOKS: Mapping[str, Callable[[str], list[str]]] = {
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
