"""Where the arms did different things: the outcome matrix, the discordant cases, the path defects."""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Iterator
from typing import Any

import numpy as np
import pandas as pd

from analysis.described import CategoryOutcomes
from analysis.result import PathDefect
from analysis.stats.tables import Observed
from suites.metrics import METRICS
from suites.outcomes import ARMS


def outcomes(table: pd.DataFrame) -> dict[str, dict[str, int]]:
    """Pairs by the reference's outcome, then by the candidate's."""
    pairs = Counter(zip(table["reference_outcome"], table["candidate_outcome"], strict=True))
    matrix: dict[str, dict[str, int]] = defaultdict(dict)
    for (reference, candidate), count in sorted(pairs.items()):
        matrix[reference][candidate] = count
    return dict(matrix)


def by_category(table: pd.DataFrame) -> Iterator[CategoryOutcomes]:
    """By category, in alphabetical order, how its protected cases ended on each arm."""
    protected = table[table["expectation"] == "protect"]
    for category, rows in protected.groupby("category", sort=True):
        yield CategoryOutcomes(
            category=str(category),
            **{
                arm: dict(sorted(Counter(map(str, rows[f"{arm}_outcome"])).items()))
                for arm in ("reference", "candidate")
            },
        )


def discordant(table: pd.DataFrame, observed: Observed) -> Iterator[dict[str, Any]]:
    """The cases and epochs in which exactly one arm failed in some metric.

    `metrics` names the metrics, `failed` says for each which arm it was.
    """
    differing = observed.reference != observed.candidate
    places = np.flatnonzero(differing.any(axis=0))
    for place, row in zip(places, table.iloc[places].to_dict("records"), strict=True):
        failed = {
            metric: "candidate" if observed.candidate[number, place] else "reference"
            for number, metric in enumerate(METRICS)
            if differing[number, place]
        }
        yield {
            "case": row["case"],
            "epoch": row["epoch"],
            "category": row["category"],
            "template": row["template"],
            "metrics": list(failed),
            "failed": failed,
            "reference": row["reference_outcome"],
            "candidate": row["candidate_outcome"],
        }


def path_defects(suite: str, table: pd.DataFrame) -> Iterator[PathDefect]:
    """The cases on which the arms, or an arm and control, acted differently on the same input.

    Looked at are the cases whose text all three arms met as input: input-side protect cases and allow
    cases. What an arm did not tell is no disagreement; it is missing, and counted as such elsewhere.
    """
    acted = table[[f"{arm}_input_acted" for arm in ARMS]].to_numpy(dtype=np.float64)
    met = (table["expectation"] != "protect") | (table["side"] != "output")
    differing = met.to_numpy(dtype=bool) & (acted == 0).any(axis=1) & (acted == 1).any(axis=1)
    for row in table[differing].to_dict("records"):
        known = {arm: _known(row[f"{arm}_input_acted"]) for arm in ARMS}
        yield PathDefect(suite=suite, case=row["case"], epoch=row["epoch"], category=row["category"], **known)


def _known(fact: float) -> bool | None:
    return None if math.isnan(fact) else bool(fact)
