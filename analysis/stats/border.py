"""Between which tables a verdict changes, so that a plan need not judge every table by itself.

Let b pairs fail on the candidate only and c on the reference only, of n. As c grows, a pair on which no
arm failed becomes one on which the reference did, which never speaks against the candidate: for each b
the tables at parity are those from some c on, and those that are worse are those up to some c.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from scipy import interpolate, special
from scipy.optimize import elementwise

from analysis.stats import hypotheses

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

FEW = 96
"""Places in a row up to which each is looked at."""


def fewest_at_parity(b: Ints, most_c: int, pairs: int, margin: float, alpha: float) -> Ints:
    """For each b the smallest c at parity; most_c + 1 where it is none up to most_c.

    p_parity falls in c: with a pair moved from neither to reference-only, the Dirichlet variables
    behind it lose mass from the candidate's surplus (the same move makes it rise in b).

    Args:
        b: Pairs in which only the candidate failed; for more than a few, 0, 1, 2, ... Shape (k,).
        most_c: The largest c that is looked at.
        pairs: All pairs.
        margin: How much worse the candidate may be, as a fraction.
        alpha: One-sided error of the claim.

    Returns:
        Counts, shape (k,).
    """
    if b.size <= FEW:
        return place_by_place(b, most_c, pairs, margin, alpha)
    # Far from 0 the border is smooth: between some places at which it is known to a fraction of a
    # pair, it is drawn through them. Where it runs into an end, each place is looked at.
    places = np.unique(np.r_[0 : FEW // 3, np.geomspace(FEW // 3, b.size - 1, FEW // 3).astype(int)])
    known = place_by_place(b[places], most_c, pairs, margin, alpha)
    inside = (known > 0) & (known <= np.minimum(pairs - b[places], most_c))
    within = np.empty_like(b)
    if np.count_nonzero(inside) > 3:  # noqa: PLR2004 - a cubic needs four
        first, last = np.flatnonzero(inside)[[0, -1]]
        nodes = places[first : last + 1]
        exact = _between(b[nodes], known[first : last + 1], pairs, margin, alpha)
        smooth = np.arange(nodes[0], nodes[-1] + 1)
        within[smooth] = np.ceil(interpolate.CubicSpline(nodes, exact)(smooth)).astype(np.int64)
        within[nodes] = known[first : last + 1]
    else:
        nodes = np.array([0, -1])
    rest = np.r_[0 : nodes[0], nodes[-1] + 1 : b.size]
    within[rest] = place_by_place(b[rest], most_c, pairs, margin, alpha)
    return within


def _between(b: Ints, c: Ints, pairs: int, margin: float, alpha: float) -> Floats:
    """Where between c - 1 and c parity begins, since the p-values take fractional counts."""
    found = elementwise.find_root(
        lambda count, b: np.log(hypotheses.p_parity(b, count, pairs, margin) / alpha),
        (c - 1.0, c.astype(np.float64)),
        args=(b.astype(np.float64),),
        tolerances={"xatol": 1e-5},
    )
    return np.asarray(np.where(found.success, found.x, c), dtype=np.float64)


def place_by_place(b: Ints, most_c: int, pairs: int, margin: float, alpha: float) -> Ints:
    """The same, place by place: for any b, and with nothing drawn between places. Arguments as above."""
    most = np.minimum(pairs - b, most_c)
    low, high = np.full(b.size, -1), most + 1
    # Two places around the guess first: mostly they leave but one or two tables between them.
    probes = iter((_guess(b, pairs, margin, alpha) + 1, _guess(b, pairs, margin, alpha) - 2))
    while (open_ := high - low > 1).any():
        probe = np.clip(next(probes, (low + high) // 2), low + 1, high - 1)[open_]
        shown = hypotheses.p_parity(b[open_], probe, pairs, margin) <= alpha
        high[open_] = np.where(shown, probe, high[open_])
        low[open_] = np.where(shown, low[open_], probe)
    return np.where(high > most, most_c + 1, high)


def _guess(b: Ints, pairs: int, margin: float, alpha: float) -> Ints:
    """About where parity begins: b - c + 1 + z sqrt(b + c + 1) = n margin, solved for c."""
    z = -float(special.ndtri(alpha))
    root = (z + np.sqrt(np.maximum(z**2 + 4 * (2 * b + 2 - pairs * margin), 0))) / 2
    return np.asarray(np.maximum(np.rint(root**2 - 1 - b), 0), dtype=np.int64)


def most_still_worse(b: Ints, alpha: float) -> Ints:
    """For each b the largest c at which the exact McNemar test rejects; -1 where it never does.

    `hypotheses.p_worse` rises in c, so that halving finds it. Shapes (k,), counts; alpha is one-sided.
    """
    low, high = np.full(b.size, -1), b + 1
    while (open_ := high - low > 1).any():
        middle = (low[open_] + high[open_]) // 2
        rejected = hypotheses.p_worse(b[open_], middle) <= alpha
        low[open_] = np.where(rejected, middle, low[open_])
        high[open_] = np.where(rejected, high[open_], middle)
    return low
