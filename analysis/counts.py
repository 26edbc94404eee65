"""How the pairs of a table are counted, per metric and slice.

With several epochs the pairing of one arm's draw with the other's is arbitrary. The counts are
therefore the average over all pairings within a case: with e counted pairs of which the candidate
failed in k and the reference in r, the case adds k (e - r) / e to "candidate only". With one epoch these
are the plain counts. Over prompts that stay fixed the pooled pairs may be treated as independent, which
errs on the safe side.
"""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from dataclasses import dataclass
from typing import Literal

import pandas as pd

from suites.metrics import METRICS, MetricName, judge
from suites.outcomes import Facts
from suites.registered import Registered

_COUNTS = ["pairs", "missing", "both", "candidate_only", "reference_only"]


@dataclass(frozen=True)
class _Case:
    """A row of the table as `suites.metrics` wants it."""

    expectation: str
    side: Literal["input", "output"]


@dataclass(frozen=True, kw_only=True)
class Cell:
    """The paired counts of one metric over one slice; fractional with more than one epoch."""

    suite: str
    metric: MetricName
    slice: str
    family: Literal["primary", "category"]
    epochs: int
    margin: float
    cap: float
    pairs: float
    missing: float
    both: float
    candidate_only: float
    reference_only: float


def judged(table: pd.DataFrame) -> pd.DataFrame:
    """One row per pair and metric that it counts or is missing for.

    Returns:
        Columns `case`, `epoch`, `category`, `metric`, `missing`, `reference`, `candidate`; the last three
        are bool, with the arms' failures False where the pair is missing.
    """
    rows = []
    for row in table.to_dict("records"):
        case = _Case(expectation=row["expectation"], side=row["side"])
        facts = {str(name): fact for name, fact in row.items()}
        arms = Facts.from_value("reference", facts), Facts.from_value("candidate", facts)
        for metric in METRICS.values():
            pair = judge(metric, case, *arms)
            if pair.counted or pair.missing:
                place = row["case"], row["epoch"], row["category"], metric.name
                rows.append((*place, pair.missing, pair.reference, pair.candidate))
    columns = ["case", "epoch", "category", "metric", "missing", "reference", "candidate"]
    return pd.DataFrame(rows, columns=columns).astype(dict.fromkeys(columns[-3:], bool))


def cells(registered: Registered, pairs: pd.DataFrame) -> list[Cell]:
    """The registered metrics over all cases, then by category: everything that gets a verdict.

    A registered metric without a single pair is there too, with nothing counted; an empty category is not.
    """
    by_case = _by_case(pairs)
    by_metric = by_case.groupby("metric")[_COUNTS].sum().reindex(list(METRICS), fill_value=0)
    by_category = by_case.groupby(["metric", "category"], sort=True)[_COUNTS].sum().reset_index()
    names = [name for name in METRICS if name in registered.metrics]
    whole = [_cell(registered, name, "all", by_metric.to_dict("index")[name]) for name in names]
    parts = [
        _cell(registered, name, f"category:{counts['category']}", counts)
        for name in names
        for counts in by_category[by_category["metric"] == name].to_dict("records")
    ]
    return whole + parts


def _by_case(pairs: pd.DataFrame) -> pd.DataFrame:
    """Each case's share of the counts, averaged over the pairings of its epochs."""
    known = ~pairs["missing"]
    facts = pairs.assign(
        pairs=known, reference=pairs["reference"] & known, candidate=pairs["candidate"] & known
    )
    keys = ["metric", "category", "case"]
    sums = facts.groupby(keys, sort=True)[["pairs", "missing", "reference", "candidate"]].sum()
    e, r, k = (sums[name].astype(float) for name in ("pairs", "reference", "candidate"))
    per_pair = e.where(e > 0, 1.0)
    return sums.assign(
        both=k * r / per_pair, candidate_only=k * (e - r) / per_pair, reference_only=r * (e - k) / per_pair
    )


def _cell(registered: Registered, metric: MetricName, where: str, counts: Mapping[Hashable, float]) -> Cell:
    margin = registered.metrics[metric]
    return Cell(
        suite=registered.suite,
        metric=metric,
        slice=where,
        family="primary" if where == "all" else "category",
        epochs=registered.epochs,
        margin=margin.margin,
        cap=margin.cap,
        # Thirds and sevenths from the averaging add up to whole numbers again only after rounding.
        **{name: round(float(counts[name]), 9) for name in _COUNTS},
    )
