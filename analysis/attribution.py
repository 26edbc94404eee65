"""Why the arms differ on a pair: the route, what the model said, or the guardrail's own detection.

For every pair on which exactly one arm failed in a metric one thing after another is put right, and the first
after which the arms no longer differ is the cause:

1. *route* (enforcement): each arm is taken to have acted as the guardrail alone acts on the same text. At the
   input that is what `control` did; at the output, what it did when the recorded words were shown to it (the
   swap, `suites.swap`).
2. *detector*, where the arms have guardrails of their own: both are taken to have met the control's.
3. *model* (emission): one model said the protected thing and the other did not; or, where nothing was to be
   protected, what the one said sets the guardrail off and what the other said does not.
4. *detector*: both said it, and the guardrail alone catches the one wording and misses the other.

Whatever of this is not on record makes the cause *unknown*. Each pair has one cause, so that the causes add
up to the difference.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Literal, get_args

import numpy as np
import numpy.typing as npt
import pandas as pd

from analysis import counts, records
from analysis.described import Attribution, Cause, Share
from analysis.errors import EvidenceError
from analysis.stats.tables import Observed
from suites import swap
from suites.errors import RegistrationError
from suites.metrics import METRICS, Metric, judge
from suites.outcomes import ARMS, Facts
from suites.swap import Swapped, Through, Wanted

Bools = npt.NDArray[np.bool_]

_EXAMPLES = 3

Key = tuple[str, str, int, str, str]
"""Suite, case, epoch, arm, and through which guardrail."""


@dataclass(frozen=True)
class _Case:
    expectation: str
    side: Literal["input", "output"]

    @property
    def met_as_input(self) -> bool:
        """Whether all three arms met the text that matters as input."""
        return self.expectation != "protect" or self.side == "input"


def on_file(folder: Path) -> dict[Key, Facts]:
    """What the guardrail alone did with recorded words, as far as that was asked.

    Raises:
        EvidenceError: The file is damaged.
    """
    try:
        return by_key(swap.read(folder))
    except RegistrationError as error:
        raise EvidenceError(str(error)) from None


def by_key(found: Iterable[Swapped]) -> dict[Key, Facts]:
    """The same of entries that were read elsewhere."""
    return {_key(each): each.facts for each in found if each.missing is None}


def wanted(folder: Path) -> list[Wanted]:
    """The pairs of a run whose words are to be shown to the guardrail alone: all that differ in a metric.

    Raises:
        EvidenceError: The logs cannot be read or do not belong together.
    """
    return [
        Wanted(suite.suite, row["case"], int(row["epoch"]), Path(row["log"]))
        for suite in records.read_folder(folder)
        if suite.attached and not suite.unfinished
        for row in _rows(suite.table, _differing(counts.judged(suite.table))).values()
    ]


def of_suite(
    suite: str, table: pd.DataFrame, observed: Observed, swapped: Mapping[Key, Facts]
) -> list[Attribution]:
    """By metric, those in which the arms differ on a pair.

    Args:
        suite: Its name.
        table: One row per pair; see `analysis.records`.
        observed: How each pair came out, in the order of METRICS and of the table's rows.
        swapped: As `on_file` gives it.
    """
    differing = _differing(observed)
    rows = _rows(table, differing)
    found = []
    for number, metric in enumerate(METRICS.values()):
        causes: list[tuple[Cause, bool, str]] = []
        for place in map(int, np.flatnonzero(differing[number])):
            cause = _cause(metric, suite, rows[place], swapped)
            causes.append((cause, bool(observed.candidate[number, place]), str(rows[place]["case"])))
        if causes:
            pairs = int(observed.counted[number].sum())
            found.append(Attribution(metric=metric.name, pairs=pairs, shares=list(_shares(causes))))
    return found


def _differing(observed: Observed) -> Bools:
    """By metric and pair."""
    return np.asarray(observed.counted & (observed.reference != observed.candidate), dtype=np.bool_)


def _rows(table: pd.DataFrame, differing: Bools) -> dict[int, dict[str, Any]]:
    """By its place, every row that differs in a metric."""
    places = np.flatnonzero(differing.any(axis=0))
    rows = table.iloc[places].to_dict("records")
    return {
        int(place): {str(name): value for name, value in row.items()}
        for place, row in zip(places, rows, strict=True)
    }


def _shares(causes: Sequence[tuple[Cause, bool, str]]) -> Iterator[Share]:
    for cause in get_args(Cause):
        mine = [(on_candidate, case) for each, on_candidate, case in causes if each == cause]
        if mine:
            yield Share(
                cause=cause,
                candidate_only=sum(on_candidate for on_candidate, _ in mine),
                reference_only=sum(not on_candidate for on_candidate, _ in mine),
                examples=list(dict.fromkeys(case for _, case in mine))[:_EXAMPLES],
            )


def _cause(metric: Metric, suite: str, row: Mapping[str, Any], swapped: Mapping[Key, Facts]) -> Cause:
    case = _Case(expectation=row["expectation"], side=row["side"])
    seen = {arm: Facts.from_value(arm, row) for arm in ARMS}
    alone = {
        (arm, through): swapped.get((suite, row["case"], int(row["epoch"]), arm, through))
        for arm in ("reference", "candidate")
        for through in ("own", "control")
    }
    owns = any(alone[arm, "own"] is not None for arm in ("reference", "candidate"))
    if case.met_as_input and not owns and _strayed_at_the_input(seen):
        return "route"
    by_route = _differs(metric, case, seen, alone, through="own")
    if by_route is not True:
        return "unknown" if by_route is None else "route"
    if owns and (by_guardrail := _differs(metric, case, seen, alone, through="control")) is not True:
        return "unknown" if by_guardrail is None else "detector"
    emitted = {seen[arm].emitted for arm in ("reference", "candidate")}
    if None in emitted:
        return "unknown"
    return "model" if len(emitted) > 1 or case.expectation == "allow" else "detector"


def _strayed_at_the_input(seen: Mapping[str, Facts]) -> bool:
    """Whether an arm did otherwise with its input than the guardrail alone, which had the same one."""
    control = seen["control"].input_acted
    return control is not None and any(
        seen[arm].input_acted not in {None, control} for arm in ("reference", "candidate")
    )


def _differs(
    metric: Metric,
    case: _Case,
    seen: Mapping[str, Facts],
    alone: Mapping[tuple[str, str], Facts | None],
    *,
    through: Through,
) -> bool | None:
    """Whether the arms still differ once both acted as the guardrail alone; None is unknown."""
    right = {
        arm: _put_right(
            case,
            seen[arm],
            seen["control"],
            alone[arm, through] or alone[arm, "control"],
        )
        for arm in ("reference", "candidate")
    }
    pair = judge(metric, case, right["reference"], right["candidate"])
    return None if pair.missing else pair.reference != pair.candidate


def _put_right(case: _Case, arm: Facts, control: Facts, alone: Facts | None) -> Facts:
    """One arm's facts had the guardrail acted as it does alone; the model's part stays as it was."""
    if case.expectation == "allow":
        at_input = control.input_acted
        at_output = None if alone is None else alone.guarded
        guarded = True if at_input else at_output if at_input is False else None
        return replace(arm, input_acted=at_input, guarded=guarded)
    if case.side == "input":
        given = alone or control
        stopped = given.input_acted
        return replace(
            arm,
            input_acted=stopped,
            acted=given.acted,
            guarded=given.guarded,
            reached=None if stopped is None else not stopped,
            exposed=False if stopped else arm.exposed,
        )
    if arm.emitted is False:
        exposed: bool | None = False
    else:
        exposed = None if arm.emitted is None or alone is None else alone.exposed
    return replace(
        arm,
        acted=None if alone is None else alone.acted,
        guarded=None if alone is None else alone.guarded,
        exposed=exposed,
    )


def _key(each: Swapped) -> Key:
    return (each.suite, each.case, each.epoch, each.arm, each.through)
