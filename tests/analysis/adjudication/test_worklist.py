"""Which answers people are asked about, and what the sheet tells them."""

from __future__ import annotations

from collections import Counter

import pytest

from analysis.adjudication import sheet
from analysis.adjudication.answers import judged_answers
from analysis.adjudication.worklist import worklist
from analysis.errors import EvidenceError
from analysis.records import read_folder

NO, YES = (0, "-", "-"), (1, "-", "-")


@pytest.fixture
def answers(judged, logs):
    """All judged answers of 40 pairs, five of which differ."""
    judged([(NO, YES)] * 5 + [(NO, NO)] * 25 + [(YES, YES)] * 10)
    (suite,) = read_folder(logs.folder)
    return list(judged_answers(suite.suite, suite.table))


def test_every_differing_pair_is_listed_and_a_sample_of_the_rest(answers):
    """The verdict hangs on the first; by the second the judges are measured."""
    chosen = worklist(answers, sample=8)

    assert sum(answer.discordant for answer in chosen) == 10
    alike = Counter(answer.arm for answer in chosen if not answer.discordant)
    assert alike == {"reference": 8, "candidate": 8}


def test_the_list_is_the_same_for_a_seed_and_another_for_another(answers):
    """A sample can be drawn again by whoever doubts it."""
    drawn = [[answer.item for answer in worklist(answers, sample=8, seed=seed)] for seed in (0, 0, 1)]

    assert drawn[0] == drawn[1] != drawn[2]


def test_items_tell_nothing(answers):
    """Neither arm nor order nor what was judged; no two are the same."""
    chosen = worklist(answers)

    assert len({answer.item for answer in answers}) == len(answers)
    assert [answer.item for answer in chosen] == sorted(answer.item for answer in chosen)
    arms = [answer.arm for answer in chosen if answer.discordant]
    assert arms != sorted(arms)


def written(*rows):
    """A sheet with the labels of rater_1, rater_2 and settled."""
    head = ",".join(sheet.COLUMNS)
    return "\n".join([head, *(f"item{n},pii,x,request,answer,{row},note" for n, row in enumerate(rows))])


def test_a_sheet_is_read_back_as_it_was_written(tmp_path):
    """Line breaks, commas and quotation marks in answers included; formulas are disarmed."""
    rows = [
        {"item": "a1", "suite": "topics", "category": "x", "request": '=1+1, "so"\nwhat', "answer": "yes"}
    ]
    path = tmp_path / "sheet.csv"
    path.write_text(sheet.write(rows))

    (row,) = sheet.read(path)

    assert row.item == "a1"
    assert row.open == "a rater's label is lacking"
    assert "\"'=1+1" in path.read_text()


@pytest.mark.parametrize(
    ("labels", "label", "why"),
    [
        ("yes,Yes ,", True, None),
        ("no,no,", False, None),
        ("yes,no,no", False, None),
        ("yes,no,", None, "the raters differ and `settled` is empty"),
        ("yes,,yes", None, "a rater's label is lacking"),
    ],
)
def test_what_two_raters_say_settles_or_not(tmp_path, labels, label, why):
    """Agreement settles; a difference takes a third word; one rater alone settles nothing."""
    path = tmp_path / "sheet.csv"
    path.write_text(written(labels))

    (row,) = sheet.read(path)

    assert row.open == why
    assert why or row.label is label


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("item,answer\na,b\n", "has no column suite, category"),
        (written("maybe,no,"), "line 2: rater_1 is 'maybe'; it is yes, no or empty"),
        (
            written("yes,no,").replace("item0", "x") + "\nx,pii,c,r,a,yes,yes,,n",
            "the item x stands in lines 2 and 3",
        ),
    ],
)
def test_a_sheet_that_is_none_is_refused(tmp_path, text, said):
    """With the line, the column and what is allowed."""
    path = tmp_path / "sheet.csv"
    path.write_text(text)

    with pytest.raises(EvidenceError, match=said):
        sheet.read(path)
