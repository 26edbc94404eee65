"""Runs of the `parity` command as a process, some of them shared by several tests."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

PARITY = Path(sys.executable).with_name("parity")


@dataclass(frozen=True)
class Ended:
    """A command that has ended."""

    code: int
    out: str
    err: str

    @property
    def all(self) -> str:
        return self.out + self.err


@dataclass(frozen=True)
class Rehearsal:
    """A finished rehearsal and its folder."""

    folder: Path
    ended: Ended

    @property
    def verdict(self) -> dict:
        return json.loads((self.folder / "verdict.json").read_text())

    def finding(self, suite: str, metric: str) -> dict:
        (found,) = [
            each
            for each in self.verdict["findings"]
            if (each["suite"], each["metric"], each["slice"], each["estimand"])
            == (suite, metric, "all", "suite")
        ]
        return found


def parity(*arguments: object, cwd: Path | None = None, env: dict[str, str | None] | None = None) -> Ended:
    """Type a `parity` command and wait for its end; a variable that is None in `env` is not there."""
    environment = {**os.environ, "COLUMNS": "200", "NO_COLOR": "1", **(env or {})}
    ended = subprocess.run(
        [str(PARITY), *map(str, arguments)],
        cwd=cwd,
        capture_output=True,
        text=True,
        timeout=400,
        env={name: value for name, value in environment.items() if value is not None},
    )
    return Ended(ended.returncode, ended.stdout, ended.stderr)


@pytest.fixture(scope="session", name="parity")
def _parity():
    return parity


@pytest.fixture(scope="session")
def rehearse(tmp_path_factory):
    """Rehearse with these options in a folder of its own."""

    def run(*options: object) -> Rehearsal:
        folder = tmp_path_factory.mktemp("runs") / "run"
        return Rehearsal(folder, parity("rehearse", "--out", folder, *options))

    return run


@pytest.fixture(scope="session")
def glance(rehearse):
    """A small undisturbed rehearsal of all suites."""
    return rehearse("--limit", 12)
