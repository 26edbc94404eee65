from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from analysis.stats import ratios


def test_the_signed_rank_analysis_is_rs(depression):
    """Estimate, limits and p-value of the depression data, as wilcox.test gives them."""
    d = np.array(depression["x"]) - np.array(depression["y"])

    assert ratios.hodges_lehmann(d) == pytest.approx((depression["estimate"], *depression["interval"]))
    assert ratios.p_different(d) == pytest.approx(depression["p"], rel=1e-9)


@given(st.lists(st.floats(-5, 5), min_size=1, max_size=30))
def test_the_estimate_is_the_median_of_all_means_of_two(differences):
    """By listing them all."""
    d = np.array(differences)
    i, j = np.triu_indices(d.size)

    estimate, low, high = ratios.hodges_lehmann(d)

    assert estimate == pytest.approx(np.median((d[i] + d[j]) / 2), abs=1e-12)
    if low is not None:
        assert low <= estimate <= high


@given(
    st.lists(st.floats(-5, 5).filter(lambda x: abs(x) > 1e-6), min_size=1, max_size=120),
    st.sampled_from([None, 1]),
)
def test_the_p_value_is_scipys(differences, digits):
    """Exact for few, normal for many, and with ties the variance that they leave."""
    d = np.array(differences) if digits is None else np.round(differences, digits)
    if not d.any():
        d[0] = 1
    unlike = np.unique(np.abs(d[d != 0])).size == np.count_nonzero(d)
    method = "exact" if unlike and np.count_nonzero(d) <= 50 else "asymptotic"

    assert ratios.p_different(d) == pytest.approx(stats.wilcoxon(d[d != 0], method=method).pvalue, rel=1e-9)


def test_a_fifth_slower_is_a_ratio_of_one_point_two(rng):
    """Noise of the same kind on every pair does not hide it."""
    reference = rng.lognormal(6, 0.8, size=400)
    candidate = reference * 1.2 * rng.lognormal(0, 0.1, size=400)

    found = ratios.compare(reference, candidate)

    assert found.low < 1.2 < found.high
    assert found.high - found.low < 0.05
    assert found.p_different < 1e-6
    assert found.candidate_p50 / found.reference_p50 == pytest.approx(1.2, rel=0.1)


def test_exchanging_the_arms_inverts_the_ratio(rng):
    """2 becomes one half."""
    a, b = rng.lognormal(size=(2, 60))
    one, other = ratios.compare(a, b), ratios.compare(b, a)

    assert one.ratio == pytest.approx(1 / other.ratio)
    assert one.low == pytest.approx(1 / other.high)
    assert one.p_different == pytest.approx(other.p_different)


def test_pairs_without_a_ratio_are_counted_and_left_out():
    """Missing, zero, negative and infinite numbers have no logarithm."""
    nan, inf = float("nan"), float("inf")

    found = ratios.compare([1, 2, nan, 0, 5, inf], [2, 4, 1, 3, -1, 1])

    assert (found.pairs, found.unusable) == (2, 4)
    assert found.ratio == pytest.approx(2)
    assert found.low is None


def test_no_pair_at_all_gives_no_number():
    """None, and not 0."""
    found = ratios.compare([], [])

    assert found.pairs == 0
    assert found.ratio is found.p_different is found.reference_p95 is None


def test_equal_arms_differ_by_nothing():
    """Ratio 1 and p 1 without a warning."""
    found = ratios.compare([5, 7, 9], [5, 7, 9])

    assert (found.ratio, found.p_different) == (1, 1)


def test_very_many_pairs_are_all_used(rng):
    """20,000 pairs make 200 million means; the estimate is their median and nothing is drawn."""
    noise = rng.normal(0, 1, size=10_000)
    reference = np.ones(20_001)
    candidate = np.exp(np.r_[0.3 - noise, 0.3, 0.3 + noise])

    found = ratios.compare(reference, candidate)

    assert found.pairs == 20_001
    assert found.ratio == pytest.approx(np.exp(0.3), rel=1e-12)
    assert np.exp(0.28) < found.low < found.ratio < found.high < np.exp(0.32)


def test_its_limits_cover(rng):
    """95 % limits of 40 skewed pairs hold the true ratio in about 95 % of runs."""
    noise = rng.laplace(0, 0.3, size=(300, 40))
    covered = [low <= 0 <= high for _, low, high in map(ratios.hodges_lehmann, noise)]

    assert np.mean(covered) >= 0.95 - 3 * np.sqrt(0.05 * 0.95 / 300)


@pytest.mark.parametrize(("n", "known"), [(5, False), (6, True), (50, True), (51, True)])
def test_so_few_pairs_that_no_limit_holds_have_none(n, known):
    """At 95 % six differences are the fewest."""
    _, low, high = ratios.hodges_lehmann(np.arange(1, n + 1))

    assert (low is not None) is known
    assert (high is not None) is known


def test_lists_of_two_lengths_are_refused():
    """Pairs are pairs."""
    with pytest.raises(ValueError, match="two lists of one length"):
        ratios.compare([1, 2], [1])
