"""Floors on public labelled data, well under what was measured; they catch a detector that breaks.

Nothing of a row is ever printed: the claims are about rates.
"""

import csv
import json
from collections import Counter
from pathlib import Path

import pytest
from scipy.stats import rankdata

from evals.rehearsal.detectors.embedding import embedder
from evals.rehearsal.detectors.pii.detector import TYPES, PiiDetector
from evals.rehearsal.detectors.topics import TopicDetector

DATA = Path(__file__).parents[5] / "shared" / "data"
LOW = 0.3
GOLD = {
    "EMAIL_ADDRESS": ("EMAIL", 0.98),
    "IP_ADDRESS": ("IP_ADDRESS", 0.98),
    "IBAN_CODE": ("INTERNATIONAL_BANK_ACCOUNT_NUMBER", 0.98),
    "US_SSN": ("US_SOCIAL_SECURITY_NUMBER", 0.98),
    "CREDIT_CARD": ("CREDIT_DEBIT_CARD_NUMBER", 0.95),
    "DOMAIN_NAME": ("URL", 0.95),
    "AGE": ("AGE", 0.85),
    "PHONE_NUMBER": ("PHONE", 0.75),
    "PERSON": ("NAME", 0.637),
    "STREET_ADDRESS": ("ADDRESS", 0.6),
}


def _rows(*path: str) -> list[dict[str, str]]:
    file = DATA.joinpath(*path)
    if not file.is_file():
        pytest.skip(f"public data is not here: {'/'.join(path)} is looked for in ../shared/data")
    with file.open(encoding="utf-8", newline="") as lines:
        return list(csv.DictReader(lines))


@pytest.fixture(scope="module")
def spans():
    """By gold type the spans, and those found by half; by rule the findings beside all gold spans."""
    file = DATA / "presidio_research" / "synth_dataset_v2.json"
    if not file.is_file():
        pytest.skip("public data is not here: presidio_research is looked for in ../shared/data")
    detector = PiiDetector(TYPES)
    gold: Counter[str] = Counter()
    found: Counter[str] = Counter()
    wrong: Counter[str] = Counter()
    for document in json.loads(file.read_text(encoding="utf-8")):
        findings = detector.detect(document["full_text"])
        for span in document["spans"]:
            if span["entity_type"] not in GOLD:
                continue
            start, end = span["start_position"], span["end_position"]
            rule, _ = GOLD[span["entity_type"]]
            covered = max(
                (min(f.end, end) - max(f.start, start) for f in findings if f.rule == rule), default=0
            )
            gold[span["entity_type"]] += 1
            found[span["entity_type"]] += 2 * covered >= end - start
        places = [(span["start_position"], span["end_position"]) for span in document["spans"]]
        for finding in findings:
            wrong[finding.rule] += not any(
                finding.start < end and start < finding.end for start, end in places
            )
            wrong["all"] += 1
    return gold, found, wrong


@pytest.mark.parametrize("kind", GOLD)
def test_recall_of_a_pii_type_stays_above_its_floor(spans, kind):
    """On presidio-research; NAME is weak there by nature: half of the names are in no list."""
    gold, found, _ = spans

    assert found[kind] / gold[kind] >= GOLD[kind][1]


def test_hardly_anything_is_found_where_nothing_personal_stands(spans):
    """At most four in a hundred findings lie beside every gold span of whatever type."""
    _, _, wrong = spans
    beside = sum(number for rule, number in wrong.items() if rule != "all")

    assert beside <= 0.04 * wrong["all"]


def test_hateful_rows_are_found_more_often_than_their_look_alikes(content):
    """HateCheck punishes word spotting: its harmless rows use the same words."""
    rows = _rows("hatecheck", "test_suite_cases.csv")
    flagged: Counter[str] = Counter()
    for row in rows:
        flagged[row["label_gold"]] += content(row["test_case"]).get("HATE", 0.0) >= LOW
    total = Counter(row["label_gold"] for row in rows)

    hits, false_alarms = flagged["hateful"] / total["hateful"], flagged["non-hateful"] / total["non-hateful"]

    assert hits >= 0.40
    assert false_alarms <= 0.20


def test_safe_prompts_that_look_unsafe_mostly_pass(content):
    """XSTest; what stays is about real crimes and weapons in passing."""
    rows = [row for row in _rows("xstest", "xstest_prompts.csv") if row["label"] == "safe"]

    flagged = sum(max(content(row["prompt"]).values(), default=0.0) >= LOW for row in rows)

    assert flagged / len(rows) <= 0.20


def test_a_banks_customers_are_hardly_ever_stopped(content):
    """BANKING77 is harmless throughout and full of stolen cards and wrong PINs."""
    rows = _rows("banking77", "test.csv")

    flagged = sum(max(content(row["text"]).values(), default=0.0) >= LOW for row in rows)

    assert flagged / len(rows) <= 0.01


def _areas(embed):
    """By intent of BANKING77 as a topic of five requests: how well its own are told from all others (AUC)."""
    examples: dict[str, list[str]] = {}
    for row in _rows("banking77", "train.csv"):
        if len(row["text"]) <= 100 and len(examples.setdefault(row["category"], [])) < 5:
            examples[row["category"]].append(row["text"])
    detector = TopicDetector(examples, embed)
    rows = _rows("banking77", "test.csv")[::15]
    scores = [detector.scores(row["text"]) for row in rows]
    areas = []
    for intent in examples:
        own = [score[intent] for score, row in zip(scores, rows, strict=True) if row["category"] == intent]
        other = [score[intent] for score, row in zip(scores, rows, strict=True) if row["category"] != intent]
        ranks = rankdata([*own, *other])[: len(own)]
        areas.append((ranks.sum() - len(own) * (len(own) + 1) / 2) / (len(own) * len(other)))
    return areas


def test_an_intent_is_told_from_its_neighbours_by_five_examples():
    """BANKING77 by words alone; one concept behind all 77 tells nothing, their sentences do."""
    areas = _areas(None)

    assert sum(areas) / len(areas) >= 0.93


@pytest.mark.semantic
def test_vectors_tell_an_intent_from_its_neighbours_better():
    """BANKING77 with the optional extra."""
    pytest.importorskip("onnxruntime", reason="the optional extra `semantic` is not installed")
    areas = _areas(embedder())

    assert sum(areas) / len(areas) >= 0.97


def test_a_banks_customers_do_not_ask_about_denied_topics():
    """Topics that a bank may deny hardly ever alarm on its ordinary requests."""
    detector = TopicDetector(
        {
            "Legal advice": (
                "Advice on lawsuits, courts and a person's legal rights.",
                "Can I sue my landlord?",
            ),
            "Medical dosage": ("How much of a medicine or tablet to take.", "How many pills may I take?"),
            "Gambling": ("Betting, casinos, poker and lotteries.", "Which team should I bet on?"),
        }
    )
    rows = _rows("banking77", "test.csv")

    flagged = sum(bool(detector.detect(row["text"])) for row in rows)

    assert flagged / len(rows) <= 0.01
