"""Evidence that thins out during a run: an arm that answers and no longer shows its guardrail."""

from __future__ import annotations

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from analysis import statement
from analysis.compare import compare
from analysis.thinning import TOLERATED, thinned

NO_TRACE = "the answer carries no assessment by our guardrail"


def evidenced(samples, *, candidate=(), units=3):
    """The samples with evidence on both arms, and on the candidate with what is given instead."""
    instead = list(candidate)
    for place, sample in enumerate(samples):
        for arm in ("reference", "candidate"):
            known = {"stop": "end_turn", "units": units, "guardrail": "abcdefghijkl"}
            lost = instead[place] if arm == "candidate" and place < len(instead) else {}
            sample.scores["parity"].metadata[arm] |= known | lost
    return samples


def table(answers, without, failed=0):
    """A table of one arm's evidence."""
    evidence = [{"stop": "end_turn", "units": 1, "missing": None}] * (answers - without)
    evidence += [{"stop": "end_turn", "units": 0, "missing": NO_TRACE}] * without
    evidence += [{"stop": None, "units": 0, "missing": "ThrottlingException"}] * failed
    cases = [f"case-{number}" for number in range(len(evidence))]
    return pd.DataFrame({"case": cases, "candidate_evidence": evidence})


def test_arm_that_stops_showing_its_guardrail_is_not_comparable(logs, one_suite):
    """Ten of 360 answers: exit 4, no rates, the arm and the cases named on the first screen."""
    one_suite("pii")
    lost = [{"missing": NO_TRACE, "guardrail": None}] * 10
    logs.write(evidenced(logs.plan(protect_candidate_missing=10), candidate=lost))

    verdict = compare(logs.folder)

    assert (verdict.verdict, verdict.exit_code, verdict.findings) == ("not_comparable", 4, [])
    (thin,) = verdict.thinned
    assert (thin.arm, thin.answers, thin.without) == ("candidate", 360, 10)
    assert thin.cases == [f"protect-{place:03d}" for place in range(10)]
    assert "On the candidate 10 of 360 answers came without evidence" in verdict.suites[0].reason
    assert statement.lead(verdict).startswith("During the run the candidate stopped showing its guardrail")
    assert any("protect-000" in sentence for sentence in statement.unproved(verdict))


def test_assessment_that_charged_nothing_is_no_evidence(logs, one_suite):
    """An assessment without text units assessed nothing, whatever it says."""
    one_suite("pii")
    logs.write(evidenced(logs.plan(), candidate=[{"units": 0}] * 20))

    assert [thin.without for thin in compare(logs.folder).thinned] == [20]


def test_a_few_answers_without_evidence_are_missing_pairs_alone(logs, one_suite):
    """Two of 360 can be an accident: they count as the worst case, and the comparison goes on."""
    one_suite("pii")
    logs.write(
        evidenced(logs.plan(protect_candidate_missing=2), candidate=[{"missing": NO_TRACE}] * 2),
    )

    verdict = compare(logs.folder)

    assert verdict.thinned == []
    assert verdict.findings


def test_calls_that_failed_are_no_answers():
    """Throttles are missing too, and say nothing about the guardrail."""
    assert thinned("pii", table(100, 0, failed=50)) == []


@given(answers=st.integers(1, 2000), share=st.floats(0, 1))
def test_the_limit_is_the_exact_one(answers, share):
    """An arm is named exactly where so many without evidence are too unlikely at the tolerated fraction."""
    from scipy.stats import binom

    without = round(answers * share)
    tail = binom.sf(without - 1, answers, TOLERATED) if without else 1.0
    if abs(tail - 0.05) < 1e-9:
        return
    assert bool(thinned("pii", table(answers, without))) == (tail < 0.05)


@pytest.mark.parametrize("column", ["stop", "units"])
def test_logs_from_before_evidence_was_kept_are_no_answers(column):
    """Where nothing is known of an answer nothing is held against its arm."""
    evidence = {"stop": None} if column == "stop" else None
    bare = pd.DataFrame({"case": ["a"] * 40, "reference_evidence": [evidence] * 40})
    assert thinned("pii", bare) == []
