"""The means of all two of n numbers, in order, without writing down all n (n + 1) / 2 of them.

In a row for each number, with the numbers sorted, the sums d_i + d_j (j >= i) rise along the row. A
pivot cuts every row at one place, so that counting the sums under it takes n log n steps; the weighted
median of the rows' middles as the pivot throws away at least a quarter of what is left each time.

Source: Johnson and Mizoguchi 1978, SIAM Journal on Computing 7:147, in the use that Monahan 1984, ACM
Transactions on Mathematical Software 10:265, makes of it.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Literal

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.intp]

_FEW = 20_000
"""Sums that are written down and sorted; to cut them further would take longer."""


def means(numbers: Floats, places: Sequence[int]) -> Iterator[float]:
    """The means of two in the given places of their order, from 0; each number is paired with itself too.

    Args:
        numbers: In ascending order, at least one; shape (n,).
        places: Each from 0 to n (n + 1) / 2 - 1.
    """
    for place in places:
        yield float(_sum_at(numbers, place) / 2)


def _sum_at(d: Floats, place: int) -> float:
    rows = np.arange(d.size)
    # By row, the first sum that may be in that place, and the first behind it that may not.
    left, right = rows.copy(), np.full(d.size, d.size)
    while (right - left).sum() > max(_FEW, 4 * d.size):
        pivot = _pivot(d, left, right)
        under, upto = _cut(d, pivot, "left"), _cut(d, pivot, "right")
        if place < (under - rows).sum():
            right = np.minimum(right, under)
        elif place < (upto - rows).sum():
            return pivot
        else:
            left = np.maximum(left, upto)
    open_ = right - left
    row = np.repeat(rows, open_)
    column = np.arange(row.size) - np.repeat(np.cumsum(open_) - open_ - left, open_)
    sums = d[row] + d[column]
    at = int(place - (left - rows).sum())
    return float(np.partition(sums, at)[at])


def _pivot(d: Floats, left: Ints, right: Ints) -> float:
    """The middle of the rows' middles, each row weighing as much as is left of it."""
    weight = right - left
    rows = np.flatnonzero(weight > 0)
    middles = d[rows] + d[(left[rows] + right[rows]) // 2]
    order = np.argsort(middles)
    weights = np.cumsum(weight[rows][order])
    return float(middles[order][np.searchsorted(weights, weights[-1] / 2)])


def _cut(d: Floats, pivot: float, side: Literal["left", "right"]) -> Ints:
    """By row the first column whose sum is not under the pivot (left), or is over it (right)."""

    def before(rows: Ints, columns: Ints) -> npt.NDArray[np.bool_]:
        sums = d[rows] + d[columns]
        return sums < pivot if side == "left" else sums <= pivot

    rows = np.arange(d.size)
    cut: Ints = np.clip(np.searchsorted(d, pivot - d, side=side), rows, d.size)
    # The difference and the sum are rounded apart; where they disagree, only the sum counts.
    late = (cut > rows) & ~before(rows, np.maximum(cut - 1, 0))
    early = (cut < d.size) & before(rows, np.minimum(cut, d.size - 1))
    wrong = rows[late | early]
    low, high = wrong.copy(), np.full(wrong.size, d.size)
    while (low < high).any():
        middle = (low + high) // 2
        further = (low < high) & before(wrong, np.minimum(middle, d.size - 1))
        low, high = np.where(further, middle + 1, low), np.where(further | (low >= high), high, middle)
    cut[wrong] = low
    return cut
