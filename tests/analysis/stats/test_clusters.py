from __future__ import annotations

import itertools

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from analysis.stats import clusters, hypotheses


def test_published_statistics_are_reproduced(clustered):
    """Obuchowski's and Durkalski's for both published examples, to the printed digits."""
    for example in clustered:
        rows = np.array(example["rows"])
        d, n = rows[:, 1] - rows[:, 2], rows.sum(axis=1)
        assert clusters.obuchowski(d) == pytest.approx(example["obuchowski"], abs=0.005), example["name"]
        assert clusters.durkalski(d, n) == pytest.approx(example["durkalski"], abs=0.006), example["name"]
        assert clusters.obuchowski(d) == pytest.approx(example["prototype"]["obuchowski"], rel=1e-11)
        assert clusters.durkalski(d, n) == pytest.approx(example["prototype"]["durkalski"], rel=1e-11)
        # Each discordant pair as a cluster of its own is McNemar's statistic, but for (K - 1) / K.
        alone = np.repeat([1, -1], [rows[:, 1].sum(), rows[:, 2].sum()])
        mcnemar = clusters.obuchowski(alone) * alone.size / (alone.size - 1)
        assert mcnemar == pytest.approx(example["prototype"]["mcnemar"], rel=1e-11)
        assert mcnemar == pytest.approx(example["mcnemar"], abs=1e-4)


def test_the_design_effect_is_the_ratio_of_the_two_mcnemar_statistics_where_clusters_are_alike():
    """For clusters of one size and no difference overall, V_cl / V_iid is sum D^2 K / ((K - 1) m)."""
    d = np.array([2, -2, 1, -1, 0] * 6)
    m, k = np.abs(d).sum(), d.size

    found = clusters.effective(np.maximum(d, 0), np.maximum(-d, 0), np.full(k, 10))

    assert not found.floored
    assert found.deff == pytest.approx(k / (k - 1) * (d**2).sum() / m, rel=1e-12)


def test_pairs_that_are_clusters_of_their_own_stay_as_they_are():
    """One prompt to a template: nothing to correct."""
    b = np.r_[np.ones(30), np.zeros(370)]

    found = clusters.effective(b, np.zeros(400), np.ones(400))

    assert found.deff == 1
    assert (found.candidate_only, found.reference_only, found.pairs) == (30, 0, 400)


def test_no_disagreement_in_few_templates_is_taken_at_the_registered_floor():
    """40 templates of 25 prompts carry 122 effective pairs, not 1,000."""
    none = np.zeros(40)

    found = clusters.effective(none, none, np.full(40, 25))

    assert found.floored
    assert found.deff == pytest.approx(1 + 24 * 0.3)
    assert found.pairs == pytest.approx(1000 / 8.2)


def test_the_floor_goes_by_the_cluster_in_which_a_pair_finds_itself():
    """One large template among small ones weighs as much as it holds: sum n^2 / sum n."""
    sizes = np.r_[100, np.ones(50)]

    found = clusters.effective(np.zeros(51), np.zeros(51), sizes)

    assert found.deff == pytest.approx(1 + ((100**2 + 50) / 150 - 1) * 0.3)


def test_with_enough_discordant_clusters_the_data_speak():
    """From 20 clusters with a disagreement on, the floor is not used, however small the estimate."""

    def deff(discordant):
        b = np.r_[np.ones(discordant), np.zeros(60 - discordant)]
        return clusters.effective(b, np.zeros(60), np.full(60, 10))

    assert deff(19).floored
    assert not deff(20).floored
    assert deff(20).deff < deff(19).deff


def test_a_failure_shared_by_a_whole_template_counts_as_about_one():
    """30 of 40 prompts of each of three failing templates are three observations, not ninety."""
    b = np.r_[30, 30, 30, np.zeros(27)]

    found = clusters.effective(b, np.zeros(30), np.full(30, 40))

    assert found.deff > 20
    assert hypotheses.p_worse(found.candidate_only, found.reference_only) > 0.01
    assert hypotheses.p_worse(90, 0) < 1e-25


def test_few_clusters_pay_for_their_few_degrees_of_freedom():
    """With 12 clusters the variance is larger by (t / z)^2 at 11 degrees of freedom; with 30 by nothing."""

    def deff(k):
        d = np.tile([3, -3, 1], k // 3)
        return clusters.effective(
            np.maximum(d, 0), np.maximum(-d, 0), np.full(k, 8), icc_floor=0, alpha=0.025
        ).deff

    d = np.tile([3, -3, 1], 4)
    theta = d.sum() / 96
    plain = 12 / 11 * ((d - theta * 8) ** 2).sum() / (np.abs(d).sum() - d.sum() * theta)
    assert deff(12) == pytest.approx(plain * (2.2009851600829 / 1.9599639845400545) ** 2, rel=1e-9)
    assert deff(30) < deff(27)


@pytest.mark.parametrize(("k", "few"), [(1, True), (9, True), (10, False), (200, False)])
def test_under_ten_clusters_are_too_few(k, few):
    """Clusters without a pair are none."""
    sizes = np.r_[np.full(k, 50), np.zeros(30)]

    assert clusters.effective(np.zeros(k + 30), np.zeros(k + 30), sizes).too_few is few


def test_one_cluster_is_worth_one_pair():
    """Nothing can be told about others of its kind."""
    found = clusters.effective([5], [1], [40])

    assert found.pairs == 1
    assert found.too_few


@given(st.lists(st.tuples(st.integers(0, 6), st.integers(0, 6), st.integers(0, 20)), min_size=1, max_size=60))
def test_effective_counts_are_never_more_than_the_counts_and_keep_their_proportions(table):
    """The design effect is at least 1, and no rate changes."""
    b, c, rest = np.array(table, dtype=float).T
    n = b + c + rest
    if n.sum() == 0:
        n = n + 1
    found = clusters.effective(b, c, n)

    assert 1 <= found.deff <= max(1, n.sum())
    assert found.pairs == pytest.approx(n.sum() / found.deff)
    assert found.candidate_only / found.pairs == pytest.approx(b.sum() / n.sum())
    assert found.reference_only / found.pairs == pytest.approx(c.sum() / n.sum())


@given(st.lists(st.integers(-4, 4), min_size=1, max_size=10))
def test_the_sign_flip_p_value_is_that_of_all_sign_choices(differences):
    """Built up cluster by cluster, it is what listing all 2^K choices gives."""
    d = np.array(differences)
    sums = [np.dot(signs, np.abs(d)) for signs in itertools.product([1, -1], repeat=d.size)]

    expected = np.mean(np.array(sums) >= d.sum())
    assert clusters.sign_flip(d) == pytest.approx(expected, rel=1e-12)


def test_the_sign_flip_test_of_single_pairs_is_the_exact_mcnemar_test():
    """7 against 1."""
    assert clusters.sign_flip([1] * 7 + [-1] + [0] * 13) == pytest.approx(9 / 256, rel=1e-12)


def test_a_fraction_of_a_failure_has_no_sign_flip():
    """Differences by cluster are whole numbers."""
    with pytest.raises(ValueError, match=r"whole numbers; given were \[0.5, 1.0\]"):
        clusters.sign_flip([0.5, 1])


@pytest.mark.parametrize(
    ("b", "c", "n", "message"),
    [
        ([1, 2], [0, 0], [5, 1], "Cluster 1 has candidate_only 2.0"),
        ([0, float("nan")], [0, 0], [5, 5], "Cluster 1 has candidate_only nan"),
        ([-1], [0], [5], "Cluster 0 has candidate_only -1.0"),
        ([0], [0], [0], "No cluster has a pair"),
        ([0, 0], [0], [5, 5], "three lists of one length"),
    ],
)
def test_counts_that_are_no_clustered_table_are_refused_by_place(b, c, n, message):
    """The message names the cluster and its numbers."""
    with pytest.raises(ValueError, match=message):
        clusters.effective(b, c, n)


def test_a_floor_that_is_no_correlation_is_refused():
    """30 is not 30 %."""
    with pytest.raises(ValueError, match="icc_floor is 30"):
        clusters.effective([0], [0], [5], icc_floor=30)


@pytest.mark.parametrize(("templates", "prompts", "naive"), [(40, 25, 0.2), (200, 5, 0.07)])
def test_a_false_parity_over_templates_stays_rare(rng, templates, prompts, naive):
    """At a loss of exactly the margin, correlated at 0.3, it is under 5 %; counting pairs alone fails."""
    margin, icc, runs = 0.02, 0.3, 1500
    strength = (1 - icc) / icc
    chance = rng.beta(margin * strength, (1 - margin) * strength, size=(runs, templates))
    b = rng.binomial(prompts, chance)
    none, sizes = np.zeros(templates), np.full(templates, prompts)
    counts = [clusters.effective(each, none, sizes, alpha=0.05) for each in b]

    table = np.array([(each.candidate_only, each.reference_only, each.pairs) for each in counts]).T
    false_parity = (hypotheses.p_parity(*table, margin) <= 0.05).mean()
    uncorrected = (hypotheses.p_parity(b.sum(axis=1), 0, sizes.sum(), margin) <= 0.05).mean()

    assert uncorrected > naive
    assert false_parity <= 0.05
