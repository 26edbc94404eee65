"""The ready files for nightly jobs: their commands can be typed, and their shell steps run."""

from __future__ import annotations

import os
import re
import shlex
import shutil
import subprocess
import sys
from configparser import ConfigParser
from pathlib import Path
from typing import Any

import click
import pytest
import yaml

JOBS = Path(__file__).parents[2] / "docs" / "nightly"
UNITS = sorted([*JOBS.glob("*.service"), *JOBS.glob("*.timer")])
PROGRAM = "/opt/guardrail-parity/.venv/bin/parity"


def _workflow() -> dict[str, Any]:
    return yaml.safe_load((JOBS / "github-actions.yml").read_text(encoding="utf-8"))


def _steps() -> dict[str, dict[str, Any]]:
    return {step["name"]: step for step in _workflow()["jobs"]["night"]["steps"]}


def _commands() -> list[list[str]]:
    """What the units and the cluster start."""
    started = []
    for unit in JOBS.glob("*.service"):
        parser = ConfigParser(strict=False, interpolation=None)
        parser.optionxform = str  # type: ignore[assignment,method-assign]
        parser.read(unit)
        started.append(shlex.split(parser["Service"]["ExecStart"]))
    for document in yaml.safe_load_all((JOBS / "kubernetes.yaml").read_text(encoding="utf-8")):
        if document["kind"] == "CronJob":
            pod = document["spec"]["jobTemplate"]["spec"]["template"]["spec"]
            started += [[*each["command"], *each["args"]] for each in pod["containers"]]
    return started


@pytest.mark.parametrize("command", _commands(), ids=" ".join)
def test_what_a_unit_or_a_pod_starts_can_be_typed(command):
    """The command exists and takes these options."""
    from parity.cli import main

    program, name, *arguments = command
    found = main.get_command(click.Context(main), name)

    assert program == PROGRAM
    assert found is not None
    assert found.make_context(name, arguments).params["path"] == Path("/etc/parity/nightly.yaml")


@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="there is no systemd-analyze here")
def test_systemd_understands_the_units(tmp_path):
    """Without a warning; the program, which is not installed here, is another one."""
    for unit in UNITS:
        (tmp_path / unit.name).write_text(unit.read_text().replace(PROGRAM, "/bin/true"))
    ended = subprocess.run(
        ["systemd-analyze", "verify", *map(str, tmp_path.iterdir())], capture_output=True, text=True
    )

    ours = [line for line in ended.stderr.splitlines() if "parity" in line]
    assert (ended.returncode, ours) == (0, []), ended.stderr


def test_a_failed_pod_is_started_again_only_where_that_helps():
    """Every exit code that is a result ends the job; the one of a night that broke off does not."""
    from analysis.result import EXIT_CODES

    first = next(
        document
        for document in yaml.safe_load_all((JOBS / "kubernetes.yaml").read_text(encoding="utf-8"))
        if document["kind"] == "CronJob"
    )
    (rule,) = first["spec"]["jobTemplate"]["spec"]["podFailurePolicy"]["rules"]

    assert set(rule["onExitCodes"]["values"]) == {1, 2, 3, 4}
    assert EXIT_CODES[None] not in rule["onExitCodes"]["values"]


def test_no_secret_and_no_input_stands_in_a_shell_step():
    """Values come in by the environment, so that none of them can become a command."""
    for name, step in _steps().items():
        assert "${{" not in step.get("run", ""), name


@pytest.mark.slow
def test_the_workflow_s_own_steps_run_a_night(tmp_path):
    """As GitHub runs them, against the local Bedrock: outputs, JUnit, paper and the evidence."""
    steps = _steps()
    (tmp_path / ".venv").symlink_to(sys.prefix)
    (tmp_path / "nightly.yaml").write_text(
        "job: tried\nrehearsal: {seed: 1}\nsuites: [pii]\nlimit: 6\nout: nights\nreport: false\n"
    )
    outputs, page = tmp_path / "outputs", tmp_path / "page.md"
    github = {"GITHUB_OUTPUT": str(outputs), "GITHUB_STEP_SUMMARY": str(page)}

    night = _shell(steps["Run the night"]["run"], tmp_path, github)
    folder = re.search(r"^folder<<(end_\w+)\n(.*)\n\1$", outputs.read_text(), re.MULTILINE)
    assert folder, night.stderr
    kept = _shell(steps["Write what is kept"]["run"], tmp_path, {"FOLDER": folder.group(2)})

    assert night.returncode == 3, night.stdout + night.stderr
    assert page.read_text().startswith("**REHEARSAL ")
    assert kept.returncode == 0, kept.stdout + kept.stderr
    assert {each.name for each in (tmp_path / "kept").iterdir()} == {
        "night.json", "junit.xml", "report.pdf", "evidence.zip",
    }  # fmt: skip


def _shell(script: str, cwd: Path, env: dict[str, str]) -> subprocess.CompletedProcess[str]:
    """As GitHub's runner starts a step."""
    return subprocess.run(
        ["bash", "-e", "-c", script],
        cwd=cwd,
        env={**os.environ, **env},
        capture_output=True,
        text=True,
        timeout=300,
    )
