from __future__ import annotations

import math

import pytest

from analysis.stats import MOST_PAIRS, paired


def test_a_textbook_table_has_its_published_answer():
    """One against seven in 21 pairs: the interval that goes with p = .0703 reaches over 0."""
    result = paired(candidate_only=1, reference_only=7, pairs=21)

    assert result.low == pytest.approx(-0.5455, abs=5e-5)
    assert result.high == pytest.approx(0.0204, abs=5e-5)
    assert result.difference == pytest.approx(-6 / 21)
    assert result.p_worse == pytest.approx(0.99609375)


def test_without_a_margin_there_are_no_margin_p_values():
    """Nobody named a margin, so nothing is said about one."""
    result = paired(candidate_only=1, reference_only=7, pairs=21)

    assert result.p_beyond_margin is None
    assert result.p_parity is None


def test_with_a_margin_all_three_p_values_are_given():
    """Nine against two in 400 at a limit of 3 %: not beyond it, and within it."""
    result = paired(candidate_only=9, reference_only=2, pairs=400, margin=0.03)

    assert result.p_worse == pytest.approx(0.0327, abs=5e-5)
    assert result.p_beyond_margin > 0.5
    assert result.p_parity < 0.2


@pytest.mark.parametrize(
    ("table", "message"),
    [
        ({"candidate_only": -1}, r"candidate_only is -1; it must be a number of pairs, 0 or more\."),
        ({"reference_only": math.nan}, r"reference_only is nan; it must be a number of pairs"),
        ({"pairs": math.inf}, r"pairs is inf; it must be a number of pairs"),
        ({"pairs": 1e16}, r"pairs is 1e\+16; the limits are computed for up to 1e\+09 pairs"),
        ({"pairs": 0, "candidate_only": 0, "reference_only": 0}, r"pairs is 0; without a pair"),
        ({"pairs": 9}, r"candidate_only 6 and reference_only 4 make 10 pairs, but pairs is 9\."),
        ({"margin": 0}, r"margin is 0; it must be a fraction between 0 and 1"),
        ({"margin": 1.5}, r"margin is 1\.5; it must be a fraction between 0 and 1"),
        ({"margin": math.nan}, r"margin is nan"),
        ({"alpha": 0}, r"alpha is 0; it must lie between 0 and 1"),
    ],
)
def test_what_is_no_table_is_refused_with_the_number_that_is_wrong(table, message):
    """Impossible counts, margins and levels are named with their value."""
    with pytest.raises(ValueError, match=message):
        paired(**{"candidate_only": 6, "reference_only": 4, "pairs": 50} | table)


@pytest.mark.parametrize(("b", "c"), [(0, 0), (1, 0), (1e8, 0), (5e8, 2.5e8)])
def test_the_largest_tables_still_have_limits_on_both_sides(b, c):
    """Up to the number of pairs that is taken, the interval has width and holds what was seen."""
    result = paired(candidate_only=b, reference_only=c, pairs=MOST_PAIRS)

    assert result.low < result.difference < result.high
