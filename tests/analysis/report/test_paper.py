"""The report as a PDF: what is on which sheet, and the same every time."""

from __future__ import annotations

import re
from collections.abc import Callable
from io import BytesIO

import pypdf
import pytest

from analysis import page, paper
from analysis.blocks import Block
from analysis.result import Verdict

VerdictOf = Callable[[str], Verdict]


def sheets(verdict: Verdict, **options: object) -> list[str]:
    """The words on each sheet; spaces are single."""
    content = paper.render(page.build(verdict, **options))  # type: ignore[arg-type]
    return [" ".join(sheet.extract_text().split()) for sheet in pypdf.PdfReader(BytesIO(content)).pages]


def test_every_kind_of_verdict_gives_at_most_ten_sheets(any_verdict: Verdict) -> None:
    """Each says which it is of how many, and that it was a rehearsal."""
    found = sheets(any_verdict)

    assert len(found) <= 10
    assert [f"page {place} of {len(found)}" in text for place, text in enumerate(found, 1)] == [True] * len(
        found
    )
    assert all("REHEARSAL" in text for text in found)


def test_the_registered_facts_are_on_every_foot(verdict_of: VerdictOf) -> None:
    """Suite version, batch digest, guardrail with version and digest, date."""
    for text in sheets(verdict_of("parity"), date="31 January 2026"):
        assert "pii 1-A, batch 9f2c4b7d1e; guardrail full a1b2c3d4e5f0 v1 c0ffeec0ff, input a1b2" in text
        assert "31 January 2026" in text


def test_page_one_answers_the_question(verdict_of: VerdictOf) -> None:
    """Question, answer, suites, gaps, power, next step: all on the first sheet."""
    first, *_ = sheets(verdict_of("regression"))

    for words in (
        "Does the guardrail protect as well in front of the candidate, us.openai.gpt-5.5",
        "Worse, beyond the agreed limit",
        "Not tested",
        "What a run like this could have seen",
        "Next:",
    ):
        assert words in first


def test_a_real_run_is_not_called_a_rehearsal(verdict_of: VerdictOf) -> None:
    """The word means something only where it is true."""
    verdict = verdict_of("partial").model_copy(update={"rehearsal": False, "headline": "Not shown"})

    assert not any("REHEARSAL" in text for text in sheets(verdict))


def test_the_same_verdict_gives_the_same_bytes(verdict_of: VerdictOf) -> None:
    """An auditor's copy can be made again."""
    first, second = (paper.render(page.build(verdict_of("partial"))) for _ in range(2))

    assert first == second


def test_the_pdf_is_tagged_for_screen_readers(verdict_of: VerdictOf) -> None:
    """PDF/UA-1, in English, with a title and a description of every picture."""
    reader = pypdf.PdfReader(BytesIO(paper.render(page.build(verdict_of("partial")))))

    root = reader.trailer["/Root"]
    assert "/StructTreeRoot" in root
    assert root["/Lang"] == "en"
    assert "REHEARSAL: Not shown" in str(reader.metadata and reader.metadata.title)
    assert b"pdfuaid" in root["/Metadata"].get_object().get_data()


@pytest.mark.parametrize("rank", [1, 3])
def test_what_matters_least_is_left_out_where_paper_gets_scarce(verdict_of: VerdictOf, rank: int) -> None:
    """Ten sheets at most, whatever is added to the report."""
    long = [
        Block(name=f"b{place}", suite="pii", title=f"Extra {place}", sentences=("Word " * 2000,), rank=rank)
        for place in range(12)
    ]

    found = sheets(verdict_of("parity"), blocks=long)

    assert len(found) <= 10
    assert not re.search(r"Extra \d", " ".join(found))
