"""Who had protected values written into a report, when, why and where: a line each in the run's folder."""

from __future__ import annotations

import getpass
import json
from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import Path

FILE = "revealed.jsonl"


def record(folder: Path, targets: Iterable[Path], *, reason: str) -> None:
    """Add a line for one report that is about to be written.

    Raises:
        OSError: The folder cannot be written to; then nothing is revealed either.
    """
    line = {
        "at": datetime.now(UTC).isoformat(timespec="seconds"),
        "by": _user(),
        "reason": reason,
        "files": [str(target) for target in targets],
    }
    with (folder / FILE).open("a", encoding="utf-8") as file:
        file.write(json.dumps(line) + "\n")


def _user() -> str | None:
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        return None
