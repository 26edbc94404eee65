"""The arithmetic of a drill: what is struck, what is exchanged, how the shares are told."""

from __future__ import annotations

import json

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from matplotlib.text import Text
from scipy import stats

from analysis import contents, drill
from analysis.compare import compare
from analysis.drill import Drill, Point, Share
from analysis.errors import EvidenceError
from analysis.plots import drill as plot
from analysis.records import read_folder


@given(st.integers(1, 200), st.floats(0, 1))
def test_limits_are_those_of_the_exact_binomial_interval(of, fraction):
    """As scipy has them."""
    found = round(of * fraction)
    share = Share.count(found, of)
    exact = stats.binomtest(found, of).proportion_ci(method="exact")

    assert (share.low, share.high) == pytest.approx((exact.low, exact.high), abs=1e-9)


def test_what_is_struck_is_a_fair_share_and_the_same_at_every_higher_rate():
    """5 of 100 answers at 5 %, others in another repetition, and all of them at 10 % too."""
    keys = [("pii", f"case-{place}", 1) for place in range(20_000)]
    struck = {key for key in keys if drill.strikes(1, 0, "masking", key) < 0.05}
    more = {key for key in keys if drill.strikes(1, 0, "masking", key) < 0.1}
    other = {key for key in keys if drill.strikes(1, 1, "masking", key) < 0.05}

    assert len(struck) == pytest.approx(1000, abs=100)
    assert struck < more
    assert len(struck & other) < 150


def leaked(place):
    return ("pii", f"output-{place:03d}", 1), {
        "candidate_acted": 0.0,
        "candidate_guarded": 0.0,
        "candidate_exposed": 1.0,
        "candidate_outcome": "answered",
    }


def test_a_large_regression_is_noticed_and_none_is_not(logs, one_suite):
    """The whole comparison says regression of the changed answers, and left alone it says parity."""
    one_suite("pii")
    logs.write(logs.plan())
    suites = read_folder(logs.folder)
    changes = dict(leaked(place) for place in range(120))

    assert drill.judged(suites) == "parity"
    assert drill.judged(drill.disturbed(suites, changes, [])) == "parity"
    assert drill.judged(drill.disturbed(suites, changes, list(changes)[:40])) == "regression"
    assert (suites[0].table["candidate_exposed"].fillna(0) == 0).all()


def test_exchanging_moves_whole_answers_and_about_half_of_them(logs):
    """Every fact, outcome and reason of a pair moves together; nothing is lost."""
    logs.write(logs.plan(output_candidate_leaked=120, allow_reference_missing=30))
    suites = read_folder(logs.folder)
    before = suites[0].table

    after = drill.exchanged(suites, np.random.default_rng(1))[0].table

    moved = after["candidate_exposed"].fillna(-1) != before["candidate_exposed"].fillna(-1)
    assert 40 < moved.sum() < 100
    for fact in ("acted", "exposed", "outcome", "missing"):
        both = [f"reference_{fact}", f"candidate_{fact}"]
        one, two = (
            [sorted(map(str, row)) for row in table[both].to_numpy().tolist()] for table in (before, after)
        )
        assert one == two
    assert (moved <= (after["candidate_outcome"] == before["reference_outcome"])).all()


def test_arms_that_are_alike_raise_no_alarm(logs, one_suite):
    """Whichever arm leaked, with the answers exchanged by a coin there is no regression to find."""
    one_suite("pii")
    logs.write(logs.plan(output_candidate_leaked=12, output_reference_leaked=12))
    suites = read_folder(logs.folder)
    rng = np.random.default_rng(1)

    assert [drill.judged(drill.exchanged(suites, rng)) for _ in range(5)].count("regression") == 0


def point(kind, rate, found, of=20, **changes):
    return Point(
        kind=kind,
        rate=rate,
        struck=rate * 100,
        of_answers=rate / 3,
        noticed=Share.count(found, of),
        unsigned=Share.count(of, of),
        **changes,
    )


def a_drill(**changes):
    return Drill(
        **{
            "rehearsal": True,
            "run": "0" * 64,
            "seed": 1,
            "suites": ("pii",),
            "undisturbed": "parity",
            "points": (
                point("masking", 0.02, 3),
                point("masking", 0.1, 20),
                point("blocking", 0.02, 0),
                point("blocking", 0.1, 2),
                point("masking", 0.1, 5, 5, replayed=False),
            ),
            "exchanged": Share.count(0, 20),
        }
        | changes
    )


def test_people_are_told_what_was_noticed_and_what_was_not():
    """By kind the smallest size that mostly was, or that a run like this says little of it."""
    assert drill.sentences(a_drill()) == [
        "Masking undone: in 10.0% of the answers concerned it was noticed in 20 of 20 repetitions.",
        (
            "Blocks removed: not reliably noticed at any size tried, in 10.0% of the answers concerned in 2"
            " of 20 repetitions. A run like this says little of it."
        ),
        "Of 20 comparisons of arms that are alike, 0 ended as a regression.",
    ]


def test_a_fault_that_found_nothing_to_change_is_no_drill():
    """It was not unnoticed: it was never there."""
    empty = point("masking", 0.5, 0).model_copy(update={"struck": 0.0})

    assert drill.sentences(a_drill(points=(empty,), exchanged=None)) == [
        (
            "Masking undone: nothing could be planted, since the logs hold no answer that it would change."
            " Nothing follows from it."
        )
    ]


def test_the_file_comes_back_as_it_went(tmp_path):
    """And a broken one is refused by name."""
    path = drill.write(a_drill(), tmp_path)

    assert drill.read(tmp_path) == a_drill()
    assert json.loads(path.read_text())["schema"] == 1
    path.write_text("{}")
    with pytest.raises(EvidenceError, match=r"drill\.json is no drill \(rehearsal: Field required\)"):
        drill.read(tmp_path)
    assert drill.read(tmp_path / "nowhere") is None


def test_the_picture_names_each_line_and_says_rehearsal():
    """Lines differ by dashes and marks, and stand with their limits."""
    words = {text.get_text() for text in plot.draw(a_drill()).findobj(Text)}

    assert {"Masking undone", "Blocks removed", "arms that are alike", "open: from end to end"} <= words
    with pytest.raises(ValueError, match="nothing was planted"):
        plot.draw(a_drill(points=()))


def test_the_report_of_a_drilled_run_shows_it(logs, one_suite):
    """Curve, numbers and words, and that another run was drilled where it was; else nothing."""
    one_suite("pii")
    logs.write(logs.plan())
    verdict = compare(logs.folder)
    assert "drill" not in [block.name for block in contents.blocks(verdict, logs.folder)]

    drill.write(a_drill(), logs.folder / drill.FOLDER)
    drill.write(a_drill(suites=("topics",)), logs.folder / "other" / drill.FOLDER)

    shown, other = (
        next(block for block in contents.blocks(verdict, folder) if block.name == "drill")
        for folder in (logs.folder, logs.folder / "other")
    )
    assert shown.sentences[1].startswith("Masking undone: in 10.0% of the answers concerned it was noticed")
    assert shown.tables[0].rows[0][:4] == ("Masking undone", "2.0%", "2.0", "3 of 20")
    assert shown.tables[0].rows[-1][0] == "Masking undone, from end to end"
    assert other.sentences[-1] == "The drill was of topics alone; drill the run again."
