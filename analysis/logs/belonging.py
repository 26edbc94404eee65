"""Whether logs belong together: what they register alike, which of them count, what their samples may be."""

from __future__ import annotations

import textwrap
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from analysis.errors import EvidenceError
from analysis.logs.files import LogFile
from analysis.observations import Columns

_CLOSED = {"expectation": ("protect", "allow"), "side": ("input", "output")}
SAME_IN_A_SUITE = (
    "suite_version",
    "purpose",
    "batch_sha256",
    "probes_sha256",
    "batch_cases",
    "batch_full",
    "guardrails",
    "metrics",
    "critical",
    "icc_floor",
    "min_clusters",
    "epochs",
)
SAME_IN_A_RUN = ("rehearsal", "arms", "family_size", "critical_family_size", "plan")
_SAME_OF_THE_SERVICE = ("region", "seed", "plants", "plants_after_proof")


def parted(logs: Sequence[LogFile]) -> tuple[list[LogFile], list[LogFile]]:
    """The logs of a suite that count, oldest first, and those that a later attempt made superfluous.

    A resumed task writes a new log under the same task id and takes the finished samples along. A log
    without any sample says nothing about a case once a later one of its suite has some.
    """
    ordered = sorted(logs, key=lambda log: (log.created, log.path))
    current: list[LogFile] = []
    superseded: list[LogFile] = []
    for place, log in enumerate(ordered):
        later = ordered[place + 1 :]
        resumed = log.status != "success" and any(
            log.task_id and log.task_id == each.task_id for each in later
        )
        barren = not log.samples and any(each.samples for each in later)
        (superseded if resumed or barren else current).append(log)
    return current, superseded


def check_same(logs: Sequence[LogFile], whole: str, fields: Iterable[str]) -> None:
    """Refuse logs of one whole, a suite or a run, that register one of the fields differently.

    Raises:
        EvidenceError: Two of them differ.
    """
    first = logs[0]
    for other in logs[1:]:
        ours, theirs = first.registered, other.registered
        for name in fields:
            _refuse_difference(first, other, whole, name, getattr(ours, name), getattr(theirs, name))
        for name in _SAME_OF_THE_SERVICE:
            _refuse_difference(
                first, other, whole, f"service.{name}", ours.service.get(name), theirs.service.get(name)
            )


def _refuse_difference(one: LogFile, other: LogFile, whole: str, field: str, ours: Any, theirs: Any) -> None:
    if ours != theirs:
        raise EvidenceError(
            f"Two logs of {whole} differ in {field}: {one.path} has {_short(ours)}, {other.path} has"
            f" {_short(theirs)}. They are not one comparison: move one to another folder and compare again."
        )


def _short(value: Any) -> str:
    if isinstance(value, Mapping):
        value = {
            key: each.model_dump() if hasattr(each, "model_dump") else each for key, each in value.items()
        }
    return textwrap.shorten(str(value), 200, placeholder=" ...")


def check_cases(log: LogFile, found: Columns) -> None:
    """Refuse samples that are no cases, or were asked more often than was registered."""
    for name, allowed in _CLOSED.items():
        for case, value in zip(found["case"], found[name], strict=True):
            if value not in allowed:
                raise EvidenceError(
                    f"{log.path}: the sample {case} has {name} {value!r}; a case has {' or '.join(allowed)}."
                    " Its log was not made by these suites, or was edited."
                )
    epochs = log.registered.epochs
    for case, epoch in zip(found["case"], found["epoch"], strict=True):
        if not 1 <= epoch <= epochs:
            raise EvidenceError(
                f"{log.path}: the sample {case} is of epoch {epoch}, but {epochs} were registered; cases that"
                " were asked unequally often are no comparison. Its log was edited: run the suite again."
            )


def check_planned(log: LogFile, cases: int) -> None:
    """Refuse more cases than the registered batch has."""
    planned = log.registered.batch_cases
    if cases > planned:
        raise EvidenceError(
            f"The logs of the suite {log.registered.suite} hold {cases} cases, but register a batch of"
            f" {planned}. They were edited or belong to different batches: run the suite again."
        )
