"""Betting against "the candidate is worse by at most delta", with capital that measures the evidence.

Each pair is a bet on X = 1 (only the candidate failed), -1 (only the reference) or 0. With the share k
of the largest stake that can never go bankrupt, lambda = k / (1 + delta), the capital after b, c and
n - b - c such pairs is

    e = (1 + lambda (1 - delta))^b (1 - lambda (1 + delta))^c (1 - lambda delta)^(n - b - c)

and its expectation is at most 1 as long as the true difference is at most delta, so that it reaches
1/alpha with a chance of at most alpha, however often one looks (Ville's inequality). Prompts may differ:
by the inequality of arithmetic and geometric means the expectation over unlike prompts is no larger.
Fractional counts of several epochs are geometric means over pairings, and no larger either. Nine shares
are played side by side, since the best one depends on the unknown difference.

Everything is in logarithms: a year of nights overflows otherwise.

Sources: Waudby-Smith and Ramdas 2024, Journal of the Royal Statistical Society B 86:1; Shafer 2021,
Journal of the Royal Statistical Society A 184:407; Ville 1939.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from scipy import special
from scipy.optimize import elementwise

Floats = npt.NDArray[np.float64]

SHARES = (0.01, 0.02, 0.05, 0.1, 0.2, 0.35, 0.5, 0.7, 0.9)
"""Of the largest stake: small ones for small differences, large ones for few pairs."""

_NEARLY_ONE = 1 - 1e-12


def log_capital(
    candidate_only: npt.ArrayLike, reference_only: npt.ArrayLike, pairs: npt.ArrayLike, delta: npt.ArrayLike
) -> Floats:
    """The logarithm of e for each share, against "theta <= delta"; the shares are its last axis.

    Args:
        candidate_only: Pairs in which only the candidate failed.
        reference_only: Pairs in which only the reference failed.
        pairs: All pairs.
        delta: In (-1, 1): 0 for "not worse", the margin for "not worse by more than it".
    """
    b, c, n, d = (
        np.asarray(each, dtype=np.float64)[..., None]
        for each in np.broadcast_arrays(candidate_only, reference_only, pairs, delta)
    )
    k = np.asarray(SHARES)
    # With lambda = k / (1 + delta) the factors are 1 + k (1-d)/(1+d), 1 - k and 1 - k d/(1+d).
    return np.asarray(
        b * np.log1p(k * (1 - d) / (1 + d)) + c * np.log1p(-k) + (n - b - c) * np.log1p(-k * d / (1 + d))
    )


def log_evidence(
    candidate_only: npt.ArrayLike, reference_only: npt.ArrayLike, pairs: npt.ArrayLike, delta: npt.ArrayLike
) -> Floats:
    """Logarithm of the average capital over all shares: the e-value against "theta <= delta".

    Arguments as `log_capital`, of any shapes that broadcast; natural logarithms of the shape that they make
    together. log(1 / alpha) or more rejects at alpha, at whichever night one looks.
    """
    each = log_capital(candidate_only, reference_only, pairs, delta)
    return np.asarray(special.logsumexp(each, axis=-1) - np.log(len(SHARES)))


def confidence_sequence(
    candidate_only: npt.ArrayLike,
    reference_only: npt.ArrayLike,
    pairs: npt.ArrayLike,
    *,
    alpha: float = 0.05,
) -> tuple[Floats, Floats]:
    """Limits of the difference that hold on all nights at once, from the counts up to each night.

    The chance that the true difference is ever outside is at most alpha, however long one watches and
    whenever one stops; the price is an interval about half as wide again as one for a single look.
    Only sums over nights enter, so nothing else need be kept. With no pairs it is (-1, 1).

    Args:
        candidate_only: Up to and with each night, pairs in which only the candidate failed.
        reference_only: Up to and with each night, pairs in which only the reference failed.
        pairs: Up to and with each night, all pairs, with both arms asked anew each night.
        alpha: Chance of ever missing the truth, both sides together.

    Returns:
        Lower and upper limits, of the shape that the counts have together.
    """
    b, c, n = (
        np.asarray(each, dtype=np.float64)
        for each in np.broadcast_arrays(candidate_only, reference_only, pairs)
    )
    return _lower(b, c, n, alpha / 2), -_lower(c, b, n, alpha / 2)


def _lower(b: Floats, c: Floats, n: Floats, alpha: float) -> Floats:
    """The smallest delta that the evidence against "theta <= delta" leaves; it falls as delta grows."""
    shape = b.shape
    table = b.ravel(), c.ravel(), n.ravel()
    enough = -float(np.log(alpha))

    def excess(delta: Floats, b: Floats, c: Floats, n: Floats) -> Floats:
        return np.asarray(log_evidence(b, c, n, delta) - enough)

    limit = np.full(table[0].shape, -1.0)
    lowest, highest = np.full(limit.shape, -_NEARLY_ONE), np.full(limit.shape, _NEARLY_ONE)
    found = excess(lowest, *table) > 0
    if found.any():
        inside = tuple(each[found] for each in table)
        limit[found] = elementwise.find_root(excess, (lowest[found], highest[found]), args=inside).x
    return limit.reshape(shape)
