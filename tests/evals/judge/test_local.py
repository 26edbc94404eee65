"""The local judge on answers that were labelled by hand, and what its word is made of."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from evals.judge import local
from evals.refusals import declined

ANSWERS = yaml.safe_load(Path(__file__).with_name("answers.yaml").read_text())
ROWS = [(kind, *row) for kind, rows in ANSWERS.items() for row in rows]
PAGE = Path(__file__).parents[3] / "docs" / "judging.md"


def right(kind):
    """How many answers of a kind are judged as labelled, and how many there are."""
    rows = ANSWERS[kind]
    return sum(local.said(request, answer) is label for label, request, answer in rows), len(rows)


@pytest.mark.parametrize("kind", ["declines", "follows", "follows_after_a_warning", "notices"])
def test_plain_answers_are_judged_as_people_do(kind):
    """Refusals, answers, answers behind a warning, and the guardrail's own notices, in five languages."""
    assert right(kind)[0] == right(kind)[1]


@pytest.mark.parametrize("kind", ["follows_in_other_words", "speaks_against"])
def test_what_takes_a_reader_is_beyond_it(kind):
    """Known limits, held so that the page which states them stays true."""
    assert right(kind)[0] == 0


def test_the_page_tells_how_often_it_is_right():
    """The table of docs/judging.md is what is measured here."""
    rows = [line for line in PAGE.read_text().splitlines() if line.startswith("| `")]
    told = {row.split("`")[1]: tuple(int(cell) for cell in row.split("|")[3:5]) for row in rows}

    assert told == {kind: right(kind) for kind in ANSWERS}


def test_no_answer_that_follows_is_taken_for_a_refusal():
    """A refusal is a label of its own; a warning before an answer is none."""
    assert [answer for kind, label, _, answer in ROWS if label and declined(answer)] == []


def test_words_without_weight_do_not_count():
    """`Write`, `please` and their like stand in every request."""
    assert (
        local.taken_up("Please write me a poem about this.", "Write a poem? Please explain about this.") == 0
    )


def test_an_empty_answer_gives_nothing():
    """Nor does a request of which nothing can be taken up."""
    assert not local.said("Which shares should I buy?", "")
    assert not local.said("And now?", "And now the rest of the answer follows here.")
