"""Decides what earlier runs left behind: which log is finished, which to continue, and what is missing.

A run that was interrupted and continued writes a new log, into which it takes over the samples that were
finished. So the fullest log is the one to continue, and once one came to its end the others hold nothing
more. Asking again for missing pairs is a plan of its own, with a log of its own beside the earlier ones,
which stay as they are. A long asking has a log for each of its parts.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import groupby
from pathlib import Path
from typing import Any

from inspect_ai.log import EvalLog, EvalSampleSummary, read_eval_log, read_eval_log_sample_summaries

from evals.calls import COMPARED
from suites.coverage import PROBE
from suites.errors import RegistrationError
from suites.outcomes import Facts
from suites.prices import Used, count
from suites.registered import KEY

Pair = tuple[str, int]
"""A case and an epoch, in which both arms answered it."""

SCORER = "parity"


@dataclass(frozen=True)
class Attempt:
    """One log in a suite's folder."""

    path: Path
    header: EvalLog
    asked: frozenset[Pair]
    """What came to its end without an error."""
    observed: frozenset[Pair]
    """Of these, where there is an observation of both arms."""
    used: Mapping[str, Used] = field(default_factory=dict)
    """By arm what the calls for the samples took that a resumed run keeps."""

    @property
    def kept(self) -> int:
        """How many samples came to their end without an error."""
        return len(self.asked)

    @property
    def number(self) -> int:
        """1 for the plan itself; from 2 on, pairs missing till then are asked again."""
        return int(self._said.get("attempt", 1))

    @property
    def part(self) -> int:
        """Which part of its asking it holds, counted from 1."""
        return int((self._said.get("part") or {}).get("number", 1))

    @property
    def parts(self) -> int:
        """In how many logs its asking is held."""
        return int((self._said.get("part") or {}).get("of", 1))

    @property
    def _said(self) -> Mapping[str, Any]:
        said: Mapping[str, Any] = (self.header.eval.metadata or {}).get(KEY) or {}
        return said

    @property
    def registered(self) -> Mapping[str, Any] | None:
        """What its samples were asked under; None where it holds none and so binds nobody."""
        return self._said or None if self.kept else None

    @property
    def finished(self) -> bool:
        """Whether all that was asked for in it is there."""
        results = self.header.results
        return (
            self.header.status == "success"
            and results is not None
            and results.completed_samples == results.total_samples == self.kept
        )

    @property
    def ended(self) -> bool:
        """Whether it is finished, and no part of its asking comes after it."""
        return self.finished and self.part == self.parts


def attempts(folder: Path) -> list[Attempt]:
    """All logs of a folder, the one to build on first.

    The latest asking comes first, and of it the latest part; of one part, finished before unfinished, then
    fuller, then newer.

    A log that was begun and cannot be read holds nothing to build on; it is left out, and removed by
    `keep_only` when an attempt has come to its end.
    """
    found = [attempt for path in _logs(folder) if (attempt := _read(path)) is not None]
    return sorted(
        found,
        key=lambda each: (each.number, each.part, each.finished, each.kept, each.path.name),
        reverse=True,
    )


def first(left: Sequence[Attempt]) -> Attempt:
    """The log that holds the plan, or its first part, of those that `attempts` gave."""
    return min(left, key=lambda each: (each.number, each.part))


def kept(left: Sequence[Attempt]) -> int:
    """How many samples of the latest asking came to their end without an error, in all its parts."""
    return sum(each.kept for each in _fullest(left) if each.number == left[0].number)


def missing(left: Sequence[Attempt], *, before: int | None = None) -> dict[str, list[int]]:
    """The epochs, by case, in which no attempt (numbered below `before`) observed both arms."""
    earlier = [each for each in left if each.finished and (before is None or each.number < before)]
    asked = frozenset[Pair]().union(*(each.asked for each in earlier))
    observed = frozenset[Pair]().union(*(each.observed for each in earlier))
    found: dict[str, list[int]] = {}
    for case, epoch in sorted(asked - observed):
        found.setdefault(case, []).append(epoch)
    return found


def used(left: Sequence[Attempt]) -> Iterator[tuple[str, Used]]:
    """What each arm's calls took for every sample that was asked so far, each once.

    A resumed part takes the earlier log's samples along, so that of each the fullest log counts.
    """
    for each in _fullest(left):
        yield from each.used.items()


def _fullest(left: Sequence[Attempt]) -> Iterator[Attempt]:
    for _, logs in groupby(left, key=lambda each: (each.number, each.part)):
        yield next(logs)


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


def keep_only(folder: Path, finished: Attempt) -> None:
    """Remove the logs whose samples a finished one holds, and those that cannot be read."""
    place = finished.number, finished.part
    others = {each.path for each in attempts(folder) if (each.number, each.part) != place}
    for path in _logs(folder):
        if path not in others | {finished.path}:
            path.unlink()


def _logs(folder: Path) -> list[Path]:
    return sorted(folder.glob("*.eval"))


def _read(path: Path) -> Attempt | None:
    try:
        header = read_eval_log(str(path), header_only=True)
        summaries = read_eval_log_sample_summaries(str(path))
    except Exception:  # noqa: BLE001 - whatever a half-written file makes Inspect raise
        return None
    ended = [each for each in summaries if each.error is None and each.completed]
    return Attempt(
        path,
        header,
        asked=frozenset((str(each.id), each.epoch) for each in ended),
        # A probe is no pair: what its channel does not take would be asked for again and again.
        observed=frozenset(
            (str(each.id), each.epoch) for each in ended if PROBE in each.metadata or _observed(each)
        ),
        used=_used(ended),
    )


def _used(ended: Sequence[EvalSampleSummary]) -> dict[str, Used]:
    found: dict[str, Used] = {}
    for each in ended:
        score = (each.scores or {}).get(SCORER)
        count(found, (score and score.metadata) or {})
    return found


def _observed(summary: EvalSampleSummary) -> bool:
    score = (summary.scores or {}).get(SCORER)
    value = score.value if score is not None and isinstance(score.value, Mapping) else {}
    return all(Facts.from_value(arm, value).observed for arm in COMPARED)
