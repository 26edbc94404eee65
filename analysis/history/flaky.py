"""Cases whose outcome changes from night to night, though nothing changed: the noise in every series."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from datetime import date, timedelta

from pydantic import BaseModel, ConfigDict

from analysis.history import tables
from analysis.history.store import History, Row

LATELY = 60
"""Nights that are looked at, at most."""
MOST = 20
"""Cases that are listed, the least settled first."""


class FlakyCase(BaseModel):
    """A case that an arm failed on some nights and not on others, within one segment."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    suite: str
    arm: str
    case: str
    failed: int
    """Nights on which the arm failed it in any metric."""
    nights: int
    """Nights on which it was asked."""


def flaky(history: History, job: str, *, until: date) -> list[FlakyCase]:
    """The cases that are least settled, over the latest nights since anything changed."""
    since = until - timedelta(days=LATELY - 1)
    begun: dict[str, date] = {}
    for row in history.read(tables.CHANGES, job, until=until):
        begun[row["suite"]] = max(row["night"], begun.get(row["suite"], date.min))

    def counts(row: Row) -> bool:
        return bool(row["night"] >= begun.get(row["suite"], date.min))

    asked: dict[str, set[date]] = defaultdict(set)
    for row in history.read(tables.SUITES, job, since=since, until=until):
        if row["compared"] and counts(row):
            asked[row["suite"]].add(row["night"])
    failed: dict[tuple[str, str, str], set[date]] = defaultdict(set)
    for row in history.read(tables.FAILED, job, since=since, until=until):
        if counts(row):
            failed[row["suite"], row["arm"], row["case"]].add(row["night"])
    return _unsettled(asked, failed)


def _unsettled(asked: dict[str, set[date]], failed: dict[tuple[str, str, str], set[date]]) -> list[FlakyCase]:
    found = [
        FlakyCase(suite=suite, arm=arm, case=case, failed=len(nights), nights=len(asked[suite]))
        for (suite, arm, case), nights in failed.items()
        if 0 < len(nights) < len(asked[suite])
    ]
    return _least_settled(found)


def _least_settled(found: Sequence[FlakyCase]) -> list[FlakyCase]:
    def settled(case: FlakyCase) -> tuple[float, str, str, str]:
        return abs(case.failed / case.nights - 0.5), case.suite, case.case, case.arm

    return sorted(found, key=settled)[:MOST]
