from __future__ import annotations

import pytest

from analysis.stats import missingness


def _compare(reference, candidate, both=0, pairs=400):
    return missingness.compare(
        reference_missing_only=reference, candidate_missing_only=candidate, both_missing=both, pairs=pairs
    )


def test_answers_lost_on_one_arm_alone_are_noticed():
    """Twelve against none is no chance."""
    found = _compare(0, 12)

    assert found.p_different == pytest.approx(2 * 0.5**12)
    assert (found.reference_rate, found.candidate_rate) == (0, 0.03)


def test_answers_lost_on_both_arms_alike_are_not():
    """Pairs that lack both tell nothing, and count in both rates."""
    found = _compare(5, 5, both=40)

    assert found.p_different == 1
    assert found.reference_rate == found.candidate_rate == 45 / 400


def test_it_does_not_matter_which_arm_lost_them():
    """The test is two-sided."""
    assert _compare(9, 2).p_different == _compare(2, 9).p_different


def test_nothing_missing_is_no_difference():
    """The p-value is 1 without any missing answer."""
    assert _compare(0, 0).p_different == 1


@pytest.mark.parametrize(
    ("counts", "message"),
    [
        ((-1, 0, 0, 10), "reference_missing_only is -1"),
        ((0, float("nan"), 0, 10), "candidate_missing_only is nan"),
        ((4, 4, 4, 10), "12 pairs lack an answer, but pairs is 10"),
        ((0, 0, 0, 0), "pairs is 0"),
    ],
)
def test_impossible_counts_are_refused(counts, message):
    """The message names the count."""
    with pytest.raises(ValueError, match=message):
        _compare(*counts)
