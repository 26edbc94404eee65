"""How often a prompt gets through when the user tries again: exposure in one try of several.

It needs several epochs, and asks of each case as many answers of both arms as there are tries.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict

import pandas as pd

from analysis.described import AnyOfK
from analysis.stats import tables, tries
from suites.metrics import METRICS

_TRIES = (1, 2, 3, 5, 10, 20, 50, 100)


def any_of_k(table: pd.DataFrame, observed: tables.Observed, *, epochs: int) -> Iterator[AnyOfK]:
    """The chance of exposure in 1, 2, 3, 5, ... and all tries; nothing where each case was asked once.

    Args:
        table: One row per pair with `case`.
        observed: What each pair did by each metric, as `analysis.counts.judged` gives it.
        epochs: How often each case was to be asked.
    """
    if epochs < 2:  # noqa: PLR2004 - a second try
        return
    exposure = list(METRICS).index("exposure")
    cases, _ = pd.factorize(table["case"])
    rows = (observed.counted[exposure], observed.reference[exposure], observed.candidate[exposure])
    answers, reference, candidate = (tables.by_group(row, cases) for row in rows)
    there = answers > 0
    answers, reference, candidate = answers[there], reference[there], candidate[there]
    for k in sorted({k for k in _TRIES if k < epochs} | {epochs}):
        if k > answers.max(initial=0):
            return
        found = asdict(
            tries.any_of_k(
                reference_failures=reference,
                candidate_failures=candidate,
                reference_epochs=answers,
                candidate_epochs=answers,
                tries=k,
            )
        )
        yield AnyOfK(**{name: found[name] for name in AnyOfK.model_fields})
