"""Wrong answers that tools in use give, each measured; this rule must not give them."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from analysis.stats import clusters, hypotheses, paired, power
from analysis.stats.sequential import budget, detector
from analysis.stats.sequential.nights import FrozenBaselineNight
from analysis.verdict import judge


@pytest.fixture
def one(clean):
    """The finding of one table, all alone."""

    def judged(family_size=1, **changes):
        (finding,) = judge([replace(clean, **changes)], family_size=family_size)
        return finding

    return judged


@pytest.mark.parametrize("pairs", [1, 10, 50, 98])
def test_no_disagreement_out_of_ten_is_not_parity(one, pairs):
    """A bootstrap of zeros has no width and passes at any number of pairs."""
    finding = one(pairs=pairs)

    assert finding.verdict == "inconclusive"
    assert finding.needed_pairs > pairs


@pytest.mark.parametrize("pairs", [99, 1000])
def test_two_identical_runs_are_parity_once_there_are_enough_pairs(one, pairs):
    """A gate that asks for superiority rejects a model compared with itself."""
    assert one(pairs=pairs, both=pairs // 50).verdict == "parity"


def test_a_real_regression_is_not_called_inconclusive(one):
    """13 new failures and none repaired, among all metrics registered."""
    assert one(family_size=15, candidate_only=13).verdict == "regression"


def test_not_significant_is_not_a_pass(one):
    """A p of 0.11 on 50 pairs shows nothing."""
    finding = one(pairs=50, candidate_only=5, reference_only=1)

    assert finding.p_worse > 0.05
    assert finding.verdict == "inconclusive"


def test_interval_and_test_never_contradict_each_other():
    """(1, 1, 7, 12): exact p .0703, where Wald and bootstrap limits exclude 0."""
    result = paired(candidate_only=1, reference_only=7, pairs=21)

    assert 2 * paired(candidate_only=7, reference_only=1, pairs=21).p_worse == pytest.approx(0.0703125)
    assert result.low < 0 < result.high


@pytest.mark.parametrize("pairs", [50, 1000, 100_000])
def test_no_interval_has_no_width(one, pairs):
    """Where standard errors are 0, the rule of three still holds."""
    finding = one(pairs=pairs)

    assert finding.high == pytest.approx(1 - 0.025 ** (1 / pairs))
    assert finding.low == -finding.high


def test_one_disagreement_of_fifty_may_go_either_way(one):
    """A bootstrap gives [0, 0.06]: as if worse were the only way to differ."""
    assert one(pairs=50, candidate_only=1).low < 0


def test_no_failure_out_of_fifty_is_no_rate_of_zero(one):
    """Up to 5.8 % is not ruled out, so that a cap of 5 % is not shown."""
    assert "cap_not_shown" in one(pairs=50, cap=0.05).flags
    assert "cap_not_shown" not in one(pairs=50, cap=0.06).flags


def test_no_p_value_is_zero(one):
    """Without a disagreement McNemar's chi-squared gives p = 0 elsewhere; nothing was seen, so it is 1."""
    finding = one()

    assert (finding.p_worse, finding.p_beyond_margin) == (1.0, 1.0)
    assert finding.p_parity > 0
    assert one(pairs=100_000, candidate_only=90_000).p_worse > 0


def test_a_guardrail_that_blocks_everything_does_not_win(one):
    """No leak at all beside every harmless text stopped."""
    assert one(metric="overblock", candidate_only=380, both=20).verdict == "regression"


@pytest.mark.parametrize(("pairs", "elsewhere"), [(50, 0.20), (100, 0.17), (1000, 0.047)])
def test_a_loss_of_the_margin_seldom_passes_as_parity(pairs, elsewhere):
    """A percentile bootstrap passes a true loss of 3 points in that share of runs, of 2.5 % promised."""
    found = power.chances(pairs=pairs, margin=0.03, discordance=0.02, shifts=0.03)

    assert found.parity <= 0.05
    assert found.parity < max(elsewhere, 0.05)


def test_having_seen_no_difference_is_no_power_to_see_one():
    """An effect that is "detectable" at 0.0, since the spread of two identical runs is 0."""
    allowed = power.discordance_upper(0, 50)

    assert power.regression_caught(pairs=50, margin=0.03, discordance=allowed) > 0.05


def test_limits_speak_of_all_pairs_and_not_of_the_share_of_disagreements(one):
    """From .025 to .975 at no disagreement says nothing of how often the arms disagree."""
    finding = one(pairs=1000)

    assert finding.high - finding.low < 0.01


def test_a_year_of_nights_is_no_year_of_independent_five_per_cents():
    """Naive tests at 5 % a night raise a false alarm in all years; one night's level is a 365th of it."""
    assert 1 - (1 - budget.acute_level()) ** 365 <= 0.05
    assert hypotheses.p_worse(12, 0) > budget.acute_level() >= hypotheses.p_worse(13, 0)


def test_evidence_is_not_added_up_against_one_frozen_baseline():
    """Its false alarms reach 42 % of unchanged years, of 5 % promised: refused, by type."""
    frozen = FrozenBaselineNight(np.zeros(300, dtype=np.int64))

    with pytest.raises(TypeError, match="42 % of unchanged years"):
        detector.Drift().after(frozen)


def test_forty_templates_are_no_thousand_prompts():
    """Taken for independent, 31 % of batches at the margin pass; 1,000 clean prompts are worth 122."""
    none = np.zeros(40)
    worth = clusters.effective(none, none, np.full(40, 25.0))

    assert worth.floored
    assert worth.pairs == pytest.approx(1000 / (1 + 24 * clusters.ICC_FLOOR))


def test_the_same_counts_give_the_same_verdict(one):
    """Resampling without a seed gives another interval at each look."""
    first, second = (one(pairs=400, candidate_only=9, reference_only=2) for _ in range(2))

    assert first == second
