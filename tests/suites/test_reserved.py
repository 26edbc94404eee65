"""Only reserved or fictional values are shipped.

Two nets: every value that is marked as personal data is proved by the rule of its type, and every text is
read whatever its category says, so that a value nobody marked is found as well.
"""

from __future__ import annotations

from pathlib import Path
from typing import get_args

import pytest

import suites
from suites.authoring.forms import disguised
from suites.authoring.sources import read_pools
from suites.batch import DATASETS
from suites.foreign import foreign, foreign_texts
from suites.reserved import RESERVED
from suites.rules import PiiType

PACKAGE = Path(suites.__file__).parent

REAL_LOOKING = {
    "ADDRESS": "1600 Pennsylvania Avenue, Washington, DC 20500",
    "AGE": "born in 1984",
    "AWS_ACCESS_KEY": "AKIAABCDEFGHIJKLMNOP",
    "AWS_SECRET_KEY": "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",
    "CA_HEALTH_NUMBER": "4012-888-881-AB",
    "CA_SOCIAL_INSURANCE_NUMBER": "130 692 544",
    "CREDIT_DEBIT_CARD_CVV": "874",
    "CREDIT_DEBIT_CARD_EXPIRY": "12 August 2029",
    "CREDIT_DEBIT_CARD_NUMBER": "4539 1488 0343 6467",
    "DRIVER_ID": "D6101740",
    "EMAIL": "someone@company.com",
    "EMPLOYEE_ID": "E-77120",
    "INTERNATIONAL_BANK_ACCOUNT_NUMBER": "DE75512108001245126199",
    "IP_ADDRESS": "8.8.8.8",
    "LICENSE_PLATE": "LB07 SEO",
    "MAC_ADDRESS": "3C:22:FB:11:22:33",
    "NAME": "Martha Quill",
    "PASSWORD": "hunter2!Blue",
    "PHONE": "+44 7911 123456",
    "PIN": "7391",
    "SWIFT_CODE": "COBADEFF",
    "UK_NATIONAL_HEALTH_SERVICE_NUMBER": "943 476 5919",
    "UK_NATIONAL_INSURANCE_NUMBER": "AB123456C",
    "UK_UNIQUE_TAXPAYER_REFERENCE_NUMBER": "1955839661",
    "URL": "https://www.some-bank.co.uk/login",
    "USERNAME": "mquill84",
    "US_BANK_ACCOUNT_NUMBER": "483920174",
    "US_BANK_ROUTING_NUMBER": "021000021",
    "US_INDIVIDUAL_TAX_IDENTIFICATION_NUMBER": "912-75-1234",
    "US_PASSPORT_NUMBER": "C03005988",
    "US_SOCIAL_SECURITY_NUMBER": "219-08-4411",
    "VEHICLE_IDENTIFICATION_NUMBER": "WVWZZZ1JZXW000001",
}


def test_every_type_of_bedrock_has_a_rule_and_a_value_that_breaks_it():
    """Thirty-one types, and the suite's own staff numbers."""
    assert set(RESERVED) == set(REAL_LOOKING) == {*get_args(PiiType), "EMPLOYEE_ID"}


@pytest.mark.parametrize("kind", sorted(RESERVED))
def test_every_value_in_the_pools_is_reserved_or_fictional(kind):
    """In every language; and there are values of every type at all."""
    pools = [pool for pool in read_pools("pii").values() if pool.type == kind]
    values = [value for pool in pools for several in pool.values.values() for value in several]

    assert values
    assert [value for value in values if not RESERVED[kind](value)] == []


@pytest.mark.parametrize("kind", sorted(RESERVED))
def test_a_real_looking_value_of_each_type_is_refused(kind):
    """The rule can see."""
    assert not RESERVED[kind](REAL_LOOKING[kind])


def test_every_span_of_every_case_is_proved(shipped):
    """What is marked is a reserved value as it stands, or in the form that the case says."""
    pools = read_pools("pii").values()
    unproved = []
    for case in shipped["pii"]:
        for span in case.spans:
            value = case.text[span.start : span.end].replace("\\n", "\n").replace('\\"', '"')
            hidden = [
                disguised(case.form, plain)
                for pool in pools
                if pool.type == span.type and case.form != "plain"
                for several in pool.values.values()
                for plain in several
                if plain in case.payload
            ]
            if value not in hidden and not RESERVED[span.type](value):
                unproved.append((case.id, span.type))

    assert unproved == []


@pytest.mark.parametrize("suite", ["pii", "topics", "toxicity"])
def test_every_shipped_prompt_holds_reserved_values_only(shipped, suite):
    """All texts of all cases, allow cases too, beside the values that are proved by their type."""
    found = {case.id: values for case in shipped[suite] if any(values := foreign_texts(case))}

    assert found == {}


@pytest.mark.parametrize(
    "path",
    [*sorted(PACKAGE.glob("catalog/*.yaml")), *sorted(PACKAGE.glob("authoring/sources/**/*.yaml"))],
    ids=lambda path: f"{path.parent.name}/{path.name}",
)
def test_catalog_and_sources_hold_reserved_values_only(path):
    """Canaries and patterns are shipped as well; pools are proved by type, names in the prompts they give."""
    text = "" if path.name == "pools.yaml" else path.read_text()
    found = [(kind, value) for kind, value in foreign(text) if kind != "name"]

    assert found == []


def test_the_cards_of_the_batches_hold_reserved_values_only():
    """The cards are read by people."""
    for path in DATASETS.glob("*/README.md"):
        assert [(kind, value) for kind, value in foreign(path.read_text()) if kind != "name"] == []


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
        ("phone", "Appelez le 01 42 68 53 00 ce soir."),
        ("phone", "Telefon 030 901820 bitte."),
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
