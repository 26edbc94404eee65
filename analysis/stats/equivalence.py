"""Two-sided equivalence: neither worse nor better than the margin. Only where a suite registered it.

"Not worse" is what a guardrail has to be, so the verdict is one-sided unless told otherwise. An
`overblock` that fell sharply may still be worth knowing: the guardrail may have stopped working.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from analysis.stats import hypotheses

Floats = npt.NDArray[np.float64]


def p_equivalence(
    candidate_only: npt.ArrayLike, reference_only: npt.ArrayLike, pairs: npt.ArrayLike, margin: npt.ArrayLike
) -> Floats:
    """Against "the arms differ by at least the margin", |theta| >= margin, for a margin in (0, 1).

    The larger of the two one-sided p-values: both claims have to be rejected, each at the full level,
    so nothing is corrected. Exchanging the arms changes nothing. Counts and shapes as `hypotheses.p_parity`.

    Source: two one-sided tests, Schuirmann 1987, Journal of Pharmacokinetics and Biopharmaceutics
    15:657; for paired proportions Liu, Hsueh, Hsieh and Chen 2002, Statistics in Medicine 21:231. The
    exact one-sided tests are Fay and Lumbard's (2021).
    """
    not_worse = hypotheses.p_parity(candidate_only, reference_only, pairs, margin)
    not_better = hypotheses.p_parity(reference_only, candidate_only, pairs, margin)
    return np.asarray(np.maximum(not_worse, not_better))
