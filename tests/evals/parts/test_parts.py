"""A long asking is cut into parts that hold every case once."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from inspect_ai.dataset import Sample

from evals.parts import cut

SAMPLES = [Sample(input="", id=str(number)) for number in range(60)]
counts = st.integers(1, 70)


@given(cases=st.integers(0, 60), limit=st.none() | counts, epochs=st.integers(1, 9), at_most=counts)
def test_the_parts_together_hold_each_case_once(cases, limit, epochs, at_most):
    """In the order of the dataset; none is empty, and none holds more than one log may."""
    asked = SAMPLES[:cases]
    first, part = cut(asked, number=1, limit=limit, epochs=epochs, at_most=at_most)
    if part is None:
        assert first == asked
        assert len(asked[:limit]) * epochs <= at_most or len(asked[:limit]) <= 1
        return
    parts = [
        cut(asked, number=number, limit=limit, epochs=epochs, at_most=at_most)[0]
        for number in range(1, part.of + 1)
    ]
    assert [sample for each in parts for sample in each] == asked[:limit]
    assert all(0 < len(each) * epochs <= max(at_most, epochs) for each in parts)
    assert part.samples == len(asked[:limit]) * epochs


@pytest.mark.parametrize("number", [0, 4])
def test_a_part_that_is_not_there_is_refused(number):
    """Twelve samples of at most four are three parts."""
    with pytest.raises(ValueError, match=f"no part {number} of 3"):
        cut(SAMPLES[:12], number=number, limit=None, epochs=1, at_most=4)
