"""`parity nightly` as a scheduler starts it: a night, again, killed, out of time, and asked if it ran."""

from __future__ import annotations

import json
import os
import random
import signal
import sqlite3
import subprocess
import sys
import time
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from rich.console import Console

from analysis.history.store import History
from parity.nights.config import load_config
from parity.nights.heartbeat import beat
from parity.nights.lock import HeldError, held
from parity.nights.night import run_night
from parity.nights.rebuild import rebuild
from parity.processes import SuiteOutcome
from suites.errors import RegistrationError

pytestmark = pytest.mark.slow

PARITY = Path(sys.executable).with_name("parity")
NIGHT = "2026-03-01"
QUIET = Console(quiet=True)


def _job(folder: Path, **changes: object) -> Path:
    """A configuration of a small job, as JSON, which is YAML too."""
    document = {
        "job": "small",
        "rehearsal": {"seed": 7, "plants": ["masking=0.5@after-proof"]},
        "suites": ["pii"],
        "limit": 30,
        "out": "nights",
        "report": False,
    } | changes
    path = folder / "nightly.yaml"
    path.write_text(json.dumps(document))
    return path


@pytest.fixture(scope="module")
def finished(tmp_path_factory, parity):
    """A finished night with a fault in its service: its configuration and how the command ended."""
    config = _job(tmp_path_factory.mktemp("job"), report=True)
    return config, parity("nightly", "--config", config, "--night", NIGHT, "--json")


def test_a_night_leaves_its_folder_its_row_and_one_line(finished):
    """The result is JSON, in the folder and in the history; a part of the plan is never parity."""
    config, ended = finished
    result = json.loads(ended.out)
    folder = config.parent / "nights" / NIGHT

    assert ended.code == result["exit_code"] == 3, ended.all
    assert result["headline"].startswith("REHEARSAL 2026-03-01: Not shown.")
    assert "\n" not in result["headline"]
    assert json.loads((folder / "night.json").read_text()) == result
    assert (folder / "verdict.json").exists()
    with sqlite3.connect(config.parent / "nights" / "history.sqlite") as history:
        assert history.execute("SELECT night, verdict, exit_code, cause FROM nights").fetchall() == [
            (NIGHT, "inconclusive", 3, "not_shown")
        ]
        arms = history.execute("SELECT DISTINCT arm FROM rates ORDER BY arm").fetchall()
    history.close()
    assert arms == [("candidate",), ("control",), ("reference",)]


def test_a_nights_report_says_where_its_differences_come_from(finished):
    """What both models said on the pairs that differ was shown to the guardrail alone: the route failed."""
    config, _ = finished
    folder = config.parent / "nights" / NIGHT

    shown_again = json.loads((folder / "swap.json").read_text())["entries"]
    assert {each["arm"] for each in shown_again} >= {"candidate"}
    assert not [each for each in shown_again if each["missing"]]
    (suite,) = json.loads((folder / "verdict.json").read_text())["suites"]
    causes = {share["cause"] for found in suite["attribution"] for share in found["shares"]}
    assert causes == {"route"}
    page = (folder / "report" / "index.html").read_text()
    assert "the guardrail alone treats the same words otherwise than it did there" in page
    assert "Where the differences come from" in page
    assert (folder / "report" / "causes.png").exists()


def test_a_finished_night_is_told_again_and_asks_nothing(finished):
    """The second start has the same result, and no suite is run."""
    config, ended = finished
    again = run_night(load_config(config), date.fromisoformat(NIGHT), console=QUIET, runner=_never)

    assert json.loads(again.model_dump_json()) == json.loads(ended.out)


def test_a_second_scheduler_learns_whether_a_night_ran(finished, parity):
    """Exit 5 for a night that never ran and where none ended lately, and both are said."""
    config, _ = finished
    never = parity("nightly", "--config", config, "--check", "--night", "2026-03-02")
    assert never.code == 5, never.all
    assert "the night 2026-03-02 never ran" in never.out

    job = load_config(config)
    now, hour = datetime.now(UTC), timedelta(hours=1)
    assert beat(job, None, now=now, within=hour).alive
    late = beat(job, None, now=now + 3 * hour, within=hour)
    assert not late.alive
    assert "the latest night that finished, 2026-03-01, ended 3." in late.told


def test_a_history_is_made_again_from_the_nights_folders(finished):
    """Without its database, `rebuild` gives the same tables, row for row."""
    config, _ = finished
    database = config.parent / "nights" / "history.sqlite"
    before = _dump(database)
    database.unlink()

    assert rebuild(load_config(config), console=QUIET) == 1
    assert _dump(database) == before


def test_two_starts_at_once_are_one(tmp_path):
    """While one start holds the lock another is refused, and told who holds it; afterwards it is free."""
    with (
        held(tmp_path),
        pytest.raises(HeldError, match=rf"process {os.getpid()} on .* since"),
        held(tmp_path),
    ):
        pass
    with held(tmp_path):
        pass


def test_a_night_without_time_is_incomplete_and_finished_later(tmp_path, finished):
    """The time budget keeps what was asked; with more time the same night comes to the same counts."""
    night = date.fromisoformat(NIGHT)
    short = run_night(load_config(_job(tmp_path, budgets={"minutes": 0.03})), night, console=QUIET)

    assert (short.verdict, short.cause, short.exit_code) == (None, "time", 5)
    assert not beat(load_config(_job(tmp_path)), None, now=datetime.now(UTC), within=timedelta(1)).alive

    longer = run_night(load_config(_job(tmp_path)), night, console=QUIET)
    assert (longer.attempt, longer.verdict) == (2, "inconclusive")
    assert _counts(tmp_path) == _counts(finished[0].parent)


def test_a_killed_night_started_again_ends_the_same(tmp_path, finished):
    """Whenever it is killed, the next start finishes it, and its counts are those of an undisturbed night."""
    config = _job(tmp_path)
    started = subprocess.Popen(
        [PARITY, "nightly", "--config", config, "--night", NIGHT],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    deadline = time.monotonic() + 60
    while not list(tmp_path.glob("nights/*/night.json")) and time.monotonic() < deadline:
        time.sleep(0.05)
    time.sleep(random.uniform(0, 6))
    started.send_signal(signal.SIGKILL)
    started.wait(timeout=60)

    again = run_night(load_config(config), date.fromisoformat(NIGHT), console=QUIET)
    undisturbed = json.loads(finished[1].out)
    for name in ("verdict", "tonight", "exit_code", "headline"):
        assert getattr(again, name) == undisturbed[name]
    assert _counts(tmp_path) == _counts(finished[0].parent)


@pytest.mark.parametrize(
    ("changes", "named"),
    [
        ({"sutes": ["pii"]}, "sutes: Extra inputs are not permitted"),
        ({"rehearsal": None}, "either `arms`, a file for AWS, or `rehearsal`"),
        ({"arms": "bedrock"}, "either `arms`, a file for AWS, or `rehearsal`"),
        ({"suites": ["pi"]}, "There are: pii, topics, toxicity"),
        ({"budgets": {"minutes": 0}}, "budgets.minutes"),
        ({"rehearsal": {"plants": ["maskin=1"]}}, "Unknown plant 'maskin'"),
        ({"history": "env:NO_SUCH_VARIABLE"}, "the variable NO_SUCH_VARIABLE is not set"),
    ],
)
def test_a_wrong_configuration_is_named(tmp_path, changes, named):
    """The key, and what is allowed."""
    with pytest.raises(RegistrationError) as caught:
        _ = load_config(_job(tmp_path, **changes)).history_url
    assert named in str(caught.value)


def test_a_night_that_was_configured_wrongly_can_be_started_again(tmp_path):
    """The mistake is the night's result, exit 2; once it is mended the same folder is used."""
    (tmp_path / "none").mkdir()
    wrong = load_config(_job(tmp_path, batches="none"))
    ended = run_night(wrong, date(2026, 3, 1), console=QUIET)
    assert (ended.exit_code, ended.cause, ended.attempt) == (2, "configuration", 1)
    assert "no manifest of batches" in ended.headline

    mended = load_config(_job(tmp_path))
    ended = run_night(mended, date(2026, 3, 1), console=QUIET, runner=lambda *_, **__: [])
    assert (ended.exit_code, ended.cause, ended.attempt) == (5, "unfinished", 2)
    with History(mended.history_url) as history:
        (row,) = history.nights("small")
    assert (row.exit_code, row.attempts) == (5, 2)


def test_a_history_that_cannot_be_written_is_no_pass(tmp_path):
    """Without its history a night has no alarms, and so no verdict."""
    config = load_config(_job(tmp_path, history="sqlite:////proc/none/history.sqlite"))
    ended = run_night(config, date(2026, 3, 1), console=QUIET)

    assert (ended.verdict, ended.exit_code, ended.cause) == (None, 5, "history")
    assert "/proc/none/history.sqlite" in ended.headline


def _never(*_: object, **__: object) -> list[SuiteOutcome]:
    raise AssertionError("a finished night asked again")


def _dump(database: Path) -> list[str]:
    connection = sqlite3.connect(database)
    lines = sorted(connection.iterdump())
    connection.close()
    return lines


def _counts(folder: Path) -> list[tuple]:
    history = sqlite3.connect(folder / "nights" / "history.sqlite")
    rows = history.execute(
        "SELECT suite, metric, slice, pairs, missing, both, candidate_only, reference_only FROM pairs"
        " ORDER BY suite, metric, slice"
    ).fetchall()
    history.close()
    return rows
