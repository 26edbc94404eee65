from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import special

from analysis.stats import score


@st.composite
def _tables(draw):
    n = draw(st.one_of(st.integers(1, 10**6), st.floats(1, 10**6)))
    b = draw(st.floats(0, 1)) * n
    c = draw(st.floats(0, 1)) * (n - b)
    return (round(b), round(c), n) if round(b) + round(c) <= n else (b, c, n)


def _columns(rows):
    tables = np.array([row["table"] for row in rows], dtype=float)
    return tables[:, 1], tables[:, 2], tables.sum(axis=1)


@pytest.mark.parametrize(
    ("name", "alpha", "precision"),
    [("score", 0.05, 1e-7), ("score_90", 0.1, 1e-9), ("score_98", 0.02, 1e-9)],
)
def test_limits_are_those_of_other_implementations(second_opinions, name, alpha, precision):
    """Every oracle table has the interval that R, or a bisection, gives, to the precision of either."""
    rows = [row for row in second_opinions["tables"] if row.get(name)]
    assert len(rows) >= 30

    low, high = score.difference(*_columns(rows), alpha=alpha)

    np.testing.assert_allclose(
        np.column_stack([low, high]), [row[name] for row in rows], rtol=0, atol=precision
    )


def test_published_limits_are_reproduced_to_their_last_digit(second_opinions):
    """Each printed interval is met to half a unit of its last digit."""
    printed = [row for row in second_opinions["published"] if "score" in row]
    assert len(printed) == 6
    for row in printed:
        _, b, c, _ = row["table"]
        limits = score.difference(b, c, sum(row["table"]))
        digits = max(len(str(limit).partition(".")[2]) for limit in row["score"])
        assert [round(float(limit), digits) for limit in limits] == row["score"], row


def test_tangos_non_inferiority_example_is_reproduced(second_opinions):
    """Z and p for the lens study at a margin of 0.1, as printed and as a prototype has them."""
    (row,) = (row for row in second_opinions["published"] if "score_z_at_-0.1" in row)
    _, b, c, _ = row["table"]
    z, p = float(score.z_at(-0.1, b, c, 44)), float(score.p_parity(c, b, 44, 0.1))

    assert (z, p) == pytest.approx((row["score_z_at_-0.1"], row["score_p_at_-0.1"]), abs=5e-4)
    assert (z, p) == pytest.approx((row["prototype"]["z"], row["prototype"]["p"]), rel=1e-9)


def test_p_values_at_a_margin_are_those_of_a_separate_computation(second_opinions):
    """All margins of all oracle tables."""
    for row in second_opinions["tables"]:
        _, b, c, _ = row["table"]
        for margin, expected in row["score_p_parity"].items():
            found = float(score.p_parity(b, c, sum(row["table"]), float(margin)))
            assert found == pytest.approx(expected, abs=1e-6, rel=1e-6), (row["table"], margin)


@given(_tables(), st.sampled_from([0.001, 0.05, 0.2]))
def test_exchanging_the_arms_exchanges_and_negates_the_limits(table, alpha):
    """No arm is favoured."""
    b, c, n = table
    low, high = score.difference(b, c, n, alpha=alpha)
    other_low, other_high = score.difference(c, b, n, alpha=alpha)

    assert (float(low), float(high)) == (-float(other_high), -float(other_low))


@given(_tables())
def test_an_interval_has_a_width_holds_its_estimate_and_stays_in_range(table):
    """Also at no or total disagreement, up to a million pairs."""
    b, c, n = table
    low, high = score.difference(b, c, n)

    assert -1 <= low < high <= 1
    assert low <= (b - c) / n + 1e-12
    assert (b - c) / n - 1e-12 <= high


@given(_tables())
def test_at_either_limit_the_statistic_is_the_normal_quantile(table):
    """The interval is the inverse of the test."""
    b, c, n = table
    low, high = score.difference(b, c, n)

    if float(high) < 1 - 1e-9:
        assert float(score.z_at(high, b, c, n)) == pytest.approx(-special.ndtri(0.975), abs=1e-4)
    if float(low) > -1 + 1e-9:
        assert float(score.z_at(low, b, c, n)) == pytest.approx(special.ndtri(0.975), abs=1e-4)


@given(_tables(), st.floats(0.001, 0.98), st.floats(1.0001, 1.02))
def test_a_wider_margin_is_easier_to_show(table, margin, factor):
    """p_parity falls as the margin grows."""
    b, c, n = table

    assert score.p_parity(b, c, n, margin * factor) <= score.p_parity(b, c, n, margin) + 1e-12


@given(_tables())
def test_the_two_one_sided_p_values_add_up_to_one(table):
    """What speaks against the one speaks for the other."""
    b, c, n = table

    total = score.p_parity(b, c, n, 0.02) + score.p_beyond_margin(b, c, n, 0.02)
    assert float(total) == pytest.approx(1, abs=1e-12)


def test_a_higher_level_gives_a_narrower_interval():
    """Monotone in alpha, for all tables of 40 pairs."""
    b, c = (grid.ravel() for grid in np.meshgrid(np.arange(21), np.arange(20)))
    wide, narrow = score.difference(b, c, 40, alpha=0.01), score.difference(b, c, 40, alpha=0.1)

    assert (wide[0] <= narrow[0]).all()
    assert (wide[1] >= narrow[1]).all()


@pytest.mark.parametrize("n", [1, 44, 10**6])
def test_without_disagreement_the_limits_have_their_closed_form(n):
    """Plus and minus z^2 / (n + z^2)."""
    low, high = score.difference(0, 0, n)

    z2 = special.ndtri(0.975) ** 2
    assert float(high) == pytest.approx(z2 / (n + z2), rel=1e-12)
    assert float(low) == -float(high)


def test_at_no_difference_the_statistic_is_mcnemars():
    """Z(0) is (b - c) / sqrt(b + c), and 0 of no disagreement at all."""
    assert float(score.z_at(0, 7, 1, 21)) == pytest.approx(6 / np.sqrt(8), rel=1e-12)
    assert float(score.z_at(0, 0, 0, 21)) == 0


def test_digits_are_not_lost_where_pairs_are_many_and_disagreements_few():
    """At 3 of a million the variance's root is taken in the form that does not cancel."""
    q = np.linspace(1e-7, 1e-2, 2001)
    z = score.z_at(q, 3, 1, 10**6)

    assert (np.diff(z) < 0).all()


def test_ten_thousand_tables_keep_their_shape(rng):
    """Counts broadcast: a row of tables against a column of sizes."""
    b = rng.integers(0, 20, size=(1, 100))
    n = rng.integers(50, 10**5, size=(100, 1))

    low, high = score.difference(b, 3, n)

    assert low.shape == high.shape == (100, 100)
    assert np.isfinite(low).all()
    assert (low < high).all()
