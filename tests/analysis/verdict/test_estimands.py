"""These prompts and prompts like these: what each counts for, and which of them decides."""

from __future__ import annotations

from dataclasses import replace

import pytest

from analysis.counts import gating
from analysis.estimands import worth
from analysis.verdict import judge, suite_verdict


def test_these_prompts_are_worth_what_they_are(clean):
    """No design effect, no templates."""
    assert (worth(clean).deff, worth(clean).clusters, worth(clean).too_few) == (1.0, None, False)


def test_without_a_disagreement_the_floor_decides(clustered):
    """40 templates of 5: 1 + 4 * 0.3, since 0 of 0 cannot be estimated."""
    assert worth(clustered([0] * 40)).deff == pytest.approx(2.2)
    assert worth(clustered([0] * 40, icc_floor=0.0)).deff == 1.0


def test_failures_of_one_template_count_for_less(clustered):
    """Five failures in one template of forty are no regression of prompts like these."""
    together = clustered([5, 5, 2] + [0] * 37, size=10)
    (templates,) = judge([together], family_size=1)
    (prompts,) = judge([replace(together, estimand="suite")], family_size=1)

    assert prompts.verdict == "regression"
    assert templates.verdict == "inconclusive"
    assert templates.deff > 3
    assert templates.clusters == 40


def test_spread_over_templates_the_same_failures_are_a_regression(clustered):
    """One failure in each of thirty templates of four hundred pairs."""
    (finding,) = judge([clustered([1] * 30 + [0] * 50)], family_size=15)

    assert finding.verdict == "regression"


def test_too_few_templates_show_nothing(clustered):
    """Nine templates of a thousand clean prompts each: not shown, and no number of pairs is asked for."""
    (finding,) = judge([clustered([0] * 9, size=1000)], family_size=1)

    assert finding.verdict == "inconclusive"
    assert finding.flags[0] == "too_few_clusters"
    assert finding.needed_pairs is None
    assert finding.margin_shown is None
    assert finding.reason.startswith("The pairs come from 9 templates, too few")


def test_the_least_number_of_templates_is_registered(clustered):
    """Where three were registered as enough, nine are."""
    (finding,) = judge([clustered([0] * 9, size=1000, min_clusters=3, icc_floor=0.0)], family_size=1)

    assert finding.verdict == "parity"


def test_counts_stay_what_was_seen(clustered):
    """The design effect is told beside the counts, which are whole."""
    (finding,) = judge([clustered([1, 1] + [0] * 38)], family_size=1)

    assert (finding.pairs, finding.candidate_only) == (200, 2)
    assert finding.difference == 0.01
    assert finding.deff > 1


def test_missing_answers_are_put_where_they_are_worst_for_the_claim(clustered):
    """All of one template: the limit moves by more than if they were spread."""
    heap = clustered([0] * 40, size=5, missing=[5, 5] + [0] * 38)
    spread = clustered([0] * 40, size=5, missing=[1] * 10 + [0] * 30)
    (heaped,), (scattered,) = (judge([cell], family_size=1) for cell in (heap, spread))

    assert heaped.missing == scattered.missing == 10
    assert heaped.worst > scattered.worst


def test_the_caps_see_that_one_arm_fails_in_whole_templates(clustered):
    """Equal arms, both failing all prompts of two templates: the cap is no longer shown."""
    cell = clustered([0] * 40, both=[5, 5] + [0] * 38)
    (templates,) = judge([cell], family_size=1)
    (prompts,) = judge([replace(cell, estimand="suite")], family_size=1)

    assert "cap_not_shown" not in prompts.flags
    assert "cap_not_shown" in templates.flags


def test_without_counts_by_template_nothing_is_claimed_of_them(clean):
    """It is a mistake of the caller, and says where."""
    with pytest.raises(ValueError, match="pii, exposure, all: there are no counts by template"):
        judge([replace(clean, estimand="templates")], family_size=1)


def test_the_estimand_that_does_not_decide_changes_nothing(clean, clustered):
    """A loss among prompts like these is told, and the suite signs off."""
    cells = [clean, replace(clustered([5] * 40), gates=False)]

    deciding, other = findings = judge(cells, family_size=15)

    assert (deciding.verdict, other.verdict) == ("parity", "regression")
    assert suite_verdict(findings)[0] == "parity"


def test_the_other_estimand_is_corrected_apart(clean, clustered):
    """Judging both makes neither harder to show."""
    cell = replace(clean, candidate_only=9)
    other = replace(clustered([0] * 40), gates=False)

    alone = judge([cell], family_size=1)
    beside = judge([cell, other], family_size=1)

    assert alone[0] == beside[0]


@pytest.mark.parametrize(("purpose", "estimand"), [("nightly", "suite"), ("release", "templates")])
def test_the_purpose_says_which_estimand_decides(purpose, estimand):
    """Every night the same prompts; a release meets new ones."""
    assert gating(purpose) == estimand


def test_needed_pairs_count_the_design_effect(clustered):
    """Prompts that share templates are needed in larger numbers."""
    (one_each,) = judge([clustered([0] * 60, size=1)], family_size=1)
    (five_each,) = judge([clustered([0] * 12, size=5)], family_size=1)

    assert one_each.pairs == five_each.pairs == 60
    assert five_each.needed_pairs > 1.5 * one_each.needed_pairs
