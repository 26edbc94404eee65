"""Wrong answers that tools in use give, each measured; this rule must not give them."""

from __future__ import annotations

from dataclasses import replace

import pytest

from analysis.stats import paired
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
