"""Which git commit registered a plan: the first that holds the file as it is now."""

from __future__ import annotations

import subprocess
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

_PATIENCE_S = 20


@dataclass(frozen=True)
class Commit:
    """A commit and when it was made, by its own word."""

    id: str
    at: datetime


def registering_commit(file: Path) -> Commit | None:
    """The first commit that holds `file` with its present content.

    None where the file is in no repository, was never committed, or was changed since.
    """
    folder, content = file.resolve().parent, file.read_bytes()
    told = _git(folder, "log", "--reverse", "--format=%H %cI", "--", file.name)
    for line in (told or b"").decode().splitlines():
        commit, _, when = line.partition(" ")
        if _git(folder, "show", f"{commit}:./{file.name}") == content:
            return Commit(commit, datetime.fromisoformat(when))
    return None


def _git(folder: Path, *arguments: str) -> bytes | None:
    try:
        return subprocess.run(  # noqa: S603 - fixed arguments and a file's name behind --
            ["git", *arguments],  # noqa: S607 - the user's git, wherever it is
            cwd=folder,
            capture_output=True,
            timeout=_PATIENCE_S,
            check=True,
        ).stdout
    except (OSError, subprocess.SubprocessError):
        return None
