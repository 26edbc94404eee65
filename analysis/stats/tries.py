"""How often a prompt gets through at least once in k tries, since a user who is stopped tries again.

With f of a case's E answers failed, the chance that k of them, drawn without putting back, hold a
failure is 1 - C(E - f, k) / C(E, k). It is the one unbiased estimate of 1 - (1 - p)^k from E answers;
1 - (1 - f/E)^k is too small. (The same estimator serves as "pass at k": Chen et al. 2021,
arXiv 2107.03374, section 2.1.)
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy import special

from analysis.stats import epochs, intervals

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True)
class AnyOf:
    """Both arms' chance of at least one failure in `tries` tries, averaged over cases."""

    tries: int
    cases: int
    """Cases that both arms answered at least `tries` times: the pairs of this table."""
    short: int
    """Cases with fewer answers, left out. They are missing, and whoever concludes counts them so."""
    reference_rate: float
    candidate_rate: float
    difference: float
    """Candidate minus reference, a fraction; positive is worse."""
    low: float
    high: float
    """Two-sided limits of the difference (Fay and Lumbard) over cases, one set of tries for each."""
    candidate_only: float
    reference_only: float
    """Cases, averaged over all sets of tries, that get through on this arm alone."""


def any_of_k(
    *,
    reference_failures: npt.ArrayLike,
    candidate_failures: npt.ArrayLike,
    reference_epochs: npt.ArrayLike,
    candidate_epochs: npt.ArrayLike,
    tries: int,
    alpha: float = 0.05,
) -> AnyOf:
    """The chance to get through in `tries` tries, by arm, and how much worse the candidate is.

    Args:
        reference_failures: By case, the reference's answers that failed; shape (N,).
        candidate_failures: By case, the candidate's answers that failed; shape (N,).
        reference_epochs: Answers by the reference: one number, or one by case.
        candidate_epochs: Answers by the candidate: one number, or one by case.
        tries: How often a user tries, from 1 to the number of answers.
        alpha: 1 minus the confidence of the interval.

    Raises:
        ValueError: No case was answered `tries` times by both arms, or the counts are impossible.
    """
    failed_a, failed_b, asked_a, asked_b = epochs.checked(
        reference_failures, candidate_failures, reference_epochs, candidate_epochs
    )
    if tries < 1:
        raise ValueError(f"tries is {tries}; it must be 1 or more.")
    enough = np.minimum(asked_a, asked_b) >= tries
    if not enough.any():
        most = int(np.minimum(asked_a, asked_b).max(initial=0))
        raise ValueError(
            f"tries is {tries}, but no case was answered more than {most} times by both arms; "
            f"ask each case at least {tries} times (--epochs {tries})."
        )
    reference = _at_least_one(failed_a[enough], asked_a[enough], tries)
    candidate = _at_least_one(failed_b[enough], asked_b[enough], tries)
    cases = int(enough.sum())
    candidate_only = float(np.sum(candidate * (1 - reference)))
    reference_only = float(np.sum(reference * (1 - candidate)))
    low, high = intervals.difference(candidate_only, reference_only, cases, alpha=alpha)
    return AnyOf(
        tries=tries,
        cases=cases,
        short=int(enough.size - cases),
        reference_rate=float(reference.mean()),
        candidate_rate=float(candidate.mean()),
        difference=float((candidate - reference).mean()),
        low=float(low),
        high=float(high),
        candidate_only=candidate_only,
        reference_only=reference_only,
    )


def _at_least_one(failed: Floats, asked: Floats, tries: int) -> Floats:
    """1 - C(E - f, k) / C(E, k); the binomials vanish by themselves where too few answers held."""
    return np.asarray(1 - special.binom(asked - failed, tries) / special.binom(asked, tries))
