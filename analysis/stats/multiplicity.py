"""How p-values are corrected where several claims are made at once, and one claim again and again."""

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


def spent(alpha: float, attempt: int, *, attempts: int | None = None) -> float:
    """What one attempt at the same claim may use of `alpha`, so that all of them together use no more.

    Whoever may try again until it works has 64 % to be lucky in 20 tries at 5 %. Alpha-spending (Foster
    and Stine 2008; for the familywise error, Tian and Ramdas 2021) gives the k-th attempt a share fixed
    before it, and the shares add up to at most 1, so that by Bonferroni the chance of any false sign-off
    stays under alpha however the attempts depend on one another. With a registered number of attempts
    each gets an equal share and later ones none. Without one the k-th gets 1 / (k (k + 1)): a half, a
    sixth, a twelfth, which adds up to 1 over all k.

    Args:
        alpha: The chance of a false sign-off over all attempts, a fraction.
        attempt: 1 for the first.
        attempts: How many there may be; None leaves that open.

    Raises:
        ValueError: `attempt` is less than 1.
    """
    if attempt < 1:
        raise ValueError(f"Attempts are counted from 1; {attempt} was given.")
    if attempts is None:
        return alpha / (attempt * (attempt + 1))
    return alpha / attempts if attempt <= attempts else 0.0
