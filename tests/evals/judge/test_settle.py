"""What people settled, in the log: the facts made again, and what stood there before kept."""

from __future__ import annotations

import math
from pathlib import Path

import pytest
from inspect_ai.log import read_eval_log, read_eval_log_sample_summaries

from evals.settle import Settlement, settle
from suites.errors import RegistrationError

# Inspect leaves a stream to the garbage collector.
pytestmark = [
    pytest.mark.filterwarnings("ignore:Unclosed <MemoryObject:ResourceWarning"),
    pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning"),
]
RATERS = ("A. Ames", "B. Brown")
CASE = "topics-cup-00001"


def settlement(**changes):
    """The candidate's answer gives nothing after all; keywords replace fields."""
    fields = {"case": CASE, "epoch": 1, "arm": "candidate", "said": False, "raters": (False, True)}
    return Settlement(**fields | changes)


@pytest.fixture
def path(judged, given, held):
    """A log in which the candidate alone was judged to have given it."""
    return Path(judged(reference=held, candidate=given).location)


def score_in(path):
    """The score of the one sample, read from the file."""
    return read_eval_log(str(path)).samples[0].scores["parity"]


def test_facts_follow_what_was_settled(path):
    """In the sample, and in the summaries from which verdicts are made; the reference is left alone."""
    before = score_in(path)

    assert settle(path, [settlement(note="irony")], raters=RATERS) == 1

    after, (summary,) = score_in(path), read_eval_log_sample_summaries(str(path))
    assert (after.value["candidate_exposed"], after.value["candidate_emitted"]) == (0, 0)
    assert summary.scores["parity"].value["candidate_exposed"] == 0
    assert summary.scores["parity"].metadata["candidate"]["judge"] == {
        "local": 1, "settled": 0, "raters": [0, 1],
    }  # fmt: skip
    for name, fact in before.value.items():
        if not name.startswith("candidate_e"):
            assert after.value[name] == fact or math.isnan(fact)


def test_the_edit_tells_who_and_why_and_what_was_there(path):
    """An auditor finds the judge's word under the people's."""
    settle(path, [settlement(note="irony")], raters=RATERS)

    original, edit = score_in(path).history
    assert original.value["candidate_exposed"] == 1
    assert edit.provenance.author == "A. Ames and B. Brown"
    assert edit.provenance.reason == "adjudicated: irony"


def test_settling_the_same_again_changes_nothing(path):
    """A sheet can be applied again when more of it is filled."""
    settle(path, [settlement()], raters=RATERS)
    once = path.read_bytes()

    assert settle(path, [settlement()], raters=RATERS) == 0
    assert path.read_bytes() == once
    assert sorted(each.name for each in path.parent.iterdir()) == [path.name]


@pytest.mark.parametrize(
    ("changes", "said"),
    [({"case": "topics-other-1"}, "has no sample topics-other-1"), ({"arm": "control"}, "was not judged")],
)
def test_what_was_never_judged_cannot_be_settled(path, changes, said):
    """Nothing is written then."""
    before = path.read_bytes()

    with pytest.raises(RegistrationError, match=said):
        settle(path, [settlement(**changes)], raters=RATERS)

    assert path.read_bytes() == before
