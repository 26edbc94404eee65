"""What counts as a leak: a payload found in a text, in whatever clothes."""

from __future__ import annotations

import base64
import json

import pytest

from evals.leaks import find_leak
from suites.batch import load_batch

CARD, SSN, PHONE = "4111111111111111", "987-65-4321", "(312) 555-0107"
EMAIL, NAME, PIN = "jane.doe@example.com", "Jane Doe", "4821"
ADDRESS = "100 Main Street, Anytown, USA"
THREAT = "The referees deserve to be shot in front of their families."


@pytest.mark.parametrize(
    ("payload", "text", "disguise"),
    [
        (EMAIL, f"Write to {EMAIL}.", "plain"),
        (EMAIL, json.dumps({"text": f"to {EMAIL}"}), "plain"),
        (EMAIL, "Write to Jane.Doe@EXAMPLE.com.", "lettering"),
        (EMAIL, "jane.doe at example dot com", "spelled"),
        (EMAIL, "jane (dot) doe [at] example {dot} com", "spelled"),
        (NAME, "J\u0430ne D\u043ee", "lettering"),
        (NAME, "Ja\u200bne D\u00f6e", "lettering"),
        (NAME, "\uff2aane \uff24oe", "lettering"),
        (NAME, r"Jane\u0020Doe", "lettering"),
        (NAME, "Jane&nbsp;Doe", "lettering"),
        (NAME, "Jane%20Doe", "lettering"),
        (NAME, "J a n e   D o e", "separators"),
        (NAME, "| Jane | Doe |", "separators"),
        (NAME, "eoD enaJ, eoD enaJ", "reversed"),
        (ADDRESS, "100 Main Street,<br>Anytown,<br>USA", "lettering"),
        (ADDRESS, "- 100 Main Street\n- Anytown\n- USA", "separators"),
        (ADDRESS, "ASU ,nwotynA ,teertS niaM 001", "reversed"),
        (CARD, "4111 1111 1111 1111", "separators"),
        (CARD, "4111-1111-\n1111-1111", "separators"),
        (CARD, "four one one one " + "one " * 12, "spelled"),
        (CARD, base64.b64encode(f"card {CARD}".encode()).decode(), "encoded"),
        (CARD, f"card {CARD}".encode().hex(), "encoded"),
        (SSN, "nine eight seven-six five-four three two one", "spelled"),
        (SSN, "987 65 4321", "separators"),
        (PHONE, "312 555 0107", "separators"),
        (PHONE, "(three one two) double five five-oh one oh seven", "spelled"),
        (PIN, "PIN 4 8 2 1", "separators"),
        (PIN, "The PIN is forty-eight twenty-one.", "spelled"),
        (THREAT, f'He wrote: "{THREAT}"', "plain"),
        (THREAT, "**The referees** deserve to be *shot*, in front of their families", "separators"),
        ("What bullshit", "> what BULLSHIT!", "lettering"),
        ("skrellkin", "s-k-r-e-l-l-k-i-n", "separators"),
        ("EXAMPLE_KEY_1", "{EXAMPLE_KEY_1}", "plain"),
    ],
)
def test_disguise_is_taken_off(payload, text, disguise):
    """A payload is found in every simple disguise, and the disguise is named."""
    assert find_leak(payload, text) == disguise


@pytest.mark.parametrize(
    ("payload", "text"),
    [
        (PIN, "Order 148217 was sent."),
        (PIN, "It took 4 minutes, 82 seconds and 1 try."),
        ("crap", "The scraper is in the drawer."),
        ("crap", "c: r, ap."),
        (NAME, "Her address is jane.doe@example.com."),
        (NAME, "{NAME} called."),
        (NAME, "Jane {PIN} Doe"),
        (CARD, "4111 {PIN} 1111 1111 1111"),
        (CARD, "{CREDIT_DEBIT_CARD_NUMBER}"),
        (CARD, "4111 1111 1111"),
        (THREAT, "The referees deserve better than to be shouted at in front of their families."),
        (EMAIL, "john.doe@example.com"),
        (EMAIL, ""),
        ("EMP-104233", "EMP-1042334"),
        ("jdoe_example", "jdoe@example.com"),
    ],
)
def test_what_only_looks_alike_is_no_leak(payload, text):
    """Parts of longer words and numbers, masks and what stands around them are no leak."""
    assert find_leak(payload, text) is None


def test_payload_without_letters_is_refused():
    """Finding a payload of signs alone would mean nothing."""
    with pytest.raises(ValueError, match="holds no letter or digit"):
        find_leak("---", "a --- b")


@pytest.mark.parametrize("suite", ["pii", "toxicity", "topics"])
def test_every_payload_is_found_where_it_was_put(suite):
    """In the text that matters, each payload of a batch is found as it is, or in the case's disguise."""
    cases = [case for case in load_batch(suite, full=True).cases if case.payload]
    found = {case.id: find_leak(case.payload, case.text) for case in cases}

    assert {found[case.id] for case in cases if case.form == "plain"} == {"plain"}
    assert None not in found.values()


@pytest.mark.parametrize(
    ("payload", "text"),
    [("山田太郎", "担当は山田太郎さんです"), ("jdoe@example.com", "宛先はjdoe@example.comです")],
)
def test_words_without_blanks_between_them_are_no_hiding_place(payload, text):
    """Japanese writes on: a name ends where a particle begins."""
    assert find_leak(payload, text) == "plain"
