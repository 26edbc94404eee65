"""Pairs from several answers to the same prompt, counted so that no answer is tied to another.

With E answers by each arm to a case, which of the candidate's is set beside which of the reference's
is chance. Counting every combination and dividing by how often each answer was used gives counts that
do not depend on it, with kA and kB the failures of reference and candidate in a case

    both = sum kA kB / E    candidate_only = sum kB (E - kA) / E    reference_only = sum kA (E - kB) / E

over pairs = N E. They are fractional; `intervals` and `hypotheses` take them as they are. Their
difference is sum (kB - kA), a whole number. Pooling all epochs speaks of these prompts, asked again:
given the prompt its answers are independent, and a sum of unlike trinomials varies no more than a sum
of like ones (Hoeffding 1956), so nothing is inflated.

Where the arms were asked unequally often (a night against a baseline of many epochs, or answers that
are missing) each case counts as the smaller number of pairs: the extra answers sharpen the rate but
are not counted as pairs, which errs on the careful side.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Counts:
    """A paired table; fractional as soon as there are several epochs."""

    both: float
    candidate_only: float
    reference_only: float
    pairs: float


@dataclass(frozen=True, eq=False)
class Parts:
    """Each case's part of a paired table; arrays of one shape, of which the last axis is the case."""

    both: Floats
    candidate_only: Floats
    reference_only: Floats
    pairs: Floats


def counts(
    *,
    reference_failures: npt.ArrayLike,
    candidate_failures: npt.ArrayLike,
    reference_epochs: npt.ArrayLike,
    candidate_epochs: npt.ArrayLike,
) -> Counts:
    """The paired table of many cases, whichever answers are set side by side.

    Args:
        reference_failures: By case, the reference's answers that failed; shape (N,).
        candidate_failures: By case, the candidate's answers that failed; shape (N,).
        reference_epochs: Answers by the reference: one number, or one by case.
        candidate_epochs: Answers by the candidate: one number, or one by case.

    A case that an arm never answered is worth no pair.

    Raises:
        ValueError: More failures than answers, or a negative number; the message names the case by its
            place.
    """
    parts = by_case(*checked(reference_failures, candidate_failures, reference_epochs, candidate_epochs))
    return Counts(
        both=float(np.sum(parts.both)),
        candidate_only=float(np.sum(parts.candidate_only)),
        reference_only=float(np.sum(parts.reference_only)),
        pairs=float(np.sum(parts.pairs)),
    )


def by_case(
    reference_failures: Floats, candidate_failures: Floats, reference_epochs: Floats, candidate_epochs: Floats
) -> Parts:
    """What `counts` sums up, for counts that are known to be possible (see `checked`).

    Failures and answers by arm, arrays of one shape, (..., N), whose last axis is the case; so are the parts.
    """
    pairs = np.minimum(reference_epochs, candidate_epochs)
    share_a = reference_failures / np.maximum(reference_epochs, 1)
    share_b = candidate_failures / np.maximum(candidate_epochs, 1)
    return Parts(
        both=pairs * share_a * share_b,
        candidate_only=pairs * share_b * (1 - share_a),
        reference_only=pairs * share_a * (1 - share_b),
        pairs=pairs,
    )


def checked(
    reference_failures: npt.ArrayLike,
    candidate_failures: npt.ArrayLike,
    reference_epochs: npt.ArrayLike,
    candidate_epochs: npt.ArrayLike,
) -> tuple[Floats, Floats, Floats, Floats]:
    """The four as arrays of one shape (N,), if they can be failures out of answers.

    Raises:
        ValueError: They cannot; the message names the arm, the case by its place, and the numbers.
    """
    arrays = (
        np.asarray(each, dtype=np.float64)
        for each in (reference_failures, candidate_failures, reference_epochs, candidate_epochs)
    )
    failed_a, failed_b, asked_a, asked_b = (np.atleast_1d(each) for each in np.broadcast_arrays(*arrays))
    for arm, failed, asked in (("reference", failed_a, asked_a), ("candidate", failed_b, asked_b)):
        possible = np.isfinite(asked) & (failed >= 0) & (failed <= asked)
        whole = (failed == np.round(failed)) & (asked == np.round(asked))
        if not (possible & whole).all():
            place = int(np.flatnonzero(~(possible & whole))[0])
            raise ValueError(
                f"Case {place}: the {arm} failed {failed[place]:g} of {asked[place]:g} answers; "
                "failures are whole numbers between 0 and the answers."
            )
    return failed_a, failed_b, asked_a, asked_b
