from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import special

from analysis.stats import score
from analysis.stats.sequential import betting


def _tables(n):
    """All tables of n pairs."""
    b, c = (grid.ravel() for grid in np.meshgrid(np.arange(n + 1), np.arange(n + 1)))
    possible = b + c <= n
    return b[possible], c[possible]


def _chance(b, c, n, worse, better):
    """Their probabilities, for equal prompts."""
    logs = (
        special.gammaln(n + 1)
        - special.gammaln(b + 1)
        - special.gammaln(c + 1)
        - special.gammaln(n - b - c + 1)
        + special.xlogy(b, worse)
        + special.xlogy(c, better)
        + special.xlogy(n - b - c, 1 - worse - better)
    )
    return np.exp(logs)


@pytest.mark.parametrize("n", [1, 7, 30])
@pytest.mark.parametrize("delta", [-0.02, 0, 0.01, 0.3])
@pytest.mark.parametrize("better", [0, 0.001, 0.1, 0.3])
def test_the_expected_capital_is_at_most_one_when_the_loss_is_at_most_delta(n, delta, better):
    """By listing all tables: 1 for each share at theta = delta, and no more below it."""
    b, c = _tables(n)
    capital = np.exp(betting.log_capital(b, c, n, delta))
    if better + delta >= 0:
        at_the_edge = _chance(b, c, n, better + delta, better) @ capital
        np.testing.assert_allclose(at_the_edge, 1, rtol=1e-9)
    inside = _chance(b, c, n, max(better + delta - 0.05, 0), max(better, 0.05 - delta)) @ capital
    assert (inside <= 1 + 1e-9).all()


def test_unlike_prompts_do_not_raise_the_expected_capital():
    """Half of the prompts lose always, half win always: no loss on average, and at most 1."""
    b, c = np.array([10.0]), np.array([10.0])

    assert (np.exp(betting.log_capital(b, c, 20, 0)) <= 1).all()


def test_the_formula_is_a_product_over_pairs():
    """The capital is multiplied by 1 + lambda (x - delta) for each pair."""
    delta = 0.02
    bets = np.array(betting.SHARES) / (1 + delta)
    outcomes = [1, 1, 1, -1] + [0] * 16

    expected = [np.sum(np.log1p(bet * (np.array(outcomes) - delta))) for bet in bets]
    np.testing.assert_allclose(betting.log_capital(3, 1, 20, delta), expected, rtol=1e-12)


def test_a_decade_of_nights_does_not_overflow():
    """Evidence is kept as a logarithm."""
    evidence = betting.log_evidence(3650 * 50, 0, 3650 * 1000, 0)

    assert np.isfinite(evidence)
    assert evidence > 10_000


@pytest.mark.parametrize(
    ("b", "c", "n", "reach"),
    [(20, 20, 10_000, 0.0022), (0, 0, 1000, 0.0061)],
)
def test_the_interval_for_all_nights_is_about_as_wide_as_studied(b, c, n, reach):
    """Half as wide again as a single look's: 2.2 per 1,000 for 40 disagreements in 10,000 pairs."""
    low, high = betting.confidence_sequence(b, c, n)
    single = score.difference(b, c, n)

    assert float(high) == pytest.approx(reach, rel=0.03)
    assert float(low) == pytest.approx(-float(high), abs=1e-9)
    assert 1.3 < high / single[1] < 1.8


@given(st.integers(0, 60), st.integers(0, 60), st.integers(1, 5000))
def test_exchanging_the_arms_exchanges_and_negates_the_limits(b, c, rest):
    """No arm is favoured, and the estimate is inside."""
    n = b + c + rest
    low, high = betting.confidence_sequence(b, c, n)
    other = betting.confidence_sequence(c, b, n)

    assert (float(low), float(high)) == (-float(other[1]), -float(other[0]))
    assert -1 <= low < (b - c) / n < high <= 1


def test_before_the_first_pair_nothing_is_excluded():
    """No data, the whole range."""
    assert [float(limit) for limit in betting.confidence_sequence(0, 0, 0)] == [-1, 1]


def test_one_clean_night_of_a_thousand_shows_one_point():
    """And 400 clean prompts take two nights."""
    assert betting.confidence_sequence(0, 0, 1000)[1] < 0.01
    assert betting.confidence_sequence(0, 0, 400)[1] > 0.01
    assert betting.confidence_sequence(0, 0, 800)[1] < 0.01


def test_its_limits_hold_on_all_nights_at_once(rng):
    """200 years of nights: the truth is ever outside in well under 5 % of them."""
    pairs, worse, better = 300, 0.012, 0.008
    b = rng.binomial(pairs, worse, size=(200, 365))
    c = rng.binomial(pairs - b, better / (1 - worse))
    n = np.arange(1, 366) * pairs

    evidence = betting.log_evidence(b.cumsum(axis=1), c.cumsum(axis=1), n, worse - better)
    other_side = betting.log_evidence(c.cumsum(axis=1), b.cumsum(axis=1), n, better - worse)

    ever = (np.maximum(evidence, other_side) > np.log(2 / 0.05)).any(axis=1)
    assert ever.mean() <= 0.05
