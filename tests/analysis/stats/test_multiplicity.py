from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from analysis.stats.multiplicity import holm

p_values = st.lists(st.floats(0, 1), min_size=1, max_size=20)


def test_adjusted_values_are_those_of_r(holm_example):
    """Fifteen published p-values are adjusted as R adjusts them."""
    adjusted = holm(holm_example["p"], family_size=15)

    np.testing.assert_allclose(adjusted, holm_example["holm"], rtol=1e-12)


def test_order_of_the_claims_does_not_matter(holm_example):
    """Shuffled p-values get the same adjustment, in their own order."""
    order = np.random.default_rng(1).permutation(15)

    adjusted = holm(np.array(holm_example["p"])[order], family_size=15)

    np.testing.assert_allclose(adjusted, np.array(holm_example["holm"])[order], rtol=1e-12)


def test_a_claim_that_could_not_be_tested_counts_as_one():
    """NaN is no evidence and spoils nobody else's."""
    adjusted = holm([0.01, math.nan], family_size=2)

    assert adjusted.tolist() == [0.02, 1.0]


def test_claims_that_were_not_run_still_count():
    """Running five of fifteen registered metrics does not make the five look surer."""
    part = holm([0.001, 0.004], family_size=15)

    whole = holm([0.001, 0.004, *[1.0] * 13], family_size=15)
    assert part.tolist() == whole[:2].tolist() == [0.015, 0.056]


def test_more_claims_than_registered_are_refused():
    """A family that is too small for its claims would correct too little."""
    with pytest.raises(ValueError, match=r"3 p-values were given for a family of 2\."):
        holm([0.1, 0.2, 0.3], family_size=2)


@pytest.mark.parametrize("p", [-0.1, 1.1])
def test_what_is_no_probability_is_refused(p):
    """A p-value outside [0, 1] is named."""
    with pytest.raises(ValueError, match=rf"between 0 and 1; given were \[{p}\]"):
        holm([p], family_size=1)


def test_no_claim_at_all_is_nothing_to_adjust():
    """An empty family stays empty."""
    assert holm([], family_size=15).size == 0


@given(p_values)
def test_adjusted_values_keep_the_order_and_never_fall(p):
    """Adjusting never makes a p-value smaller nor swaps two of them."""
    adjusted = holm(p, family_size=20)

    assert (adjusted >= np.array(p)).all()
    assert (np.diff(adjusted[np.argsort(p, kind="stable")]) >= 0).all()
