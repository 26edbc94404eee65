"""Decides what an interrupted run left behind: which log is finished, which to continue, which to remove.

Every attempt writes a log of its own, into which it takes over the samples that earlier ones finished. So
the fullest log is the one to continue, and once an attempt came to its end the others hold nothing more.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from inspect_ai.log import EvalLog, read_eval_log, read_eval_log_sample_summaries

from suites.errors import RegistrationError
from suites.registered import KEY


@dataclass(frozen=True)
class Attempt:
    """One log in a suite's folder."""

    path: Path
    header: EvalLog
    kept: int
    """Samples that came to their end without an error."""

    @property
    def registered(self) -> Mapping[str, Any] | None:
        """What its samples were asked under; None where it holds none and so binds nobody."""
        return (self.header.eval.metadata or {}).get(KEY) if self.kept else None

    @property
    def finished(self) -> bool:
        """Whether all that was asked for is there."""
        results = self.header.results
        return (
            self.header.status == "success"
            and results is not None
            and results.completed_samples == results.total_samples == self.kept
        )


def attempts(folder: Path) -> list[Attempt]:
    """All logs of a folder, the one to build on first: finished before unfinished, then fuller, then newer.

    A log that was begun and cannot be read holds nothing to build on; it is left out, and removed by
    `keep_only` when an attempt has come to its end.
    """
    found = [attempt for path in _logs(folder) if (attempt := _read(path)) is not None]
    return sorted(found, key=lambda each: (each.finished, each.kept, each.path.name), reverse=True)


def check_same_plan(attempt: Attempt, *, limit: int | None, epochs: int) -> None:
    """Make sure that an earlier attempt asked for the same cases as often.

    Raises:
        RegistrationError: It did not.
    """
    config = attempt.header.eval.config
    was, now = (config.limit, config.epochs or 1), (limit, epochs)
    if was != now:
        raise RegistrationError(
            f"{attempt.path} was begun with limit {was[0]} and epochs {was[1]}; now they are {now[0]} and"
            f" {now[1]}. Give another folder, or the earlier options to finish it."
        )


def keep_only(folder: Path, finished: Path) -> None:
    """Remove the logs whose samples a finished one holds."""
    for path in _logs(folder):
        if path.resolve() != finished.resolve():
            path.unlink()


def _logs(folder: Path) -> list[Path]:
    return sorted(folder.glob("*.eval"))


def _read(path: Path) -> Attempt | None:
    try:
        header = read_eval_log(str(path), header_only=True)
        summaries = read_eval_log_sample_summaries(str(path))
    except Exception:  # noqa: BLE001 - whatever a half-written file makes Inspect raise
        return None
    return Attempt(path, header, sum(each.error is None and each.completed for each in summaries))
