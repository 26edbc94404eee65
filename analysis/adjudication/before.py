"""The table as it was before people settled anything, from what the judges said."""

from __future__ import annotations

import math

import pandas as pd

from analysis.adjudication.answers import judged_answers
from suites.outcomes import Outcome


def before(suite: str, table: pd.DataFrame) -> pd.DataFrame:
    """The same table with the machines' words in the place of those that were settled.

    Args:
        suite: The suite's name.
        table: As `analysis.records` makes it.
    """
    earlier = table.set_index(["case", "epoch"], drop=False)
    for answer in judged_answers(suite, table):
        if answer.settled is None:
            continue
        pair = answer.case, answer.epoch
        said = math.nan if answer.machine is None else float(answer.machine)
        blocked = earlier.at[pair, f"{answer.arm}_outcome"] == Outcome.BLOCKED_OUTPUT  # noqa: PD008 - one cell
        earlier.at[pair, f"{answer.arm}_emitted"] = said  # noqa: PD008 - as above
        earlier.at[pair, f"{answer.arm}_exposed"] = 0.0 if blocked else said  # noqa: PD008 - as above
    return earlier.reset_index(drop=True)
