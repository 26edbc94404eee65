"""How often a prompt gets through when the user tries again: exposure in one try of several.

It needs several epochs, and asks of each case as many answers of both arms as there are tries.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict

import pandas as pd

from analysis.result import AnyOfK
from analysis.stats import tries

_TRIES = (1, 2, 3, 5, 10, 20, 50, 100)


def any_of_k(judged: pd.DataFrame, *, epochs: int) -> Iterator[AnyOfK]:
    """The chance of exposure in 1, 2, 3, 5, ... and all tries; nothing where each case was asked once.

    Args:
        judged: Pairs by metric, as `analysis.counts.judged` gives them.
        epochs: How often each case was to be asked.
    """
    counted = judged[(judged["metric"] == "exposure") & ~judged["missing"]]
    by_case = counted.groupby("case", sort=True)[["reference", "candidate"]].agg(["sum", "count"])
    if epochs < 2 or by_case.empty:  # noqa: PLR2004 - a second try
        return
    answers = by_case["reference", "count"].to_numpy()
    for k in sorted({k for k in _TRIES if k < epochs} | {epochs}):
        if k > answers.max():
            return
        found = asdict(
            tries.any_of_k(
                reference_failures=by_case["reference", "sum"].to_numpy(),
                candidate_failures=by_case["candidate", "sum"].to_numpy(),
                reference_epochs=answers,
                candidate_epochs=answers,
                tries=k,
            )
        )
        yield AnyOfK(**{name: found[name] for name in AnyOfK.model_fields})
