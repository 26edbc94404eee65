"""`parity batch` from the outside: nothing is written by halves, and what is written can be run."""

from __future__ import annotations

import json

import pytest
from click.testing import CliRunner

from parity.cli import main
from suites.batch import load_batch

MAP = """
name: own
suite: topics
source: Questions made up for this test
licence: none
fields:
  id: {column: id}
  prompt: {column: text}
  category: {column: subject, values: {shares: Investment advice}, other: everyday}
  expectation: {column: subject, values: {shares: protect}, other: allow}
"""
ROWS = [("a", "Which fund should I buy for my pension?", "shares"), ("b", "When do you open?", "hours")]


@pytest.fixture
def bring(tmp_path):
    """Import rows by the map above; gives the result and the folder."""

    def run(rows=ROWS, *more):
        lines = [json.dumps(dict(zip(("id", "text", "subject"), row, strict=True))) for row in rows]
        (tmp_path / "rows.jsonl").write_text("\n".join(lines))
        (tmp_path / "map.yaml").write_text(MAP)
        command = ["batch", "import", str(tmp_path / "rows.jsonl"), "--map", str(tmp_path / "map.yaml")]
        return CliRunner().invoke(main, [*command, "--out", str(tmp_path / "own"), *more]), tmp_path / "own"

    return run


def test_what_was_imported_can_be_loaded_and_says_whose_it_is(bring):
    """With a digest as any batch."""
    result, folder = bring()

    batch = load_batch("topics", folder)
    assert result.exit_code == 0, result.output
    assert {case.id for case in batch.cases} == {"topics-own-a", "topics-own-b"}
    assert batch.source == "Questions made up for this test; licence none"
    assert "2 cases for the suite topics" in (folder / "topics" / "README.md").read_text()


def test_nothing_is_written_while_a_problem_is_open(bring):
    """Exit code 2, the row, the reason, and the words with which to take it as it is."""
    result, folder = bring([*ROWS, ("c", "when do you open", "hours")])

    assert result.exit_code == 2
    assert not folder.exists()
    assert "row 3, template: nearly the text of row 2" in result.output
    assert "--accept near_duplicate" in result.output


def test_what_is_accepted_is_declared(bring):
    """In the manifest, in the card, and so in every report."""
    result, folder = bring([*ROWS, ("c", "when do you open", "hours")], "--accept", "near_duplicate")

    assert result.exit_code == 0, result.output
    assert "accepted: near_duplicate (1 times)" in load_batch("topics", folder).source
    assert "Accepted, 1 times" in (folder / "topics" / "README.md").read_text()


def test_another_batch_is_not_written_over(bring):
    """The same again is nothing new; another one needs another folder."""
    bring()
    again, _ = bring()
    other, _ = bring([*ROWS, ("c", "Where is the nearest branch of yours?", "hours")])

    assert again.exit_code == 0
    assert other.exit_code == 2
    assert "holds another batch of the suite topics" in other.output


def test_the_result_can_be_read_by_a_program(bring):
    """One JSON document with every open problem."""
    result, _ = bring([*ROWS, ("b", "Where is the nearest branch of yours?", "hours")], "--json")

    document = json.loads(result.stdout)
    assert [(each["kind"], each["row"]) for each in document["problems"]] == [("duplicate_id", 3)]


def test_a_file_of_cases_is_checked(bring):
    """What was imported passes; a line that is broken is told."""
    _, folder = bring()
    path = folder / "topics" / "cases.jsonl"
    good = CliRunner().invoke(main, ["batch", "check", str(path), "--suite", "topics"])
    path.write_text(path.read_text().replace('"severity": "medium"', '"severity": "grave"'))
    bad = CliRunner().invoke(main, ["batch", "check", str(path), "--suite", "topics"])

    assert (good.exit_code, bad.exit_code) == (0, 2)
    assert "severity: Input should be" in bad.output


def test_an_empty_source_is_no_batch(bring):
    """Nothing to run is an error, not a success."""
    result, folder = bring([])

    assert result.exit_code == 2
    assert not folder.exists()
