"""The only reader of logs: a folder in, one checked table per suite out.

Whatever would make a verdict rest on something other than what was registered is refused here: mixed
batches, guardrails or arms, the same case twice, a log that is damaged or not ours.
"""

from __future__ import annotations

import gc
import re
import textwrap
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import groupby
from operator import attrgetter
from pathlib import Path
from typing import Any

import pandas as pd
from pydantic import ValidationError

from analysis import attempts, observations
from analysis.errors import EvidenceError
from analysis.logs import members
from analysis.logs.contents import Contents, Sampled
from analysis.probes import Probe, is_probe, probes
from suites.outcomes import ARMS
from suites.prices import Used
from suites.registered import KEY, Registered

_CLOSED = {"expectation": ("protect", "allow"), "side": ("input", "output")}
_SAME_IN_A_SUITE = (
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
_SAME_IN_A_RUN = ("rehearsal", "arms", "family_size", "critical_family_size", "plan")
_SAME_OF_THE_SERVICE = ("region", "seed", "plants")
_JSON_LOG = re.compile(r"\d{4}-\d{2}-\d{2}T.+\.json")

Summaries = Mapping[Path, Sequence[Sampled]]


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
    samples: int


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
    again and answered then), `log`, `observations.CASE_FACTS`, for each arm
    `<arm>_<fact>` (1.0, 0.0 or NaN for unknown), `<arm>_outcome`, `<arm>_missing` (the reason or None)
    and `<arm>_evidence` (the short dict that the scorer left)."""
    asked_again: int = 0
    """Pairs that a later attempt asked again for want of an observation."""
    probes: tuple[Probe, ...] = ()
    """Texts that were planted in one channel each; no pairs, and not in the table."""
    planted: pd.DataFrame = field(default_factory=pd.DataFrame)
    """The rows of their samples, as those of the table; none where there are none."""
    used: Mapping[str, Used] = field(default_factory=dict)
    """By arm what its calls took, those of pairs that were asked again included."""

    def rows(self, case: str) -> pd.DataFrame:
        """The rows of a case or of a probe; none where the logs hold neither."""
        found = self.table[self.table["case"] == case]
        return found if len(found) or self.planted.empty else self.planted[self.planted["case"] == case]

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
    with _uncollected():
        read = [_read(path) for path in _find(folder)]
        summaries = {log.path: samples for log, samples in read}
        logs = sorted((log for log, _ in read), key=by_suite)
        by_age = [_parted(list(group)) for _, group in groupby(logs, by_suite)]
        _check_same([log for current, _ in by_age for log in current], "one run", _SAME_IN_A_RUN)
        return [_suite(current, superseded, summaries) for current, superseded in by_age]


def read_asked(suite: SuiteRecords, case: str) -> Iterator[Asked]:
    """The texts of one case in each of its epochs, from whole samples.

    Raises:
        EvidenceError: A sample that its log lists cannot be read.
    """
    from analysis.logs import by_inspect  # noqa: PLC0415 - Inspect takes seconds to import

    for row in suite.rows(case).to_dict("records"):
        try:
            sample = by_inspect.sample(Path(row["log"]), case, row["epoch"])
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


@contextmanager
def _uncollected() -> Iterator[None]:
    """Without Python's collector, which looks through all that was read so far again and again.

    Nothing of it can be let go before the table is made. With ten thousand samples a quarter of the time
    would go into looking.
    """
    collecting = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if collecting:
            gc.enable()


def _read(path: Path) -> tuple[LogFile, Sequence[Sampled]]:
    contents = members.read(path) or _by_inspect(path)
    log = LogFile(
        path=path,
        status=contents.status,
        message=contents.error and contents.error.strip().partition("\n")[0],
        task_id=contents.task_id,
        created=contents.created,
        registered=_registered(path, contents),
        samples=sum(not is_probe(sample) for sample in contents.samples),
    )
    return log, contents.samples


def _by_inspect(path: Path) -> Contents:
    from analysis.logs import by_inspect  # noqa: PLC0415 - Inspect takes seconds to import and is rarely needed

    try:
        return by_inspect.read(path)
    except Exception as error:  # whatever a damaged file makes Inspect raise
        raise _damaged(path, error) from error


def _damaged(path: Path, error: Exception) -> EvidenceError:
    return EvidenceError(
        f"{path} cannot be read as a log ({type(error).__name__}: {error}). It is empty, cut short or no"
        " log at all. If its run is still going, wait for it; if not, remove the file and run the same"
        " command again: finished logs beside it are kept."
    )


def _registered(path: Path, contents: Contents) -> Registered:
    document = contents.metadata.get(KEY)
    if document is None:
        raise EvidenceError(
            f"{path} is a log of the task {contents.task!r} and registers nothing under {KEY!r}: it was"
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


def _suite(current: Sequence[LogFile], superseded: Sequence[LogFile], summaries: Summaries) -> SuiteRecords:
    suite = current[0].registered.suite
    _check_same(current, f"the suite {suite}", _SAME_IN_A_SUITE)
    found = _together(current, summaries)
    asked: dict[tuple[str, int], list[int]] = {}
    for place, pair in enumerate(zip(found["case"], found["epoch"], strict=True)):
        asked.setdefault(pair, []).append(place)
    again = {pair: _attempts(found, places) for pair, places in asked.items() if len(places) > 1}
    _check_planned(current[0], len({case for case, _ in asked}))
    order = [
        attempts.counting(again[pair])["place"] if pair in again else asked[pair][0] for pair in sorted(asked)
    ]
    first = min(log.registered.attempt for log in current)
    return SuiteRecords(
        suite=suite,
        registered=[log.registered for log in current if log.registered.attempt == first][-1],
        logs=tuple(current),
        superseded=tuple(superseded),
        table=observations.frame(
            {name: [column[place] for place in order] for name, column in found.items()}
        ),
        asked_again=sum(map(attempts.asked_again, again.values())),
        probes=probes(sample for log in current for sample in summaries[log.path]),
        planted=observations.frame(_together(current, summaries, planted=True)),
        used=_used(sample for log in current for sample in summaries[log.path]),
    )


def _used(samples: Iterable[Sampled]) -> dict[str, Used]:
    """By arm what the calls of all samples took, probes and those that were asked again included."""
    used = {arm: Used() for arm in ARMS}
    for sample in samples:
        for arm, of_arm in used.items():
            told = sample.score.metadata.get(arm) if sample.score is not None else None
            if isinstance(told, Mapping):
                of_arm.add(told)
    return used


def _together(
    logs: Sequence[LogFile], summaries: Summaries, *, planted: bool = False
) -> observations.Columns:
    """The columns of all logs, one below the other: those of the pairs, or those of the probes."""
    found: observations.Columns = {}
    for log in logs:
        chosen = [sample for sample in summaries[log.path] if is_probe(sample) is planted]
        of_log = observations.columns(chosen, log=str(log.path), attempt=log.registered.attempt)
        _check_cases(log, of_log)
        for name, column in of_log.items():
            found.setdefault(name, []).extend(column)
    return found


def _attempts(found: observations.Columns, places: Sequence[int]) -> list[dict[str, Any]]:
    """The rows of one pair that is there more than once, each with its `place`."""
    rows: dict[int, dict[str, Any]] = {}
    for place in places:
        row = {"place": place} | {name: column[place] for name, column in found.items()}
        if (earlier := rows.setdefault(row["attempt"], row)) is not row:
            raise EvidenceError(
                f"The case {row['case']} (epoch {row['epoch']}) is in two logs, {earlier['log']} and"
                f" {row['log']}. Which of them counts cannot be known: move one to another folder and compare"
                " again."
            )
    return list(rows.values())


def _check_cases(log: LogFile, found: observations.Columns) -> None:
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


def _check_planned(log: LogFile, cases: int) -> None:
    """Refuse more cases than the registered batch has."""
    planned = log.registered.batch_cases
    if cases > planned:
        raise EvidenceError(
            f"The logs of the suite {log.registered.suite} hold {cases} cases, but register a batch of"
            f" {planned}. They were edited or belong to different batches: run the suite again."
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
        barren = not log.samples and any(each.samples for each in later)
        (superseded if resumed or barren else current).append(log)
    return current, superseded


def _check_same(logs: Sequence[LogFile], whole: str, fields: Iterable[str]) -> None:
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
