"""Whether answers are missing more often on one arm: then what is missing is not missing by chance.

An arm that is throttled, times out or loses its trace on the very prompts on which it would have
failed looks better than it is. Missing pairs are counted as the worst case elsewhere; this test says
whether there is something to explain.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

from analysis.stats import hypotheses


@dataclass(frozen=True)
class Missingness:
    """How unequally two arms lost answers; rates are fractions of all pairs."""

    reference_rate: float
    candidate_rate: float
    p_different: float
    """Two-sided exact McNemar on "this arm's answer is missing"; pairs that lack both tell nothing."""


def compare(
    *, reference_missing_only: float, candidate_missing_only: float, both_missing: float, pairs: float
) -> Missingness:
    """Test whether missing answers are as likely on either arm.

    Args:
        reference_missing_only: Pairs that lack the reference's answer alone.
        candidate_missing_only: Pairs that lack the candidate's answer alone.
        both_missing: Pairs that lack both.
        pairs: All pairs that were planned, complete or not.

    Raises:
        ValueError: A count is negative or no number, or they make more than all pairs.
    """
    parts = {
        "reference_missing_only": reference_missing_only,
        "candidate_missing_only": candidate_missing_only,
        "both_missing": both_missing,
        "pairs": pairs,
    }
    for name, count in parts.items():
        if not (math.isfinite(count) and count >= 0):
            raise ValueError(f"{name} is {count}; it must be a number of pairs, 0 or more.")
    missing = reference_missing_only + candidate_missing_only + both_missing
    if pairs == 0 or missing > pairs:
        raise ValueError(
            f"{missing:g} pairs lack an answer, but pairs is {pairs:g}; pairs counts all that were planned."
        )
    return Missingness(
        reference_rate=(reference_missing_only + both_missing) / pairs,
        candidate_rate=(candidate_missing_only + both_missing) / pairs,
        p_different=float(hypotheses.p_different(candidate_missing_only, reference_missing_only)),
    )
