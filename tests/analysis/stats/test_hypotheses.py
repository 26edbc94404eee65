from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import special

from analysis.stats import hypotheses

counts = st.integers(0, 400)
margins = st.floats(0.001, 0.5)


def test_exact_p_values_are_those_of_the_reference_implementation(paired_tables):
    """Every oracle table has R's two-sided exact McNemar p, to the digits that were kept."""
    _, b, c, _ = np.array([row["table"] for row in paired_tables["tables"]]).T

    expected = [row["exact_p"] for row in paired_tables["tables"]]
    np.testing.assert_allclose(hypotheses.p_different(b, c), expected, rtol=1e-10)


def test_one_sided_exact_p_values_are_binomial_sums(paired_tables):
    """Every oracle table has the binomial tail as p_worse."""
    _, b, c, _ = np.array([row["table"] for row in paired_tables["tables"]]).T

    expected = [row["p_worse"] for row in paired_tables["tables"]]
    np.testing.assert_allclose(hypotheses.p_worse(b, c), expected, rtol=1e-10)


def test_published_p_values_are_reproduced(paired_tables):
    """Textbook tables give the printed p to its last digit."""
    for example in paired_tables["published"]:
        _, b, c, _ = example["table"]
        assert round(float(hypotheses.p_different(b, c)), 4) == example["exact_p"], example["source"]


def test_margin_p_values_agree_with_a_second_implementation(paired_tables):
    """Every oracle table and margin has the p of a separately written prototype."""
    for row in paired_tables["tables"]:
        _, b, c, _ = row["table"]
        for margin, p in row["p_parity"].items():
            ours = float(hypotheses.p_parity(b, c, sum(row["table"]), float(margin)))
            assert ours == pytest.approx(p, abs=1e-5), (row["table"], margin)


def test_without_disagreement_parity_has_a_closed_form():
    """No discordant pair gives (1 - margin) ** n."""
    assert float(hypotheses.p_parity(0, 0, 300, 0.02)) == pytest.approx(0.98**300, rel=1e-12)


def test_with_failures_of_the_candidate_alone_parity_has_a_closed_form():
    """With nothing on the other side it is the beta tail of b of n."""
    ours = float(hypotheses.p_parity(3, 0, 300, 0.03))

    assert ours == pytest.approx(special.betaincc(4, 297, 0.03), rel=1e-12)


@given(counts, counts, st.integers(1, 1000), margins)
def test_worse_beyond_the_margin_is_never_easier_to_show_than_worse(b, c, rest, margin):
    """The claim that says more has the larger p."""
    beyond = hypotheses.p_beyond_margin(b, c, b + c + rest, margin)

    assert beyond >= hypotheses.p_worse(b, c)


@given(counts, counts, st.integers(1, 1000), margins)
def test_parity_and_breach_are_never_both_shown(b, c, rest, margin):
    """At any level under one half at most one of the two opposite claims holds."""
    n = b + c + rest

    together = hypotheses.p_beyond_margin(b, c, n, margin) + hypotheses.p_parity(b, c, n, margin)

    assert together >= 1 - 1e-9


@given(counts, counts, st.integers(1, 1000), margins)
def test_a_wider_margin_is_easier_to_keep(b, c, rest, margin):
    """p_parity falls and p_beyond_margin rises with the margin."""
    n = b + c + rest
    wider = margin + 0.01

    assert hypotheses.p_parity(b, c, n, wider) <= hypotheses.p_parity(b, c, n, margin) + 1e-12
    assert hypotheses.p_beyond_margin(b, c, n, wider) >= hypotheses.p_beyond_margin(b, c, n, margin) - 1e-12


@given(counts, counts, st.integers(1, 1000), margins)
def test_a_failure_more_of_the_candidate_speaks_against_it(b, c, rest, margin):
    """Each p moves the right way with one more failure of the candidate alone."""
    n = b + c + rest

    assert hypotheses.p_worse(b + 1, c) <= hypotheses.p_worse(b, c)
    assert hypotheses.p_parity(b + 1, c, n, margin) >= hypotheses.p_parity(b, c, n, margin) - 1e-12


def test_no_p_value_is_zero():
    """However lopsided the table, a p-value is a positive number."""
    p = [
        hypotheses.p_parity(0, 0, 1_000_000, 0.1),
        hypotheses.p_beyond_margin(900, 0, 1000, 0.01),
        hypotheses.p_worse(1000, 0),
    ]

    assert all(float(value) > 0 for value in p)


def _tables_of(n):
    b, c = (grid.ravel() for grid in np.meshgrid(np.arange(n + 1), np.arange(n + 1)))
    possible = b + c <= n
    return b[possible], c[possible]


def _chances(b, c, n, worse, better):
    coefficient = special.gammaln(n + 1) - special.gammaln(b + 1) - special.gammaln(c + 1)
    return np.exp(
        coefficient
        - special.gammaln(n - b - c + 1)
        + special.xlogy(b, worse)
        + special.xlogy(c, better)
        + special.xlogy(n - b - c, max(0.0, 1 - worse - better))
    )


@pytest.mark.parametrize("margin", [0.02, 0.05, 0.10, 0.20])
@pytest.mark.parametrize("alpha", [0.05, 0.05 / 15])
def test_a_candidate_at_the_margin_passes_at_most_as_often_as_promised(margin, alpha):
    """All 1,326 tables of 50 pairs enumerated: parity at the margin itself never errs above alpha."""
    n = 50
    b, c = _tables_of(n)
    shown = hypotheses.p_parity(b, c, n, margin) <= alpha

    sizes = [
        _chances(b, c, n, better + margin, better)[shown].sum()
        for better in np.linspace(0, (1 - margin) / 2, 40)
    ]

    assert max(sizes) <= alpha


@pytest.mark.parametrize("margin", [0.02, 0.10])
def test_a_candidate_at_the_margin_is_called_beyond_at_most_as_often_as_promised(margin):
    """All tables of 50 pairs enumerated: a breach at the margin itself is claimed in at most 5 %."""
    n = 50
    b, c = _tables_of(n)
    shown = hypotheses.p_beyond_margin(b, c, n, margin) <= 0.05

    sizes = [
        _chances(b, c, n, better + margin, better)[shown].sum()
        for better in np.linspace(0, (1 - margin) / 2, 40)
    ]

    assert max(sizes) <= 0.05


def test_equal_arms_are_called_worse_at_most_as_often_as_promised():
    """All tables of 50 pairs enumerated: without a difference p_worse <= .05 in at most 5 %."""
    n = 50
    b, c = _tables_of(n)
    shown = hypotheses.p_worse(b, c) <= 0.05

    sizes = [_chances(b, c, n, rate, rate)[shown].sum() for rate in np.linspace(0.001, 0.5, 60)]

    assert max(sizes) <= 0.05


def test_prompts_that_fail_at_very_different_rates_do_not_break_the_promise():
    """Seeded simulation: 400 fixed prompts, half never failing, true difference at the margin."""
    rng = np.random.default_rng(5)
    margin, runs = 0.02, 4000
    reference = np.repeat([0.0, 0.06], 200)
    candidate = np.repeat([0.0, 0.10], 200)
    draws = rng.random((2, runs, 400))
    failed_reference, failed_candidate = draws[0] < reference, draws[1] < candidate
    b = (failed_candidate & ~failed_reference).sum(axis=1)
    c = (failed_reference & ~failed_candidate).sum(axis=1)

    shown = hypotheses.p_parity(b, c, 400, margin) <= 0.05

    assert shown.mean() <= 0.05
