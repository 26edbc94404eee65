"""The soak's account: what does not add up is found, and a small soak adds up."""

from __future__ import annotations

import importlib
import sys
from pathlib import Path

import pandas as pd
import pytest

BENCHMARKS = Path(__file__).resolve().parents[2] / "benchmarks"


@pytest.fixture
def soak(monkeypatch):
    """The benchmark's module."""
    monkeypatch.syspath_prepend(str(BENCHMARKS))
    yield importlib.import_module("soak")
    sys.modules.pop("soak", None)


def table(missing=None, attempts=1):
    """One case, answered by the reference at once."""
    evidence = {"attempts": attempts}
    return pd.DataFrame(
        {
            "case": ["a"],
            "epoch": [1],
            "reference_missing": [None],
            "reference_evidence": [{"attempts": 1}],
            "candidate_missing": [missing],
            "candidate_evidence": [evidence],
        }
    )


def never(*_where):
    """No attempt met a closed connection."""
    return 0


def served(**outcomes):
    """The server's counts: the reference answered once, the candidate as given."""
    of = {"case": "a", "epoch": "1"}
    return [
        {"metadata": {**of, "arm": "reference"}, "count": 1, "outcomes": {"answered": 1}},
        {"metadata": {**of, "arm": "candidate"}, "count": sum(outcomes.values()), "outcomes": outcomes},
    ]


@pytest.mark.parametrize(
    ("missing", "attempts", "outcomes"),
    [
        (None, 1, {"answered": 1}),
        (None, 3, {"throttled": 2, "answered": 1}),
        ("ThrottlingException: wait", 5, {"throttled": 5}),
        ("the answer carries no assessment by our guardrail", 1, {"no_trace": 1}),
    ],
)
def test_what_adds_up(soak, missing, attempts, outcomes):
    """Answered, repeated, given up, and answered without evidence."""
    found = soak.account(table(missing, attempts), served(**outcomes), planned=1, exact=True, closed=never)
    assert found.wrong == []
    assert (found.observed, found.reasons.total()) == ((2, 0) if missing is None else (1, 1))


@pytest.mark.parametrize(
    ("missing", "attempts", "outcomes", "told"),
    [
        (None, 1, {"throttled": 1}, "an observation, and no call was answered"),
        (None, 1, {"throttled": 1, "answered": 1}, "1 attempts recorded, 2 counted at the server"),
        (" ", 1, {"throttled": 1}, "missing without a reason"),
    ],
)
def test_what_does_not_add_up_is_told(soak, missing, attempts, outcomes, told):
    """A failure that became an observation, an attempt nobody recorded, and a gap without a reason."""
    found = soak.account(table(missing, attempts), served(**outcomes), planned=1, exact=True, closed=never)
    assert len(found.wrong) == 1
    assert told in found.wrong[0]


def test_attempt_that_met_a_closed_connection_is_counted_apart(soak):
    """It never reached the server, which so counts one less than was tried."""
    found = soak.account(table(None, 2), served(answered=1), planned=1, exact=True, closed=lambda *_: 1)
    assert (found.wrong, found.not_arrived) == ([], 1)


def test_attempt_too_many_that_met_anything_else_is_told(soak):
    """Nothing but a closed connection explains an attempt that the server did not count."""
    found = soak.account(table(None, 2), served(answered=1), planned=1, exact=True, closed=never)
    assert found.wrong == ["a, candidate: 2 attempts recorded, 1 counted at the server"]


def test_call_that_a_sidecar_did_not_record_is_told(soak):
    """Its attempts hold those at the guardrail too, so that there can never be fewer than calls."""
    found = soak.account(
        table(None, 1), served(throttled=1, answered=1), planned=1, exact=False, closed=never
    )
    assert found.wrong == ["a, candidate: 1 attempts recorded, 2 counted at the server"]


def test_lost_samples_are_told(soak):
    """A sample that is not in the log is not accounted for."""
    found = soak.account(table(), served(answered=1), planned=2, exact=True, closed=never)
    assert found.wrong == ["1 of 2 samples are in the log"]


@pytest.mark.slow
def test_small_soak_adds_up(soak, tmp_path):
    """Every fault on a stream, twice as often: each sample is finished or missing, and the counts agree."""
    found = soak.soak(tmp_path / "soak", soak.ROUTES["invoke_stream"], limit=80, rate=0.1, seed=1)
    assert found.wrong == []
    assert found.samples == 80
    assert found.retried > 20
    assert len(found.reasons) >= 4
