"""The history keeps nights, on either database, whole or not at all."""

from __future__ import annotations

import sqlite3
from dataclasses import asdict
from datetime import date

import pytest
import sqlalchemy as sa

from analysis.compare import conclude
from analysis.errors import EvidenceError
from analysis.history import tables
from analysis.history.entries import Alarm, Change, entries
from analysis.history.store import SCHEMA, History, sqlite_url
from analysis.records import read_folder

from .conftest import night_of, pair, row, suite


def test_a_night_comes_back_as_it_was_written(history):
    """Zone, fractions and nothing at all survive either database."""
    written = row(0, verdict=None, tonight="inconclusive", ended=None)
    history.write(written, [suite(pair(candidate_only=1.25))])

    assert history.nights("job") == [written]
    assert history.read(tables.PAIRS, "job")[0]["candidate_only"] == 1.25
    assert history.jobs() == ["job"]


def test_writing_a_night_again_replaces_it_and_leaves_the_others(history):
    """A night that is finished later is there once; its neighbours and other jobs are as they were."""
    history.write(row(0), [suite(pair(candidate_only=1))])
    history.write(row(1), [suite(pair(candidate_only=2), pair("uncaught"))])
    history.write(row(1, job="other"), [suite(pair(candidate_only=3))])
    history.write(row(1, attempts=2), [suite(pair(candidate_only=4))])

    counts = {(r["night"], r["metric"]): r["candidate_only"] for r in history.read(tables.PAIRS, "job")}
    assert counts == {(night_of(0), "exposure"): 1, (night_of(1), "exposure"): 4}
    assert [each.attempts for each in history.nights("job")] == [1, 2]
    assert len(history.read(tables.PAIRS, "other")) == 1


def test_a_night_that_cannot_be_written_leaves_what_was_there(history):
    """One row that the database refuses, and nothing of the night is changed."""
    history.write(row(0), [suite(pair(candidate_only=1))])
    twice = suite(pair(candidate_only=5), pair(candidate_only=6))

    with pytest.raises(EvidenceError, match="cannot be used"):
        history.write(row(0, attempts=2), [twice])

    assert history.nights("job")[0].attempts == 1
    assert [each["candidate_only"] for each in history.read(tables.PAIRS, "job")] == [1]


def test_what_a_night_means_is_added_to_its_counts(history):
    """Changes and alarms come second and leave the counts alone."""
    history.write(row(0), [suite(pair())])
    change = Change(suite="pii", kind="batch", message="another batch")
    alarm = Alarm(
        kind="drift",
        suite="pii",
        arm="candidate",
        metric="exposure",
        slice="all",
        since=night_of(0),
        message="worse",
    )
    history.conclude(row(0, verdict="regression", exit_code=1), changes=[change], alarms=[alarm])

    assert history.nights("job")[0].verdict == "regression"
    assert history.read(tables.CHANGES, "job")[0]["message"] == "another batch"
    assert asdict(alarm).items() <= dict(history.read(tables.ALARMS, "job")[0]).items()
    assert len(history.read(tables.PAIRS, "job")) == 1


def test_a_newer_schema_is_refused_and_named(url):
    """An old version never writes into tables that it does not know."""
    History(url).close()
    engine = sa.create_engine(url)
    with engine.begin() as connection:
        connection.execute(sa.update(tables.VERSION).values(version=SCHEMA + 1))
    engine.dispose()

    with pytest.raises(EvidenceError, match=f"schema {SCHEMA + 1}, and this version knows up to {SCHEMA}"):
        History(url)


def test_a_database_that_is_none_is_named_without_its_password(tmp_path):
    """What is wrong, where, and what to do; a password is never repeated."""
    damaged = tmp_path / "history.sqlite"
    damaged.write_text("this is a letter, and a long one at that, which no database would ever begin with")

    with pytest.raises(EvidenceError, match=r"history\.sqlite cannot be used.*rebuild"):
        History(sqlite_url(damaged))
    with pytest.raises(EvidenceError) as caught:
        History("postgresql+psycopg://me:verysecret@127.0.0.1:1/none?connect_timeout=1")
    assert "verysecret" not in str(caught.value)


def test_counts_of_logs_are_kept_by_arm_and_by_pair(logs, one_suite, quick):
    """Seven leaks of one arm and three of the other are seven and three, by arm, by pair and by case."""
    one_suite("pii")
    logs.write(
        logs.plan(output_candidate_leaked=7, output_reference_leaked=3, allow_candidate_missing=2),
        batch_cases=360,
    )
    suites = read_folder(logs.folder)
    kept = entries(suites, conclude(suites))
    quick.write(row(0), kept)

    rates = {
        (r["arm"], r["metric"]): (r["failures"], r["opportunities"], r["missing"])
        for r in quick.read(tables.RATES, "job", slice="all")
    }
    assert rates["candidate", "uncaught"] == (7, 120, 0)
    assert rates["reference", "uncaught"] == (3, 120, 0)
    assert rates["control", "input_miss"] == (0, 120, 0)
    assert rates["candidate", "overblock"] == (0, 118, 2)
    (pairs,) = quick.read(tables.PAIRS, "job", slice="all", metric="uncaught")
    assert (pairs["pairs"], pairs["candidate_only"], pairs["reference_only"]) == (120, 7, 3)
    failed = quick.read(tables.FAILED, "job", arm="candidate", metric="uncaught")
    assert [each["case"] for each in failed] == [f"output-{n:03d}" for n in range(7)]


def test_no_text_of_a_prompt_or_an_answer_is_kept(logs, one_suite, tmp_path):
    """Counts, digests and names of cases alone: the file holds no prompt."""
    one_suite("pii")
    logs.write(logs.plan(output_candidate_leaked=7))
    path = tmp_path / "kept.sqlite"
    suites = read_folder(logs.folder)
    with History(sqlite_url(path)) as history:
        history.write(row(0), entries(suites, conclude(suites)))

    everything = "\n".join(sqlite3.connect(path).iterdump())
    assert "output-003" in everything
    assert "prompt of" not in everything


def test_a_suite_that_did_not_finish_has_no_counts(logs, one_suite):
    """Settings are kept, numbers are not."""
    one_suite("pii")
    logs.write(logs.plan()[:50], status="cancelled")
    suites = read_folder(logs.folder)
    (kept,) = entries(suites, conclude(suites))

    assert not kept.compared
    assert (kept.rates, kept.pairs, kept.failed, kept.anchor) == ((), (), (), {})
    assert kept.facts["batch"]["sha256"] == "0" * 64


def test_the_latest_night_of_a_suite_is_one_on_which_it_was_compared(history):
    """A broken night between two good ones is passed over."""
    history.write(row(0), [suite(pair())])
    history.write(row(1), [suite(compared=False)])

    assert history.latest("job", night_of(2))["pii"][0] == night_of(0)
    assert history.latest("job", date(2020, 1, 1)) == {}
