"""The only reader of logs: a folder in, one checked table per suite out.

Whatever would make a verdict rest on something other than what was registered is refused: mixed
batches, guardrails or arms, the same case twice, a log that is damaged or not ours.
"""

from __future__ import annotations

import gc
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import groupby
from operator import attrgetter
from pathlib import Path
from typing import Any

import pandas as pd

from analysis import attempts, observations
from analysis.errors import EvidenceError
from analysis.logs import belonging, files
from analysis.logs.contents import Sampled
from analysis.logs.files import LogFile
from analysis.probes import Probe, is_probe, probes
from suites.outcomes import ARMS
from suites.prices import Used
from suites.registered import Registered

Summaries = Mapping[Path, Sequence[Sampled]]


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
        """The logs whose run did not come to its end; where a part was never begun, the last before it."""
        broken = tuple(log for log in self.logs if log.status != "success")
        parts = [(log.registered.part, log) for log in self.logs if log.registered.attempt == 1]
        numbers = {part.number for part, _ in parts if part is not None}
        of = max((part.of for part, _ in parts if part is not None), default=0)
        return broken or (() if len(numbers) == of else (parts[-1][1],))


def read_folder(folder: Path) -> list[SuiteRecords]:
    """Read all logs in a run's folder, or in any folder of logs, by header and sample summaries.

    Raises:
        EvidenceError: There is nothing to read, something cannot be read, or it does not belong together.
    """
    by_suite = attrgetter("registered.suite")
    with _uncollected():
        read = [files.read(path) for path in files.find(folder)]
        summaries = {log.path: samples for log, samples in read}
        logs = sorted((log for log, _ in read), key=by_suite)
        by_age = [belonging.parted(list(group)) for _, group in groupby(logs, by_suite)]
        belonging.check_same(
            [log for current, _ in by_age for log in current], "one run", belonging.SAME_IN_A_RUN
        )
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
            raise files.damaged(Path(row["log"]), error) from error
        prompt = sample.input
        yield Asked(
            epoch=sample.epoch,
            prompt=prompt if isinstance(prompt, str) else "\n".join(message.text for message in prompt),
            metadata=sample.metadata,
            calls={arm: call for arm in ARMS if (call := _call(sample.store.get(f"call:{arm}"))) is not None},
            said={arm: said for arm in ARMS if isinstance(said := sample.store.get(f"said:{arm}"), str)},
        )


def _call(held: object) -> Mapping[str, Any] | None:
    """The record of a call as a sample's store holds it: JSON, and in logs of earlier versions a mapping."""
    found = json.loads(held) if isinstance(held, str) else held
    return found if isinstance(found, dict) else None


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


def _suite(current: Sequence[LogFile], superseded: Sequence[LogFile], summaries: Summaries) -> SuiteRecords:
    suite = current[0].registered.suite
    belonging.check_same(current, f"the suite {suite}", belonging.SAME_IN_A_SUITE)
    found = _together(current, summaries)
    asked: dict[tuple[str, int], list[int]] = {}
    for place, pair in enumerate(zip(found["case"], found["epoch"], strict=True)):
        asked.setdefault(pair, []).append(place)
    again = {pair: _attempts(found, places) for pair, places in asked.items() if len(places) > 1}
    belonging.check_planned(current[0], len({case for case, _ in asked}))
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
        belonging.check_cases(log, of_log)
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
