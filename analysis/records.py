"""The only reader of logs: a folder in, one checked table per suite out.

Whatever would make a verdict rest on something other than what was registered is refused here: mixed
batches, guardrails or arms, the same case twice, a log that is damaged or not ours.
"""

from __future__ import annotations

import re
import textwrap
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, fields
from itertools import groupby
from operator import attrgetter
from pathlib import Path
from typing import Any

import pandas as pd
from inspect_ai.log import (
    EvalLog,
    EvalSampleSummary,
    read_eval_log,
    read_eval_log_sample,
    read_eval_log_sample_summaries,
)
from pydantic import ValidationError

from analysis import attempts
from analysis.errors import EvidenceError
from suites.outcomes import ARMS, Facts, Outcome
from suites.registered import KEY, Registered

SCORER = "parity"
CASE_FACTS = (
    "expectation",
    "side",
    "policy",
    "action",
    "category",
    "template",
    "severity",
    "channel",
    "form",
    "context",
    "language",
    "twin",
    "cut",
)
"""Columns of the table that describe the case, as the sample's metadata has them."""

_FACTS = tuple(field.name for field in fields(Facts))
_CLOSED = {"expectation": ("protect", "allow"), "side": ("input", "output")}
_SAME_IN_A_SUITE = (
    "suite_version",
    "purpose",
    "batch_sha256",
    "batch_cases",
    "batch_full",
    "guardrails",
    "metrics",
    "critical",
    "icc_floor",
    "min_clusters",
    "epochs",
)
_SAME_IN_A_RUN = ("rehearsal", "arms", "family_size", "critical_family_size")
_SAME_OF_THE_SERVICE = ("region", "seed", "plants")
_JSON_LOG = re.compile(r"\d{4}-\d{2}-\d{2}T.+\.json")


@dataclass(frozen=True)
class LogFile:
    """One log, by its header."""

    path: Path
    status: str
    """Inspect's: started, success, cancelled, error."""
    message: str | None
    """What ended it, where it did not succeed."""
    task_id: str
    created: str
    registered: Registered
    summaries: tuple[EvalSampleSummary, ...]


@dataclass(frozen=True)
class Asked:
    """One case in one epoch with its texts."""

    epoch: int
    prompt: str
    metadata: Mapping[str, Any]
    """The case as registered."""
    calls: Mapping[str, Mapping[str, Any]]
    """By arm the record of its call, where one was kept."""
    said: Mapping[str, str]
    """By arm the answer that was judged, where one was."""


@dataclass(frozen=True)
class SuiteRecords:
    """Everything the logs hold of one suite."""

    suite: str
    registered: Registered
    logs: tuple[LogFile, ...]
    superseded: tuple[LogFile, ...]
    """Logs of earlier attempts, whose samples the later logs hold or which had none."""
    table: pd.DataFrame
    """One row per case and epoch, in that order: `case`, `epoch`, `attempt` (2 or more: the pair was asked
    again and answered then), `log`, CASE_FACTS, for each arm
    `<arm>_<fact>` (1.0, 0.0 or NaN for unknown), `<arm>_outcome`, `<arm>_missing` (the reason or None)
    and `<arm>_evidence` (the short dict that the scorer left)."""
    asked_again: int = 0
    """Pairs that a later attempt asked again for want of an observation."""

    @property
    def attached(self) -> bool:
        """Whether each log begins with the proof that the guardrail acts on every arm."""
        return all(log.registered.attached for log in self.logs)

    @property
    def unfinished(self) -> tuple[LogFile, ...]:
        """The logs whose run did not come to its end."""
        return tuple(log for log in self.logs if log.status != "success")


def read_folder(folder: Path) -> list[SuiteRecords]:
    """Read all logs in a run's folder, or in any folder of logs, by header and sample summaries.

    Raises:
        EvidenceError: There is nothing to read, something cannot be read, or it does not belong together.
    """
    by_suite = attrgetter("registered.suite")
    logs = sorted((_read(path) for path in _find(folder)), key=by_suite)
    by_age = [_parted(list(group)) for _, group in groupby(logs, by_suite)]
    _check_same([log for current, _ in by_age for log in current], "one run", _SAME_IN_A_RUN)
    return [_suite(current, superseded) for current, superseded in by_age]


def read_asked(suite: SuiteRecords, case: str) -> Iterator[Asked]:
    """The texts of one case in each of its epochs, from whole samples.

    Raises:
        EvidenceError: A sample that its log lists cannot be read.
    """
    for row in suite.table[suite.table["case"] == case].to_dict("records"):
        try:
            sample = read_eval_log_sample(str(row["log"]), id=case, epoch=row["epoch"])
        except Exception as error:  # whatever a damaged file makes Inspect raise
            raise _damaged(Path(row["log"]), error) from error
        prompt = sample.input
        yield Asked(
            epoch=sample.epoch,
            prompt=prompt if isinstance(prompt, str) else "\n".join(message.text for message in prompt),
            metadata=sample.metadata,
            calls={arm: call for arm in ARMS if isinstance(call := sample.store.get(f"call:{arm}"), dict)},
            said={arm: said for arm in ARMS if isinstance(said := sample.store.get(f"said:{arm}"), str)},
        )


def _find(folder: Path) -> list[Path]:
    if not folder.is_dir():
        raise EvidenceError(f"{folder} is not a folder. Give a run's folder, or a folder of .eval logs.")
    found = [
        path
        for path in folder.rglob("*")
        if path.is_file() and (path.suffix == ".eval" or _JSON_LOG.fullmatch(path.name))
    ]
    if not found:
        raise EvidenceError(
            f"{folder} holds no .eval log. Make some with `parity rehearse --out {folder}`,"
            " or give the folder into which `inspect eval` wrote its logs."
        )
    return sorted(found)


def _read(path: Path) -> LogFile:
    try:
        header = read_eval_log(str(path), header_only=True)
        summaries = read_eval_log_sample_summaries(str(path))
    except Exception as error:  # whatever a damaged file makes Inspect raise
        raise _damaged(path, error) from error
    return LogFile(
        path=path,
        status=header.status,
        message=_first_line(header),
        task_id=header.eval.task_id,
        created=header.eval.created,
        registered=_registered(path, header),
        summaries=tuple(summaries),
    )


def _damaged(path: Path, error: Exception) -> EvidenceError:
    return EvidenceError(
        f"{path} cannot be read as a log ({type(error).__name__}: {error}). It is empty, cut short or no"
        " log at all. If its run is still going, wait for it; if not, remove the file and run the same"
        " command again: finished logs beside it are kept."
    )


def _first_line(header: EvalLog) -> str | None:
    return header.error.message.strip().partition("\n")[0] if header.error else None


def _registered(path: Path, header: EvalLog) -> Registered:
    document = (header.eval.metadata or {}).get(KEY)
    if document is None:
        raise EvidenceError(
            f"{path} is a log of the task {header.eval.task!r} and registers nothing under {KEY!r}: it was"
            " not made by these suites. Move it to another folder and compare again."
        )
    try:
        return Registered.model_validate(document)
    except ValidationError as error:
        first = error.errors()[0]
        place = ".".join(str(part) for part in first["loc"])
        raise EvidenceError(
            f"{path} registers something that this version does not understand ({place}: {first['msg']})."
            " Compare it with the version that made it, or run the suite again."
        ) from None


def _suite(current: Sequence[LogFile], superseded: Sequence[LogFile]) -> SuiteRecords:
    suite = current[0].registered.suite
    _check_same(current, f"the suite {suite}", _SAME_IN_A_SUITE)
    asked: dict[tuple[str, int], dict[int, dict[str, Any]]] = {}
    for log in current:
        for row in _rows(log):
            key = row["case"], row["epoch"]
            by_attempt = asked.setdefault(key, {})
            if (earlier := by_attempt.setdefault(row["attempt"], row)) is not row:
                raise EvidenceError(
                    f"The case {key[0]} (epoch {key[1]}) is in two logs, {earlier['log']} and {log.path}."
                    " Which of them counts cannot be known: move one to another folder and compare again."
                )
    pairs = [list(asked[key].values()) for key in sorted(asked)]
    # As objects, since pandas turns None in a column of texts into NaN.
    table = pd.DataFrame([attempts.counting(pair) for pair in pairs], columns=_columns(), dtype=object)
    table = table.astype(
        {"epoch": int, "attempt": int} | {f"{arm}_{fact}": float for arm in ARMS for fact in _FACTS}
    )
    first = min(log.registered.attempt for log in current)
    return SuiteRecords(
        suite=suite,
        registered=[log.registered for log in current if log.registered.attempt == first][-1],
        logs=tuple(current),
        superseded=tuple(superseded),
        table=table,
        asked_again=sum(map(attempts.asked_again, pairs)),
    )


def _parted(logs: Sequence[LogFile]) -> tuple[list[LogFile], list[LogFile]]:
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
        barren = not log.summaries and any(each.summaries for each in later)
        (superseded if resumed or barren else current).append(log)
    return current, superseded


def _check_same(logs: Sequence[LogFile], whole: str, fields: Iterable[str]) -> None:
    first = logs[0]
    for other in logs[1:]:
        ours, theirs = first.registered, other.registered
        for field in fields:
            _refuse_difference(first, other, whole, field, getattr(ours, field), getattr(theirs, field))
        for field in _SAME_OF_THE_SERVICE:
            _refuse_difference(
                first, other, whole, f"service.{field}", ours.service.get(field), theirs.service.get(field)
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


def _columns() -> list[str]:
    arms = [f"{arm}_{name}" for arm in ARMS for name in (*_FACTS, "outcome", "missing", "evidence")]
    return ["case", "epoch", "attempt", "log", *CASE_FACTS, *arms]


def _rows(log: LogFile) -> Iterator[dict[str, Any]]:
    for summary in log.summaries:
        case = {name: summary.metadata.get(name) for name in CASE_FACTS}
        for name, allowed in _CLOSED.items():
            if case[name] not in allowed:
                raise EvidenceError(
                    f"{log.path}: the sample {summary.id} has {name} {case[name]!r}; a case has"
                    f" {' or '.join(allowed)}. Its log was not made by these suites, or was edited."
                )
        place = {"case": str(summary.id), "epoch": summary.epoch, "attempt": log.registered.attempt}
        yield place | {"log": str(log.path)} | case | _arms(summary)


def _arms(summary: EvalSampleSummary) -> dict[str, Any]:
    """Facts, outcomes and evidence of the arms; an errored or unscored sample is missing on all of them."""
    score = (summary.scores or {}).get(SCORER)
    reason = summary.error.strip().partition("\n")[0] if summary.error else None
    if score is None or not isinstance(score.value, Mapping):
        reason = reason or "the sample has no score"
    row: dict[str, Any] = {}
    for arm in ARMS:
        if reason or score is None or not isinstance(score.value, Mapping):
            row |= Facts().as_value(arm) | _told(arm, Outcome.ERROR, reason, {})
            continue
        row |= Facts.from_value(arm, score.value).as_value(arm)
        evidence = (score.metadata or {}).get(arm)
        known = evidence if isinstance(evidence, Mapping) else {}
        outcome = known.get("outcome") or _outcome_in(score.answer, arm)
        row |= _told(arm, outcome, known.get("missing"), known)
    return row


def _told(arm: str, outcome: str, missing: str | None, evidence: Mapping[str, Any]) -> dict[str, Any]:
    return {f"{arm}_outcome": str(outcome), f"{arm}_missing": missing, f"{arm}_evidence": dict(evidence)}


def _outcome_in(answer: str | None, arm: str) -> str:
    """The arm's outcome from `reference=... candidate=... control=...`; unexplained is an error."""
    told = dict(part.partition("=")[::2] for part in (answer or "").split())
    return told.get(arm) or Outcome.ERROR
