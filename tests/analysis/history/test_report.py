"""The report of a night shows the nights up to it."""

from __future__ import annotations

import pytest

from analysis.compare import compare, write_verdict
from analysis.errors import EvidenceError
from analysis.history.overview import overview
from analysis.parts import nights
from analysis.report import write_report

from .conftest import night_of, pair, row, suite


def test_the_page_of_a_night_holds_the_trend(logs, one_suite, quick):
    """Beside the run's own findings: the picture, what happened in words, and the picture's files."""
    one_suite("pii")
    logs.write(logs.plan(), batch_cases=360)
    write_verdict(compare(logs.folder), logs.folder / "verdict.json")
    for number in range(3):
        quick.write(row(number), [suite(pair(candidate_only=1))])
    nights.leave(overview(quick, "job", today=night_of(2)), logs.folder)
    write_report(logs.folder, logs.folder / "report" / "index.html")

    page = (logs.folder / "report" / "index.html").read_text()
    assert "The nights up to this one" in page
    assert "Nights since the last conclusive one: 0." in page
    assert (logs.folder / "report" / "trend.png").exists()


def test_a_run_that_was_no_night_has_no_trend(tmp_path):
    """Nothing is left in the folder, so nothing is shown; what is no overview is refused by name."""
    assert list(nights.blocks(tmp_path)) == []
    (tmp_path / nights.FILE).write_text("{}")
    with pytest.raises(EvidenceError, match=r"nights\.json is no overview of nights"):
        list(nights.blocks(tmp_path))
