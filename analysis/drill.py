"""How often a run would have noticed a regression of known size: the arithmetic of a drill.

A finished run is the material. What a fault would have changed in the candidate's answers is laid over a
drawn share of its rows, and the whole comparison is made anew, again and again. Beside it stands how often
it cries out where there is nothing: with the two arms' answers exchanged by the toss of a coin, pair by
pair, the arms are alike by construction, as the reference is against itself, and every alarm is false.
"""

from __future__ import annotations

import dataclasses
import hashlib
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Literal

import numpy as np
import pandas as pd
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from analysis import agreement
from analysis.agreement import Agreement, Change, Key
from analysis.compare import conclude
from analysis.errors import EvidenceError
from analysis.finding import VerdictName
from analysis.records import SuiteRecords
from analysis.stats import intervals
from suites.files import write_atomically

FOLDER, FILE = "drill", "drill.json"
"""Within a run's folder."""
ALPHA = 0.05
"""1 minus the confidence of the intervals."""


class _Closed(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Share(_Closed):
    """So many of so many, with exact limits (Clopper and Pearson 1934); fractions."""

    of: int
    found: int
    rate: float
    low: float
    high: float

    @classmethod
    def count(cls, found: int, of: int) -> Share:
        """The share with its two-sided 95 % limits."""
        high = float(intervals.rate_upper(found, of, alpha=ALPHA / 2))
        low = 1 - float(intervals.rate_upper(of - found, of, alpha=ALPHA / 2))
        return cls(of=of, found=found, rate=found / of, low=max(low, 0.0), high=high)


class Point(_Closed):
    """One kind of fault at one rate."""

    kind: str
    rate: float
    """Of the answers in which the fault could change something, the share in which it did."""
    struck: float | None
    """Answers that were changed, on average of all repetitions; None where the service was asked anew."""
    of_answers: float | None
    """The same as a share of all the candidate's answers."""
    noticed: Share
    """Repetitions that ended as a regression."""
    unsigned: Share
    """Repetitions that were not signed off, for whatever reason."""
    replayed: bool = True
    """False: the service was asked anew, from end to end."""


class Drill(BaseModel):
    """What a drill showed."""

    model_config = ConfigDict(frozen=True, extra="forbid", populate_by_name=True)

    schema_version: Literal[1] = Field(default=1, alias="schema")
    rehearsal: bool
    run: str
    """Digest of the logs that were drilled."""
    seed: int
    suites: tuple[str, ...]
    undisturbed: VerdictName | None
    """What the run itself ended as."""
    points: tuple[Point, ...]
    exchanged: Share | None = None
    """False alarms where the arms' answers were exchanged by a coin."""
    live: Share | None = None
    """False alarms of undisturbed runs from end to end."""
    agreement: tuple[Agreement, ...] = ()
    """Whether runs from end to end with a fault in the service come to what the replay does."""


def strikes(seed: int, repetition: int, kind: str, key: Key) -> float:
    """Where in [0, 1) an answer stands: a fault at a higher rate strikes it, at any lower one not.

    The same answers are struck at a rate and at every higher one, in the same repetition.
    """
    told = "\n".join(map(str, (seed, repetition, kind, *key)))
    return int.from_bytes(hashlib.blake2b(told.encode(), digest_size=8).digest()) / 2**64


def disturbed(
    suites: Sequence[SuiteRecords], changes: Mapping[Key, Change], struck: Iterable[Key]
) -> list[SuiteRecords]:
    """The run with some of the candidate's answers changed."""
    chosen: dict[str, dict[tuple[str, int], Change]] = {}
    for key in struck:
        chosen.setdefault(key[0], {})[key[1:]] = changes[key]
    return [
        dataclasses.replace(each, table=_changed(each.table, chosen[each.suite]))
        if each.suite in chosen
        else each
        for each in suites
    ]


def exchanged(suites: Sequence[SuiteRecords], rng: np.random.Generator) -> list[SuiteRecords]:
    """The run with the two arms' answers exchanged in every second pair or so, by the toss of a coin."""
    return [dataclasses.replace(each, table=_exchanged(each.table, rng)) for each in suites]


def judged(suites: Sequence[SuiteRecords]) -> VerdictName | None:
    """The verdict, by the whole comparison; a part of the plan may be signed off."""
    return conclude(suites, allow_partial=True).verdict


def write(drill: Drill, folder: Path) -> Path:
    """Put the drill's file into a folder, whole or not at all."""
    path = folder / FILE
    write_atomically(path, drill.model_dump_json(indent=2, by_alias=True) + "\n")
    return path


def read(folder: Path) -> Drill | None:
    """The drill in a folder; None where there is none.

    Raises:
        EvidenceError: There is a file that is no drill.
    """
    path = folder / FILE
    if not path.exists():
        return None
    try:
        return Drill.model_validate_json(path.read_bytes())
    except ValidationError as error:
        first = error.errors()[0]
        place = ".".join(map(str, first["loc"]))
        raise EvidenceError(
            f"{path} is no drill ({place}: {first['msg']}). Remove it, and drill the run again."
        ) from None


def sentences(drill: Drill) -> list[str]:
    """What the drill showed, for people: by kind the smallest size that was mostly noticed, if any."""
    told = []
    for kind in dict.fromkeys(point.kind for point in drill.points):
        of_kind = [point for point in drill.points if point.kind == kind and point.replayed]
        seen = [point for point in of_kind if point.noticed.low >= _MOSTLY]
        if of_kind and not any(point.struck for point in of_kind):
            told.append(
                f"{TITLES[kind]}: nothing could be planted, since the logs hold no answer that it would"
                " change. Nothing follows from it."
            )
        elif seen:
            point = min(seen, key=lambda point: point.rate)
            told.append(
                f"{TITLES[kind]}: in {point.rate:.1%} of the answers concerned it was noticed in"
                f" {point.noticed.found} of {point.noticed.of} repetitions."
            )
        elif of_kind:
            most = max(of_kind, key=lambda point: point.rate)
            told.append(
                f"{TITLES[kind]}: not reliably noticed at any size tried, in {most.rate:.1%} of the answers"
                f" concerned in {most.noticed.found} of {most.noticed.of} repetitions. A run like this says"
                " little of it."
            )
    for share, what in ((drill.exchanged, "arms that are alike"), (drill.live, "undisturbed runs")):
        if share is not None:
            told.append(f"Of {share.of} comparisons of {what}, {share.found} ended as a regression.")
    told += agreement.sentences(drill.agreement)
    return told


TITLES = {"masking": "Masking undone", "blocking": "Blocks removed", "overblock": "Over-blocking"}
"""By kind of fault, for people."""
_MOSTLY = 0.5
"""A size counts as noticed where the lower limit of its rate is at least this."""


def _changed(table: pd.DataFrame, chosen: Mapping[tuple[str, int], Change]) -> pd.DataFrame:
    table = table.copy()
    places = {pair: place for place, pair in enumerate(zip(table["case"], table["epoch"], strict=True))}
    rows = [places[pair] for pair in chosen]
    for name in {name for change in chosen.values() for name in change}:
        column = table[name].to_numpy(copy=True)
        for row, change in zip(rows, chosen.values(), strict=True):
            column[row] = change[name]
        table[name] = pd.Series(column, index=table.index, dtype=table[name].dtype)
    return table


def _exchanged(table: pd.DataFrame, rng: np.random.Generator) -> pd.DataFrame:
    table = table.copy()
    heads = rng.random(len(table)) < 0.5  # noqa: PLR2004 - a coin
    for name in [name for name in table.columns if name.startswith("reference_")]:
        other = f"candidate_{name.removeprefix('reference_')}"
        one, two = table[name].to_numpy(copy=True), table[other].to_numpy(copy=True)
        table[name] = pd.Series(np.where(heads, two, one), index=table.index, dtype=table[name].dtype)
        table[other] = pd.Series(np.where(heads, one, two), index=table.index, dtype=table[other].dtype)
    return table
