"""What proves that a value of each of Bedrock's types belongs to nobody: a rule per type.

The ranges are those of RFC 2606, 5737 and 7042, the numbers for drama of Ofcom, Arcep and the
Bundesnetzagentur, NANPA's 555-01xx, the cards that payment providers publish for tests, SSA's advertising
numbers, NHS England's test range, and the registries' own specimens. A number with a check digit and without
a reserved range fails its check, so that it cannot have been given out.
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Callable, Mapping
from types import MappingProxyType

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
    "Fulano de Tal", "Mengano de Tal", "Juan Nadie",
    "Jean Exemple", "Camille Exemple", "Jeanne Untel", "Michel Untel", "Marie Specimen", "Paul Specimen",
    "Max Mustermann", "Erika Mustermann", "Hans Mustermann", "Petra Musterfrau", "Lieschen Müller",
    "Otto Normalverbraucher",
    "山田太郎", "山田花子", "例野太郎", "例野花子", "見本太郎", "見本花子",
}  # fmt: skip
"""AWS's and other published placeholders: `any`, `sample`, `model`, `nobody` in their languages."""
SPECIMEN_DRIVERS = {"I1234562", "MORGA753116SM9IJ"}
SPECIMEN_PLATES = {"2GAT123", "ABC-1234"}
BANK_TEST_ROUTING = "110000000"
_NETS = [
    ipaddress.ip_network(net) for net in ("192.0.2.0/24", "198.51.100.0/24", "203.0.113.0/24", "10.0.0.0/8")
]
HOST = re.compile(r"(^|\.)(example\.(com|org|net)|example|test|invalid)$")
DRAMA_NUMBERS = (
    r"1?[2-9]\d{2}55501\d{2}",
    r"(?:44|0)(?:20794609\d\d|161496\d{4}|131496\d{4}|7700900\d{3}|1632960\d{3})",
    r"(?:33|0)(?:19900|63998)\d{4}",
    r"(?:49|0)3023125\d{3}",
)
PLACEHOLDER = re.compile(
    r"\b(?:any|sample|example|test|placeholder|main) (?:street|road|lane|avenue|boulevard|drive|court)\b"
    r"|\b(?:ejemplo|falsa|muestra)\b|\b(?:exemple|modèle)\b|\b(?:muster|beispiel)\w*|見本|例示",
    re.IGNORECASE,
)
"""What a made-up street is called; none of them is in a made-up or nameless town's directory."""
NO_TOWN = re.compile(
    r"\b(?:any ?town|sampletown|villa (?:ejemplo|muestra)|exempleville|(?:muster|beispiel)stadt)\b|見本|例示",
    re.IGNORECASE,
)
UNISSUED_NINO = re.compile(r"QQ\d{6}[A-D]")


def compact(value: str) -> str:
    """Its letters and digits."""
    return re.sub(r"[^0-9A-Za-z]", "", value)


def luhn(number: str) -> bool:
    """ISO/IEC 7812-1 annex B."""
    digits = [int(digit) for digit in reversed(compact(number)) if digit.isdecimal()]
    return sum(sum(divmod(2 * d, 10)) if place % 2 else d for place, d in enumerate(digits)) % 10 == 0


def taxpayer_check(number: str) -> bool:
    """The first digit of a UK taxpayer reference follows from the other nine, modulo 11."""
    digits = compact(number)
    weights = (6, 7, 8, 9, 10, 5, 4, 3, 2)
    total = sum(weight * int(digit) for weight, digit in zip(weights, digits[1:], strict=True))
    return "21987654321"[total % 11] == digits[0]


def host(value: str) -> bool:
    """Under a domain that is reserved for documentation or tests."""
    return HOST.search(value.lower()) is not None


def address(value: str) -> bool:
    """In one of the networks for documentation (RFC 5737), or private (RFC 1918)."""
    try:
        given = ipaddress.ip_address(value)
    except ValueError:
        return False
    return any(given in net for net in _NETS)


def phone(value: str) -> bool:
    """In a range that is never given to a subscriber."""
    return any(re.fullmatch(numbers, compact(value)) for numbers in DRAMA_NUMBERS)


def vin(value: str) -> bool:
    """With a first character that no region has, or a textbook's."""
    return value[0] == "0" or value in {"11111111111111111", "1M8GDM9AXKP042788"}


def _routing(value: str) -> bool:
    return value == BANK_TEST_ROUTING or 33 <= int(value[:2]) <= 60  # noqa: PLR2004 - between the assigned prefixes


def _health(value: str) -> bool:
    return value == "9698 658 215" or not luhn(re.sub(r"[A-Z]", "", value))


def _itin(value: str) -> bool:
    return re.fullmatch(r"9\d\d-(?:7\d|8[0-8])-0000", value) is not None


RESERVED: Mapping[str, Callable[[str], bool]] = MappingProxyType({
    "ADDRESS": lambda v: PLACEHOLDER.search(v) is not None and NO_TOWN.search(v) is not None,
    "AGE": lambda v: re.fullmatch(r"\d{2} years old", v) is not None,
    "AWS_ACCESS_KEY": lambda v: v.endswith("EXAMPLE"),
    "AWS_SECRET_KEY": lambda v: v.endswith("EXAMPLEKEY") and len(v) == 40,  # noqa: PLR2004
    "CA_HEALTH_NUMBER": _health,
    "CA_SOCIAL_INSURANCE_NUMBER": lambda v: v.startswith("0"),
    "CREDIT_DEBIT_CARD_CVV": lambda v: v in {
        "123", "999", "1234", "321", "456", "789", "000", "111", "246", "135"
    },
    "CREDIT_DEBIT_CARD_EXPIRY": lambda v: re.fullmatch(r"(?:0[1-9]|1[0-2])/\d\d", v) is not None,
    "CREDIT_DEBIT_CARD_NUMBER": lambda v: compact(v) in TEST_CARDS,
    "DRIVER_ID": lambda v: v in SPECIMEN_DRIVERS or re.fullmatch(r"[A-Z]0{7}", v) is not None,
    "EMAIL": lambda v: host(v.rpartition("@")[2]) and "@" in v,
    "EMPLOYEE_ID": lambda v: re.fullmatch(r"EMP-\d{6}", v) is not None,
    "INTERNATIONAL_BANK_ACCOUNT_NUMBER": lambda v: compact(v) in SPECIMEN_IBANS,
    "IP_ADDRESS": address,
    "LICENSE_PLATE": lambda v: v in SPECIMEN_PLATES or re.fullmatch(r"Z[A-Z]\d\d [A-Z]{3}", v) is not None,
    "MAC_ADDRESS": lambda v: compact(v).upper().startswith("00005E0053"),
    "NAME": lambda v: v in FICTITIOUS_NAMES,
    "PASSWORD": lambda v: re.search(r"(?i)example|sample|test|demo|notreal|placeholder", v) is not None,
    "PHONE": phone,
    "PIN": lambda v: v in {
        "0000", "1234", "9999", "4321", "1111", "2580", "8642", "0101", "5555", "1357"
    },
    "SWIFT_CODE": lambda v: v[7] == "0",
    "UK_NATIONAL_HEALTH_SERVICE_NUMBER": lambda v: v.startswith("999 "),
    "UK_NATIONAL_INSURANCE_NUMBER": lambda v: UNISSUED_NINO.fullmatch(compact(v)) is not None,
    "UK_UNIQUE_TAXPAYER_REFERENCE_NUMBER": lambda v: not taxpayer_check(v),
    "URL": lambda v: host(re.sub(r"^https?://", "", v).partition("/")[0]),
    "USERNAME": lambda v: re.search(r"example|test", v) is not None,
    "US_BANK_ACCOUNT_NUMBER": lambda v: v.startswith("000"),
    "US_BANK_ROUTING_NUMBER": _routing,
    "US_INDIVIDUAL_TAX_IDENTIFICATION_NUMBER": _itin,
    "US_PASSPORT_NUMBER": lambda v: v == "L898902C3" or re.fullmatch(r"[A-Z0]0{8}", v) is not None,
    "US_SOCIAL_SECURITY_NUMBER": lambda v: re.fullmatch(r"987-65-432\d", v) is not None,
    "VEHICLE_IDENTIFICATION_NUMBER": vin,
})  # fmt: skip
"""By type of personal data, whether a value of it is reserved or fictional."""
