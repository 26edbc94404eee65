from __future__ import annotations

import pytest

from analysis.stats import hypotheses, intervals, planning


def test_a_clean_record_needs_more_than_its_own_size_for_a_narrow_margin():
    """100 clean pairs can not show one point, and are told that hundreds are needed."""
    needed = planning.pairs_for_parity(discordant=0, pairs=100, margin=0.01)

    assert needed is not None
    assert 300 <= needed <= 5000


@pytest.mark.parametrize(
    ("margin", "rate", "known"), [(0.01, 0.002, 553), (0.02, 0.002, 239), (0.01, 0.005, 869)]
)
def test_sizes_found_by_exhaustive_search_elsewhere_are_the_first_with_enough_power(margin, rate, known):
    """80 % power is there at the known size, but for rounding, and not yet a little under it."""
    assert planning._power(known, rate, rate, margin, 0.05) >= 0.797
    assert planning._power(int(known * 0.98), rate, rate, margin, 0.05) < 0.8


def test_more_disagreement_needs_more_pairs():
    """Noise costs pairs."""
    needed = [planning.pairs_for_parity(discordant=m, pairs=400, margin=0.02) for m in (0, 3, 12, 40)]

    assert needed == sorted(needed)
    assert needed[0] < needed[-1]


def test_a_difference_at_the_margin_is_never_shown_to_be_within_it():
    """Where the supposed truth is the margin itself no number of pairs helps."""
    assert planning.pairs_for_parity(discordant=12, pairs=400, margin=0.03, shift=0.03) is None


def test_the_number_for_a_cap_is_the_first_that_suffices():
    """At the pairs returned the rate seen is under the cap, one pair before it is not."""
    needed = planning.pairs_for_cap(failures=3, pairs=100, cap=0.05)

    rate = 0.03
    assert intervals.rate_upper(rate * needed, needed) <= 0.05
    assert intervals.rate_upper(rate * (needed - 1), needed - 1) > 0.05


def test_a_rate_over_the_cap_is_never_shown_to_be_under_it():
    """Seeing more of the same does not help."""
    assert planning.pairs_for_cap(failures=6, pairs=100, cap=0.05) is None


def test_the_floor_without_any_failure_is_the_closed_form():
    """With every table agreeing, (1 - margin) ** n decides."""
    assert hypotheses.p_parity(0, 0, 299, 0.01) <= 0.05
    assert planning.pairs_for_cap(failures=0, pairs=10, cap=0.01) == 299
