from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from analysis.stats import newcombe

_COUNT = st.integers(0, 2000)


def test_limits_are_those_of_another_implementation(second_opinions):
    """Every oracle table has R's interval."""
    rows = second_opinions["tables"]
    tables = np.array([row["table"] for row in rows]).T

    low, high = newcombe.difference(*tables)

    assert len(rows) == 38
    np.testing.assert_allclose(
        np.column_stack([low, high]), [row["newcombe"] for row in rows], rtol=0, atol=1e-9
    )


def test_published_limits_are_reproduced(second_opinions):
    """Newcombe's own table and others, to the last digit; one row is a transcription's unit off."""
    printed = [row for row in second_opinions["published"] if "newcombe" in row]
    assert len(printed) == 22
    for row in printed:
        limits = [float(limit) for limit in newcombe.difference(*row["table"])]
        digits = max(len(str(limit).partition(".")[2]) for limit in row["newcombe"])
        slack = 1e-4 if row["table"] == [1, 97, 1, 1] else 0.5000001 * 10.0**-digits
        np.testing.assert_allclose(limits, row["newcombe"], rtol=0, atol=slack, err_msg=str(row))


@given(_COUNT, _COUNT, _COUNT, _COUNT)
def test_exchanging_the_arms_negates_and_exchanging_failure_and_success_negates(a, b, c, d):
    """Both symmetries of a difference."""
    if a + b + c + d == 0:
        a = 1
    low, high = newcombe.difference(a, b, c, d)
    swapped = newcombe.difference(a, c, b, d)
    inverted = newcombe.difference(d, c, b, a)

    np.testing.assert_allclose([low, high], [-swapped[1], -swapped[0]], atol=1e-12)
    np.testing.assert_allclose([low, high], [-inverted[1], -inverted[0]], atol=1e-12)


@given(_COUNT, _COUNT, _COUNT, _COUNT)
def test_an_interval_has_a_width_and_holds_its_estimate(a, b, c, d):
    """Never a point, never outside -1 and 1."""
    if a + b + c + d == 0:
        d = 1
    low, high = newcombe.difference(a, b, c, d)

    assert -1 - 1e-12 <= low < high <= 1 + 1e-12
    assert low - 1e-12 <= (b - c) / (a + b + c + d) <= high + 1e-12


def test_a_million_pairs_have_limits():
    """No NaN, no overflow."""
    low, high = newcombe.difference(0, [0, 3, 10**6], 0, [10**6, 10**6 - 3, 0])

    assert np.isfinite([low, high]).all()
    assert (low < high).all()
