"""The work of a drill: a run's answers changed, and compared again and again."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import numpy as np
from rich.progress import Progress

from analysis import drill
from analysis.agreement import Change, Key
from analysis.drill import Drill, Point, Share
from analysis.errors import EvidenceError
from analysis.finding import VerdictName
from analysis.records import SuiteRecords
from evals.drill import KINDS, planted

_REGRESSION: VerdictName = "regression"
_PARITY: VerdictName = "parity"


def begin(suites: Sequence[SuiteRecords], home: Path, *, seed: int) -> Drill:
    """What an earlier start of the same drill left; else an empty one.

    Raises:
        EvidenceError: The run is not whole, or its guardrail was not proved to act.
    """
    for each in suites:
        if not each.attached or each.unfinished:
            raise EvidenceError(
                f"The run of {each.suite} is not whole, or the guardrail was not proved to act: there is"
                " nothing to drill. Finish the run first."
            )
    digest = hashlib.sha256()
    for log in (log for each in suites for log in each.logs):
        digest.update(hashlib.sha256(log.path.read_bytes()).digest())
    earlier = drill.read(home)
    if earlier is not None and (earlier.run, earlier.seed) == (digest.hexdigest(), seed):
        return earlier
    return Drill(
        rehearsal=suites[0].registered.rehearsal,
        run=digest.hexdigest(),
        seed=seed,
        suites=tuple(each.suite for each in suites),
        undisturbed=drill.judged(suites),
        points=(),
    )


class Replay:
    """A finished run, its answers with faults planted in them, and how often to compare it anew."""

    def __init__(
        self, suites: Sequence[SuiteRecords], *, repeats: int, seed: int, progress: Progress
    ) -> None:
        self._suites, self._repeats, self._seed, self._progress = suites, repeats, seed, progress
        self._changes: dict[str, dict[Key, Change]] | None = None

    def points(self, result: Drill, kinds: Sequence[str], rates: Sequence[float]) -> Iterator[Drill]:
        """The drill with one more point each time; points of an earlier start are kept."""
        bar = self._progress.add_task("repetitions", total=len(kinds) * len(rates) * self._repeats)
        for kind, rate in ((kind, rate) for kind in kinds for rate in rates):
            there = [
                each for each in result.points if each.replayed and (each.kind, each.rate) == (kind, rate)
            ]
            if any(each.noticed.of == self._repeats for each in there):
                self._progress.advance(bar, self._repeats)
                continue
            reached: list[VerdictName | None] = []
            struck = 0
            for repetition in range(self._repeats):
                hit = self._struck(kind, rate, repetition)
                struck += len(hit)
                reached.append(drill.judged(drill.disturbed(self._suites, self._planted()[kind], hit)))
                self._progress.advance(bar)
            kept = [each for each in result.points if each not in there]
            result = result.model_copy(update={"points": (*kept, self._point(kind, rate, struck, reached))})
            yield result

    def exchanged(self, result: Drill) -> Drill:
        """The drill with the false alarms of arms whose answers were exchanged by a coin."""
        if result.exchanged is not None and result.exchanged.of == self._repeats:
            return result
        bar = self._progress.add_task("arms alike", total=self._repeats)
        alarms = 0
        for repetition in range(self._repeats):
            rng = np.random.default_rng((self._seed, repetition))
            alarms += drill.judged(drill.exchanged(self._suites, rng)) == _REGRESSION
            self._progress.advance(bar)
        return result.model_copy(update={"exchanged": Share.count(alarms, self._repeats)})

    def _struck(self, kind: str, rate: float, repetition: int) -> list[Key]:
        return [
            key for key in self._planted()[kind] if drill.strikes(self._seed, repetition, kind, key) < rate
        ]

    def _point(self, kind: str, rate: float, struck: int, reached: Sequence[VerdictName | None]) -> Point:
        return Point(
            kind=kind,
            rate=rate,
            struck=struck / self._repeats,
            of_answers=struck / self._repeats / sum(len(each.table) for each in self._suites),
            noticed=Share.count(reached.count(_REGRESSION), len(reached)),
            unsigned=Share.count(len(reached) - reached.count(_PARITY), len(reached)),
        )

    def _planted(self) -> dict[str, dict[Key, Change]]:
        """By kind of fault and answer what it would change; read when first asked for."""
        if self._changes is None:
            bar = self._progress.add_task("reading", total=sum(len(each.logs) for each in self._suites))
            self._changes = changes(self._suites, read=lambda: self._progress.advance(bar))
        return self._changes


def changes(
    suites: Sequence[SuiteRecords], *, read: Callable[[], None] = lambda: None
) -> dict[str, dict[Key, Change]]:
    """By kind of fault and answer what it would change in a run; `read` is called after each log."""
    found: dict[str, dict[Key, Change]] = {kind: {} for kind in KINDS}
    for each in suites:
        there = each.table[each.table["candidate_missing"].isna()]
        pairs = set(zip(there["case"], there["epoch"], there["log"], strict=True))
        for log in each.logs:
            for one in planted(log.path):
                if (one.case, one.epoch, str(log.path)) in pairs:
                    found[one.kind][each.suite, one.case, one.epoch] = {
                        **one.facts,
                        "candidate_outcome": one.outcome,
                    }
            read()
    return found
