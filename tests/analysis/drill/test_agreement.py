"""Whether runs from end to end are held against the replay as they should be: by hand-made runs."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from analysis import drill
from analysis.agreement import ALPHA, Beside, agreement, count_p, lowest, sentences
from analysis.records import read_folder

RATE = 0.25
LEAK = {
    "candidate_input_acted": 0.0,
    "candidate_acted": 0.0,
    "candidate_guarded": 0.0,
    "candidate_reached": 1.0,
    "candidate_emitted": 1.0,
    "candidate_exposed": 1.0,
    "candidate_outcome": "answered",
}
ALL = {("pii", f"output-{place:03d}", 1): LEAK for place in range(120)}
STRUCK = [key for key in ALL if drill.strikes(1, 0, "masking", key) < RATE]


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory, written_logs):
    """360 cases, of which the guardrail masks the answers to 120."""
    logs = written_logs(tmp_path_factory.mktemp("undisturbed"))
    logs.write(logs.plan())
    return read_folder(logs.folder)


@given(st.integers(0, 60), st.floats(0.01, 0.99), st.data())
def test_the_test_of_a_count_is_the_exact_binomial_one(of, rate, data):
    """As scipy has it, whether the fault adds failures or takes them away."""
    found = data.draw(st.integers(0, of))
    exact = stats.binomtest(found, of, rate).pvalue if of else 1.0

    assert count_p(found, gained=of, lost=0, rate=rate) == pytest.approx(exact, rel=1e-5, abs=1e-12)
    assert count_p(-found, gained=0, lost=of, rate=rate) == pytest.approx(exact, rel=1e-5, abs=1e-12)


@given(st.integers(0, 12), st.integers(0, 12), st.floats(0.05, 0.95))
def test_it_calls_no_more_different_than_it_may(gained, lost, rate):
    """Over all that can come out, p is at most x no oftener than x; what cannot come out has p 0."""
    chances = np.convolve(
        stats.binom.pmf(range(gained + 1), gained, rate), stats.binom.pmf(range(lost + 1), lost, rate)[::-1]
    )
    p = [count_p(change, gained=gained, lost=lost, rate=rate) for change in range(-lost, gained + 1)]

    assert all(chances[np.array(p) <= x].sum() <= x + 1e-9 for x in (0.01, 0.05, 0.2, *p))
    assert count_p(gained + 1, gained=gained, lost=lost, rate=rate) == 0.0


def test_a_service_that_does_what_the_replay_does_agrees(undisturbed):
    """Every struck answer came out as replayed, and the counts are those of so many draws."""
    planted = drill.disturbed(undisturbed, ALL, STRUCK)

    found = agreement("masking", RATE, [Beside(undisturbed, planted, ALL)], ended_alike=1)

    assert (found.concerned, found.struck, found.as_replayed) == (120, len(STRUCK), len(STRUCK))
    assert (found.otherwise, found.unforeseen, found.others) == ({}, 0, 0)
    exposure = next(each for each in found.counts if each.metric == "exposure")
    assert (exposure.undisturbed, exposure.gained, exposure.lost) == (0, 120, 0)
    assert (exposure.expected, exposure.found) == (120 * RATE, len(STRUCK))
    assert exposure.p == pytest.approx(stats.binomtest(len(STRUCK), 120, RATE).pvalue)
    assert lowest([found]) >= ALPHA
    assert next(sentences([found])).startswith(
        "From end to end: the counts of 1 runs with a fault in the service agree with the replay"
    )


def test_a_fault_that_strikes_oftener_than_it_should_is_found(undisturbed):
    """Three times as many, and people are told."""
    planted = drill.disturbed(undisturbed, ALL, list(ALL)[:90])

    found = agreement("masking", RATE, [Beside(undisturbed, planted, ALL)], ended_alike=0)

    assert lowest([found]) < 1e-6
    assert "DIFFER from the replay" in next(sentences([found]))


def test_what_the_replay_does_not_foresee_is_named(undisturbed):
    """Another fact than replayed, a change where it makes none, and one of another arm."""
    less = {key: {**LEAK, "candidate_emitted": 0.0, "candidate_exposed": 0.0} for key in ALL}
    planted = drill.disturbed(undisturbed, less, STRUCK)
    table = planted[0].table.copy()
    table.loc[table["case"] == "allow-000", "candidate_guarded"] = 1.0
    table.loc[table["case"] == "allow-001", "reference_guarded"] = 1.0
    planted = [dataclasses.replace(planted[0], table=table)]

    found = agreement("masking", RATE, [Beside(undisturbed, planted, ALL)], left_out=2, ended_alike=0)

    assert found.as_replayed == 0
    assert found.otherwise == {"emitted yes, there no; exposed yes, there no": len(STRUCK)}
    assert (found.unforeseen, found.others) == (1, 1)
    told = " ".join(sentences([found]))
    assert f"In {len(STRUCK)} of them the replay and the service differ: emitted yes, there no" in told
    assert "1 answers of the other arms came out otherwise too" in told
    assert "2 runs more were not whole" in told


def test_runs_of_other_cases_are_not_compared(undisturbed):
    """They would differ in more than the fault."""
    fewer = [dataclasses.replace(undisturbed[0], table=undisturbed[0].table.iloc[:-1])]

    with pytest.raises(ValueError, match="did not ask the same cases"):
        agreement("masking", RATE, [Beside(undisturbed, fewer, ALL)], ended_alike=0)
