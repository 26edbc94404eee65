"""A job on GitHub: its summary page, its outputs, and where it can be seen."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from pathlib import Path

from analysis import runbook


def summarize(file: Path, markdown: str) -> None:
    """Append to the job's summary page.

    Raises:
        OSError: The file cannot be written to.
    """
    with file.open("a", encoding="utf-8") as page:
        page.write(markdown if markdown.endswith("\n") else f"{markdown}\n")


def put_out(file: Path, outputs: Mapping[str, str]) -> None:
    """Append the step's outputs, in the form that holds for any value.

    The delimiter is drawn by chance, so that no value can end itself and set an output of its own.

    Raises:
        OSError: The file cannot be written to.
    """
    with file.open("a", encoding="utf-8") as page:
        for name, value in outputs.items():
            end = f"end_{secrets.token_hex(16)}"
            page.write(f"{name}<<{end}\n{value}\n{end}\n")


def run_address(environment: Mapping[str, str]) -> str | None:
    """Where the job can be seen; None where this is none of GitHub's."""
    repository = _repository(environment)
    run = environment.get("GITHUB_RUN_ID")
    return f"{repository}/actions/runs/{run}" if repository and run else None


def runbook_address(environment: Mapping[str, str]) -> str:
    """Where the runbook's pages of this commit are: an address on GitHub, elsewhere the folder."""
    repository = _repository(environment)
    commit = environment.get("GITHUB_SHA")
    return f"{repository}/blob/{commit}/{runbook.FOLDER}" if repository and commit else runbook.FOLDER


def _repository(environment: Mapping[str, str]) -> str | None:
    server, name = environment.get("GITHUB_SERVER_URL"), environment.get("GITHUB_REPOSITORY")
    return f"{server}/{name}" if server and name else None
