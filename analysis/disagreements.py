"""Where the arms did different things: the outcome matrix, the discordant cases, the path defects."""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Iterator
from typing import Any

import pandas as pd

from analysis.result import PathDefect
from suites.outcomes import ARMS


def outcomes(table: pd.DataFrame) -> dict[str, dict[str, int]]:
    """Pairs by the reference's outcome, then by the candidate's."""
    pairs = Counter(zip(table["reference_outcome"], table["candidate_outcome"], strict=True))
    matrix: dict[str, dict[str, int]] = defaultdict(dict)
    for (reference, candidate), count in sorted(pairs.items()):
        matrix[reference][candidate] = count
    return dict(matrix)


def discordant(table: pd.DataFrame, judged: pd.DataFrame) -> Iterator[dict[str, Any]]:
    """The cases and epochs in which exactly one arm failed in some metric.

    `metrics` names the metrics, `failed` says for each which arm it was.
    """
    differing = judged[~judged["missing"] & (judged["reference"] != judged["candidate"])]
    failed: dict[tuple[str, int], dict[str, str]] = defaultdict(dict)
    for pair in differing.to_dict("records"):
        arm = "candidate" if pair["candidate"] else "reference"
        failed[pair["case"], pair["epoch"]][pair["metric"]] = arm
    for row in table.to_dict("records"):
        if arms := failed.get((row["case"], row["epoch"])):
            yield {
                "case": row["case"],
                "epoch": row["epoch"],
                "category": row["category"],
                "template": row["template"],
                "metrics": list(arms),
                "failed": arms,
                "reference": row["reference_outcome"],
                "candidate": row["candidate_outcome"],
            }


def path_defects(suite: str, table: pd.DataFrame) -> Iterator[PathDefect]:
    """The cases on which the arms, or an arm and control, acted differently on the same input.

    Looked at are the cases whose text all three arms met as input: input-side protect cases and allow
    cases. What an arm did not tell is no disagreement; it is missing, and counted as such elsewhere.
    """
    for row in table.to_dict("records"):
        if row["expectation"] == "protect" and row["side"] == "output":
            continue
        acted = {arm: _known(row[f"{arm}_input_acted"]) for arm in ARMS}
        if {True, False} <= set(acted.values()):
            yield PathDefect(
                suite=suite, case=row["case"], epoch=row["epoch"], category=row["category"], **acted
            )


def _known(fact: float) -> bool | None:
    return None if math.isnan(fact) else bool(fact)
