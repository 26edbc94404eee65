"""Promises that all second opinions and instruments keep together."""

from __future__ import annotations

import numpy as np
import pytest

from analysis.stats import intervals, newcombe, score
from analysis.stats.sequential import betting


def _newcombe(b, c, n):
    return newcombe.difference(0, b, c, n - b - c)


@pytest.mark.parametrize(
    "difference", [intervals.difference, score.difference, _newcombe, betting.confidence_sequence]
)
@pytest.mark.parametrize("n", [50, 300, 1000])
def test_two_identical_runs_never_make_a_point(difference, n):
    """Tools that bootstrap or go by Wald print [0, 0] for no disagreement, and call it parity at any size."""
    low, high = difference(0, 0, n)

    assert low < 0 < high
    assert high >= 1 / n


@pytest.mark.parametrize(("n", "margin"), [(50, 0.03), (100, 0.03), (200, 0.01), (1000, 0.01)])
def test_a_loss_of_exactly_the_margin_does_not_pass_by_luck(n, margin):
    """A percentile bootstrap passes it up to 20 % of the time at 2.5 % promised; here it is at most that."""
    from scipy import stats

    b = np.arange(n + 1)
    high = intervals.difference(b, 0, n, alpha=0.05)[1]

    assert stats.binom.pmf(b, n, margin)[high <= margin].sum() <= 0.025


def test_the_interval_and_the_test_of_the_airway_study_do_not_contradict_each_other():
    """(1, 1, 7, 12): Wald's interval excludes 0 while the exact p is .07. Ours does not exclude it."""
    low, high = intervals.difference(1, 7, 21)

    assert low < 0 < high


@pytest.mark.parametrize("n", [1, 10**5, 10**6])
def test_a_million_pairs_and_one_have_limits(n):
    """No NaN from one end to the other."""
    b = np.unique(np.clip([0, 1, 3, n // 2, n], 0, n))
    for difference in (score.difference, _newcombe, betting.confidence_sequence):
        low, high = difference(b, 0, n)
        assert np.isfinite(low).all()
        assert (low < high).all()
