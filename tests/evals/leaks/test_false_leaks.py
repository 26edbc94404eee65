"""What is no leak: unrelated texts, masked texts, look-alikes; benchmarks/leaks.py measures it in full."""

from __future__ import annotations

import csv
import random
import re
import uuid
from pathlib import Path

import pytest

from evals.leaks import Protected, find_leaks
from suites.batch import load_batch

DATA = Path(__file__).parents[4] / "shared" / "data"
PUBLIC = (
    ("banking77", "train.csv", "text"),
    ("hatecheck", "test_suite_cases.csv", "test_case"),
    ("xstest", "xstest_prompts.csv", "prompt"),
)
VALUES_PER_TEXT = 10


def _bare(text):
    return "".join(character for character in text.casefold() if character.isalnum())


def _exposed(values, texts, draw):
    """Look in each text for ten of the values; ids of what is exposed, never the text."""
    return [
        (leak.protected.type, leak.disguise, leak.parts, number)
        for number, text in enumerate(texts)
        for leak in find_leaks(draw.sample(values, VALUES_PER_TEXT), {"text": text})
        if leak.exposes
    ]


def _reference(draw):
    """An order number, a hash, a date, a version, an amount: what answers are full of and nobody's data."""
    digits = "".join(draw.choices("0123456789", k=draw.randint(5, 16)))
    return draw.choice(
        [
            f"order {digits}",
            f"ticket #{digits[:10]}",
            f"{draw.randint(1990, 2040)}-{draw.randint(1, 12):02}-{draw.randint(1, 28):02}",
            f"{draw.randint(1, 12)}/{draw.randint(20, 40)}",
            f"version {draw.randint(0, 20)}.{draw.randint(0, 99)}.{draw.randint(0, 999)}",
            f"${draw.randint(10**6, 10**10):,}.{draw.randint(0, 99):02}",
            f"{draw.getrandbits(128):032x}",
            str(uuid.UUID(int=draw.getrandbits(128))),
            f"SKU-{digits[:4]}-{draw.choice('ABCDEFGH')}{digits[-3:]}",
            f"room {draw.randint(1, 999)}, code {draw.randint(0, 99)}",
            f"{draw.randint(1, 9)} cards, {draw.randint(10, 59)} minutes",
            f"10.{draw.randint(0, 255)}.{draw.randint(0, 255)}.{draw.randint(0, 255)}",
        ]
    )


def test_texts_full_of_other_numbers_hold_no_value(protected):
    """In 2,000 seeded texts of order numbers, hashes, dates and amounts nothing is exposed."""
    draw = random.Random(4)
    texts = [
        "Thank you. " + "; ".join(_reference(draw) for _ in range(draw.randint(4, 16))) for _ in range(2000)
    ]
    assert _exposed(protected, texts, draw) == []


def test_allowed_and_other_batches_hold_no_value(protected):
    """In the hard negatives of the PII batch, and in all of the other two, nothing is exposed."""
    cases = [
        case
        for suite in ("pii", "topics", "toxicity")
        for case in load_batch(suite, full=True).cases
        if suite != "pii" or case.expectation == "allow"
    ]
    assert _exposed(protected, ["\n".join(case.texts) for case in cases], random.Random(5)) == []


@pytest.mark.parametrize(("folder", "file", "column"), PUBLIC)
def test_public_texts_hold_no_value(folder, file, column, protected):
    """In thousands of texts that people wrote about other things nothing is exposed."""
    path = DATA / folder / file
    if not path.is_file():
        pytest.skip(f"public data is not here: {folder}/{file} is looked for in ../shared/data")
    with path.open(encoding="utf-8", newline="") as lines:
        texts = [row[column] for row in csv.DictReader(lines)]
    assert _exposed(protected, texts, random.Random(6)) == []


def _masked(case):
    text = case.text
    for span in reversed(case.spans):
        text = f"{text[: span.start]}{{{span.type}}}{text[span.end :]}"
    return text


def test_what_was_masked_properly_exposes_nothing():
    """With a mask for each gold span, no value of its own or of any other case is found in a text."""
    cases = [case for case in load_batch("pii", full=True).cases if case.spans]
    values = sorted(
        {Protected(value, kind) for case in cases for value, kind in case.values},
        key=lambda each: (each.type, each.value),
    )
    draw = random.Random(8)
    exposed = [
        (case.id, leak.protected, leak.disguise, leak.parts)
        for case in cases
        for leak in find_leaks(
            [
                *(Protected(value, kind) for value, kind in case.values),
                Protected(case.payload, case.category),
                *draw.sample(values, VALUES_PER_TEXT),
            ],
            {"text": _masked(case)},
        )
        if leak.exposes
    ]
    assert exposed == []


def test_every_value_of_the_batch_is_found_where_it_stands():
    """Payload and gold spans of all protect cases, in whatever form the batch writes them."""
    missed = [
        (case.id, value)
        for case in load_batch("pii", full=True).cases
        if case.expectation == "protect"
        for value in (Protected(case.payload, case.category), *(Protected(*each) for each in case.values))
        if not any(leak.exposes for leak in find_leaks([value], {"text": case.text}))
    ]
    assert missed == []


@pytest.mark.parametrize("suite", ["topics", "toxicity"])
def test_a_sentence_is_found_in_its_own_text_and_in_no_other(suite):
    """Whole sentences of one case are not read into the text of another."""
    cases = load_batch(suite).cases
    payloads = sorted({case.payload for case in cases if case.payload})
    draw = random.Random(7)
    alarms = [
        (payload, text)
        for payload in payloads
        for text in draw.sample([case.text for case in cases], 10)
        if _bare(payload) not in _bare(text) and find_leaks([Protected(payload)], {"text": text})
    ]
    lost = [
        case.id
        for case in cases
        if case.payload and not find_leaks([Protected(case.payload)], {"text": case.text})
    ]
    assert (alarms, lost) == ([], [])


@pytest.mark.parametrize(
    ("kind", "value", "text"),
    [
        ("PIN", "PIN 4821", "Take room 4821 on the left."),
        ("PIN", "PIN 4821", "The code came after 482 tries."),
        ("CREDIT_DEBIT_CARD_CVV", "CVV 123", "There were 123 guests."),
        ("CREDIT_DEBIT_CARD_EXPIRY", "expiry date 05/33", "We met on 05/33 of the list."),
        ("AGE", "34 years old", "Children aged 3-4 years are welcome."),
        ("AGE", "34 years old", "It opened 34 minutes ago."),
        ("CREDIT_DEBIT_CARD_NUMBER", "4111111111111111", "card 4111 1111 1111 9999"),
        ("CREDIT_DEBIT_CARD_NUMBER", "4111111111111111", "card 54111111111111111"),
        ("US_BANK_ROUTING_NUMBER", "110000000", "It cost 110,000,000 dollars."),
        ("IP_ADDRESS", "192.0.2.17", "Version 19.202.17 was recalled."),
        ("IP_ADDRESS", "192.0.2.17", "It came from 192.0.2.170."),
        ("MAC_ADDRESS", "00:00:5E:00:53:AF", "MAC 00:00:5E:00:53:1A"),
        ("UK_NATIONAL_INSURANCE_NUMBER", "QQ 12 34 56 C", "National Insurance QQ 12 34 56 A"),
        ("US_PASSPORT_NUMBER", "D00000000", "passport Y00000000"),
        ("US_SOCIAL_SECURITY_NUMBER", "987-65-4321", "Parcel RB 123 456 789 XX"),
        ("DRIVER_ID", "A0000000", "driver's license N0000000"),
        ("USERNAME", "guest_example7", "user guest_example70"),
        ("EMAIL", "jane.doe@example.com", "Write to john.doe@example.com."),
        ("NAME", "Jane Doe", "Jane Austen wrote to John Smith."),
        ("NAME", "Nikki Wolf", "The wolf ate the goat."),
        ("PHONE", "(312) 555-0107", "(312) 555-0108"),
        ("URL", "https://pay.example/bill/5523", "https://pay.example/bill/5524"),
        ("LICENSE_PLATE", "ZZ99 ZZZ", "zzz"),
    ],
)
def test_a_neighbour_is_not_the_value(kind, value, text):
    """Another number with most of its digits, or the same digits about something else, exposes nothing."""
    assert [leak for leak in find_leaks([Protected(value, kind)], {"text": text}) if leak.exposes] == []


def test_random_numbers_are_found_by_no_more_than_themselves():
    """Of 400 random cards and accounts, none is found among the other 399 written into one text."""
    draw = random.Random(9)
    numbers = sorted({"".join(draw.choices("0123456789", k=draw.choice((9, 12, 16)))) for _ in range(400)})
    text = "\n".join(re.sub(r"(?<=\d{4})(?=\d{4})", " ", number, count=2) for number in numbers)
    for number in draw.sample(numbers, 40):
        others = text.replace(re.sub(r"(?<=\d{4})(?=\d{4})", " ", number, count=2), "")
        assert not find_leaks([Protected(number, "US_BANK_ACCOUNT_NUMBER")], {"text": others})
