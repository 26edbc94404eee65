"""Pinned baselines: what each arm did by itself when somebody called it good, and the alarm against it.

A baseline is a small file that is committed: who pinned it and why, until when it holds, digests of what it
was made of, and by arm and metric the cases that failed, with how often. No text is in it.

A night of an arm is set against its own baseline, so that a loss shows which both arms share and no paired
comparison sees. What must be the same are the cases and the rules by which they count; models, routes and
guardrails may be others, since a change of these is what is to be noticed. A frozen baseline's own luck would
be counted every night if nights were added up, so every look is a test of its own (`sequential.baseline`).
"""

from __future__ import annotations

import hashlib
import json
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import Any, Literal

import numpy as np
import numpy.typing as npt
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from analysis import wording
from analysis.errors import EvidenceError
from analysis.history import segments, tables
from analysis.history.entries import COMPARED, Alarm, SuiteEntry
from analysis.history.store import History
from analysis.stats.sequential.baseline import Baseline, Look, looks
from analysis.stats.sequential.nights import FrozenBaselineNight
from suites.files import write_atomically
from suites.metrics import METRICS, MetricName

ENOUGH_EPOCHS = 10
"""Answers to each case from which on a baseline's own luck is small beside a night's."""
MOST_MISSING = 0.05

_SAME = ("policy", "judging")
_BLOCK = 28
"""Nights after which all windows begin anew together."""


class _Closed(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class SuiteBaseline(_Closed):
    """One suite's part."""

    facts: dict[str, dict[str, Any]]
    """Under what settings it was recorded, as in the history."""
    cases: int
    epochs: int = Field(ge=1)
    failed: dict[str, dict[MetricName, dict[str, int]]]
    """By arm, metric and case in how many answers; a case that is not here did not fail."""


class PinnedBaseline(_Closed):
    """What was pinned, by whom and until when."""

    schema_version: Literal[1] = 1
    name: str
    pinned: date
    by: str = Field(min_length=1)
    reason: str = Field(min_length=1)
    expires: date
    rehearsal: bool
    verdict: str
    """Of the run that it was made of."""
    logs: dict[str, str]
    """sha256 of each log, by its name."""
    suites: dict[str, SuiteBaseline]

    def told(self, today: date) -> str:
        """Its age and standing in a sentence."""
        age = (today - self.pinned).days
        end = f"expired on {self.expires}" if today > self.expires else f"holds until {self.expires}"
        return f"Baseline {self.name}: pinned {age} days ago by {self.by} ({self.reason}); {end}."


def pin(
    suites: Sequence[SuiteEntry],
    *,
    name: str,
    by: str,
    reason: str,
    pinned: date,
    expires: date,
    rehearsal: bool,
    verdict: str,
    logs: Sequence[Path],
) -> PinnedBaseline:
    """A baseline of a finished run.

    Raises:
        EvidenceError: A suite was not compared, or too many of its answers are missing.
    """
    for suite in suites:
        if not suite.compared:
            raise EvidenceError(
                f"{suite.suite} did not finish, or its guardrail was not proved to be there. A baseline is"
                " made of a whole run: finish it first."
            )
        for rate in suite.rates:
            asked = rate.opportunities + rate.missing
            if rate.slice == "all" and rate.arm in COMPARED and rate.missing > MOST_MISSING * asked:
                raise EvidenceError(
                    f"{suite.suite}, {rate.metric}: {rate.missing:g} of {asked:g} answers of {rate.arm} are"
                    " missing. Ask again for them (--retry-missing) before the run is pinned."
                )
    return PinnedBaseline(
        name=name,
        pinned=pinned,
        by=by,
        reason=reason,
        expires=expires,
        rehearsal=rehearsal,
        verdict=verdict,
        logs={log.name: hashlib.sha256(log.read_bytes()).hexdigest() for log in sorted(logs)},
        suites={suite.suite: _part(suite) for suite in suites},
    )


def _part(suite: SuiteEntry) -> SuiteBaseline:
    failed: dict[str, dict[MetricName, dict[str, int]]] = {arm: {} for arm in COMPARED}
    for row in suite.failed:
        failed[row.arm].setdefault(row.metric, {})[row.case] = row.times
    return SuiteBaseline(facts=suite.facts, cases=suite.cases, epochs=suite.epochs, failed=failed)


def write(baseline: PinnedBaseline, path: Path) -> None:
    """Write the file, whole or not at all.

    Raises:
        EvidenceError: There is one of that name.
    """
    if path.exists():
        raise EvidenceError(f"{path} exists. A baseline is never changed: give another --name.")
    write_atomically(path, baseline.model_dump_json(indent=1) + "\n")


def read(path: Path) -> PinnedBaseline:
    """The baseline in a file.

    Raises:
        EvidenceError: There is none, or it is not one.
    """
    try:
        return PinnedBaseline.model_validate(json.loads(path.read_text(encoding="utf-8")))
    except (OSError, ValueError, ValidationError) as error:
        first = str(error).partition("\n")[0]
        raise EvidenceError(
            f"{path} is no baseline ({first}). Make one with: parity baseline pin DIR --by NAME --reason TEXT"
        ) from None


def unlike(baseline: SuiteBaseline, facts: segments.Facts) -> list[str]:
    """Why a night cannot be set against a baseline; nothing where it can."""
    batch = {name: baseline.facts["batch"].get(name) for name in ("sha256", "cases")}
    found = [] if batch.items() <= facts["batch"].items() else [segments.HEADS["batch"]]
    return found + [segments.HEADS[head] for head in _SAME if baseline.facts.get(head) != facts.get(head)]


def standing(baseline: PinnedBaseline, suites: Sequence[SuiteEntry], night: date) -> str:
    """The baseline in a sentence, with the suites that could not be set against it and why."""
    left = {
        suite.suite: unlike(baseline.suites[suite.suite], suite.facts)
        for suite in suites
        if suite.suite in baseline.suites
    }
    told = [
        f"{suite} is not compared with it: {wording.series(why)} changed."
        for suite, why in left.items()
        if why
    ]
    told += [f"It holds no {suite.suite}." for suite in suites if suite.suite not in baseline.suites]
    return " ".join([baseline.told(night), *told])


def raised(
    history: History, job: str, night: date, baseline: PinnedBaseline, *, alpha: float = 0.05
) -> list[Alarm]:
    """The alarms of each arm against its baseline on a night: by itself, and at the end of a week or of four.

    The looks of a year, over both arms and all metrics, share `alpha`. An expired baseline raises nothing.
    """
    if night > baseline.expires:
        return []
    found: list[Alarm] = []
    watched = {row["suite"]: row for row in history.read(tables.SUITES, job, since=night, until=night)}
    for suite, pinned in baseline.suites.items():
        row = watched.get(suite)
        if row is None or not row["compared"] or unlike(pinned, segments.read(row["facts"])):
            continue
        for arm in COMPARED:
            for metric in METRICS:
                nights = _nights(history, job, suite, arm, metric, pinned, since=baseline.pinned, until=night)
                if nights and nights[-1][0] == night:
                    size = len(COMPARED) * row["watched"]
                    look = _look(
                        pinned, arm, metric, [failed for _, failed, _ in nights], nights, alpha, size
                    )
                    if look is not None:
                        found.append(_alarm(baseline, suite, arm, metric, night, look))
    return found


Night = tuple[date, Mapping[str, int], int]
"""The date, failures by case, and how many answers each case had."""


def _nights(
    history: History,
    job: str,
    suite: str,
    arm: str,
    metric: MetricName,
    pinned: SuiteBaseline,
    *,
    since: date,
    until: date,
) -> list[Night]:
    """The nights since the pinning that can be set against the baseline."""
    period: dict[str, Any] = {"since": since, "until": until, "suite": suite}
    rates = history.read(tables.RATES, job, arm=arm, metric=metric, slice="all", **period)
    whole = {
        row["night"]
        for row in rates
        if row["missing"] <= MOST_MISSING * (row["opportunities"] + row["missing"])
    }
    failed: dict[date, dict[str, int]] = defaultdict(dict)
    for row in history.read(tables.FAILED, job, arm=arm, metric=metric, **period):
        failed[row["night"]][row["case"]] = row["times"]
    return [
        (row["night"], failed[row["night"]], row["epochs"])
        for row in history.read(tables.SUITES, job, **period)
        if row["compared"] and row["night"] in whole and not unlike(pinned, segments.read(row["facts"]))
    ]


def _look(
    pinned: SuiteBaseline,
    arm: str,
    metric: MetricName,
    failures: Sequence[Mapping[str, int]],
    nights: Sequence[Night],
    alpha: float,
    size: int,
) -> Look | None:
    """The first look of the last night that is an alarm; None where none is."""
    recorded = pinned.failed.get(arm, {}).get(metric, {})
    block = slice((len(nights) - 1) // _BLOCK * _BLOCK, None)
    lately = failures[block]
    cases = sorted({*recorded, *(case for each in lately for case in each)})
    if not cases:
        return None

    def vector(found: Mapping[str, int]) -> npt.NDArray[np.int64]:
        return np.array([found.get(case, 0) for case in cases], dtype=np.int64)

    frozen = Baseline(vector(recorded), pinned.epochs)
    asked = [
        FrozenBaselineNight(vector(each), epochs)
        for each, (_, _, epochs) in zip(lately, nights[block], strict=True)
    ]
    return next(_alarms(looks(frozen, asked, alpha=alpha, metrics=size), len(asked) - 1), None)


def _alarms(found: Iterator[Look], place: int) -> Iterator[Look]:
    return (look for look in found if look.night == place and look.alarm)


def _alarm(
    baseline: PinnedBaseline, suite: str, arm: str, metric: MetricName, night: date, look: Look
) -> Alarm:
    many = "tonight" if look.window.nights == 1 else f"over the last {look.window.name}"
    return Alarm(
        kind="baseline",
        suite=suite,
        arm=arm,
        metric=metric,
        slice="all",
        since=night,
        message=(
            f"{suite}, {METRICS[metric].title.lower()}: the {arm} fails more often {many} than when the"
            f" baseline {baseline.name} of {baseline.pinned} was recorded"
            f" (p {wording.probability(look.p_worse)}, level {look.level:.1e})"
        ),
    )
