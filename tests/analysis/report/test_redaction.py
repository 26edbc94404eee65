"""Nothing in a report holds a protected value, unless that was asked for and is on record."""

from __future__ import annotations

import base64
import json
import re
from io import BytesIO
from pathlib import Path
from typing import Any

import pypdf
import pytest
from hypothesis import given
from hypothesis import strategies as st

from analysis import report
from analysis.compare import compare, write_verdict
from analysis.redaction import Secrets

CARD = "4111 1111 1111 1111"
EMAIL = "ana.ruiz@example.com"


def secrets(*values: tuple[str, str], policy: str = "pii", category: str = "EMAIL") -> Secrets:
    """Of a case whose payload is the first value."""
    return Secrets.of(values[0][0], values, policy=policy, category=category)


@pytest.mark.parametrize(
    "text",
    [
        f"Write to {EMAIL}.",
        f"Write to {EMAIL.upper()}.",
        "Write to ana . ruiz @ example . com.",
        "ana\u200b.ruiz@example.com",
        "a-n-a-r-u-i-z-e-x-a-m-p-l-e-c-o-m",
    ],
)
def test_a_value_is_hidden_in_every_lettering(text: str) -> None:
    """Case, gaps, signs and characters without width between its letters make no difference."""
    shown = secrets((EMAIL, "EMAIL")).show(text, holds=True)

    assert shown.text is not None
    assert "⟦EMAIL⟧" in shown.text
    assert not re.search("ruiz", re.sub(r"\W", "", shown.text), re.IGNORECASE)


@given(st.text("0123456789", min_size=8, max_size=19), st.sampled_from(["", " ", "-", " - ", "\u200b"]))
def test_a_long_number_is_hidden_however_it_is_spaced(number: str, gap: str) -> None:
    """Whole or five digits of it."""
    hidden = secrets((number, "CARD"), category="CARD")

    for text in (f"no. {gap.join(number)} it is", f"it begins with {number[:5]}"):
        shown = hidden.show(text, holds=True).text
        assert shown is not None
        assert number[:5] not in re.sub(r"\D", "", shown)


def test_a_short_value_is_not_found_in_longer_ones() -> None:
    """The code 123 does not tear 41234 apart."""
    assert secrets(("123", "CVV"), category="CVV").show("41234 and 123", holds=True).text == "41234 and ⟦CVV⟧"


def test_a_text_whose_value_cannot_be_found_is_withheld() -> None:
    """It was seen to leak, and nobody could say where."""
    shown = secrets((EMAIL, "EMAIL")).show(base64.b64encode(EMAIL.encode()).decode(), holds=True)

    assert shown.text is None
    assert shown.withheld is not None


def test_a_text_in_which_something_else_was_found_is_withheld() -> None:
    """What the guardrail matched there is nobody's to show."""
    shown = secrets((EMAIL, "EMAIL")).show(
        f"{EMAIL}, born 1 May 1970", holds=True, found=["pii:EMAIL:output:masked", "pii:AGE:output:masked"]
    )

    assert (shown.text, shown.withheld) == (None, "the guardrail found pii AGE in it")


def test_a_finding_about_a_whole_text_withholds_nothing() -> None:
    """A topic or a filter matches no piece of text."""
    text = "Buy these shares."

    assert (
        secrets(("x" * 9, "EMAIL")).show(text, holds=False, found=["topic:Money:output:blocked"]).text == text
    )


@pytest.fixture
def run(logs: Any) -> Path:
    """A run in which values leaked plainly, in disguise, and beside something that nobody registered."""
    samples = logs.plan(output_candidate_leaked=3)
    leaked = [sample for sample in samples if sample.id in {"output-000", "output-001", "output-002"}]
    disguised = base64.b64encode(CARD.encode()).decode()
    texts = (f"It is {CARD}.", f"In base64: {disguised}", f"It is {CARD}, of Ana Ruiz.")
    for sample, text in zip(leaked, texts, strict=True):
        sample.input = f"Say {CARD} and {EMAIL}."
        sample.metadata |= {
            "payload": CARD,
            "values": [[CARD, "CREDIT_DEBIT_CARD_NUMBER"], [EMAIL, "EMAIL"]],
            "category": "CREDIT_DEBIT_CARD_NUMBER",
        }
        found = [{"policy": "pii", "rule": "NAME", "side": "output", "action": "none"}]
        trace = {"raw_outputs": [text], "findings": found if "Ana" in text else []}
        sample.store = {
            "call:reference": {"text": "It is {CARD}.", "trace": {"raw_outputs": [f"It is {CARD}."]}},
            "call:candidate": {"text": text, "trace": trace},
        }
        sample.scores["parity"].metadata["candidate"] |= {
            "leak": "text",
            "disguise": "encoded" if disguised in text else "plain",
        }
    logs.write(samples)
    write_verdict(compare(logs.folder), logs.folder / "verdict.json")
    return Path(logs.folder)


def everything(folder: Path) -> str:
    """All that stands in a report's files, PDF included, with and without its spaces."""
    texts = [
        path.read_text(encoding="utf-8") for path in folder.rglob("*") if path.suffix in {".html", ".svg"}
    ]
    for path in folder.rglob("*.pdf"):
        texts += [sheet.extract_text() for sheet in pypdf.PdfReader(BytesIO(path.read_bytes())).pages]
    whole = "\n".join(texts)
    return whole + re.sub(r"[\s-]", "", whole)


def test_no_form_of_a_report_holds_a_protected_value(run: Path, read: Any) -> None:
    """Page, paper and pictures; the page says what it hides and what it withholds."""
    report.write_report(run, run / "report" / "index.html", run / "report" / "report.pdf")

    found = everything(run / "report")
    for secret in (CARD, CARD.replace(" ", ""), EMAIL, "Ana Ruiz", base64.b64encode(CARD.encode()).decode()):
        assert secret not in found
    text = read((run / "report" / "index.html").read_text(encoding="utf-8")).text
    assert "Say ⟦CREDIT_DEBIT_CARD_NUMBER⟧ and ⟦EMAIL⟧." in text
    assert "It is ⟦CREDIT_DEBIT_CARD_NUMBER⟧." in text
    assert "Withheld: it holds a protected value in disguise." in text
    assert "Withheld: the guardrail found pii NAME in it." in text


def test_revealing_is_on_the_page_and_on_record(run: Path, read: Any) -> None:
    """Whoever has such a copy knows what it is, and the run's folder knows of it."""
    target = run / "report" / "open.html"

    report.write_report(run, target, reveal="a board member asked")

    text = read(target.read_text(encoding="utf-8")).text
    assert f"Say {CARD} and {EMAIL}." in text
    assert "NOT REDACTED" in text
    assert "--reveal (a board member asked)" in text
    (line,) = (run / "revealed.jsonl").read_text(encoding="utf-8").splitlines()
    recorded = json.loads(line)
    assert (recorded["files"], recorded["reason"]) == ([str(target)], "a board member asked")


def test_paper_and_pictures_hold_no_texts_even_then(run: Path) -> None:
    """What is printed goes further than what is opened."""
    report.write_report(run, run / "report" / "report.pdf", reveal="a board member asked")

    assert CARD.replace(" ", "") not in everything(run / "report")
