"""Pinned baselines: what they keep, when they speak, and when they do not."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest

from analysis.compare import conclude
from analysis.errors import EvidenceError
from analysis.history import baselines
from analysis.history.entries import FailedRow, RateRow, entries
from analysis.records import read_folder

from .conftest import FACTS, night_of, pair, row, suite

BATCH = {"batch": {"sha256": "0" * 64, "cases": 100}}


def _night(failing, *, missing=0.0, arm="reference", **changes):
    rates = tuple(
        RateRow(
            arm=each,
            suite="pii",
            metric="exposure",
            slice="all",
            opportunities=100,
            failures=0,
            missing=missing if each == arm else 0,
        )
        for each in ("reference", "candidate")
    )
    failed = tuple(
        FailedRow(suite="pii", arm=arm, metric="exposure", case=f"case-{number}", times=1)
        for number in range(failing)
    )
    return suite(pair(), rates=rates, failed=failed, **{"facts": FACTS | BATCH, **changes})


def _pinned(**changes):
    fields = {
        "name": "spring",
        "by": "somebody",
        "reason": "a good month",
        "pinned": night_of(0),
        "expires": night_of(90),
        "rehearsal": True,
        "verdict": "parity",
        "logs": [],
    }
    return baselines.pin([_night(2, epochs=10)], **fields | changes)


def _raised(history, baseline, nights):
    for number, night in enumerate(nights):
        history.write(row(number), [night])
    return baselines.raised(history, "job", night_of(len(nights) - 1), baseline)


def test_a_loss_that_both_arms_share_shows_against_the_baseline(history):
    """The reference fails 25 cases that it never failed before, and the alarm names the arm."""
    (alarm,) = _raised(history, _pinned(), [_night(2), _night(27)])

    assert (alarm.kind, alarm.arm, alarm.metric) == ("baseline", "reference", "exposure")
    assert "the reference fails more often tonight than when the baseline spring" in alarm.message


def test_a_night_like_the_baseline_raises_nothing(quick):
    """The cases that failed then may fail now."""
    assert _raised(quick, _pinned(), [_night(2)] * 30) == []


def test_a_small_loss_takes_a_week(quick):
    """Three more failing cases are chance on one night, and none at the end of seven such nights."""
    baseline = _pinned()
    assert _raised(quick, baseline, [_night(5)] * 6) == []
    (alarm,) = _raised(quick, baseline, [_night(5)] * 7)

    assert "over the last week" in alarm.message


@pytest.mark.parametrize(
    ("baseline", "night"),
    [
        ({}, {"facts": FACTS | {"batch": {"sha256": "f" * 64, "cases": 100}}}),
        ({}, {"facts": FACTS | BATCH | {"policy": {"version": "2"}}}),
        ({}, {"missing": 20.0}),
        ({"expires": night_of(0)}, {}),
    ],
    ids=["another batch", "another policy", "much is missing", "expired"],
)
def test_what_cannot_be_compared_raises_nothing(quick, baseline, night):
    """Other cases, other rules, a night half lost, a baseline past its day."""
    assert _raised(quick, _pinned(**baseline), [_night(2), _night(40, **night)]) == []


def test_another_guardrail_is_what_a_baseline_is_for(quick):
    """A guardrail that was deployed anew is compared all the same."""
    other = FACTS | BATCH | {"guardrail": {"here": {"full": "2" * 64}}}

    assert _raised(quick, _pinned(), [_night(2), _night(40, facts=other)])


def test_a_run_with_answers_missing_or_unfinished_is_not_pinned():
    """What was not measured is no baseline."""
    with pytest.raises(EvidenceError, match="20 of 120 answers of reference are missing"):
        baselines.pin([_night(2, missing=20.0)], **_fields())
    with pytest.raises(EvidenceError, match="pii did not finish"):
        baselines.pin([suite(compared=False)], **_fields())


def test_a_baseline_is_a_small_file_without_a_text(logs, one_suite, tmp_path):
    """Counts, digests and names of cases; it is read as it was written, and never overwritten."""
    one_suite("pii")
    log = logs.write(logs.plan(output_candidate_leaked=7), batch_cases=360)
    suites = read_folder(logs.folder)
    made = baselines.pin(entries(suites, conclude(suites)), **_fields(logs=[log]))
    path = tmp_path / "baselines" / "spring.json"
    baselines.write(made, path)

    assert baselines.read(path) == made
    assert made.suites["pii"].failed["candidate"]["uncaught"] == {f"output-{n:03d}": 1 for n in range(7)}
    assert "prompt of" not in path.read_text()
    assert len(path.read_bytes()) < 10_000
    assert list(json.loads(path.read_text())["logs"]) == [log.name]
    with pytest.raises(EvidenceError, match="A baseline is never changed"):
        baselines.write(made, path)


def test_its_age_and_end_are_told():
    """How old, who, why, until when."""
    told = _pinned().told(night_of(40))

    assert told == "Baseline spring: pinned 40 days ago by somebody (a good month); holds until 2026-04-01."
    assert "expired on 2026-04-01" in _pinned().told(night_of(90) + timedelta(days=1))


def _fields(**changes):
    return {
        "name": "spring",
        "by": "somebody",
        "reason": "good",
        "pinned": night_of(0),
        "expires": night_of(90),
        "rehearsal": True,
        "verdict": "parity",
        "logs": [],
    } | changes
