from __future__ import annotations

import numpy as np
import pytest

from analysis.stats import equivalence, hypotheses

_B, _C = (grid.ravel() for grid in np.meshgrid(np.arange(13), np.arange(13)))


def test_exchanging_the_arms_changes_nothing():
    """Equivalence has no direction."""
    one = equivalence.p_equivalence(_B, _C, 400, 0.03)

    np.testing.assert_array_equal(one, equivalence.p_equivalence(_C, _B, 400, 0.03))


def test_it_is_never_easier_than_being_not_worse():
    """Both sides have to be shown."""
    both = equivalence.p_equivalence(_B, _C, 400, 0.03)

    assert (both >= hypotheses.p_parity(_B, _C, 400, 0.03)).all()


def test_a_large_improvement_is_no_equivalence():
    """40 of 400 failures fewer is not worse, and not the same."""
    assert float(hypotheses.p_parity(0, 40, 400, 0.03)) < 1e-6
    assert float(equivalence.p_equivalence(0, 40, 400, 0.03)) > 0.99


def test_without_disagreement_it_is_the_one_sided_answer():
    """(1 - margin) ** pairs, from either side."""
    assert float(equivalence.p_equivalence(0, 0, 300, 0.01)) == pytest.approx(0.99**300, rel=1e-9)
