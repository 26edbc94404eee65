"""How the pairs of a table are counted, per metric and slice.

With several epochs the pairing of one arm's draw with the other's is arbitrary. The counts are
therefore the average over all pairings within a case (`analysis.stats.epochs`). With one epoch these are
the plain counts. Over prompts that stay fixed the pooled pairs may be treated as independent, which errs
on the safe side.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any, Literal, NamedTuple

import numpy as np
import numpy.typing as npt
import pandas as pd

from analysis.finding import Estimand, Family
from analysis.stats import tables
from analysis.stats.tables import Observed
from suites.metrics import METRICS, MetricName, judge
from suites.outcomes import FACTS, Facts
from suites.registered import Registered
from suites.suite import Margin

Floats = npt.NDArray[np.float64]
Bools = npt.NDArray[np.bool_]

_CASE_FACTS = ["category", "severity", "template"]
FACETS = ("category", "channel", "form", "language")
"""What a case is sliced by when losses are looked for: one slice for each value."""
_MOST = {"channel": ("user", "output"), "form": ("plain",), "language": ("en",)}
"""Values that most cases have: slices of them would be the whole over again."""


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


class _Slice(NamedTuple):
    """The cases, or with one epoch the pairs, of one metric that were counted or are missing."""

    parts: Floats | Bools
    """The five counts of `tables.COUNTS` by case; shape (5, cases)."""
    categories: npt.NDArray[np.object_]
    severities: npt.NDArray[np.object_]
    templates: npt.NDArray[np.intp]
    """By case the number of its template."""
    facets: npt.NDArray[np.object_]
    """By facet, in the order of FACETS, and case its value; shape (4, cases)."""

    def where(self, held: Bools) -> _Slice:
        return _Slice(
            self.parts[:, held],
            self.categories[held],
            self.severities[held],
            self.templates[held],
            self.facets[:, held],
        )

    def by_facet(self) -> Iterator[tuple[str, _Slice]]:
        """Every slice that is screened, named by facet and value."""
        for facet, values in zip(FACETS, self.facets, strict=True):
            there = {value for value in values.tolist() if value is not None}
            for value in sorted(there - set(_MOST.get(facet, ()))):
                yield f"{facet}:{value}", self.where(values == value)


def gating(purpose: str) -> Estimand:
    """The estimand that decides: every night the same prompts, for a release prompts like these."""
    return "templates" if purpose == "release" else "suite"


def judged(table: pd.DataFrame) -> Observed:
    """What each pair did by each metric, in the order of METRICS and of the table's rows.

    Pairs of one kind that showed the same facts are judged once: there are few such kinds, and any
    number of pairs.
    """
    kinds = _kinds(table)
    _, first, inverse = np.unique(kinds, return_index=True, return_inverse=True)
    outcomes = np.zeros((4, len(METRICS), first.size), dtype=bool)
    for place, row in enumerate(table.iloc[first].to_dict("records")):
        case = _Case(expectation=row["expectation"], side=row["side"])
        facts = {str(name): fact for name, fact in row.items()}
        arms = Facts.from_value("reference", facts), Facts.from_value("candidate", facts)
        for number, metric in enumerate(METRICS.values()):
            pair = judge(metric, case, *arms)
            outcomes[:, number, place] = pair.counted, pair.missing, pair.reference, pair.candidate
    return Observed(*outcomes[:, :, inverse])


def _kinds(table: pd.DataFrame) -> npt.NDArray[np.int64]:
    """By row a number that two rows share exactly if all that a metric looks at is the same."""
    number = np.zeros(len(table), dtype=np.int64)
    for name in ("expectation", "side"):
        codes, there = pd.factorize(table[name])
        number = number * len(there) + codes
    for name in (f"{arm}_{fact}" for arm in ("reference", "candidate") for fact in FACTS):
        fact = table[name].to_numpy(dtype=np.float64)
        number = number * 3 + np.where(np.isnan(fact), 2, fact).astype(np.int64)
    return number


def cells(registered: Registered, table: pd.DataFrame, observed: Observed) -> list[Cell]:
    """Everything that gets a verdict: metrics over all cases, over critical strata, and by slices.

    Those of the estimand that decides come first, then the primary and critical ones of the other; a slice
    (category, channel, form, language) is only screened, and for the estimand that decides. A registered
    metric without a single pair is there too, with nothing counted; an empty slice is not.
    """
    of_metric = _by_metric(table, observed)
    whole = [
        _cell(registered, name, limit, of_metric[name], slice="all", family="primary")
        for name, limit in _in_order(registered.metrics)
    ]
    critical = list(_critical(registered, of_metric))
    parts = [
        _cell(registered, name, limit, part, slice=named, family="category")
        for name, limit in _in_order(registered.metrics)
        for named, part in of_metric[name].by_facet()
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


def _by_metric(table: pd.DataFrame, observed: Observed) -> dict[MetricName, _Slice]:
    """The cases of each metric, in an order that does not depend on how they were asked."""
    cases, ids = pd.factorize(table["case"])
    once = len(ids) == len(table)
    parts = tables.by_pair(observed) if once else tables.by_case(observed, cases)
    facts = table if once else table.drop_duplicates("case")
    order = _order(facts)
    parts = parts[:, :, order]
    category, severity, template = (facts[name].to_numpy(dtype=object)[order] for name in _CASE_FACTS)
    facets = np.stack([facts[name].to_numpy(dtype=object)[order] for name in FACETS])
    slices = {}
    for number, name in enumerate(METRICS):
        there = parts[:2, number].any(axis=0)
        slices[name] = _Slice(
            parts=parts[:, number, there],
            categories=category[there],
            severities=severity[there],
            templates=pd.factorize(template[there], use_na_sentinel=False)[0],
            facets=facets[:, there],
        )
    return slices


def _order(facts: pd.DataFrame) -> npt.NDArray[np.intp]:
    """Places of the cases, sorted by their facts and then by their names."""
    keys = facts[[*_CASE_FACTS, "case"]].reset_index(drop=True)
    return keys.sort_values([*_CASE_FACTS, "case"], kind="stable").index.to_numpy()


def _cell(registered: Registered, metric: MetricName, limit: Margin, cases: _Slice, **place: Any) -> Cell:
    sums: dict[str, Any] = dict(zip(tables.COUNTS, tables.total(cases.parts).tolist(), strict=True))
    by_template = tables.by_group(cases.parts, cases.templates)
    return Cell(
        suite=registered.suite,
        metric=metric,
        epochs=registered.epochs,
        margin=limit.margin,
        cap=limit.cap,
        equivalence=limit.equivalence,
        clusters=Clusters(**dict(zip(tables.COUNTS, by_template, strict=True))),
        icc_floor=registered.icc_floor,
        min_clusters=registered.min_clusters,
        **sums,
        **place,
    )
