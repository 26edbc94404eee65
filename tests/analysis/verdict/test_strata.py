"""Critical strata: no suite signs off without them, and none of them changes what the rest shows."""

from __future__ import annotations

from dataclasses import replace

import pytest

from analysis.verdict import breach_of, judge, suite_verdict


def test_a_suite_signs_off_with_its_strata(suite, stratum):
    """Good metrics and a good stratum, and the reason names both."""
    verdict, reason = suite_verdict(suite(stratum))

    assert verdict == "parity"
    assert reason.startswith("All 5 kinds of failure and the critical stratum are within their limits")


@pytest.mark.parametrize(
    "changes",
    [
        pytest.param({"pairs": 20}, id="too few pairs"),
        pytest.param({"pairs": 0}, id="no pair at all"),
        pytest.param({"both": 20}, id="both arms over the cap"),
        pytest.param({"missing": 6}, id="too many missing"),
        pytest.param({"candidate_only": 5}, id="a loss that may be over the limit"),
    ],
)
def test_a_stratum_that_shows_nothing_keeps_the_suite_from_signing_off(suite, stratum, changes):
    """However good the whole is."""
    verdict, reason = suite_verdict(suite(replace(stratum, **changes)))

    assert verdict == "inconclusive"
    assert reason == "Not shown for exposed to the user in cards."


def test_a_regression_in_a_stratum_is_the_suites(suite, stratum):
    """A loss of the cards is not averaged away by a clean whole."""
    findings = suite(replace(stratum, candidate_only=30))

    assert suite_verdict(findings) == ("regression", "The candidate is worse: exposed to the user in cards.")
    assert breach_of(findings) == "shown"


def test_strata_are_a_family_of_their_own(clean, stratum):
    """More strata make strata harder to show, and primary metrics not."""
    cells = [replace(clean, candidate_only=9), replace(stratum, candidate_only=7)]

    few = judge(cells, family_size=5, critical_size=2)
    many = judge(cells, family_size=5, critical_size=200)

    assert [finding.verdict for finding in few] == ["regression", "regression"]
    assert [finding.verdict for finding in many] == ["regression", "inconclusive"]


def test_the_whole_and_the_strata_sign_off_together(suite, stratum):
    """What holds uncorrected everywhere needs no correction, and says that it was shown jointly."""
    findings = suite(replace(stratum, pairs=30, margin=0.1))

    assert findings[-1].verdict == "parity"
    assert findings[-1].flags == ["shown_jointly"]


def test_more_strata_than_registered_are_refused(stratum):
    """A family that is too small would correct too little."""
    with pytest.raises(ValueError, match="1 p-values were given for a family of 0"):
        judge([stratum], family_size=15)


def test_the_two_kinds_of_regression_are_told_apart(suite):
    """Beyond the limit is a field of its own, not only a flag."""
    beyond = suite(exposure={"candidate_only": 40})
    unsure = suite(exposure={"candidate_only": 12})

    assert [finding.breach for finding in beyond if finding.breach] == ["shown"]
    assert [finding.breach for finding in unsure if finding.breach] == ["not_excluded"]
    assert (breach_of(beyond), breach_of(unsure), breach_of(suite())) == ("shown", "not_excluded", None)


def test_an_improvement_is_said(suite):
    """Beyond chance fewer failures than with the reference."""
    finding = next(each for each in suite(exposure={"reference_only": 20}) if each.metric == "exposure")

    assert finding.verdict == "parity"
    assert "improved" in finding.flags
    assert finding.reason.endswith("fewer failures than with the reference, beyond chance.")


@pytest.mark.parametrize("changes", [{}, {"candidate_only": 3}, {"missing": 8}, {"reference_only": 9}])
def test_the_margin_shown_is_the_smallest_at_which_it_would_hold(clean, changes):
    """A hair above it parity holds at 5 %, a hair below it does not."""
    (finding,) = judge([replace(clean, **changes)], family_size=1)

    def holds(margin):
        (again,) = judge([replace(clean, margin=margin, **changes)], family_size=1)
        return again.p_parity <= 0.05

    assert finding.margin_shown >= 0
    assert holds(finding.margin_shown + 1e-6)
    assert finding.margin_shown == 0 or not holds(finding.margin_shown - 1e-6)


def test_where_nothing_can_be_shown_there_is_no_margin(clean):
    """Over 5 % missing, or no pair."""
    cells = [replace(clean, missing=30), replace(clean, pairs=0, metric="uncaught")]

    assert [finding.margin_shown for finding in judge(cells, family_size=2)] == [None, None]


def test_a_two_sided_limit_binds_the_better_side_too(clean):
    """Registered as equivalence, a guardrail that stopped blocking anything is no parity."""
    better = replace(clean, metric="overblock", reference_only=20)

    (one_sided,) = judge([better], family_size=1)
    (two_sided,) = judge([replace(better, equivalence=True)], family_size=1)

    assert one_sided.verdict == "parity"
    assert two_sided.verdict == "inconclusive"
    assert two_sided.margin_shown > 0.05
    assert "may be better by" in two_sided.reason


def test_a_two_sided_limit_costs_nothing_where_the_arms_are_alike(clean):
    """Equivalence of two arms without a difference is parity as well."""
    (finding,) = judge([replace(clean, equivalence=True)], family_size=1)

    assert finding.verdict == "parity"


def test_a_category_says_how_many_cases_would_do(suite, clean):
    """Too few cases is followed by the number."""
    cell = replace(clean, family="category", slice="category:email", pairs=24)

    finding = suite(cell)[-1]

    assert finding.needed_pairs == 99
    assert f"it would take about {finding.needed_pairs}" in finding.reason


def test_answers_missing_on_one_arm_keep_the_suite_from_signing_off(suite):
    """Even where every number is good; but a regression is not excused by it."""
    good = suite(uneven=["pii"])
    bad = suite(uneven=["pii"], exposure={"candidate_only": 40})

    assert {finding.verdict for finding in good} == {"inconclusive"}
    assert all("missing_unevenly" in finding.flags for finding in good)
    verdict, reason = suite_verdict(good)
    assert verdict == "inconclusive"
    assert reason.startswith("Answers are missing on one arm more often than on the other, beyond chance")
    assert suite_verdict(bad)[0] == "regression"
