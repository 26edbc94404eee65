"""Only reserved or fictional values are shipped: every text is read, whatever its category says."""

from __future__ import annotations

from pathlib import Path

import pytest

import suites
from suites.batch import DATASETS
from suites.reserved import FICTITIOUS_NAMES, foreign

PACKAGE = Path(suites.__file__).parent


@pytest.mark.parametrize("suite", ["pii", "topics", "toxicity"])
def test_every_shipped_prompt_holds_reserved_values_only(shipped, suite):
    """Prompts, materials and payloads, of allow cases too."""
    found = [
        (case.id, kind, value)
        for case in shipped[suite]
        for text in case.texts
        for kind, value in foreign(text)
        # German writes every noun like a name.
        if (kind, case.language) != ("name", "de")
    ]

    assert found == []


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
