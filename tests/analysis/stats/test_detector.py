from __future__ import annotations

import dataclasses
import json
import math
from datetime import date, timedelta

import numpy as np
import pytest
from scipy import special

from analysis.stats.sequential import betting, detector, nights, state

NEW_YEAR = date(2026, 1, 1)
QUIET = nights.ConcurrentNight(candidate_only=2, reference_only=2, pairs=300)


def _evidence(b, c, pairs):
    """The watch's arithmetic for many years at once: log evidence, shape (years, nights)."""
    bets = betting.log_capital(b, c, pairs, 0.0)
    capital = np.zeros(bets.shape[::2])
    out = np.empty(bets.shape[:2])
    for night in range(bets.shape[1]):
        capital = np.maximum(capital, 0) + bets[:, night]
        out[:, night] = special.logsumexp(capital, axis=1) - np.log(capital.shape[1])
    return out


def test_a_frozen_baseline_is_refused_by_type():
    """Its nights repeat one draw of the baseline; the message gives the number and the way out."""
    frozen = nights.FrozenBaselineNight(np.zeros(300, dtype=np.int64))
    watch = detector.start(["exposure"])

    with pytest.raises(TypeError, match=r"42 % of unchanged years.*ConcurrentNight.*baseline\.looks"):
        watch.after(NEW_YEAR, {"exposure": frozen})


def test_counts_that_are_no_night_are_refused():
    """A bare tuple says nothing of what it was compared with."""
    with pytest.raises(TypeError, match="given was tuple"):
        detector.Drift().after((1, 2, 300))


def test_the_good_past_is_forgotten():
    """After a hundred quiet nights, a bad one weighs as it would on the first."""
    bad = nights.ConcurrentNight(candidate_only=20, reference_only=1, pairs=300)
    drift = detector.Drift()
    better = nights.ConcurrentNight(candidate_only=0, reference_only=9, pairs=300)
    for _ in range(100):
        drift = drift.after(better)

    assert drift.after(bad).log_evidence == pytest.approx(detector.Drift().after(bad).log_evidence)


def test_one_night_is_the_nights_own_evidence():
    """C_1 = e_1."""
    night = nights.ConcurrentNight(candidate_only=9, reference_only=1, pairs=400)

    drift = detector.Drift(delta=0.01).after(night)

    assert drift.log_evidence == pytest.approx(float(betting.log_evidence(9, 1, 400, 0.01)))
    assert drift.nights == 1


def test_a_drift_is_found_and_named_and_the_steady_metric_is_not():
    """Five more failures in 300 each night are noticed within weeks."""
    watch = detector.start(["exposure", "overblock"])
    worse = nights.ConcurrentNight(candidate_only=7, reference_only=2, pairs=300)
    found = None
    for day in range(60):
        watch = watch.after(NEW_YEAR + timedelta(day), {"exposure": worse, "overblock": QUIET})
        if watch.alarms and found is None:
            found = day
    assert watch.alarms == ["exposure"]
    assert found is not None
    assert found < 21


def test_more_metrics_raise_the_limit_for_each():
    """M metrics share one promise: log(M ARL)."""
    assert detector.start(["a"]).log_limit == pytest.approx(math.log(3650))
    assert detector.start(["a", "b", "c"], arl=100).log_limit == pytest.approx(math.log(300))


def test_the_expected_capital_grows_by_at_most_one_a_night():
    """What bounds the false alarms: E[C_t] <= t for each share while nothing changes, in 4,000 histories."""
    rng = np.random.default_rng(11)
    b = rng.binomial(200, 0.01, size=(4000, 12))
    c = rng.binomial(200 - b, 0.01 / 0.99)
    bets = betting.log_capital(b, c, 200, 0.0)
    capital = np.zeros((4000, len(betting.SHARES)))
    for night in range(12):
        capital = np.maximum(capital, 0) + bets[:, night]
        mean, error = np.exp(capital).mean(axis=0), np.exp(capital).std(axis=0) / np.sqrt(4000)
        assert (mean[:6] <= night + 1 + 4 * error[:6]).all()


def test_unchanged_years_rarely_raise_an_alarm(rng):
    """300 years with both arms asked anew: an alarm in at most a tenth of them, the promise of ten years."""
    pairs, rate = 1000, 0.015
    b = rng.binomial(pairs, rate, size=(300, 365))
    c = rng.binomial(pairs - b, rate / (1 - rate))

    alarmed = (_evidence(b, c, pairs) >= math.log(detector.TEN_YEARS)).any(axis=1)

    assert alarmed.mean() <= 0.1


@pytest.mark.parametrize(("shift", "most"), [(0.005, 40), (0.01, 12), (0.02, 4)])
def test_a_shift_is_found_within_the_nights_that_were_studied(rng, shift, most):
    """Median delay after a hundred quiet nights, 1,000 pairs a night, two metrics' limit."""
    pairs, rate, years = 1000, 0.015, 200
    worse = np.r_[np.full(100, rate), np.full(100, rate + shift)]
    b = rng.binomial(pairs, worse, size=(years, 200))
    c = rng.binomial(pairs - b, rate / (1 - worse))

    alarmed = _evidence(b, c, pairs)[:, 100:] >= math.log(2 * detector.TEN_YEARS)
    delay = np.where(alarmed.any(axis=1), alarmed.argmax(axis=1) + 1, 999)

    assert np.median(delay) <= most


def test_a_frozen_baseline_would_have_raised_false_alarms():
    """Why the type exists: the same arithmetic against one recorded run cries wolf in unchanged years."""
    rng = np.random.default_rng(3)
    pairs, years = 1000, 60
    rates = rng.beta(0.15, 0.15 * (1 - 0.015) / 0.015, size=(years, pairs))
    baseline = rng.random((years, pairs)) < rates
    b, c = np.empty((years, 365)), np.empty((years, 365))
    for night in range(365):
        tonight = rng.random((years, pairs)) < rates
        b[:, night] = (tonight & ~baseline).sum(axis=1)
        c[:, night] = (baseline & ~tonight).sum(axis=1)

    evidence = betting.log_evidence(b.cumsum(axis=1), c.cumsum(axis=1), np.arange(1, 366) * pairs, 0.0)

    assert (evidence >= math.log(20)).any(axis=1).mean() > 0.25


def test_a_night_is_added_once():
    """Running the job again on the same evening must not double the evidence."""
    watch = detector.start(["exposure"]).after(NEW_YEAR, {"exposure": QUIET})

    with pytest.raises(ValueError, match=r"night of 2026-01-01 cannot be added: .* already holds 2026-01-01"):
        watch.after(NEW_YEAR, {"exposure": QUIET})


def test_a_metric_that_is_not_watched_is_named():
    """A misspelt name must not vanish."""
    with pytest.raises(ValueError, match=r"Not watched: exposre\. Watched: exposure"):
        detector.start(["exposure"]).after(NEW_YEAR, {"exposre": QUIET})


def test_a_metric_without_counts_gathers_nothing():
    """No data is no evidence, for either side."""
    watch = detector.start(["exposure", "overblock"])

    after = watch.after(NEW_YEAR, {"exposure": QUIET})

    assert after.metrics["overblock"] == watch.metrics["overblock"]
    assert after.last == NEW_YEAR


@pytest.mark.parametrize(
    ("metrics", "delta", "message"),
    [
        ([], 0, "each of them once"),
        (["a", "a"], 0, r"given were \['a', 'a'\]"),
        (["a"], 2, "delta is 2"),
    ],
)
def test_a_watch_over_nothing_or_twice_is_refused(metrics, delta, message):
    """A metric registered twice would be counted twice."""
    with pytest.raises(ValueError, match=message):
        detector.start(metrics, delta=delta)


@pytest.mark.parametrize(
    ("counts", "message"),
    [
        ((3, 3, 5), "are more than pairs"),
        ((-1, 0, 5), "candidate_only is -1"),
        ((0, 0, math.inf), "pairs is inf"),
    ],
)
def test_a_night_whose_counts_do_not_add_up_is_refused(counts, message):
    """The count is named."""
    with pytest.raises(ValueError, match=message):
        nights.ConcurrentNight(*counts)


def test_the_state_comes_back_as_it_was(tmp_path):
    """To the last bit, whatever was gathered."""
    watch = detector.start(["exposure", "overblock"], delta=0.01, arl=1000)
    watch = watch.after(NEW_YEAR, {"exposure": nights.ConcurrentNight(7, 2, 300)})
    path = tmp_path / "watch.json"

    state.write(watch, path)

    assert state.read(path) == watch
    assert state.read(path).after(NEW_YEAR + timedelta(1), {"exposure": QUIET}) == watch.after(
        NEW_YEAR + timedelta(1), {"exposure": QUIET}
    )


def test_a_night_that_fails_to_write_leaves_the_old_state(tmp_path):
    """Nothing half-written, nothing left beside it."""
    path = tmp_path / "watch.json"
    good = detector.start(["exposure"])
    state.write(good, path)
    broken = dataclasses.replace(good, metrics={"exposure": detector.Drift(log_capital=(math.nan,) * 9)})

    with pytest.raises(ValueError, match="not JSON compliant"):
        state.write(broken, path)

    assert state.read(path) == good
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"schema": 2}, "schema is 2, this version reads 1"),
        ({"shares": [0.1]}, r"its shares are \[0.1\]"),
        (
            {"metrics": {"exposure": {"delta": 0, "nights": 1, "log_capital": [0]}}},
            "must be 9 finite numbers",
        ),
        ({"last": "yesterday"}, "yesterday"),
    ],
)
def test_a_file_that_is_no_state_is_refused_with_what_to_do(tmp_path, change, message):
    """The file is named, and what starting anew would cost."""
    path = tmp_path / "watch.json"
    state.write(detector.start(["exposure"]), path)
    path.write_text(json.dumps(json.loads(path.read_text()) | change))

    with pytest.raises(
        ValueError, match=rf"watch\.json is not the state of a watch .*{message}.*start a new watch"
    ):
        state.read(path)


@pytest.mark.parametrize("text", ["", "[]", "{}", "no json"])
def test_a_damaged_file_is_refused_and_not_taken_for_a_new_watch(tmp_path, text):
    """What was gathered is not silently thrown away."""
    path = tmp_path / "watch.json"
    path.write_text(text)

    with pytest.raises(ValueError, match="is not the state of a watch"):
        state.read(path)
