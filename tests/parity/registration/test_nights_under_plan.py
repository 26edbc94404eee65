"""A nightly job that names a registered plan: each night is held to it and entered in the ledger."""

from __future__ import annotations

import contextlib
import json
from datetime import date, timedelta
from types import SimpleNamespace

import pytest
from click.testing import CliRunner
from rich.console import Console

from parity.cli import main
from parity.nights import asking
from parity.nights.config import load_config
from parity.nights.night import run_night
from parity.registration import freeze
from parity.registration.ledger import Ledger

NIGHT = date(2026, 3, 1)


class Nobody(contextlib.nullcontext):
    """A service that nobody asks."""

    endpoint_url = "http://127.0.0.1:1"


@pytest.fixture
def job(tmp_path, monkeypatch):
    """Starts a night of a job under the plan `nights`; what ran it and with which plan is kept."""
    monkeypatch.setenv("PARITY_LEDGER", str(tmp_path / "ledger.jsonl"))
    monkeypatch.setattr(asking.child, "start", lambda **_: Nobody())
    given = []

    def runner(manifest, *, plan, **_):
        given.append((manifest, None if plan is None else json.loads(plan.read_text())))
        return []

    def start(night=NIGHT, **changes):
        document = {"job": "small", "plan": "nights.json", "rehearsal": {"seed": 7}, "out": "out"}
        path = tmp_path / "nightly.yaml"
        path.write_text(json.dumps(document | {"report": False} | changes))
        return run_night(load_config(path), night, console=Console(quiet=True), runner=runner)

    return SimpleNamespace(folder=tmp_path, start=start, given=given)


def register(job, *options, purpose="nightly"):
    """Register the plan `nights` of the job."""
    wanted = ["register", "nights", "--arms", "rehearsal", "--suite", "pii", "--purpose", purpose]
    wanted += [
        "--owner",
        "The team",
        "--reason",
        "Is it as good tonight?",
        "--wider",
        "some eighty a stratum",
    ]
    ended = CliRunner().invoke(main, [*wanted, *options, "-o", str(job.folder / "nights.json")])
    assert ended.exit_code == 0, ended.output


def test_each_night_is_one_attempt_however_often_it_is_started(job):
    """The suites' processes are told the plan; suites, epochs and part of the batch are the plan's."""
    register(job, "--epochs", "2", "--full")

    ended = [job.start(), job.start(), job.start(NIGHT + timedelta(1))]

    assert {each.cause for each in ended} == {"unfinished"}, ended[0].headline
    manifest, _ = job.given[0]
    assert (manifest.suites, manifest.epochs, manifest.full) == (("pii",), 2, True)
    assert [plan["attempt"] for _, plan in job.given] == [1, 1, 2]
    assert {(plan["name"], plan["purpose"]) for _, plan in job.given} == {("nights", "nightly")}
    lines = [line for line, _ in Ledger.here().lines()]
    night = ("begun", "ended")
    assert [line.kind for line in lines] == ["plan", *night, "resumed", "ended", *night]
    assert {line.plan_sha256 for line in lines} == {manifest.plan_sha256}


def refused(job, **changes):
    """What the refused night says; it is told and kept, and nobody was asked."""
    ended = job.start(**changes)

    assert (ended.verdict, ended.exit_code, ended.cause) == (None, 2, "configuration"), ended.headline
    assert not job.given
    assert json.loads((ended.folder / "night.json").read_text())["cause"] == "configuration"
    return ended.headline


def test_a_plan_for_a_release_is_refused(job):
    """Every night would take a part of the one chance that its attempts share; what to do is said."""
    register(job, purpose="release")

    told = refused(job)

    assert "The plan nights is for a release: its attempts share one chance of a false sign-off" in told
    assert "parity register --purpose nightly" in told
    assert [line.kind for line, _ in Ledger.here().lines()] == ["plan"]


def test_a_plan_that_was_changed_is_refused(job):
    """One digit of a limit, and its digest no longer fits."""
    register(job)
    plan = job.folder / "nights.json"
    plan.write_text(plan.read_text().replace('"margin": 0.03', '"margin": 0.04'))

    assert "was changed after it was registered" in refused(job)


def test_a_night_that_would_ask_something_else_than_the_plan_is_refused(job, monkeypatch):
    """A limit of the catalog that was moved since is named, as it was and as it is."""
    register(job)
    suite = freeze.load_suite("pii")
    wider = suite.metrics["exposure"].model_copy(update={"margin": 0.05})
    moved = suite.model_copy(update={"metrics": {**suite.metrics, "exposure": wider}})
    monkeypatch.setattr(freeze, "load_suite", lambda _: moved)

    assert "suites.pii.metrics.exposure.margin was 0.03, is now 0.05" in refused(job)


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"epochs": 3}, "epochs is 3 in the job and 1 in the plan nights. Leave epochs out"),
        ({"full": True}, "full is true in the job and false in the plan"),
        ({"suites": ["topics"]}, "suites is topics in the job and pii in the plan"),
        (
            {"rehearsal": None, "arms": "bedrock"},
            "The plan nights is for the local stand-in, and the job asks AWS. Name another plan, or",
        ),
        ({"plan": "none.json"}, "none.json cannot be read"),
    ],
)
def test_a_job_that_contradicts_its_plan_is_refused(job, changes, told):
    """With both values, and what to leave out."""
    register(job)

    assert told in refused(job, **changes)


def test_a_ledger_that_does_not_know_the_plan_counts_no_night(job, monkeypatch):
    """Another one, or a new one, would begin to count anew."""
    register(job)
    monkeypatch.setenv("PARITY_LEDGER", str(job.folder / "other.jsonl"))

    told = refused(job)

    assert "does not know the plan nights" in told
    monkeypatch.setenv("PARITY_LEDGER", str(job.folder / "ledger.jsonl"))
    assert job.start().cause == "unfinished"
