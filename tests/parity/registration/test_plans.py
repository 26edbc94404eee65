"""Plans: frozen before a run, held to by it, counted in the ledger, committed or said not to be."""

from __future__ import annotations

import json
import subprocess
from datetime import date, timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner

from parity.cli import main
from parity.pipeline import entered, plan
from parity.registration.freeze import freeze, hold, registration
from parity.registration.ledger import Ledger
from parity.registration.runs import enter, read_record
from suites.errors import RegistrationError
from suites.plan import digest, read_plan

pytestmark = pytest.mark.usefixtures("here")

WIDER = "the default part has some eighty prompts a stratum"
REGISTER = ["register", "trial", "--arms", "rehearsal", "--owner", "The team", "--reason", "May it answer?"]


@pytest.fixture
def here(tmp_path, monkeypatch):
    """An empty repository with a ledger of its own."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("PARITY_LEDGER")
    _git("init", "-q")
    return tmp_path


def _git(*arguments):
    who = ("-c", "user.name=x", "-c", "user.email=x@example.com", "-c", "commit.gpgsign=false")
    subprocess.run(["git", *who, *arguments], check=True)


def type_(*arguments):
    return CliRunner().invoke(main, [str(each) for each in arguments])


def registered(*options):
    """Register `trial` and read it back with its commit."""
    ended = type_(*REGISTER, "--wider", WIDER, *options)
    assert ended.exit_code == 0, ended.output
    return registration(Path("results/plans/trial.json"))


def manifest(found, **changes):
    asked = {"rehearsal": True, "suites": ("pii",), "arms": "rehearsal", "full": False, "limit": None}
    return plan(**asked | {"epochs": 1, "seed": 0, "registration": found} | changes)


def test_a_plan_freezes_what_decides():
    """Limits, caps, strata, batches, arms, purpose and owner, under a digest; never overwritten."""
    found = registered("--suite", "pii", "--attempts", 3)

    document = json.loads(found.file.read_text())
    assert document["suites"]["pii"]["metrics"]["exposure"]["margin"] == 0.03
    assert document["suites"]["pii"]["critical"][0]["metrics"]["exposure"]["cap"] == 0.15
    assert document["arms"]["models"]["candidate"] == "us.openai.gpt-5.5"
    assert (document["owner"], document["purpose"]) == ("The team", "release")
    assert found.plan.sha256 == digest(found.plan)
    assert type_(*REGISTER, "--wider", WIDER).exit_code == 2


def test_a_plan_that_was_changed_is_refused():
    """One digit of a limit, and the digest no longer fits."""
    found = registered("--suite", "pii")
    found.file.write_text(found.file.read_text().replace('"margin": 0.03', '"margin": 0.04'))

    with pytest.raises(RegistrationError, match="was changed after it was registered"):
        read_plan(found.file)


def test_strata_that_harm_more_need_a_reason_to_lose_more():
    """The shipped limits of critical strata are wider than those of the whole; that has to be said."""
    ended = type_(*REGISTER)

    assert ended.exit_code == 2
    assert "pii.cards.exposure (0.1 against 0.03)" in ended.output
    assert not Ledger.here().raw()


def test_a_release_against_aws_needs_approved_limits():
    """The shipped limits are nobody's yet, and the message says what to fill in."""
    arms = ["register", "real", "--arms", "bedrock", "--owner", "Team", "--reason", "May it answer?"]
    ended = type_(*arms, "--wider", WIDER)
    nightly = type_(*arms, "--wider", WIDER, "--purpose", "nightly")

    assert ended.exit_code == 2
    assert "approver" in ended.output
    assert nightly.exit_code == 0, nightly.output


def test_nights_have_no_number_of_attempts(here):
    """Only a release's share something; nothing is registered."""
    ended = type_(*REGISTER, "--wider", WIDER, "--purpose", "nightly", "--attempts", 3)

    assert ended.exit_code == 2
    assert "--attempts 3 is for a release" in " ".join(ended.output.split())
    assert not (here / "results").exists()


def test_a_limit_past_its_last_day_is_not_registered(monkeypatch):
    """Its owner has to renew it first."""
    from parity.registration import freeze as module

    late = date.today() - timedelta(days=1)  # noqa: DTZ011 - a day, whatever the zone
    whole = module.load_suite("pii")
    margin = whole.metrics["exposure"].model_copy(update={"expires": late - timedelta(days=1)})
    changed = whole.model_copy(update={"metrics": {**whole.metrics, "exposure": margin}})
    monkeypatch.setattr(module, "load_suite", lambda _: changed)

    ended = type_(*REGISTER, "--wider", WIDER, "--suite", "pii")

    assert ended.exit_code == 2
    assert "pii.exposure" in ended.output


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"suites": ("topics",)}, "suites.topics"),
        ({"arms": "bedrock"}, "arms.sha256"),
        ({"rehearsal": False}, "parity rehearse"),
    ],
)
def test_a_run_is_held_to_its_plan(change, said):
    """What differs is named."""
    found = registered("--suite", "pii")
    same = {"suites": ("pii",), "arms": "rehearsal", "rehearsal": True, "batches": None}
    hold(found.plan, **same)

    with pytest.raises(RegistrationError, match=said):
        hold(found.plan, **same | change)


def test_the_commit_that_registered_a_plan_is_found(here):
    """None before it is committed and after it was changed; later commits beside it do not matter."""
    found = registered("--suite", "pii")
    assert found.commit is None
    _git("add", "-f", "results/plans")
    _git("commit", "-qm", "register")
    first = registration(found.file).commit
    (here / "other").write_text("x")
    _git("add", "other")
    _git("commit", "-qm", "other")

    assert registration(found.file).commit == first
    assert first.at >= found.plan.registered_at
    found.file.write_text(found.file.read_text() + "\n")
    assert registration(found.file).commit is None


def test_every_run_is_an_attempt_and_a_resumed_one_is_the_same(here):
    """Aborted runs count; the run that is finished later keeps its number."""
    found = registered("--suite", "pii")
    wanted = manifest(found)
    for name in ("one", "two"):
        enter(here / name, wanted, found)
    again = enter(here / "one", wanted, found)
    third = enter(here / "three", wanted, found)

    assert (again.record.plan.attempt, third.record.plan.attempt) == (1, 3)
    kinds = [line.kind for line, _ in Ledger.here().lines()]
    assert kinds == ["plan", "begun", "begun", "resumed", "begun"]
    assert json.loads((here / "three" / "plan.json").read_text())["attempt"] == 3


def test_a_start_killed_before_its_folder_knew_is_no_second_attempt(here):
    """The line is in the ledger and not in the folder: the same run, the same attempt."""
    found = registered("--suite", "pii")
    first = enter(here / "one", manifest(found), found)
    (here / "one" / "registration.json").write_text(json.dumps({"run": first.record.run}))

    assert enter(here / "one", manifest(found), found).record.plan.attempt == 1


def test_a_ledger_that_does_not_know_the_plan_counts_nothing(here):
    """Taking another ledger does not begin the attempts anew."""
    found = registered("--suite", "pii")
    Ledger.here().path.rename(here / "elsewhere.jsonl")

    with pytest.raises(RegistrationError, match="does not know the plan trial"):
        enter(here / "one", manifest(found), found)


def test_how_a_run_ended_is_entered_whatever_ended_it(here):
    """An exception, an interruption: no verdict, exit code 5."""
    from rich.console import Console

    wanted = manifest(None)
    with pytest.raises(KeyboardInterrupt), entered(here / "one", wanted, None, Console()):
        raise KeyboardInterrupt

    last, _ = Ledger.here().lines()[-1]
    assert (last.kind, last.verdict, last.exit_code) == ("ended", None, 5)


def test_a_night_without_a_plan_runs_without_a_ledger(here):
    """What cannot be entered is said, and keeps nothing from running."""
    (here / "results").write_text("in the way")

    assert "cannot be written to" in enter(here / "one", manifest(None), None).trouble


def test_a_ledger_cut_short_is_found_by_the_runs_folder(here):
    """`parity ledger verify DIR` misses the line that DIR holds."""
    for name in ("one", "two"):
        enter(here / name, manifest(None), None)
    whole = type_("ledger", "verify", "one", "two")
    path = Ledger.here().path
    path.write_bytes(b"".join(line + b"\n" for line in Ledger.here().raw()[:1]))
    cut = type_("ledger", "verify", "one", "two")

    assert (whole.exit_code, cut.exit_code) == (0, 4), whole.output + cut.output
    assert "line 2, with which two was begun, is not there any more" in cut.output
    assert read_record(here / "two").line == 2
    assert "begun" in type_("ledger").output


def test_a_plan_is_made_of_what_is_there_now():
    """The same things frozen twice differ in their moment alone."""
    asked = {"purpose": "release", "owner": "Team", "reason": "May it answer?", "suites": ("pii",)}
    asked |= {"arms": "rehearsal", "full": True, "epochs": 2, "attempts": None, "valid_days": 30}
    one, two = (freeze("same", **asked, wider=WIDER) for _ in range(2))

    assert one.model_dump(exclude={"registered_at", "sha256"}) == two.model_dump(
        exclude={"registered_at", "sha256"}
    )
