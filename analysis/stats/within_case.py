"""Exact test for arms that were asked unequally often: which of a case's answers are the candidate's?

If the arms do not differ, the failures among a case's EA + EB answers are as likely on any of them, so
that the candidate's number of failures is hypergeometric. The sum over cases is built up case by case,
exactly. It is more powerful than `epochs.counts` where EA and EB differ, as they do for one night
against a baseline of many epochs, and with one answer by each arm it is the exact McNemar test.

Fisher 1935, The Design of Experiments, chapter 3, is the idea; the strata are the cases, as in Mantel
and Haenszel 1959, Journal of the National Cancer Institute 22:719.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from scipy import stats

from analysis.stats import epochs

Floats = npt.NDArray[np.float64]


def p_worse(
    *,
    reference_failures: npt.ArrayLike,
    candidate_failures: npt.ArrayLike,
    reference_epochs: npt.ArrayLike,
    candidate_epochs: npt.ArrayLike,
) -> float:
    """One-sided p-value against "no case fails more often before the candidate"; arguments as `epochs`.

    A case that never failed, or failed in every answer, tells nothing and costs nothing. Failures and
    answers are whole numbers by case, shape (N,).

    Raises:
        ValueError: More failures than answers, or a negative number.
    """
    failed_a, failed_b, asked_a, asked_b = epochs.checked(
        reference_failures, candidate_failures, reference_epochs, candidate_epochs
    )
    failed, asked = failed_a + failed_b, asked_a + asked_b
    telling = (failed > 0) & (failed < asked) & (asked_a > 0) & (asked_b > 0)
    cases = np.stack([asked[telling], failed[telling], asked_b[telling]], axis=1).astype(np.int64)
    chances, offset = np.ones(1), 0
    # Cases of one kind share their distribution.
    for (all_answers, all_failed, of_candidate), many in zip(
        *np.unique(cases, axis=0, return_counts=True), strict=True
    ):
        lowest = max(0, int(all_failed + of_candidate - all_answers))
        support = np.arange(lowest, min(int(all_failed), int(of_candidate)) + 1)
        one = stats.hypergeom.pmf(support, all_answers, all_failed, of_candidate)
        for _ in range(int(many)):
            chances = np.convolve(chances, one)
        offset += lowest * int(many)
    observed = int(failed_b[telling].sum()) - offset
    return float(min(1.0, chances[observed:].sum()))
