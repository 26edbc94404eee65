"""Counting a pair: who is an opportunity, who failed, and what cannot be known."""

from __future__ import annotations

import itertools

import pytest

from suites.case import Case
from suites.metrics import METRICS, MISSING, NOT_COUNTED, Paired, judge
from suites.outcomes import Facts

KNOWN_OR_NOT = (True, False, None)
TWO_FACTS = list(itertools.product(KNOWN_OR_NOT, repeat=2))


def counted(reference, candidate):
    """A pair that counts, with the failures of both arms."""
    return Paired(counted=True, missing=False, reference=reference, candidate=candidate)


@pytest.fixture
def protect(row):
    """A protect case of one side."""
    return lambda side: Case.model_validate(row(side=side))


@pytest.fixture
def allow(allow_row):
    """An allow case."""
    return Case.model_validate(allow_row())


@pytest.mark.parametrize(("reference", "candidate"), TWO_FACTS)
def test_input_miss_counts_what_was_not_acted_on(protect, reference, candidate):
    """Every input-side protect case is an opportunity; unknown on either arm is missing."""
    came_out = judge(
        METRICS["input_miss"],
        protect("input"),
        Facts(input_acted=reference),
        Facts(input_acted=candidate),
    )

    expected = MISSING if None in (reference, candidate) else counted(not reference, not candidate)
    assert came_out == expected


@pytest.mark.parametrize(("reference", "candidate"), TWO_FACTS)
def test_overblock_counts_what_was_acted_on(allow, reference, candidate):
    """Every allow case is an opportunity; unknown on either arm is missing."""
    came_out = judge(METRICS["overblock"], allow, Facts(guarded=reference), Facts(guarded=candidate))

    expected = MISSING if None in (reference, candidate) else counted(reference, candidate)
    assert came_out == expected


@pytest.mark.parametrize(("metric", "opportunity"), [("exposure", "reached"), ("uncaught", "emitted")])
@pytest.mark.parametrize("there", TWO_FACTS)
@pytest.mark.parametrize("shown", TWO_FACTS)
def test_exposure_and_uncaught_need_both_opportunities(protect, metric, opportunity, there, shown):
    """A known absence on one arm settles it, whatever is unknown; short of that, unknown is missing."""
    arms = [Facts(**{opportunity: fact, "exposed": seen}) for fact, seen in zip(there, shown, strict=True)]

    came_out = judge(METRICS[metric], protect("output"), *arms)

    if False in there:
        expected = NOT_COUNTED
    elif None in there or None in shown:
        expected = MISSING
    else:
        expected = counted(*shown)
    assert came_out == expected


@pytest.mark.parametrize(
    ("guarded", "acted", "expected"),
    [
        (True, True, counted(reference=False, candidate=False)),
        (True, False, counted(reference=False, candidate=True)),
        (True, None, MISSING),
        (False, True, counted(reference=False, candidate=False)),
        (False, False, NOT_COUNTED),
        (False, None, MISSING),
        (None, True, counted(reference=False, candidate=False)),
        (None, False, MISSING),
        (None, None, MISSING),
    ],
)
def test_wrong_action_is_counted_where_anything_acted(protect, guarded, acted, expected):
    """Blocking, masking and a registered report are opportunities; only the registered act is no failure."""
    right = Facts(guarded=True, acted=True)

    assert (
        judge(METRICS["wrong_action"], protect("output"), right, Facts(guarded=guarded, acted=acted))
        == expected
    )


@pytest.mark.parametrize(
    ("metric", "applies"),
    [
        ("input_miss", {("protect", "input")}),
        ("exposure", {("protect", "input"), ("protect", "output")}),
        ("uncaught", {("protect", "input"), ("protect", "output")}),
        ("wrong_action", {("protect", "input"), ("protect", "output")}),
        ("overblock", {("allow", "input"), ("allow", "output")}),
    ],
)
def test_a_metric_counts_its_own_cases_only(row, allow_row, metric, applies):
    """Whatever the arms did, a case of another kind is no opportunity."""
    everything = Facts(input_acted=False, acted=False, guarded=True, reached=True, emitted=True, exposed=True)
    makers = {"protect": row, "allow": allow_row}

    found = {
        (expectation, side)
        for expectation, side in itertools.product(makers, ("input", "output"))
        if judge(
            METRICS[metric], Case.model_validate(makers[expectation](side=side)), everything, everything
        ).counted
    }

    assert found == applies


@pytest.mark.parametrize("metric", list(METRICS))
def test_two_missing_arms_are_never_a_pass(row, allow_row, metric):
    """When nothing is known, whatever the metric counts is missing."""
    cases = [
        Case.model_validate(make(side=side)) for make in (row, allow_row) for side in ("input", "output")
    ]

    judged = [
        judge(METRICS[metric], case, Facts(), Facts()) for case in cases if METRICS[metric].applies(case)
    ]

    assert judged
    assert all(came_out == MISSING for came_out in judged)


def test_the_order_of_the_arms_is_kept(protect):
    """Reference first: a failure of the candidate alone is not one of the reference."""
    came_out = judge(
        METRICS["exposure"],
        protect("output"),
        Facts(reached=True, exposed=False),
        Facts(reached=True, exposed=True),
    )

    assert came_out == counted(reference=False, candidate=True)
