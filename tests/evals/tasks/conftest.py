"""Inspect's own command line, and a rehearsal to point it at."""

from __future__ import annotations

import gc
import os
import subprocess
import sys
from pathlib import Path

import pytest
from inspect_ai import eval as inspect_eval

import evals
from evals.bedrock.client import close_clients
from evals.rehearsal import child

EVALS = Path(evals.__file__).parent


@pytest.fixture
def task_file():
    """The path of a suite's task file."""
    return lambda suite: f"{EVALS / suite}.py@{suite}"


@pytest.fixture
def run(tmp_path, task_file):
    """Run a suite's task in this process, with options of Inspect's `eval`."""

    def start(suite="pii", **options):
        try:
            (log,) = inspect_eval(
                task_file(suite),
                display="none",
                log_dir=str(tmp_path),
                log_realtime=False,
                log_level="error",
                ctl_server=False,
                **options,
            )
        finally:
            gc.collect()  # what Inspect leaves behind is to be complained about here, and in no other test
        return log

    return start


@pytest.fixture
def inspect(tmp_path):
    """Type an `inspect` command in an empty folder."""

    def type_(*words, **environment):
        return subprocess.run(
            [str(Path(sys.executable).with_name("inspect")), *words],
            cwd=tmp_path,
            capture_output=True,
            text=True,
            timeout=120,
            env={**os.environ, "COLUMNS": "200", "NO_COLOR": "1", **environment},
        )

    return type_


@pytest.fixture
def rehearsal(monkeypatch):
    """A rehearsal with faults, at which the tasks of this test are pointed."""
    running = []

    def start(*plants):
        service = child.start(plants=plants)
        running.append(service)
        monkeypatch.setenv("PARITY_ENDPOINT_URL", service.endpoint_url)
        return service.endpoint_url

    yield start
    for service in running:
        service.stop()
    close_clients()
