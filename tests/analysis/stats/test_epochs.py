from __future__ import annotations

import itertools

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from analysis.stats import epochs, hypotheses, within_case


def _counts(a, b, asked_a, asked_b=None):
    return epochs.counts(
        reference_failures=a,
        candidate_failures=b,
        reference_epochs=asked_a,
        candidate_epochs=asked_a if asked_b is None else asked_b,
    )


def test_one_answer_each_gives_the_plain_table():
    """Nothing is averaged where nothing can be paired otherwise."""
    found = _counts([1, 1, 0, 0, 0], [1, 0, 1, 1, 0], 1)

    assert found == epochs.Counts(both=1, candidate_only=2, reference_only=1, pairs=5)


def test_several_answers_are_averaged_over_all_ways_to_pair_them():
    """For three answers by each arm, the mean over all 6 pairings of the one arm's with the other's."""
    reference, candidate = [1, 0, 0], [1, 1, 0]
    tables = []
    for order in itertools.permutations(candidate):
        pairs = list(zip(reference, order, strict=True))
        tables.append([pairs.count((1, 1)), pairs.count((0, 1)), pairs.count((1, 0))])

    found = _counts([1], [2], 3)

    assert [found.both, found.candidate_only, found.reference_only] == pytest.approx(np.mean(tables, axis=0))
    assert found.pairs == 3


@given(st.lists(st.tuples(st.integers(0, 5), st.integers(0, 5)), min_size=1))
def test_the_difference_is_the_whole_number_of_failures_more(cases):
    """Sum of kB - kA is b - c, and the margins of the table are the arms' failures."""
    a, b = np.array(cases).T
    found = _counts(a, b, 5)

    assert found.candidate_only - found.reference_only == pytest.approx((b - a).sum(), abs=1e-9)
    assert found.both + found.reference_only == pytest.approx(a.sum(), abs=1e-9)
    assert found.pairs == 5 * len(cases)


def test_exchanging_the_arms_exchanges_the_counts():
    """Also where they were asked unequally often."""
    one, other = _counts([3, 0], [1, 2], 10, 2), _counts([1, 2], [3, 0], 2, 10)

    assert one.candidate_only == pytest.approx(other.reference_only)
    assert one.both == pytest.approx(other.both)
    assert one.pairs == other.pairs


def test_extra_answers_sharpen_the_rate_and_are_no_pairs():
    """One answer tonight against ten on file is one pair to a case."""
    found = _counts([1, 0], [1, 1], 10, 1)

    assert found.pairs == 2
    assert (found.both, found.candidate_only, found.reference_only) == pytest.approx((0.1, 1.9, 0))


def test_a_case_that_an_arm_never_answered_is_no_pair():
    """Missing is not a pass."""
    assert _counts([1, 0], [0, 0], [3, 3], [0, 3]).pairs == 3


@pytest.mark.parametrize(
    ("a", "b", "asked", "message"),
    [
        ([0, 4], [0, 0], 3, "Case 1: the reference failed 4 of 3 answers"),
        ([0], [-1], 3, "Case 0: the candidate failed -1 of 3 answers"),
        ([0.5], [0], 3, "Case 0: the reference failed 0.5 of 3 answers"),
        ([0], [0], float("nan"), "Case 0: the reference failed 0 of nan answers"),
    ],
)
def test_impossible_failures_are_refused_by_case(a, b, asked, message):
    """Arm, case and numbers are named."""
    with pytest.raises(ValueError, match=message):
        _counts(a, b, asked)


def _within(a, b, asked_a, asked_b):
    return within_case.p_worse(
        reference_failures=a, candidate_failures=b, reference_epochs=asked_a, candidate_epochs=asked_b
    )


@given(st.integers(0, 25), st.integers(0, 25))
def test_with_one_answer_each_the_test_within_cases_is_the_exact_mcnemar_test(b, c):
    """The hypergeometric of two answers with one failure is a coin."""
    reference, candidate = [0] * b + [1] * c + [1, 0], [1] * b + [0] * c + [1, 0]

    p = _within(reference, candidate, 1, 1)

    assert p == pytest.approx(float(hypotheses.p_worse(b, c)), rel=1e-12)


def test_the_test_within_cases_is_that_of_all_ways_to_deal_out_the_failures():
    """Two cases with 3 + 2 answers each, by listing which two of the five are the candidate's."""
    answers = ([1, 1, 0, 0, 1], [0, 0, 1, 0, 0])
    sums = [
        sum(case[i] for case, chosen in zip(answers, choice, strict=True) for i in chosen)
        for choice in itertools.product(list(itertools.combinations(range(5), 2)), repeat=2)
    ]

    p = _within([2, 0], [1, 1], 3, 2)

    assert p == pytest.approx(np.mean(np.array(sums) >= 2), rel=1e-12)


def test_cases_that_always_or_never_fail_tell_nothing():
    """All-or-nothing cases, and cases that an arm never answered, leave the p-value at 1."""
    assert _within([10, 0, 3], [2, 0, 0], [10, 10, 10], [2, 2, 0]) == 1


def test_many_answers_on_file_make_the_test_within_cases_sharper():
    """Five new failures against thirty clean answers each: far below the coin's 1 in 32."""
    p = _within([0] * 5, [1] * 5, 30, 1)

    assert p == pytest.approx(31.0**-5, rel=1e-9)


@pytest.mark.parametrize(("asked_a", "asked_b"), [(1, 1), (10, 1), (1, 7)])
def test_its_size_is_kept_for_unlike_cases_asked_unequally(rng, asked_a, asked_b):
    """Cases failing from never to half the time, no difference: at most 5 % of p-values under .05."""
    rates = rng.beta(0.2, 4, size=300)
    runs = 500
    a, b = rng.binomial(asked_a, rates, size=(runs, 300)), rng.binomial(asked_b, rates, size=(runs, 300))

    p = np.array([_within(*each, asked_a, asked_b) for each in zip(a, b, strict=True)])

    assert (p <= 0.05).mean() <= 0.05 + 3 * np.sqrt(0.05 * 0.95 / runs)
    assert (p <= 0.05).mean() > 0.01
