"""A night's rows, made from its logs and its verdict; and the night's own row.

What each arm did by itself is counted by the rule of `suites.metrics` for a pair, the arm being both sides of
it: its opportunities are then its own and do not depend on what the other arm did.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime

import numpy as np
import pandas as pd

from analysis import counts
from analysis.finding import Finding
from analysis.history import segments
from analysis.records import SuiteRecords
from analysis.result import Verdict
from analysis.stats.tables import Observed
from suites.metrics import METRICS, MetricName
from suites.outcomes import ARMS, FACTS

ANCHOR = 200
"""Cases of a suite whose texts the anchor set holds, unless a job says otherwise."""

COMPARED = ARMS[:2]


@dataclass(frozen=True, kw_only=True)
class NightRow:
    """What is known of a night as a whole."""

    job: str
    night: date
    began: datetime
    ended: datetime | None
    """None: it is still on its way, or was killed."""
    attempts: int
    """How often it was started."""
    rehearsal: bool
    verdict: str | None
    """Alarms count; None where there is none."""
    tonight: str | None
    """The comparison of that night by itself."""
    exit_code: int
    cause: str
    """In one word why it ended as it did."""
    headline: str
    folder: str


@dataclass(frozen=True, kw_only=True)
class RateRow:
    """What one arm did by itself; counts of answers."""

    arm: str
    suite: str
    metric: MetricName
    slice: str
    opportunities: float
    failures: float
    missing: float


@dataclass(frozen=True, kw_only=True)
class PairRow:
    """What both arms did with the same cases; counts of pairs."""

    suite: str
    metric: MetricName
    slice: str
    family: str
    margin: float
    pairs: float
    missing: float
    both: float
    candidate_only: float
    reference_only: float


@dataclass(frozen=True, kw_only=True)
class FailedRow:
    """A case that an arm failed, and in how many of its answers."""

    suite: str
    arm: str
    metric: MetricName
    case: str
    times: int


@dataclass(frozen=True, kw_only=True)
class SuiteEntry:
    """Everything that the history keeps of one suite on one night."""

    suite: str
    facts: segments.Facts
    compared: bool
    """False: the guardrail was not proved to be there, or the suite did not finish. Then nothing counts."""
    cases: int
    epochs: int
    watched: int
    """Primary and critical metrics over the whole catalog: the family that alarms share their budget in."""
    rates: tuple[RateRow, ...] = ()
    pairs: tuple[PairRow, ...] = ()
    failed: tuple[FailedRow, ...] = ()
    anchor: dict[str, str] = field(default_factory=dict)
    """By case of the anchor set the outcome before the guardrail alone."""

    @property
    def segment(self) -> str:
        """The name of the segment."""
        return segments.digest(self.facts)


@dataclass(frozen=True, kw_only=True)
class Change:
    """What is different from the latest night before on which the suite was compared."""

    suite: str
    kind: str
    """A head of `segments.HEADS`, or `detector`."""
    message: str


@dataclass(frozen=True, kw_only=True)
class Alarm:
    """What somebody has to look at."""

    kind: str
    """acute, drift or baseline."""
    suite: str
    arm: str
    metric: str
    slice: str
    since: date
    """The night on which it was raised."""
    message: str


def entries(
    suites: Sequence[SuiteRecords], verdict: Verdict, *, limit: int | None = None, anchor: int = ANCHOR
) -> list[SuiteEntry]:
    """What the history keeps of a night's suites.

    Args:
        suites: The night's logs.
        verdict: Their comparison.
        limit: How many cases the night was to ask of each suite; None for all.
        anchor: How many cases make the anchor set.
    """
    return [_entry(each, verdict.findings, limit=limit, anchor=anchor) for each in suites]


def anchored(cases: Sequence[str], size: int) -> list[str]:
    """The anchor set of a batch: the same cases every night, chosen by a hash of their names."""
    return sorted(set(cases), key=lambda case: hashlib.sha256(case.encode()).digest())[:size]


def _entry(
    records: SuiteRecords, findings: Sequence[Finding], *, limit: int | None, anchor: int
) -> SuiteEntry:
    registered = records.registered
    compared = records.attached and not records.unfinished
    entry = SuiteEntry(
        suite=records.suite,
        facts=segments.facts_of(registered, limit=limit),
        compared=compared,
        cases=int(records.table["case"].nunique()),
        epochs=registered.epochs,
        watched=registered.family_size + registered.critical_family_size,
    )
    if not compared:
        return entry
    by_arm = {arm: _alone(records.table, arm) for arm in ARMS}
    observed = {arm: counts.judged(table) for arm, table in by_arm.items()}
    return replace(
        entry,
        rates=tuple(row for arm in ARMS for row in _rates(arm, records, by_arm[arm], observed[arm])),
        pairs=tuple(_pairs(findings, records.suite)),
        failed=tuple(row for arm in COMPARED for row in _failed(arm, records, observed[arm])),
        anchor=_anchor(records.table, anchor),
    )


def _alone(table: pd.DataFrame, arm: str) -> pd.DataFrame:
    """The table as if the arm had been compared with itself."""
    own = {f"{side}_{fact}": table[f"{arm}_{fact}"] for side in COMPARED for fact in FACTS}
    return table.assign(**own)


def _rates(arm: str, records: SuiteRecords, table: pd.DataFrame, observed: Observed) -> Iterator[RateRow]:
    for cell in counts.cells(records.registered, table, observed):
        if cell.estimand == "suite" and (cell.pairs or cell.missing):
            yield RateRow(
                arm=arm,
                suite=cell.suite,
                metric=cell.metric,
                slice=cell.slice,
                opportunities=cell.pairs,
                failures=cell.both,
                missing=cell.missing,
            )


def _pairs(findings: Sequence[Finding], suite: str) -> Iterator[PairRow]:
    """One row by metric and slice, from either estimand: the counts are the same in both."""
    seen: set[tuple[str, str]] = set()
    for finding in findings:
        place = (finding.metric, finding.slice)
        if finding.suite != suite or place in seen:
            continue
        seen.add(place)
        yield PairRow(
            suite=suite,
            metric=finding.metric,
            slice=finding.slice,
            family=finding.family,
            margin=finding.margin,
            pairs=finding.pairs,
            missing=finding.missing,
            both=finding.both,
            candidate_only=finding.candidate_only,
            reference_only=finding.reference_only,
        )


def _failed(arm: str, records: SuiteRecords, observed: Observed) -> Iterator[FailedRow]:
    cases = records.table["case"].to_numpy(dtype=object)
    registered = records.registered.metrics
    for number, metric in enumerate(METRICS):
        if metric not in registered:
            continue
        names, times = np.unique(cases[observed.candidate[number]].astype(str), return_counts=True)
        for case, failed in zip(names.tolist(), times.tolist(), strict=True):
            yield FailedRow(suite=records.suite, arm=arm, metric=metric, case=case, times=failed)


def _anchor(table: pd.DataFrame, size: int) -> dict[str, str]:
    """By case what the guardrail alone made of it in the first epoch; a failed call says nothing."""
    first = table[table["epoch"] == table["epoch"].min()].drop_duplicates("case").set_index("case")
    told = {}
    for case in anchored(first.index.tolist(), size):
        row = first.loc[case]
        if row["control_missing"] is None and not pd.isna(row["control_guarded"]):
            acted = "" if pd.isna(row["control_acted"]) else f"/{int(row['control_acted'])}"
            told[str(case)] = f"{row['control_outcome']}{acted}"
    return told


def outcomes_text(anchor: dict[str, str]) -> str:
    """The anchor's outcomes as the history keeps them."""
    return json.dumps(anchor, sort_keys=True, separators=(",", ":"))
