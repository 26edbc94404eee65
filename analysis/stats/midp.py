"""The mid-p McNemar test: the exact one, with the observed table counted half.

Less conservative than the exact test, and no longer guaranteed: its size stayed under nominal in every
cell that was enumerated (Fagerland, Lydersen and Laake 2013), but nothing proves that it must. The
verdict rests on `hypotheses.p_worse`; this one is for comparison. Counts may be fractional and may be
arrays.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from scipy import special

from analysis.stats import hypotheses

Floats = npt.NDArray[np.float64]


def p_worse(candidate_only: npt.ArrayLike, reference_only: npt.ArrayLike) -> Floats:
    """One-sided mid-p against "the candidate is not worse"; 1/2 says that both counts are the same.

    P[Bin(m, 1/2) > b] + P[Bin(m, 1/2) = b] / 2 with b and c as `hypotheses` has them, m = b + c; any
    shapes that broadcast, elementwise. Source as `p_different`.

    Without any disagreement it is 1, since nothing was observed; half the certain table would be 1/2.
    """
    b, c = _arrays(candidate_only, reference_only)
    halved = hypotheses.p_worse(b, c) - _chance_of_table(b, c) / 2
    return np.where(b + c > 0, halved, 1.0)


def p_different(candidate_only: npt.ArrayLike, reference_only: npt.ArrayLike) -> Floats:
    """Two-sided mid-p against "no difference": the doubled exact p-value less the table's own chance.

    With equal counts the doubled p-value exceeds 1 by that chance, and 1 less half of it is taken;
    with no disagreement the answer is 1.

    Source: Fagerland, Lydersen and Laake 2013, BMC Medical Research Methodology 13:91.
    """
    b, c = _arrays(candidate_only, reference_only)
    chance = _chance_of_table(b, c)
    smaller = np.minimum(hypotheses.p_worse(b, c), hypotheses.p_worse(c, b))
    p = np.where(b == c, 1 - chance / 2, 2 * smaller - chance)
    return np.where(b + c > 0, p, 1.0)


def _arrays(*counts: npt.ArrayLike) -> tuple[Floats, ...]:
    return np.broadcast_arrays(*(np.asarray(count, dtype=np.float64) for count in counts))


def _chance_of_table(b: Floats, c: Floats) -> Floats:
    """P[Bin(b + c, 1/2) = b], by log gamma so that it neither overflows nor asks for whole counts."""
    log_ways = special.gammaln(b + c + 1) - special.gammaln(b + 1) - special.gammaln(c + 1)
    return np.asarray(np.exp(log_ways - (b + c) * np.log(2)))
