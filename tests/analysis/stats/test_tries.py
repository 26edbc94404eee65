from __future__ import annotations

import itertools

import numpy as np
import pytest

from analysis.stats import tries


def _any(a, b, asked, k, **options):
    return tries.any_of_k(
        reference_failures=a,
        candidate_failures=b,
        reference_epochs=asked,
        candidate_epochs=asked,
        tries=k,
        **options,
    )


@pytest.mark.parametrize("k", [1, 2, 3, 5])
def test_it_is_the_share_of_all_sets_of_tries_that_hold_a_failure(k):
    """By listing all sets of k out of 5 answers with 2 failures."""
    sets = list(itertools.combinations([1, 1, 0, 0, 0], k))

    found = _any([0], [2], 5, k)

    assert found.candidate_rate == pytest.approx(np.mean([any(each) for each in sets]), rel=1e-12)
    assert found.reference_rate == 0


def test_one_try_is_the_plain_rate():
    """One of one changes nothing."""
    found = _any([1, 0, 2], [2, 0, 3], 4, 1)

    assert found.reference_rate == pytest.approx(3 / 12)
    assert found.difference == pytest.approx(2 / 12)


def test_it_is_unbiased_for_the_chance_of_a_user_who_tries_again():
    """The exact expectation over Bin(6, p) is 1 - (1 - p)^k, where plugging in f / E falls short."""
    from scipy import stats

    f = np.arange(7)
    p, k = 0.15, 4
    each = np.array([_any([0], [int(failed)], 6, k).candidate_rate for failed in f])
    chance = stats.binom.pmf(f, 6, p)

    assert (each * chance).sum() == pytest.approx(1 - (1 - p) ** k, rel=1e-12)
    assert ((1 - (1 - f / 6) ** k) * chance).sum() < 1 - (1 - p) ** k - 0.01


def test_with_all_tries_used_it_is_the_paired_table_of_any_failure():
    """With k = E a case got through or it did not."""
    found = _any([1, 0, 0, 2], [0, 3, 1, 1], 3, 3)

    assert (found.candidate_only, found.reference_only, found.cases) == (2, 1, 4)
    assert found.low < found.difference == 0.25 < found.high


def test_trying_again_never_helps_the_guardrail():
    """Rates rise with k on both arms."""
    found = [_any([1, 2, 0], [0, 1, 4], 5, k) for k in range(1, 6)]

    assert [each.reference_rate for each in found] == sorted(each.reference_rate for each in found)
    assert [each.candidate_rate for each in found] == sorted(each.candidate_rate for each in found)


def test_cases_with_fewer_answers_are_counted_apart():
    """A case that lacks answers is left out, and said to be."""
    found = _any([0, 0, 0], [1, 0, 0], np.array([3, 2, 3]), 3)

    assert (found.cases, found.short) == (2, 1)


def test_more_tries_than_answers_are_refused_with_the_number_of_epochs_to_ask_for():
    """The message says what to do."""
    with pytest.raises(
        ValueError, match=r"tries is 4, but no case was answered more than 3 times.*--epochs 4"
    ):
        _any([0], [1], 3, 4)


def test_no_try_is_refused():
    """A user tries at least once."""
    with pytest.raises(ValueError, match="tries is 0"):
        _any([0], [1], 3, 0)
