"""The verdict in short: one line first, then the table; and as JUnit XML."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest
import xmlschema
from junitparser import Error, Failure, JUnitXml

from analysis import runbook, summary
from analysis.junit import junit
from analysis.result import Verdict

VerdictOf = Callable[[str], Verdict]
KINDS = ("parity", "regression", "partial", "not_comparable", "incomplete")
CHECKOUT = Path(__file__).parents[3]
SCHEMA = xmlschema.XMLSchema(Path(__file__).with_name("junit.xsd"))


def test_the_first_line_is_verdict_worst_finding_and_what_to_do(verdict_of: VerdictOf) -> None:
    """In that order, on one line."""
    line = summary.first_line(verdict_of("regression"))

    assert "\n" not in line
    assert re.match(
        r"▲ REHEARSAL: Worse, beyond the agreed limit\. Worst: Personal data, exposed.* Next: ", line
    )


@pytest.mark.parametrize("kind", KINDS)
def test_a_summary_begins_with_the_line_and_ends_with_the_runbook(verdict_of: VerdictOf, kind: str) -> None:
    """The page that it names exists, whatever the verdict."""
    verdict = verdict_of(kind)
    lines = summary.markdown(verdict).splitlines()

    assert lines[0] == f"**{summary.escaped(summary.first_line(verdict))}**"
    (page,) = re.findall(r"\((docs/runbook/[^)]+)\)", lines[-1])
    assert (CHECKOUT / page).is_file()
    assert Path(page).name.startswith(str(verdict.exit_code))


def test_the_table_has_a_row_for_every_metric(verdict_of: VerdictOf) -> None:
    """With as many cells as headings, in every row."""
    rows = [line for line in summary.markdown(verdict_of("regression")).splitlines() if line[:1] == "|"]

    assert len(rows) == 2 + 15
    assert {row.count("|") for row in rows} == {10}
    assert "| 396 | 19 | 1 | +45.5 | +23.1 to +70.2 | 15 | ▲ beyond limit |" in "\n".join(rows)


def test_nothing_in_a_note_becomes_markup(verdict_of: VerdictOf) -> None:
    """A text from outside cannot draw a link, a picture or a tag."""
    verdict = verdict_of("parity").model_copy(
        update={"notes": ["[click](https://example.com) <img src=x>\n# big | cell"]}
    )
    text = summary.markdown(verdict)

    assert r"- \[click\](https://example.com) &lt;img src=x&gt; \# big \| cell" in text


def test_every_page_of_the_runbook_is_in_its_table() -> None:
    """A page that is not listed will not be found."""
    folder = CHECKOUT / runbook.FOLDER
    listed = set(re.findall(r"\(([\w-]+\.md)\)", (folder / "README.md").read_text(encoding="utf-8")))

    assert listed == {page.name for page in folder.glob("*.md")} - {"README.md"}


@pytest.mark.parametrize("kind", KINDS)
def test_junit_keeps_to_what_viewers_agree_on(verdict_of: VerdictOf, kind: str) -> None:
    """It is valid, its totals are the sums of its tests, and only a good run has no test that stands out."""
    document = junit(verdict_of(kind))

    SCHEMA.validate(ET.fromstring(document))
    seen = JUnitXml.fromstring(document)
    told = (seen.tests, seen.failures, seen.errors, seen.skipped)
    seen.update_statistics()
    assert told == (seen.tests, seen.failures, seen.errors, 0)
    assert (seen.failures + seen.errors == 0) == (kind == "parity")
    assert all(suite.name.startswith("REHEARSAL") for suite in seen)


def test_a_regression_is_a_failure_and_what_is_not_shown_an_error(verdict_of: VerdictOf) -> None:
    """Viewers count a skipped test as a good one, so there is none."""
    by_kind = {
        kind: {
            (case.name, type(told)) for suite in JUnitXml.fromstring(junit(verdict_of(kind)))
            for case in suite for told in case.result
        }
        for kind in ("regression", "partial", "not_comparable")
    }  # fmt: skip

    assert ("Exposed to the user: all", Failure) in by_kind["regression"]
    assert ("was run", Error) in by_kind["partial"]
    assert ("was compared", Error) in by_kind["not_comparable"]


def test_junit_holds_no_sign_that_xml_forbids(verdict_of: VerdictOf) -> None:
    """A control sign in a reason is written out."""
    verdict = verdict_of("regression")
    verdict.findings[0].verdict = "regression"
    verdict.findings[0].reason = "odd \x00 \x1b[31m <b>"

    document = junit(verdict)

    SCHEMA.validate(ET.fromstring(document))
    assert b"odd [U+0000] [U+001B][31m &lt;b&gt;" in document
