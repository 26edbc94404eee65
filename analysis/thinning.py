"""Evidence that thins out while a run goes on: an arm that answers, and no longer shows its guardrail.

The canaries prove that the guardrail is there before the first case. An endpoint can lose it afterwards, for
a model's new version or behind one of several addresses. Single answers without evidence are missing pairs
and count as the worst case; an arm on which they are no accident is not comparable, since nobody knows
what the guardrail did on the others.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd

from analysis import wording
from analysis.numbers import ALPHA
from analysis.result import Thinned
from analysis.stats.intervals import rate_upper

TOLERATED = 0.01
"""The fraction of an arm's answers that may lack evidence. An arm has lost its guardrail where this is
higher beyond chance: its exact lower limit (Clopper and Pearson 1934), one-sided at 95 %, is above this."""

_NAMED = 5


def thinned(suite: str, table: pd.DataFrame) -> list[Thinned]:
    """The arms of a suite on which evidence thinned out; a call that failed is no answer."""
    found = []
    for arm in ("reference", "candidate"):
        if f"{arm}_evidence" not in table:
            continue
        lost = [_lost(evidence) for evidence in table[f"{arm}_evidence"]]
        answers = sum(each is not None for each in lost)
        without = sum(each is True for each in lost)
        if not without:
            continue
        low = 1 - float(rate_upper(answers - without, answers, alpha=ALPHA))
        if low > TOLERATED:
            cases = [case for case, each in zip(table["case"], lost, strict=True) if each]
            found.append(
                Thinned(suite=suite, arm=arm, answers=answers, without=without, low=low, cases=cases)
            )
    return found


def sentence(thin: Thinned) -> str:
    """What is to be said of an arm, for a reader."""
    named = ", ".join(thin.cases[:_NAMED]) + (", ..." if len(thin.cases) > _NAMED else "")
    return (
        f"On the {thin.arm} {wording.count(thin.without)} of {wording.count(thin.answers)} answers came"
        f" without evidence that the guardrail was there ({named}); more than {TOLERATED:.0%} is no accident."
    )


def _lost(evidence: Any) -> bool | None:
    """Whether an answer lacks its evidence; None where there was no answer.

    A guardrail that assessed a text has charged for it: an assessment without text units is none.
    """
    if not isinstance(evidence, Mapping) or evidence.get("stop") is None:
        return None
    return evidence.get("missing") is not None or evidence.get("units") == 0
