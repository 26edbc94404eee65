"""What is raised, when, and what it may rest on."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from analysis.history import alarms, detectors, tables
from analysis.history.alarms import Budget, Counts, Restarts, drift, raised
from analysis.stats.sequential import detector
from analysis.stats.sequential.nights import ConcurrentNight

from .conftest import FACTS, night_of, pair, row, suite


def _add(history, number, *suites):
    """Write a night and conclude it, as the nightly job does."""
    night = night_of(number)
    history.write(row(number), list(suites))
    changes = detectors.changes(history, "job", night)
    earlier = [each for each in history.read(tables.CHANGES, "job") if each["night"] != night]
    now = [{"night": night, "suite": each.suite, "kind": each.kind} for each in changes]
    found = raised(history, "job", night, changes=[*earlier, *now], given=Budget())
    history.conclude(row(number), changes=changes, alarms=found)
    return found, changes


def _worse(metric="exposure", by=4, **changes):
    return suite(pair(metric, candidate_only=by, reference_only=1), **changes)


def test_a_slow_drift_is_raised_once_and_stands_until_it_is_acknowledged(history):
    """Three pairs more a night are no acute alarm on any night, and a drift alarm within weeks."""
    kinds = {}
    for number in range(30):
        found, _ = _add(history, number, _worse() if number >= 5 else suite(pair()))
        kinds[number] = {alarm.kind for alarm in found}
    first = min(number for number, there in kinds.items() if there)

    assert 8 <= first < 25
    assert all(kinds[number] == {"drift"} for number in range(first, 30))
    history.acknowledge("job", night_of(29), who="somebody", reason="read")
    found, _ = _add(history, 30, suite(pair()))
    assert found == []


def test_a_jump_is_raised_on_its_night_and_not_after(quick):
    """Twenty new failures in a night are beyond a year's chance; the next night stands by itself."""
    _add(quick, 0, suite(pair()))
    found, _ = _add(quick, 1, suite(pair(candidate_only=20)))

    assert "acute" in {alarm.kind for alarm in found}
    (acute,) = [alarm for alarm in found if alarm.kind == "acute"]
    assert "20 pairs failed before the candidate alone" in acute.message
    found, _ = _add(quick, 2, suite(pair()))
    assert "acute" not in {alarm.kind for alarm in found}


def test_missing_pairs_are_taken_for_the_reference_in_an_acute_alarm(quick):
    """Twenty failures beside five missing pairs may be fifteen more than chance, and no alarm."""
    found, _ = _add(quick, 0, suite(pair(candidate_only=20, missing=5)))

    assert [alarm for alarm in found if alarm.kind == "acute"] == []


def test_a_night_of_which_much_is_missing_tells_nothing(quick):
    """Over 5 % missing, a metric gathers no evidence, however bad the rest looks."""
    for number in range(20):
        found, _ = _add(quick, number, suite(pair(candidate_only=10, missing=8)))
        assert found == []


def test_evidence_is_given_up_at_a_break(quick):
    """A new batch: what was gathered on the old one is not added to, and the break is told."""
    changed = FACTS | {"batch": {"sha256": "f" * 64}}
    for number in range(6):
        assert _add(quick, number, _worse())[0] == []
    found, changes = _add(quick, 6, _worse(facts=changed))

    assert found == []
    assert [each.kind for each in changes] == ["batch"]
    assert changes[0].message == "the batch of cases changed: sha256 from 00000000… to ffffffff…"
    assert [_add(quick, number, _worse(facts=changed))[0] for number in range(7, 12)] == [[]] * 5
    assert any(_add(quick, number, _worse(facts=changed))[0] for number in range(12, 22))


def test_a_changed_detector_is_named_and_is_no_change_of_the_model(quick):
    """One anchor text that comes out otherwise names the service; output metrics begin anew."""
    _add(quick, 0, suite(pair()))
    _, changes = _add(quick, 1, suite(pair(), anchor={"a": "answered/0", "b": "answered/0"}))

    (change,) = changes
    assert change.kind == detectors.DETECTOR
    assert "judges 1 of 2 anchor texts otherwise than on 2026-01-01 (1 masked → answered)" in change.message
    assert _add(quick, 2, suite(pair(), anchor={"a": "answered/0", "b": "answered/0"}))[1] == []


def test_a_guardrail_that_was_deployed_anew_is_no_change_of_the_detectors(quick):
    """Where the guardrail's own configuration changed, that explains the anchor."""
    _add(quick, 0, suite(pair()))
    other = FACTS | {"guardrail": {"here": {"full": "2" * 64}}}
    _, changes = _add(quick, 1, suite(pair(), facts=other, anchor={"a": "answered/0"}))

    assert [each.kind for each in changes] == ["guardrail"]


def test_a_broken_night_between_does_not_hide_a_change(quick):
    """What is compared is the latest night that has something to compare."""
    _add(quick, 0, suite(pair()))
    _add(quick, 1, suite(compared=False))
    _, changes = _add(quick, 2, suite(pair(), anchor={"a": "answered/0"}))

    assert [each.kind for each in changes] == [detectors.DETECTOR]


def test_a_night_done_again_raises_the_same(quick):
    """Nothing is counted twice: the last night written five times is one night."""
    for number in range(6):
        _add(quick, number, _worse())
    once = _add(quick, 6, _worse())

    assert all(_add(quick, 6, _worse()) == once for _ in range(5))


def test_detector_changes_leave_the_input_metric_its_evidence():
    """Both arms send the same text to the same guardrail, whatever its detectors."""
    counts = _counts(np.full((3, 2), 2.0), np.zeros((3, 2)), 100, metrics=("input_miss", "exposure"))
    restarts = alarms._restarts(
        counts, [{"night": night_of(2), "suite": "pii", "kind": detectors.DETECTOR}, *_no_such_night()]
    )

    assert restarts.any_of.tolist() == [[False, False], [False, False], [False, True]]
    assert not restarts.all_of.any()


def test_the_budget_is_shared_by_everything_that_is_registered(quick):
    """The same counts raise an alarm among five series, and not among five million."""
    jump = pair(candidate_only=17)

    assert _add(quick, 0, suite(jump))[0]
    assert not _add(quick, 0, suite(jump, watched=5_000_000))[0]


def test_a_tolerated_loss_is_no_alarm(quick):
    """With half the margin tolerated, a candidate that is worse by less than that raises nothing."""
    for number in range(40):
        quick.write(row(number), [suite(pair(candidate_only=20, reference_only=15, pairs=1000))])
    strict, mild = (
        raised(quick, "job", night_of(39), changes=[], given=Budget(tolerance=share)) for share in (0, 0.5)
    )

    assert [alarm.kind for alarm in strict] == ["drift"]
    assert mild == []


@given(st.lists(st.tuples(st.integers(0, 6), st.integers(0, 6), st.booleans()), min_size=1, max_size=60))
def test_drift_is_the_published_detector_night_by_night(nights):
    """The quick sums over all nights at once are those of `sequential.detector`, restarts included."""
    b = np.array([[each[0]] for each in nights], dtype=float)
    c = np.array([[each[1]] for each in nights], dtype=float)
    anew = np.array([[each[2]] for each in nights])
    counts = _counts(b, c, 20, metrics=("exposure",))
    found = drift(counts, Restarts(anew & False, anew), 3, Budget())

    watch = detector.start(["a", "b", "c"])
    expected = []
    for place, (candidate_only, reference_only, restart) in enumerate(nights):
        if restart:
            watch = detector.start(["a", "b", "c"])
        watch = watch.after(night_of(place), {"a": ConcurrentNight(candidate_only, reference_only, 20)})
        if watch.alarms:
            expected.append((place, 0))
            watch = detector.start(["a", "b", "c"])
    assert watch.log_limit == pytest.approx(math.log(3 * 3650))
    assert found == expected


def test_a_page_without_change_has_a_false_drift_alarm_less_than_once_in_ten_years():
    """A hundred years of five series each without any change: at most ten alarms, as was promised."""
    draw = np.random.default_rng(20260301)
    drawn = draw.multinomial(200, [0.02, 0.02, 0.96], size=(365, 500))
    counts = _counts(drawn[..., 0], drawn[..., 1], 200, metrics=tuple(map(str, range(500))))
    none = np.zeros((365, 500), dtype=bool)

    assert len(drift(counts, Restarts(none, none), 5, Budget())) <= 10


def _counts(b, c, pairs, *, metrics):
    nights = tuple(night_of(number) for number in range(len(b)))
    b, c = np.asarray(b, dtype=float), np.asarray(c, dtype=float)
    series = tuple(("pii", metric, "all") for metric in metrics)
    return Counts(
        nights, series, b, c, np.full(b.shape, float(pairs)), np.zeros(b.shape), np.full(b.shape, 0.02)
    )


def _no_such_night():
    return [{"night": night_of(99), "suite": "pii", "kind": "batch"}]
