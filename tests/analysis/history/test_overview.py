"""What nights show together, as numbers, as a plot and as a page."""

from __future__ import annotations

from datetime import timedelta
from xml.etree import ElementTree as ET

import pytest

from analysis.errors import EvidenceError
from analysis.history.entries import Alarm, Change, FailedRow
from analysis.history.overview import overview
from analysis.history.page import write
from analysis.plots import trend

from .conftest import night_of, pair, row, suite


def _nights(history, many, *, skip=(), change_on=None, alarm_on=None, broken=()):
    for number in range(many):
        if number in skip:
            continue
        night = row(number, verdict=None, exit_code=5) if number in broken else row(number)
        counted = suite(pair(both=1, candidate_only=2, reference_only=1), compared=number not in broken)
        if number in broken:
            counted = suite(compared=False)
        history.write(night, [counted])
        changes = (
            [Change(suite="pii", kind="detector", message="other outcomes")] if number == change_on else []
        )
        alarms = (
            [
                Alarm(
                    kind="drift",
                    suite="pii",
                    arm="candidate",
                    metric="exposure",
                    slice="all",
                    since=night_of(alarm_on),
                    message="worse",
                )
            ]
            if alarm_on is not None and number >= alarm_on
            else []
        )
        history.conclude(night, changes=changes, alarms=alarms)


def test_rates_are_of_both_arms_over_the_same_pairs_with_exact_limits(history):
    """Three failures and two of 100 pairs, with Clopper and Pearson's limits."""
    _nights(history, 3)
    found = overview(history, "job", today=night_of(5))
    (panel,) = found.panels
    (stretch,) = panel.stretches

    assert [point.first for point in stretch] == [night_of(0), night_of(1), night_of(2)]
    assert (stretch[0].candidate.rate, stretch[0].reference.rate) == (0.03, 0.02)
    assert stretch[0].candidate.low == pytest.approx(0.00623, abs=1e-5)
    assert stretch[0].candidate.high == pytest.approx(0.08518, abs=1e-5)


def test_nights_are_never_pooled_over_a_change(quick):
    """Weeks are cut at the night of the change, and the line is in two parts."""
    _nights(quick, 60, change_on=31)
    (panel,) = overview(quick, "job", today=night_of(60)).panels
    before, after = panel.stretches

    assert before[-1].last == night_of(30)
    assert after[0].first == night_of(31)
    assert [point.pairs for point in before] == [700, 700, 700, 1000]
    assert sum(point.pairs for stretch in panel.stretches for point in stretch) == 6000


def test_the_heartbeat_counts_days_since_the_last_conclusive_night(quick):
    """A broken night and one that never ran are told, and do not count."""
    _nights(quick, 8, skip=(3,), broken=(6, 7))
    found = overview(quick, "job", today=night_of(9))

    assert found.since_conclusive == 4
    assert found.never_ran == (night_of(3),)
    assert [mark.verdict for mark in found.marks][-2:] == [None, None]


def test_without_a_night_there_is_nothing_to_tell(quick):
    """None, and not an empty page."""
    assert overview(quick, "job", today=night_of(0)) is None


def test_cases_that_change_from_night_to_night_are_listed(quick):
    """One that failed on half of the nights stands first; one that always fails is settled."""
    for number in range(10):
        failed = [FailedRow(suite="pii", arm="candidate", metric="exposure", case="always", times=1)]
        if number % 2:
            failed.append(FailedRow(suite="pii", arm="candidate", metric="exposure", case="half", times=1))
        if number == 4:
            failed.append(FailedRow(suite="pii", arm="reference", metric="exposure", case="once", times=1))
        quick.write(row(number), [suite(pair(), failed=tuple(failed))])
    found = overview(quick, "job", today=night_of(10)).flaky

    assert [(each.case, each.arm, each.failed, each.nights) for each in found] == [
        ("half", "candidate", 5, 10),
        ("once", "reference", 1, 10),
    ]


def test_the_plot_tells_alarms_and_changes_in_words(quick):
    """What happened stands in it as text, with its date and its suites, and the alarm's ground is red."""
    _nights(quick, 40, change_on=12, alarm_on=30, broken=(5,))
    figure = trend.draw(overview(quick, "job", today=night_of(40)))
    texts = [text.get_text() for axes in figure.axes for text in axes.texts]
    marked = {patch.get_gid() for axes in figure.axes for patch in axes.patches}

    assert "◆ 13 Jan: AWS changed its detectors (pii)" in texts
    assert "▲ 31 Jan: drift alarm (pii)" in texts
    assert "alarm-stands" in marked


def test_an_alarm_stands_through_a_night_that_broke_off(quick):
    """A night without a verdict after the alarm does not take it from the page."""
    _nights(quick, 6, alarm_on=4, broken=(5,))
    with_alarms = overview(quick, "job", today=night_of(6), until=night_of(4))
    quick.write(row(5, verdict=None, exit_code=5), [suite(compared=False)])

    assert overview(quick, "job", today=night_of(6)).alarms == with_alarms.alarms != ()


def test_every_form_says_that_it_was_a_rehearsal(quick, tmp_path):
    """Page, picture and drawing; the page needs nothing from elsewhere."""
    _nights(quick, 5, alarm_on=4)
    found = overview(quick, "job", today=night_of(5))
    for ending in ("png", "svg", "html"):
        write(found, tmp_path / f"trend.{ending}")

    page = (tmp_path / "trend.html").read_text()
    assert page.count("REHEARSAL") >= 2
    assert "drift alarm since 2026-01-05" in page
    assert "http" not in page.replace("http-equiv", "")
    assert "REHEARSAL" in ET.parse(tmp_path / "trend.svg").getroot().find("{*}title").text
    assert b"REHEARSAL" in (tmp_path / "trend.png").read_bytes()[:400]
    with pytest.raises(EvidenceError, match=r"There are: \.html, \.png, \.svg"):
        write(found, tmp_path / "trend.doc")


def test_a_night_after_today_does_not_make_the_heartbeat_young(quick):
    """A wrong clock never shows fewer days than there are."""
    _nights(quick, 3)

    assert overview(quick, "job", today=night_of(2) - timedelta(days=1)).since_conclusive == 0
