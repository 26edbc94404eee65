"""Paired tables of many metrics at once, from what each pair did.

What is observed of a metric and a pair are four yes-or-no facts: whether the pair is `counted` as an
opportunity, whether it is `missing`, and whether `reference` and candidate failed. They come as arrays of
shape (metrics, pairs), with failures only where a pair is counted. Out come the five counts in `COUNTS`,
first for each pair or case (`by_pair`, `by_case`), then summed up over slices of them (`total`, `by_group`).
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from analysis.stats import epochs

Floats = npt.NDArray[np.float64]
Bools = npt.NDArray[np.bool_]
Ints = npt.NDArray[np.intp]

COUNTS = ("pairs", "missing", "both", "candidate_only", "reference_only")
"""The order of the five counts along the first axis of all that is returned here."""

_DIGITS = 9
"""Thirds and sevenths from the averaging over epochs add up to whole numbers again only after rounding."""


@dataclass(frozen=True, eq=False)
class Observed:
    """What each pair did by each metric; four bool arrays of shape (metrics, pairs)."""

    counted: Bools
    """The pair is an opportunity of the metric, and both arms were observed."""
    missing: Bools
    """The pair is or may be an opportunity, and an arm was not observed."""
    reference: Bools
    candidate: Bools
    """The arm failed; never where the pair is not counted."""


def by_pair(observed: Observed) -> Bools:
    """Each pair's part of the five counts, where each case was asked once; shape (5, metrics, pairs)."""
    both = observed.reference & observed.candidate
    alone = observed.candidate & ~both, observed.reference & ~both
    return np.stack([observed.counted, observed.missing, both, *alone])


def by_case(observed: Observed, cases: Ints) -> Floats:
    """Each case's part of the five counts, averaged over the pairings of its epochs.

    Args:
        observed: What each pair did.
        cases: By pair the number of its case, from 0; shape (pairs,).

    Returns:
        Shape (5, metrics, cases); fractional, see `epochs`.
    """
    pairs, missing, reference, candidate = (
        by_group(each, cases)
        for each in (observed.counted, observed.missing, observed.reference, observed.candidate)
    )
    found = epochs.by_case(reference, candidate, pairs, pairs)
    return np.stack([pairs, missing, found.both, found.candidate_only, found.reference_only])


def total(parts: Bools | Floats) -> Floats:
    """The sums over pairs or cases, the last axis, of `by_pair` or `by_case`; shape (5, metrics)."""
    if parts.dtype == np.bool_:
        # One row at a time: counting bits in a row is quicker than any sum along an axis.
        rows = _rows(parts)
        counted = np.array([np.count_nonzero(row) for row in rows], dtype=np.float64)
        return counted.reshape(parts.shape[:-1])
    return np.asarray(parts.sum(axis=-1).round(_DIGITS))


def by_group(parts: Bools | Floats, groups: Ints) -> Floats:
    """The sums by group of pairs or cases, such as a template's.

    Args:
        parts: What is summed up along the last axis.
        groups: By place on that axis the number of its group, from 0.

    Returns:
        The same shape but for the last axis, on which are the groups up to the highest number.
    """
    most = int(groups.max(initial=-1)) + 1
    rows = _rows(parts)
    sums = np.array([np.bincount(groups, weights=row, minlength=most) for row in rows])
    return sums.reshape(*parts.shape[:-1], most).round(_DIGITS)


def _rows(parts: Bools | Floats) -> Bools | Floats:
    return parts.reshape(math.prod(parts.shape[:-1]), parts.shape[-1])
