from __future__ import annotations

import numpy as np
import pytest

from analysis.stats import epochs, tables


@pytest.fixture
def observed(rng):
    """Forty metrics over 600 pairs: failures, missing pairs and pairs without an opportunity."""

    def draw(metrics=40, pairs=600):
        counted = rng.random((metrics, pairs)) < 0.8
        missing = ~counted & (rng.random((metrics, pairs)) < 0.1)
        reference, candidate = (counted & (rng.random((metrics, pairs)) < 0.05) for _ in range(2))
        return tables.Observed(counted, missing, reference, candidate)

    return draw


def _by_loop(seen, metric):
    """The five counts, pair by pair."""
    counts = dict.fromkeys(tables.COUNTS, 0)
    for counted, missing, reference, candidate in zip(
        seen.counted[metric],
        seen.missing[metric],
        seen.reference[metric],
        seen.candidate[metric],
        strict=True,
    ):
        counts["pairs"] += counted
        counts["missing"] += missing
        counts["both"] += reference and candidate
        counts["candidate_only"] += candidate and not reference
        counts["reference_only"] += reference and not candidate
    return list(counts.values())


def test_counts_of_many_metrics_are_those_of_going_through_the_pairs(observed):
    """All five counts of each of forty metrics."""
    seen = observed()

    totals = tables.total(tables.by_pair(seen))

    assert totals.shape == (5, 40)
    assert totals.T.tolist() == [_by_loop(seen, metric) for metric in range(40)]


def test_cases_asked_once_have_the_counts_of_their_pairs(observed):
    """Averaging over one epoch changes nothing."""
    seen = observed()

    by_case = tables.by_case(seen, np.arange(600))

    np.testing.assert_array_equal(by_case, tables.by_pair(seen))


def test_cases_asked_several_times_are_averaged_over_pairings(observed):
    """Three epochs: each metric's counts are those of `epochs`, in whatever order the pairs stand."""
    seen = observed(metrics=5)
    cases = np.random.default_rng(1).permutation(np.repeat(np.arange(200), 3))

    totals = tables.total(tables.by_case(seen, cases))

    for metric in range(5):
        asked, failed_a, failed_b = (
            np.bincount(cases, weights=each[metric])
            for each in (seen.counted, seen.reference, seen.candidate)
        )
        found = epochs.counts(
            reference_failures=failed_a,
            candidate_failures=failed_b,
            reference_epochs=asked,
            candidate_epochs=asked,
        )
        expected = [found.pairs, found.both, found.candidate_only, found.reference_only]
        assert totals[[0, 2, 3, 4], metric] == pytest.approx(expected, abs=1e-8)


@pytest.mark.parametrize("epochs_asked", [1, 3])
def test_groups_add_up_to_the_whole(observed, epochs_asked):
    """Templates, or any other parts, lose nothing and double nothing."""
    seen = observed(metrics=5)
    cases = np.repeat(np.arange(600 // epochs_asked), epochs_asked)
    parts = tables.by_pair(seen) if epochs_asked == 1 else tables.by_case(seen, cases)
    groups = np.arange(parts.shape[-1]) % 7

    by_group = tables.by_group(parts, groups)

    assert by_group.shape == (5, 5, 7)
    np.testing.assert_allclose(by_group.sum(axis=-1), tables.total(parts), atol=1e-8)


def test_a_slice_without_a_pair_counts_nothing(observed):
    """Zeros, and no group."""
    parts = tables.by_pair(observed(metrics=3, pairs=0))

    assert tables.total(parts).tolist() == [[0.0] * 3] * 5
    assert tables.by_group(parts, np.empty(0, dtype=np.intp)).shape == (5, 3, 0)
