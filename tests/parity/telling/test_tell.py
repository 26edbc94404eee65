"""Telling people: GitHub's files and the webhook, and that no failure to tell changes anything else."""

from __future__ import annotations

import json
import logging
import threading
from datetime import UTC, date, datetime
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import get_args

import pytest

from parity.nights.result import Cause, NightResult
from parity.telling import tell, tell_night, tell_silence, webhook
from parity.telling.night import page_of


class Chat:
    """A webhook on this machine that answers as told."""

    def __init__(self) -> None:
        self.answers: list[int] = []
        self.received: list[dict] = []
        chat = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self):
                body = self.rfile.read(int(self.headers["Content-Length"]))
                chat.received.append(json.loads(body))
                code = chat.answers.pop(0) if chat.answers else 200
                self.send_response(code)
                if code == 302:
                    self.send_header("Location", "/elsewhere")
                self.end_headers()

            def log_message(self, *_):
                pass

        self.server = HTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}/services/TOP/SECRET"
        threading.Thread(target=self.server.serve_forever, args=(0.01,), daemon=True).start()


@pytest.fixture
def chat(monkeypatch):
    """The webhook, asked again without waiting."""
    monkeypatch.setattr(webhook, "_FIRST_WAIT_S", 0)
    monkeypatch.setattr(webhook, "_LONGEST_WAIT_S", 0)
    there = Chat()
    yield there
    there.server.shutdown()
    there.server.server_close()


@pytest.fixture
def run(worse_run):
    """A run's folder with a regression in it."""
    return worse_run


def test_github_is_told_on_its_page_and_in_outputs(run, tmp_path):
    """The summary is appended; each output is one that GitHub reads back as it was."""
    page, outputs = tmp_path / "page.md", tmp_path / "outputs"
    page.write_text("before\n")

    told = tell(run, environment={"GITHUB_STEP_SUMMARY": str(page), "GITHUB_OUTPUT": str(outputs)})

    assert [each.trouble for each in told] == [None, None]
    before, first, *_ = page.read_text().splitlines()
    assert before == "before"
    assert first.startswith("**▲ REHEARSAL: Worse, beyond the agreed limit (only a part")
    read = github_reads(outputs.read_text())
    assert (read["verdict"], read["exit_code"]) == ("rehearsal_regression", "1")
    assert read["runbook"].endswith("/1-beyond-the-limit.md")


def test_a_job_on_github_links_its_run_and_its_runbook(run, chat):
    """Where the message is read, a path in a checkout leads nowhere."""
    github = {
        "GITHUB_SERVER_URL": "https://github.example",
        "GITHUB_REPOSITORY": "team/guard",
        "GITHUB_RUN_ID": "17",
        "GITHUB_SHA": "abc",
    }
    tell(run, environment={**github, "PARITY_WEBHOOK_URL": chat.url})

    text = chat.received[0]["text"]
    assert "https://github.example/team/guard/blob/abc/docs/runbook/1-beyond-the-limit.md" in text
    assert text.endswith("https://github.example/team/guard/actions/runs/17")


def test_one_message_with_the_line_first_then_the_callers(run, chat):
    """A busy service is asked again, and gets it once."""
    chat.answers = [503, 429]

    (told,) = tell(run, more=["Drift\nalarm <pii>"], environment={"PARITY_WEBHOOK_URL": chat.url})

    assert told.trouble is None
    assert len(chat.received) == 3
    first, second, third, *_ = chat.received[-1]["text"].splitlines()
    assert first.startswith("▲ REHEARSAL: Worse, beyond the agreed limit")
    assert first.index(" Worst: Personal data") < first.index(" Next: ")
    assert second == "Drift alarm &lt;pii&gt;"
    assert third.startswith("▲ Personal data: Worse, beyond the agreed limit.")


def test_no_text_of_a_prompt_is_told(run, chat, tmp_path):
    """Only counts, rates and names."""
    page = tmp_path / "page.md"
    tell(run, environment={"PARITY_WEBHOOK_URL": chat.url, "GITHUB_STEP_SUMMARY": str(page)})

    assert "prompt of" not in page.read_text() + json.dumps(chat.received)


@pytest.mark.parametrize(("answers", "times"), [([500] * 9, webhook.ATTEMPTS), ([404], 1), ([302], 1)])
def test_a_webhook_that_fails_is_reported_without_its_address(run, chat, caplog, answers, times):
    """A broken service is asked a few times, a refusal once, and a redirection is not followed."""
    chat.answers = list(answers)

    with caplog.at_level(logging.DEBUG):
        (told,) = tell(run, environment={"PARITY_WEBHOOK_URL": chat.url})

    assert str(answers[0]) in told.trouble
    assert len(chat.received) == times
    assert "SECRET" not in str(told) + caplog.text


def test_an_unsafe_address_gets_nothing(run, tmp_path):
    """In clear over a network the message, and the secret, would be anybody's."""
    file = tmp_path / "address"
    file.write_text("http://chat.example/SECRET\n")

    (told,) = tell(run, environment={"PARITY_WEBHOOK_URL_FILE": str(file)})

    assert "https://" in told.trouble
    assert "SECRET" not in str(told)


def test_an_empty_file_for_the_address_tells_nobody(run, tmp_path):
    """A unit that always names the file needs no chat; a file that is not there is a fault."""
    (tmp_path / "address").write_text("\n")

    assert tell(run, environment={"PARITY_WEBHOOK_URL_FILE": str(tmp_path / "address")}) == []
    (told,) = tell(run, environment={"PARITY_WEBHOOK_URL_FILE": str(tmp_path / "absent")})
    assert "cannot be read" in told.trouble


def test_a_silent_webhook_and_a_closed_file_are_only_reported(run, chat, tmp_path):
    """Every channel is tried; nothing is raised."""
    chat.server.shutdown()
    chat.server.server_close()

    told = tell(run, environment={"PARITY_WEBHOOK_URL": chat.url, "GITHUB_OUTPUT": str(tmp_path)})

    assert [bool(each.trouble) for each in told] == [True, True]


def test_a_night_without_a_verdict_is_told_as_one(tmp_path, chat):
    """No file, or a caller's trouble that outranks an old file: never silence, and never a pass."""
    outputs = tmp_path / "outputs"
    tell(tmp_path, environment={"PARITY_WEBHOOK_URL": chat.url, "GITHUB_OUTPUT": str(outputs)})
    tell(tmp_path, trouble="The budget was used up.", environment={"PARITY_WEBHOOK_URL": chat.url})

    assert "there is no verdict" in chat.received[0]["text"]
    assert "The budget was used up." in chat.received[1]["text"]
    assert github_reads(outputs.read_text())["exit_code"] == "5"


def test_nobody_to_tell_is_told_to_the_user(parity, run, tmp_path):
    """`--tell` without any channel says so; a channel that fails leaves the exit code alone."""
    from click.testing import CliRunner

    from parity.report import command

    quiet = dict.fromkeys(("GITHUB_STEP_SUMMARY", "GITHUB_OUTPUT", "PARITY_WEBHOOK_URL"))
    nobody = CliRunner(env=quiet).invoke(command, [str(run), "-o", str(tmp_path / "x.xml"), "--tell"])
    failing = parity(
        "report", run, "-o", tmp_path / "x.md", "--tell", env={**quiet, "GITHUB_OUTPUT": str(run)}
    )

    assert (nobody.exit_code, failing.code) == (0, 0), nobody.output + failing.all
    assert "docs/telling.md" in nobody.stderr
    assert "Not told: github outputs" in failing.err


def night(folder, **changes):
    """A night that ended with an alarm."""
    facts = {
        "job": "assistant", "night": date(2026, 1, 1), "folder": folder, "rehearsal": True,
        "verdict": "regression", "tonight": "regression", "exit_code": 1, "cause": "alarm", "attempt": 1,
        "headline": "REHEARSAL 2026-01-01: Alarm: pii exposure. Hold the candidate back.",
        "began": datetime(2026, 1, 1, tzinfo=UTC),
    }  # fmt: skip
    return NightResult.model_validate(facts | changes)


def test_a_night_is_told_by_its_own_line_then_by_its_comparison(run, chat, tmp_path):
    """Its exit code is the night's; the table is the comparison's."""
    page, outputs = tmp_path / "page.md", tmp_path / "outputs"
    env = {"GITHUB_STEP_SUMMARY": str(page), "GITHUB_OUTPUT": str(outputs), "PARITY_WEBHOOK_URL": chat.url}
    tell_night(night(run), env)

    first, second, *_, last = chat.received[0]["text"].splitlines()
    assert first == "REHEARSAL 2026-01-01: Alarm: pii exposure. Hold the candidate back."
    assert second.startswith("▲ Personal data: Worse")
    assert last == "What to do: docs/runbook/1-alarm.md"
    assert page.read_text().startswith(f"**{first}**")
    assert "| Personal data | Exposed to the user | 120 | 40 | 0 |" in page.read_text()
    read = github_reads(outputs.read_text())
    assert (read["verdict"], read["exit_code"]) == ("rehearsal_regression", "1")


def test_a_night_that_never_ended_is_told_too(tmp_path, chat):
    """By the second scheduler, with the page that says where to look."""
    tell_silence("assistant: no night ever finished.", tmp_path, {"PARITY_WEBHOOK_URL": chat.url})

    assert "5-no-night.md" in chat.received[0]["text"]


@pytest.mark.parametrize("cause", get_args(Cause))
def test_every_cause_of_a_night_has_a_page(tmp_path, cause):
    """Of the exit code that the cause ends with."""
    codes = {"parity": 0, "alarm": 1, "configuration": 2, "unconfirmed": 3, "not_shown": 5}
    name = page_of(night(tmp_path, cause=cause), None)

    assert (Path(__file__).parents[3] / "docs" / "runbook" / name).is_file()
    assert name.startswith(str(codes.get(cause, 4 if cause == "not_comparable" else 5)))


def github_reads(text: str) -> dict[str, str]:
    """The outputs as GitHub's runner reads them: `name<<end`, lines, `end`."""
    found, lines = {}, iter(text.splitlines())
    for line in lines:
        name, end = line.split("<<")
        value = []
        while (following := next(lines)) != end:
            value.append(following)
        found[name] = "\n".join(value)
    return found
