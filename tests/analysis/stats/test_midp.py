from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from analysis.stats import hypotheses, midp


def test_p_values_are_those_of_another_implementation(second_opinions):
    """Every oracle table with a disagreement has R's mid-p."""
    rows = [row for row in second_opinions["tables"] if row["table"][1] + row["table"][2]]
    b, c = (np.array([row["table"][place] for row in rows]) for place in (1, 2))

    assert len(rows) == 28
    np.testing.assert_allclose(midp.p_different(b, c), [row["mid_p"] for row in rows], rtol=1e-10)


def test_fagerlands_examples_are_reproduced():
    """The airway and the response study print .0391 and .0347."""
    assert float(midp.p_different(1, 7)) == pytest.approx(0.0391, abs=5e-5)
    assert float(midp.p_different(6, 16)) == pytest.approx(0.0347, abs=5e-5)


def test_nothing_observed_is_no_evidence():
    """Without any disagreement both p-values are 1, not the one half that the formula gives."""
    assert float(midp.p_different(0, 0)) == 1
    assert float(midp.p_worse(0, 0)) == 1


def test_equal_counts_lose_half_of_their_own_chance():
    """At b = c the doubled value exceeds 1, and 1 less half the table's chance is taken."""
    assert float(midp.p_different(5, 5)) == pytest.approx(1 - stats.binom.pmf(5, 10, 0.5) / 2, rel=1e-12)


def test_it_lies_under_the_exact_p_value_everywhere():
    """For all tables of up to 30 disagreements each way."""
    b, c = (grid.ravel() for grid in np.meshgrid(np.arange(31), np.arange(31)))

    assert (midp.p_different(b, c) <= hypotheses.p_different(b, c)).all()
    assert (midp.p_worse(b, c) <= hypotheses.p_worse(b, c)).all()


def test_its_size_stays_under_nominal_for_the_numbers_of_disagreements_enumerated():
    """Given m disagreements, the chance of p <= .05 under no difference: promised is at most .05 or so."""
    sizes = []
    for m in range(1, 200):
        b = np.arange(m + 1)
        rejected = midp.p_different(b, m - b) <= 0.05
        sizes.append(stats.binom.pmf(b, m, 0.5)[rejected].sum())

    assert max(sizes) > 0.04
    assert np.mean(sizes) <= 0.05
