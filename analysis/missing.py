"""Whether answers are missing on one arm more than on the other, which is a finding of its own.

An arm that is throttled on the very prompts on which it would have failed looks better than it is.
"""

from __future__ import annotations

import pandas as pd

from analysis.numbers import ALPHA
from analysis.result import MissingAnswers
from analysis.stats import missingness


def compare(table: pd.DataFrame) -> MissingAnswers | None:
    """The pairs that lack an answer, by arm, with the exact test; None of an empty table."""
    if table.empty:
        return None
    reference, candidate = (table[f"{arm}_missing"].notna() for arm in ("reference", "candidate"))
    pairs, both = len(table), int((reference & candidate).sum())
    reference_only, candidate_only = int((reference & ~candidate).sum()), int((candidate & ~reference).sum())
    found = missingness.compare(
        reference_missing_only=reference_only,
        candidate_missing_only=candidate_only,
        both_missing=both,
        pairs=pairs,
    )
    return MissingAnswers(
        pairs=pairs,
        reference_only=reference_only,
        candidate_only=candidate_only,
        both=both,
        p_different=found.p_different,
        uneven=found.p_different <= ALPHA,
    )
