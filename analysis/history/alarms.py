"""What to wake somebody for, from the counts of all nights so far.

Two alarms over the same series, the primary metrics and those of critical strata, each with its own budget:

- acute: tonight's pairs by themselves, Holm over all series at a year's 5 % shared out over 365 nights;
- drift: `sequential.detector` over the nights of a segment, one false alarm of the whole page in ten years.

Nothing is carried from night to night but the counts, so that a night that is done again cannot be counted
twice and a history that is rebuilt raises the same alarms. A series starts anew, with what it had gathered
given up, at a break of its segment; where the service changed its detectors, unless it is `input_miss`, which
asks of both arms the same text; and after it raised an alarm. Giving up evidence can only make a false alarm
rarer. A drift alarm stands until somebody acknowledges it or its segment ends.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np
import numpy.typing as npt
from scipy import special

from analysis import wording
from analysis.history import tables
from analysis.history.detectors import DETECTOR
from analysis.history.entries import Alarm
from analysis.history.store import History, Row
from analysis.stats import hypotheses
from analysis.stats.multiplicity import holm
from analysis.stats.sequential import betting, budget
from suites.metrics import METRICS

Floats = npt.NDArray[np.float64]
Series = tuple[str, str, str]
"""Suite, metric, slice."""

WATCHED = ("primary", "critical")
MOST_MISSING = 0.05
"""Share of a metric's pairs from which on a night tells nothing about it."""
YEAR = budget.NIGHTS


@dataclass(frozen=True)
class Budget:
    """How often an alarm may be false."""

    acute_per_year: float = 0.05
    """Chance of any false acute alarm in a year."""
    drift_years: float = 10
    """Years between false drift alarms of the whole page, on average."""
    tolerance: float = 0.0
    """The loss that is neither acute nor drift alarm, as a share of each metric's margin; 0: any at all."""
    baseline_per_year: float = 0.05
    """Chance of any false alarm against the baseline in a year, both arms together."""


@dataclass(frozen=True, eq=False)
class Counts:
    """The watched counts by night and series; each array has the shape (nights, series)."""

    nights: tuple[date, ...]
    series: tuple[Series, ...]
    candidate_only: Floats
    reference_only: Floats
    pairs: Floats
    missing: Floats
    margin: Floats

    @property
    def usable(self) -> npt.NDArray[np.bool_]:
        """Where something was counted and little enough is missing."""
        return np.asarray((self.pairs > 0) & (self.missing <= MOST_MISSING * (self.pairs + self.missing)))


def raised(history: History, job: str, night: date, *, changes: Sequence[Row], given: Budget) -> list[Alarm]:
    """The alarms of a night: those it raised, and drift alarms that still stand.

    Args:
        history: Holds the night's counts already.
        job: The job.
        night: The night.
        changes: What changed on nights up to and with this one: night, suite, kind.
        given: How often an alarm may be false.
    """
    counts = read(history, job, until=night)
    if not counts.nights:
        return []
    family = _family(history, job, night, counts)
    restarts = _restarts(counts, changes)
    tonight = acute(counts, family, given) if counts.nights[-1] == night else []
    noted = max((row["night"] for row in history.read(tables.ACKNOWLEDGED, job)), default=date.min)
    standing: dict[Series, Alarm] = {}
    for place, series in drift(counts, restarts, family, given):
        alarm = _drifted(counts, place, series, given)
        ended = restarts.all_of[place + 1 :, series].any()
        if alarm.since > noted and not ended:
            standing.setdefault(counts.series[series], alarm)
    return [*tonight, *standing.values()]


def read(history: History, job: str, *, until: date | None = None) -> Counts:
    """The watched counts of all nights that have some."""
    rows = history.read(tables.PAIRS, job, until=until, family=WATCHED)
    nights = tuple(sorted({row["night"] for row in rows}))
    series = tuple(sorted({(row["suite"], row["metric"], row["slice"]) for row in rows}))
    by_night = {night: place for place, night in enumerate(nights)}
    by_series = {each: place for place, each in enumerate(series)}
    found = {
        name: np.zeros((len(nights), len(series)))
        for name in ("candidate_only", "reference_only", "pairs", "missing", "margin")
    }
    if rows:
        at = (
            np.array([by_night[row["night"]] for row in rows]),
            np.array([by_series[row["suite"], row["metric"], row["slice"]] for row in rows]),
        )
        for name, array in found.items():
            array[at] = [row[name] for row in rows]
    return Counts(nights, series, **found)


@dataclass(frozen=True, eq=False)
class Restarts:
    """Where a series starts anew before the night is added; bool arrays of the shape (nights, series)."""

    all_of: npt.NDArray[np.bool_]
    """Another segment begins."""
    any_of: npt.NDArray[np.bool_]
    """Or the detectors changed."""


def _restarts(counts: Counts, changes: Sequence[Row]) -> Restarts:
    shape = (len(counts.nights), len(counts.series))
    broken, restarted = np.zeros(shape, dtype=bool), np.zeros(shape, dtype=bool)
    places = {night: place for place, night in enumerate(counts.nights)}
    for change in changes:
        place = places.get(change["night"])
        if place is None:
            continue
        for number, (suite, metric, _) in enumerate(counts.series):
            if suite != change["suite"]:
                continue
            is_detector = change["kind"] == DETECTOR
            broken[place, number] |= not is_detector
            restarted[place, number] |= not is_detector or metric != "input_miss"
    return Restarts(broken, restarted)


def acute(counts: Counts, family: int, given: Budget) -> list[Alarm]:
    """The series whose last night by itself is beyond chance."""
    last = counts.usable[-1]
    b, c, u, n = (
        each[-1] for each in (counts.candidate_only, counts.reference_only, counts.missing, counts.pairs)
    )
    # Each missing pair is taken as one that the reference alone failed: an alarm must hold even then.
    if given.tolerance > 0:
        delta = given.tolerance * counts.margin[-1]
        p = hypotheses.p_beyond_margin(b, c + u, np.maximum(n + u, 1), np.where(last, delta, 0.5))
    else:
        p = hypotheses.p_worse(b, c + u)
    level = budget.acute_level(alpha=given.acute_per_year)
    adjusted = holm(np.where(last, p, 1.0), family_size=family)
    return [
        Alarm(
            kind="acute",
            suite=suite,
            arm="candidate",
            metric=metric,
            slice=slice_,
            since=counts.nights[-1],
            message=(
                f"{_named(suite, metric, slice_)}: tonight {wording.count(b[place])} pairs failed before the"
                f" candidate alone and {wording.count(c[place])} before the reference alone, of"
                f" {wording.count(n[place])}; such a night by chance: less than one in"
                f" {1 / max(adjusted[place], 1e-12):,.0f}"
            ),
        )
        for place, (suite, metric, slice_) in enumerate(counts.series)
        if adjusted[place] <= level
    ]


def drift(counts: Counts, restarts: Restarts, family: int, given: Budget) -> list[tuple[int, int]]:
    """Night and series, by place, of every drift alarm so far."""
    limit = math.log(family * given.drift_years * YEAR)
    delta = given.tolerance * counts.margin
    bets = betting.log_capital(counts.candidate_only, counts.reference_only, counts.pairs, delta)
    usable = counts.usable
    capital = np.zeros(bets.shape[1:])
    found: list[tuple[int, int]] = []
    for place in range(len(counts.nights)):
        capital[restarts.any_of[place]] = 0.0
        capital = np.where(usable[place][:, None], np.maximum(capital, 0.0) + bets[place], capital)
        evidence = special.logsumexp(capital, axis=-1) - math.log(len(betting.SHARES))
        rings = evidence >= limit
        found += [(place, int(number)) for number in np.flatnonzero(rings)]
        capital[rings] = 0.0
    return found


def _drifted(counts: Counts, place: int, series: int, given: Budget) -> Alarm:
    suite, metric, slice_ = counts.series[series]
    first = max(0, place - 27)
    b, c, n = (
        float(each[first : place + 1, series].sum())
        for each in (counts.candidate_only, counts.reference_only, counts.pairs)
    )
    return Alarm(
        kind="drift",
        suite=suite,
        arm="candidate",
        metric=metric,
        slice=slice_,
        since=counts.nights[place],
        message=(
            f"{_named(suite, metric, slice_)}: in the nights up to {counts.nights[place]} the candidate has"
            f" become worse than the reference (last {place + 1 - first} nights: {wording.count(b)} pairs"
            f" failed before it alone, {wording.count(c)} before the reference alone, of {wording.count(n)})."
            f" False on average once in {given.drift_years:g} years, over all that is watched"
        ),
    )


def _named(suite: str, metric: str, slice_: str) -> str:
    titles: Mapping[str, str] = {name: each.title for name, each in METRICS.items()}
    of = "" if slice_ == "all" else f", {wording.readable(slice_.partition(':')[2])}"
    return f"{suite}{of}, {titles.get(metric, metric).lower()}"


def _family(history: History, job: str, night: date, counts: Counts) -> int:
    """All series that are registered, run or not; never fewer than have counts."""
    rows = history.read(tables.SUITES, job, until=night)
    return max(len(counts.series), max((row["watched"] for row in rows[-10:]), default=1))
