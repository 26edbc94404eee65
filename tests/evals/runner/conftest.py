"""The runner as a process of its own."""

from __future__ import annotations

import json
import shutil
import signal
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

from evals.rehearsal import child


@dataclass(frozen=True)
class Ended:
    """A runner that has ended, with all that it told."""

    code: int
    events: list[dict]
    err: str

    @property
    def end(self):
        return self.events[-1]


@pytest.fixture(scope="module")
def endpoint_url():
    """One rehearsal for the runs of a module."""
    with child.start() as service:
        yield service.endpoint_url


def run(folder, *words, suite="pii", stop=None):
    """Run a suite; with `stop=(signal, n)` send it that signal once n samples are done."""
    process = subprocess.Popen(
        [sys.executable, "-m", "evals.runner", "--suite", suite, "--log-dir", str(folder), *words],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    events = []
    for line in process.stdout:
        events.append(json.loads(line))
        if stop and events[-1].get("done") == stop[1]:
            process.send_signal(stop[0])
    err = process.stderr.read()
    process.stdout.close()
    process.stderr.close()
    return Ended(process.wait(timeout=60), events, err)


@pytest.fixture
def runner():
    """The runner, to be started with a folder and options."""
    return run


@pytest.fixture(scope="module")
def finished(tmp_path_factory, endpoint_url):
    """A run of six cases in two epochs that came to its end, and its folder."""
    folder = tmp_path_factory.mktemp("finished") / "logs" / "pii"
    return run(folder, "--limit", "6", "--epochs", "2", "--endpoint-url", endpoint_url), folder


@pytest.fixture(scope="module")
def interrupted(tmp_path_factory, endpoint_url):
    """A run of fifty cases that Ctrl-C stopped after fifteen, and its folder."""
    folder = tmp_path_factory.mktemp("interrupted") / "logs" / "pii"
    return run(folder, "--limit", "50", "--endpoint-url", endpoint_url, stop=(signal.SIGINT, 15)), folder


@pytest.fixture
def left(interrupted, tmp_path):
    """What the interrupted run left, in a folder of the test's own."""
    return Path(shutil.copytree(interrupted[1], tmp_path / "pii"))
