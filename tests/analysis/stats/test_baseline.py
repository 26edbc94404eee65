from __future__ import annotations

import numpy as np
import pytest

from analysis.stats import hypotheses, within_case
from analysis.stats.sequential import baseline, budget, nights


def _night(failures, epochs=1):
    return nights.FrozenBaselineNight(np.asarray(failures, dtype=np.int64), epochs)


def test_a_night_of_a_year_has_its_share_of_the_chance():
    """One in 365 of 5 %, and the exact test alone then takes 13 against none."""
    level = budget.acute_level()

    assert level == pytest.approx(0.05 / 365)
    assert hypotheses.p_worse(13, 0) <= level < hypotheses.p_worse(12, 0)


def test_all_looks_of_a_year_share_the_chance():
    """364 nights, 52 weeks and 13 times four weeks, over all metrics, make 5 %."""
    spent = sum(budget.window_level(window, metrics=7) * window.looks * 7 for window in budget.WINDOWS)

    assert spent == pytest.approx(0.05)


@pytest.mark.parametrize("call", [lambda: budget.acute_level(looks=0), lambda: budget.acute_level(alpha=5)])
def test_a_budget_that_is_none_is_refused(call):
    """0 looks, or 5 for 5 %."""
    with pytest.raises(ValueError, match=r"looks is 0|alpha is 5"):
        call()


def test_looks_come_nightly_weekly_and_every_four_weeks():
    """In 28 nights: 28, 4 and 1."""
    cases = np.zeros(50)
    found = list(baseline.looks(baseline.Baseline(np.zeros(50, int), 10), [_night(cases)] * 28))

    assert [sum(look.window.name == name for look in found) for name in ("night", "week", "four weeks")] == [
        28,
        4,
        1,
    ]
    assert not any(look.alarm for look in found)


def test_a_week_is_pooled():
    """The weekly look is the exact test within cases of all seven nights' answers."""
    rng = np.random.default_rng(1)
    base = rng.binomial(10, 0.02, size=40)
    week = [_night(rng.binomial(2, 0.05, size=40), 2) for _ in range(7)]

    *_, weekly = baseline.looks(baseline.Baseline(base, 10), week)

    assert weekly.window.nights == 7
    assert weekly.p_worse == within_case.p_worse(
        reference_failures=base,
        candidate_failures=sum(night.failures for night in week),
        reference_epochs=10,
        candidate_epochs=14,
    )


def test_a_jump_is_seen_the_same_night():
    """Thirty of 300 cases that never failed in ten recorded answers."""
    jump = np.r_[np.ones(30), np.zeros(270)]

    (look,) = baseline.looks(baseline.Baseline(np.zeros(300, int), 10), [_night(jump)])

    assert look.alarm


def test_a_drift_too_small_for_a_night_is_seen_in_weeks():
    """Five new failures among 300 are no alarm in a night; seven nights of five are."""
    rng = np.random.default_rng(2)
    drift = [_night(np.isin(np.arange(300), rng.choice(300, 4, replace=False))) for _ in range(28)]

    found = list(baseline.looks(baseline.Baseline(np.zeros(300, int), 10), drift, metrics=15))

    assert not any(look.alarm for look in found if look.window.name == "night")
    assert any(look.alarm for look in found if look.window.name != "night")


def test_unchanged_years_against_an_unlucky_baseline_stay_quiet():
    """Twelve years, each against one frozen run of ten answers; promised is one alarm in twenty years."""
    rng = np.random.default_rng(4)
    alarms = 0
    for _ in range(12):
        rates = rng.beta(0.15, 0.15 * (1 - 0.015) / 0.015, size=150)
        recorded = baseline.Baseline(rng.binomial(10, rates), 10)
        year = [_night(rng.binomial(1, rates)) for _ in range(364)]
        alarms += any(look.alarm for look in baseline.looks(recorded, year))

    assert alarms <= 3


def test_another_batch_than_the_baselines_is_refused():
    """A night over other cases cannot be set against it."""
    recorded = baseline.Baseline(np.zeros(300, int), 10)

    with pytest.raises(ValueError, match="Night 0 has 299 cases, the baseline 300; record a baseline"):
        list(baseline.looks(recorded, [_night(np.zeros(299))]))


@pytest.mark.parametrize("make", [lambda: _night([2]), lambda: baseline.Baseline(np.array([11]), 10)])
def test_more_failures_than_answers_are_refused(make):
    """On either side."""
    with pytest.raises(ValueError, match="must lie between 0 and epochs"):
        make()
