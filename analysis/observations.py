"""From the summaries of samples to the columns of a suite's table.

A column at a time: with ten thousand pairs a row at a time takes longer than reading the logs does.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd

from analysis.logs.contents import Sampled, Scored
from suites.outcomes import ARMS, FACTS, Outcome, fact_of

CASE_FACTS = (
    "expectation",
    "side",
    "policy",
    "action",
    "category",
    "template",
    "severity",
    "channel",
    "form",
    "context",
    "language",
    "twin",
    "cut",
)
"""Columns of the table that describe the case, as the sample's metadata has them."""

_NUMBERS = {"epoch": int, "attempt": int} | {f"{arm}_{fact}": float for arm in ARMS for fact in FACTS}
_UNSCORED = "the sample has no score"

Columns = dict[str, list[Any]]


def columns(summaries: Sequence[Sampled], *, log: str, attempt: int) -> Columns:
    """The columns that the samples of one log make; see `frame`."""
    many = len(summaries)
    found: Columns = {
        "case": [each.id for each in summaries],
        "epoch": [each.epoch for each in summaries],
        "attempt": [attempt] * many,
        "log": [log] * many,
    }
    found |= {name: [each.metadata.get(name) for each in summaries] for name in CASE_FACTS}
    usable = [_usable(each) for each in summaries]
    reasons = [_reason(each, score) for each, score in zip(summaries, usable, strict=True)]
    values = [_value(score) for score in usable]
    for arm in ARMS:
        for name in (f"{arm}_{fact}" for fact in FACTS):
            found[name] = [_number(value.get(name)) for value in values]
        told = [_evidence(score, arm) for score in usable]
        found[f"{arm}_outcome"] = [
            _outcome(score, arm, evidence) for score, evidence in zip(usable, told, strict=True)
        ]
        found[f"{arm}_missing"] = [
            evidence.get("missing") if reason is None else reason
            for reason, evidence in zip(reasons, told, strict=True)
        ]
        found[f"{arm}_evidence"] = [dict(evidence) for evidence in told]
    return found


def frame(found: Columns) -> pd.DataFrame:
    """The columns as a table: numbers as such, all else as objects, among which None stays None."""
    return pd.DataFrame(
        {name: pd.Series(column, dtype=_NUMBERS.get(name, object)) for name, column in found.items()}
    )


def _usable(summary: Sampled) -> Scored | None:
    """The score, if the sample came to its end and has one of ours."""
    if summary.error or summary.score is None or not isinstance(summary.score.value, Mapping):
        return None
    return summary.score


def _reason(summary: Sampled, usable: Scored | None) -> str | None:
    """Why nothing was observed on any arm; None where something may have been."""
    if usable is not None:
        return None
    return (summary.error or "").strip().partition("\n")[0] or _UNSCORED


def _value(usable: Scored | None) -> Mapping[str, Any]:
    return usable.value if usable is not None and isinstance(usable.value, Mapping) else {}


def _number(value: object) -> float:
    fact = fact_of(value)
    return math.nan if fact is None else float(fact)


def _evidence(usable: Scored | None, arm: str) -> Mapping[str, Any]:
    """The short record that the scorer left; Inspect drops it where it is over 1 kB."""
    evidence = None if usable is None else usable.metadata.get(arm)
    return evidence if isinstance(evidence, Mapping) else {}


def _outcome(usable: Scored | None, arm: str, evidence: Mapping[str, Any]) -> str:
    """The arm's outcome, else that in `reference=... candidate=... control=...`; unexplained is an error."""
    if usable is None:
        return str(Outcome.ERROR)
    if outcome := evidence.get("outcome"):
        return str(outcome)
    told = dict(part.partition("=")[::2] for part in (usable.answer or "").split())
    return str(told.get(arm) or Outcome.ERROR)
