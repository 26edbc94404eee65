"""How the pairs of a table are counted, per metric and slice.

With several epochs the pairing of one arm's draw with the other's is arbitrary. The counts are
therefore the average over all pairings within a case: with e counted pairs of which the candidate
failed in k and the reference in r, the case adds k (e - r) / e to "candidate only". With one epoch these
are the plain counts. Over prompts that stay fixed the pooled pairs may be treated as independent, which
errs on the safe side.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any, Literal

import numpy as np
import numpy.typing as npt
import pandas as pd

from analysis.result import Estimand, Family
from suites.metrics import METRICS, MetricName, judge
from suites.outcomes import Facts
from suites.registered import Registered
from suites.suite import Margin

Floats = npt.NDArray[np.float64]

_COUNTS = ["pairs", "missing", "both", "candidate_only", "reference_only"]
_CASE_FACTS = ["category", "severity", "template"]


@dataclass(frozen=True)
class _Case:
    """A row of the table as `suites.metrics` wants it."""

    expectation: str
    side: Literal["input", "output"]


@dataclass(frozen=True, eq=False, kw_only=True)
class Clusters:
    """A cell's counts by template; each of shape (K,)."""

    pairs: Floats
    missing: Floats
    both: Floats
    candidate_only: Floats
    reference_only: Floats


@dataclass(frozen=True, kw_only=True)
class Cell:
    """The paired counts of one metric over one slice; fractional with more than one epoch."""

    suite: str
    metric: MetricName
    slice: str
    family: Family
    epochs: int
    margin: float
    cap: float
    pairs: float
    missing: float
    both: float
    candidate_only: float
    reference_only: float
    title: str | None = None
    equivalence: bool = False
    estimand: Estimand = "suite"
    gates: bool = True
    """Whether the suite's purpose asks for this estimand."""
    clusters: Clusters | None = None
    """Needed for the estimand `templates` alone."""
    icc_floor: float = 0.3
    min_clusters: int = 10


@dataclass(frozen=True, eq=False)
class _Slice:
    """Cases of one metric as arrays, which is quicker than tables where slices are many and small."""

    counts: Floats
    """By case, in the order of `_COUNTS`."""
    categories: npt.NDArray[np.object_]
    severities: npt.NDArray[np.object_]
    templates: npt.NDArray[np.intp]
    """By case the number of its template."""

    @classmethod
    def of(cls, cases: pd.DataFrame) -> _Slice:
        return cls(
            counts=cases[_COUNTS].to_numpy(dtype=np.float64),
            categories=cases["category"].to_numpy(dtype=object),
            severities=cases["severity"].to_numpy(dtype=object),
            templates=pd.factorize(cases["template"], use_na_sentinel=False)[0],
        )

    def where(self, held: npt.NDArray[np.bool_]) -> _Slice:
        return _Slice(self.counts[held], self.categories[held], self.severities[held], self.templates[held])

    def by_category(self) -> Iterator[tuple[str, _Slice]]:
        for category in sorted(set(self.categories.tolist())):
            yield category, self.where(self.categories == category)

    def clusters(self) -> Clusters:
        by_template = np.zeros((self.templates.max(initial=-1) + 1, len(_COUNTS)))
        np.add.at(by_template, self.templates, self.counts)
        return Clusters(**dict(zip(_COUNTS, by_template.round(9).T, strict=True)))


def gating(purpose: str) -> Estimand:
    """The estimand that decides: every night the same prompts, for a release prompts like these."""
    return "templates" if purpose == "release" else "suite"


def judged(table: pd.DataFrame) -> pd.DataFrame:
    """One row per pair and metric that it counts or is missing for.

    Returns:
        Columns `case`, `epoch`, `category`, `severity`, `template`, `metric`, `missing`, `reference`,
        `candidate`; the last three are bool, with the arms' failures False where the pair is missing.
    """
    rows = []
    for row in table.to_dict("records"):
        case = _Case(expectation=row["expectation"], side=row["side"])
        facts = {str(name): fact for name, fact in row.items()}
        arms = Facts.from_value("reference", facts), Facts.from_value("candidate", facts)
        for metric in METRICS.values():
            pair = judge(metric, case, *arms)
            if pair.counted or pair.missing:
                place = (row["case"], row["epoch"], *(row[name] for name in _CASE_FACTS), metric.name)
                rows.append((*place, pair.missing, pair.reference, pair.candidate))
    columns = ["case", "epoch", *_CASE_FACTS, "metric", "missing", "reference", "candidate"]
    return pd.DataFrame(rows, columns=columns).astype(dict.fromkeys(columns[-3:], bool))


def cells(registered: Registered, pairs: pd.DataFrame) -> list[Cell]:
    """Everything that gets a verdict: metrics over all cases, over critical strata, and by category.

    Those of the estimand that decides come first, then the primary and critical ones of the other; a
    category is only screened, and for the estimand that decides. A registered metric without a single
    pair is there too, with nothing counted; an empty category is not.
    """
    cases = _by_case(pairs)
    of_metric = {name: _Slice.of(cases[cases["metric"] == name]) for name in METRICS}
    whole = [
        _cell(registered, name, limit, of_metric[name], slice="all", family="primary")
        for name, limit in _in_order(registered.metrics)
    ]
    critical = list(_critical(registered, of_metric))
    parts = [
        _cell(registered, name, limit, part, slice=f"category:{category}", family="category")
        for name, limit in _in_order(registered.metrics)
        for category, part in of_metric[name].by_category()
    ]
    decides = gating(registered.purpose)
    other: Estimand = "suite" if decides == "templates" else "templates"
    return [
        *(replace(cell, estimand=decides) for cell in (*whole, *critical, *parts)),
        *(replace(cell, estimand=other, gates=False) for cell in (*whole, *critical)),
    ]


def _critical(registered: Registered, of_metric: dict[MetricName, _Slice]) -> Iterator[Cell]:
    for stratum in registered.critical:
        for name, limit in _in_order(stratum.metrics):
            table = of_metric[name]
            held = [
                stratum.holds(category=category, severity=severity)
                for category, severity in zip(table.categories, table.severities, strict=True)
            ]
            yield _cell(
                registered,
                name,
                limit,
                table.where(np.array(held, dtype=bool)),
                slice=f"critical:{stratum.name}",
                family="critical",
                title=stratum.title,
            )


def _in_order(limits: dict[MetricName, Margin]) -> list[tuple[MetricName, Margin]]:
    return [(name, limits[name]) for name in METRICS if name in limits]


def _by_case(pairs: pd.DataFrame) -> pd.DataFrame:
    """Each case's share of the counts, averaged over the pairings of its epochs."""
    known = ~pairs["missing"]
    facts = pairs.assign(
        pairs=known, reference=pairs["reference"] & known, candidate=pairs["candidate"] & known
    )
    keys = ["metric", *_CASE_FACTS, "case"]
    grouped = facts.groupby(keys, sort=True, dropna=False)
    sums = grouped[["pairs", "missing", "reference", "candidate"]].sum().reset_index()
    e, r, k = (sums[name].astype(float) for name in ("pairs", "reference", "candidate"))
    per_pair = e.where(e > 0, 1.0)
    return sums.assign(
        both=k * r / per_pair, candidate_only=k * (e - r) / per_pair, reference_only=r * (e - k) / per_pair
    )


def _cell(registered: Registered, metric: MetricName, limit: Margin, cases: _Slice, **place: Any) -> Cell:
    # Thirds and sevenths from the averaging add up to whole numbers again only after rounding.
    sums: dict[str, Any] = dict(zip(_COUNTS, cases.counts.sum(axis=0).round(9).tolist(), strict=True))
    return Cell(
        suite=registered.suite,
        metric=metric,
        epochs=registered.epochs,
        margin=limit.margin,
        cap=limit.cap,
        equivalence=limit.equivalence,
        clusters=cases.clusters(),
        icc_floor=registered.icc_floor,
        min_clusters=registered.min_clusters,
        **sums,
        **place,
    )
