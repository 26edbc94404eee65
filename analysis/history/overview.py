"""What the nights show together: for a page, a plot, a terminal and machines alike.

Rates are those of both arms over the same pairs. Where there are many nights they are pooled by week or by
four weeks, and never over a change: no point of the plot holds nights that may not be joined.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from datetime import date, timedelta
from itertools import groupby
from typing import Literal

from pydantic import BaseModel, ConfigDict

from analysis.history import tables
from analysis.history.entries import Alarm, NightRow
from analysis.history.flaky import FlakyCase, flaky
from analysis.history.store import History, Row
from analysis.stats import intervals
from suites.metrics import METRICS, MetricName

CONCLUSIVE = frozenset({"parity", "regression"})

_SINGLE, _WEEKS = 45, 550
"""Up to so many days nights stand alone, up to so many they are pooled by week."""

EventKind = Literal["detector", "break", "alarm"]


class _Closed(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Rate(_Closed):
    """One arm's failures over the pairs of a point, with exact 95 % limits; fractions."""

    rate: float
    low: float
    high: float


class Point(_Closed):
    """Nights that were pooled."""

    first: date
    last: date
    pairs: float
    reference: Rate
    candidate: Rate


class Panel(_Closed):
    """One metric of one suite; a list of points for each stretch of nights that may be joined."""

    suite: str
    metric: MetricName
    title: str
    stretches: tuple[tuple[Point, ...], ...]


class Event(_Closed):
    """Something that happened on a night."""

    night: date
    kind: EventKind
    suites: tuple[str, ...]
    what: str
    """In a few words, for a plot."""
    message: str


class Mark(_Closed):
    """How one night ended."""

    night: date
    verdict: str | None
    exit_code: int
    cause: str


class Overview(_Closed):
    """A job's nights."""

    job: str
    rehearsal: bool
    marks: tuple[Mark, ...]
    never_ran: tuple[date, ...]
    """Days between the first night and the last of which there is none."""
    since_conclusive: int | None
    """Nights since the last one that came to parity or a regression, up to today; None: never."""
    headline: str
    """The latest night's one line."""
    alarms: tuple[Alarm, ...]
    """Of the latest night that came to a verdict: one that broke off since takes none of them back."""
    events: tuple[Event, ...]
    panels: tuple[Panel, ...]
    flaky: tuple[FlakyCase, ...]


def overview(history: History, job: str, *, today: date, until: date | None = None) -> Overview | None:
    """A job's nights; None where the history has none.

    Args:
        history: The history.
        job: The job.
        today: From which the days since the last conclusive night are counted.
        until: The last night to look at; None for all.
    """
    nights = [each for each in history.nights(job) if until is None or each.night <= until]
    if not nights:
        return None
    changes = history.read(tables.CHANGES, job, until=until)
    rung = history.read(tables.ALARMS, job, until=until)
    latest = nights[-1]
    standing = max((each.night for each in nights if each.verdict is not None), default=latest.night)
    return Overview(
        job=job,
        rehearsal=any(each.rehearsal for each in nights),
        marks=tuple(
            Mark(night=each.night, verdict=each.verdict, exit_code=each.exit_code, cause=each.cause)
            for each in nights
        ),
        never_ran=tuple(_missing(nights)),
        since_conclusive=since_conclusive(nights, today),
        headline=latest.headline,
        alarms=tuple(_alarm(row) for row in rung if row["night"] == standing),
        events=tuple(sorted(_events(changes, rung), key=lambda event: (event.night, event.kind))),
        panels=tuple(_panels(history, job, changes, nights, until)),
        flaky=tuple(flaky(history, job, until=latest.night)),
    )


def since_conclusive(nights: Sequence[NightRow], today: date) -> int | None:
    """Days from the last night that came to parity or a regression to today; None: there was none."""
    conclusive = [each.night for each in nights if each.verdict in CONCLUSIVE and each.night <= today]
    return (today - max(conclusive)).days if conclusive else None


def _missing(nights: Sequence[NightRow]) -> Iterator[date]:
    there = {each.night for each in nights}
    day = nights[0].night
    while day < nights[-1].night:
        if day not in there:
            yield day
        day += timedelta(days=1)


def _alarm(row: Row) -> Alarm:
    return Alarm(**{name: value for name, value in row.items() if name not in {"job", "night"}})


def _events(changes: Sequence[Row], rung: Sequence[Row]) -> Iterator[Event]:
    words = {
        "batch": "batch of cases changed",
        "policy": "policy or limits changed",
        "route": "arms or route changed",
        "guardrail": "guardrail deployed anew",
        "judging": "judging changed",
        "detector": "AWS changed its detectors",
    }
    together: dict[tuple[date, str], list[Row]] = defaultdict(list)
    for row in changes:
        together[row["night"], row["kind"]].append(row)
    for (night, kind), rows in together.items():
        suites = tuple(sorted(row["suite"] for row in rows))
        yield Event(
            night=night,
            kind="detector" if kind == "detector" else "break",
            suites=suites,
            what=words.get(kind, f"{kind} changed"),
            message=" ".join(f"{row['suite']}: {row['message']}" for row in rows),
        )
    raised: dict[tuple[str, date], list[Row]] = defaultdict(list)
    for row in rung:
        if row["night"] == row["since"]:
            raised[row["kind"], row["since"]].append(row)
    for (kind, night), rows in raised.items():
        yield Event(
            night=night,
            kind="alarm",
            suites=tuple(sorted({row["suite"] for row in rows})),
            what={"acute": "alarm", "drift": "drift alarm"}.get(kind, f"{kind} alarm"),
            message=" ".join(f"{row['message']}." for row in rows),
        )


def _panels(
    history: History, job: str, changes: Sequence[Row], nights: Sequence[NightRow], until: date | None
) -> Iterator[Panel]:
    days = (nights[-1].night - nights[0].night).days + 1
    size = 1 if days <= _SINGLE else 7 if days <= _WEEKS else 28
    cut: dict[str, list[date]] = defaultdict(list)
    for row in changes:
        cut[row["suite"]].append(row["night"])
    rows = history.read(tables.PAIRS, job, until=until, slice="all", family="primary")
    series: dict[tuple[str, str], list[Row]] = defaultdict(list)
    for row in rows:
        if row["pairs"]:
            series[row["suite"], row["metric"]].append(row)
    for suite, metric in sorted(series, key=lambda place: (place[0], list(METRICS).index(place[1]))):  # type: ignore[arg-type]
        name: MetricName = metric  # type: ignore[assignment]
        yield Panel(
            suite=suite,
            metric=name,
            title=METRICS[name].title,
            stretches=tuple(_stretches(series[suite, metric], sorted(set(cut[suite])), size)),
        )


def _stretches(rows: Sequence[Row], cut: Sequence[date], size: int) -> Iterator[tuple[Point, ...]]:
    def stretch(row: Row) -> int:
        return sum(row["night"] >= night for night in cut)

    for _, joined in groupby(rows, stretch):
        yield tuple(_point(pooled) for pooled in _pools(list(joined), size))


def _pools(rows: Sequence[Row], size: int) -> Iterator[list[Row]]:
    """Rows of so many days each, from the first one on; a small rest goes with the last of them."""
    first: date = rows[0]["night"]
    last: date = rows[-1]["night"]
    whole = max(round(((last - first).days + 1) / size), 1)

    def pool(row: Row) -> int:
        days: int = (row["night"] - first).days
        return min(days // size, whole - 1)

    for _, pooled in groupby(rows, pool):
        yield list(pooled)


def _point(rows: Sequence[Row]) -> Point:
    total: Mapping[str, float] = Counter()
    for name in ("pairs", "both", "candidate_only", "reference_only"):
        total = {**total, name: sum(row[name] for row in rows)}
    return Point(
        first=rows[0]["night"],
        last=rows[-1]["night"],
        pairs=total["pairs"],
        reference=_rate(total["both"] + total["reference_only"], total["pairs"]),
        candidate=_rate(total["both"] + total["candidate_only"], total["pairs"]),
    )


def _rate(failures: float, pairs: float) -> Rate:
    """With exact limits (Clopper and Pearson 1934), two-sided at 95 %."""
    low = 1 - float(intervals.rate_upper(pairs - failures, pairs, alpha=0.025))
    high = float(intervals.rate_upper(failures, pairs, alpha=0.025))
    return Rate(rate=failures / pairs, low=max(low, 0.0), high=high)
