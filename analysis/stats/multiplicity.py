"""How p-values are corrected where several claims are made at once."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt


def holm(p: Sequence[float] | npt.NDArray[np.float64], *, family_size: int) -> npt.NDArray[np.float64]:
    """Holm's (1979) step-down adjusted p-values, in the order given.

    Rejecting where the adjusted value is at most alpha keeps the chance of any false rejection in the
    whole registered family under alpha, however the tests depend on one another.

    Args:
        p: The p-values at hand. NaN, a claim that could not be tested, counts as 1.
        family_size: How many claims were registered; those not at hand count as p = 1 too, so that
            testing fewer of them never makes the others look surer.

    Raises:
        ValueError: A p-value lies outside [0, 1], or there are more than `family_size`.
    """
    values = np.asarray(p, dtype=np.float64)
    if values.size > family_size:
        raise ValueError(f"{values.size} p-values were given for a family of {family_size}.")
    known = np.where(np.isnan(values), 1.0, values)
    if ((known < 0) | (known > 1)).any():
        raise ValueError(f"A p-value lies between 0 and 1; given were {values.tolist()}.")
    order = np.argsort(known, kind="stable")
    factors = family_size - np.arange(known.size)
    adjusted = np.empty_like(known)
    adjusted[order] = np.minimum(1.0, np.maximum.accumulate(known[order] * factors)) if known.size else []
    return adjusted
