from __future__ import annotations

import itertools

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import integrate, special

from analysis.stats import hypotheses, intervals, quadrature

MOST = 30


def _all_tables(n):
    b, c = (grid.ravel() for grid in np.meshgrid(np.arange(MOST + 1), np.arange(MOST + 1)))
    return b, c, np.full(b.shape, n)


@st.composite
def _tables(draw):
    n = draw(st.one_of(st.integers(1, 2000), st.floats(1, 2000)))
    b = draw(st.floats(0, 1)) * n
    c = draw(st.floats(0, 1)) * (n - b)
    return (round(b), round(c), n) if round(b) + round(c) <= n else (b, c, n)


def test_limits_are_those_of_the_reference_implementation(paired_tables):
    """Every oracle table has R's interval, to the precision of R's root search."""
    tables = [row for row in paired_tables["tables"] if row["interval"] is not None]
    _, b, c, _ = np.array([row["table"] for row in tables]).T
    n = np.array([sum(row["table"]) for row in tables])

    low, high = intervals.difference(b, c, n)

    expected = np.array([row["interval"] for row in tables])
    assert len(tables) == 37
    np.testing.assert_allclose(np.column_stack([low, high]), expected, rtol=0, atol=5e-5)


def test_limits_are_those_of_a_separate_prototype(paired_tables):
    """Every oracle table, ten thousand times more precisely than R's search is."""
    _, b, c, _ = np.array([row["table"] for row in paired_tables["tables"]]).T
    n = np.array([sum(row["table"]) for row in paired_tables["tables"]])

    low, high = intervals.difference(b, c, n)

    expected = np.array([row["prototype"] for row in paired_tables["tables"]])
    assert len(expected) == 38
    np.testing.assert_allclose(np.column_stack([low, high]), expected, rtol=0, atol=1e-6)


def test_the_limit_for_what_was_never_seen_is_the_rule_of_three_made_exact(rule_of_three):
    """Of 50 to 100,000 trials without a failure, and the rule is never under it."""
    trials, limit, rule = np.array(
        [[row[key] for key in ("trials", "limit", "rule")] for row in rule_of_three]
    ).T

    np.testing.assert_allclose(intervals.rate_upper(0, trials), limit, rtol=1e-12)
    assert (limit < rule).all()


def test_a_table_on_which_the_reference_implementation_fails_has_limits():
    """Three against none in 100,000, where R answers NaN, has an ordinary interval."""
    low, high = intervals.difference(3, 0, 100_000)

    assert low < 3e-5 < high
    assert float(high) == pytest.approx(special.betaincinv(4, 99_997, 0.975), rel=1e-12)


@pytest.mark.parametrize("n", [1, 50, 1000, 1_000_000])
def test_without_disagreement_the_interval_is_the_rule_of_three_made_exact(n):
    """No discordant pair gives plus and minus 1 - (alpha/2) ** (1/n)."""
    low, high = intervals.difference(0, 0, n)

    width = -np.expm1(np.log(0.025) / n)
    assert float(high) == pytest.approx(width, rel=1e-12)
    assert float(low) == -float(high)


def test_with_failures_on_one_arm_alone_the_upper_limit_is_the_exact_one_of_that_rate():
    """With nothing on the other side the limit is Clopper and Pearson's for b of n."""
    _, high = intervals.difference(12, 0, 400)

    assert float(high) == pytest.approx(special.betaincinv(13, 388, 0.975), rel=1e-12)


def test_all_pairs_failing_on_the_candidate_alone_reach_one():
    """A table that is nothing but candidate failures has 1 as its upper limit."""
    low, high = intervals.difference(20, 0, 20)

    assert float(high) == 1.0
    assert 0.6 < float(low) < 1


@pytest.mark.parametrize("n", [60, 1000])
def test_the_interval_excludes_zero_exactly_when_the_exact_test_rejects(n):
    """Interval and McNemar's p never contradict, on every table with up to 30 of each."""
    b, c, pairs = _all_tables(n)

    low, high = intervals.difference(b, c, pairs)

    excludes = (low > 0) | (high < 0)
    np.testing.assert_array_equal(excludes, hypotheses.p_different(b, c) < 0.05)


@pytest.mark.parametrize("n", [60, 1000])
def test_the_limit_is_under_the_margin_exactly_when_parity_is_shown(n):
    """The upper limit at 5 % each side and p_parity <= .05 are the same statement."""
    b, c, pairs = _all_tables(n)

    _, high = intervals.difference(b, c, pairs, alpha=0.10)

    np.testing.assert_array_equal(high <= 0.03, hypotheses.p_parity(b, c, pairs, 0.03) <= 0.05)


@pytest.mark.parametrize("n", [60, 1000])
def test_the_limit_is_over_the_margin_exactly_when_a_breach_is_shown(n):
    """The lower limit at 5 % each side and p_beyond_margin <= .05 are the same statement."""
    b, c, pairs = _all_tables(n)

    low, _ = intervals.difference(b, c, pairs, alpha=0.10)

    np.testing.assert_array_equal(low > 0.03, hypotheses.p_beyond_margin(b, c, pairs, 0.03) < 0.05)


@given(_tables())
def test_swapping_the_arms_negates_the_interval(table):
    """The candidate's excess over the reference is minus the reference's over the candidate."""
    b, c, n = table

    low, high = intervals.difference(b, c, n)
    other_low, other_high = intervals.difference(c, b, n)

    assert (float(low), float(high)) == (-float(other_high), -float(other_low))


@given(_tables())
def test_an_interval_has_width_and_holds_the_estimate(table):
    """No table whatever collapses, leaves [-1, 1] or misses its own difference."""
    b, c, n = table

    low, high = intervals.difference(b, c, n)

    assert -1 <= low < high <= 1
    assert low - 1e-12 <= (b - c) / n <= high + 1e-12


@given(_tables(), st.sampled_from(list(itertools.pairwise([0.5, 0.2, 0.1, 0.05, 0.01, 0.0001]))))
def test_more_confidence_never_makes_an_interval_narrower(table, alphas):
    """Limits move outwards as alpha falls."""
    b, c, n = table

    narrow, wide = (intervals.difference(b, c, n, alpha=alpha) for alpha in alphas)

    assert wide[0] <= narrow[0] + 1e-12
    assert wide[1] >= narrow[1] - 1e-12


def test_one_more_failure_of_the_candidate_raises_both_limits():
    """Limits grow with the candidate's count and fall with the reference's, on every third small table."""
    b, c, n = (counts[::3] for counts in _all_tables(200))

    low, high = intervals.difference(b, c, n)
    low_more, high_more = intervals.difference(b + 1, c, n)
    low_less, high_less = intervals.difference(b, c + 1, n)

    assert (low_more >= low - 1e-12).all()
    assert (high_more >= high - 1e-12).all()
    assert (low_less <= low + 1e-12).all()
    assert (high_less <= high + 1e-12).all()


@given(_tables())
def test_a_hair_more_changes_the_limits_by_a_hair(table):
    """Fractional counts are on the same curve as whole ones."""
    b, c, n = table

    limits = np.array(intervals.difference(b, c, n))
    moved = np.array(intervals.difference(b + 1e-9, c, n + 1e-9))

    assert np.abs(limits - moved).max() < 1e-6


def test_no_size_up_to_a_million_breaks_the_quadrature():
    """Counts from none to all of up to a million pairs give finite, ordered limits."""
    rng = np.random.default_rng(20)
    n = np.ceil(10 ** rng.uniform(0.5, 6, 800))
    m = np.floor(np.minimum(n, n ** rng.uniform(0, 1.02, 800)))
    b = np.floor(m * rng.choice([0, 0.01, 0.3, 0.5, 0.9, 1], 800))

    low, high = intervals.difference(b, m - b, n)

    assert np.isfinite(low).all()
    assert np.isfinite(high).all()
    assert (low < high).all()


@pytest.mark.parametrize(
    ("b", "c", "n", "t"),
    [
        (7, 2, 400, 0.02),
        (1000, 1, 5000, 0.21),
        (3, 90, 1000, 0.001),
        (0.5, 0.25, 40, 0.03),
        (8, 1, 10, 0.17),
        (900, 870, 1_000_000, 1e-4),
        (2.9, 0.03, 3.2, 0.7),
    ],
)
def test_the_quadrature_agrees_with_adaptive_integration(b, c, n, t):
    """The upper function is what integrating over T's quantiles adaptively gives, sharp corners included."""
    m = b + c
    one = (np.array([x], dtype=float) for x in (m + 1, n - m, b + 1, c))

    ours = quadrature.tail(np.array([t]), *quadrature.prepare(*one))[0]

    assert ours == pytest.approx(_adaptive(t, m + 1, n - m, b + 1, c), abs=1e-6)


def _adaptive(t, t1, t2, b1, b2):
    def tail_of_b(u):
        x = special.betaincinv(t1, t2, u)
        return special.betainc(b2, b1, (x - t) / (2 * x)) if x > t else 0.0

    r = special.betaincinv(b2, b1, [1e-9, 1e-3, 0.5, 0.999, 1 - 1e-9])
    bends = special.betainc(t1, t2, np.minimum(t / (1 - 2 * r[r < 0.5]), 1.0))
    start = special.betainc(t1, t2, t)
    ends = sorted({start, 1.0, *(bend for bend in bends if start < bend < 1)})
    return sum(
        integrate.quad(tail_of_b, one, other, epsabs=1e-12, limit=400)[0]
        for one, other in itertools.pairwise(ends)
    )


@pytest.mark.parametrize(
    ("trials", "upper"),
    [(50, 0.058155079117), (100, 0.029513049607), (300, 0.009936081944), (100_000, 2.995687401941e-05)],
)
def test_no_failure_in_many_trials_bounds_the_rate_by_three_over_n(trials, upper):
    """The one-sided limit after no failure is 1 - alpha ** (1/n)."""
    assert float(intervals.rate_upper(0, trials)) == pytest.approx(upper, rel=1e-9)


def test_the_limit_of_one_arm_covers_as_promised():
    """Enumerated over every count, the upper limit is under the true rate in at most 5 % of samples."""
    n = 50
    k = np.arange(n + 1)
    upper = intervals.rate_upper(k, n)

    for rate in np.linspace(0.005, 0.6, 40):
        chance = special.comb(n, k) * rate**k * (1 - rate) ** (n - k)
        assert chance[upper < rate].sum() <= 0.05


def test_without_trials_an_arm_may_fail_always():
    """Nothing seen bounds nothing."""
    assert float(intervals.rate_upper(0, 0)) == 1.0
