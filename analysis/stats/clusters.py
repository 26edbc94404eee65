"""How many independent pairs the pairs of a few templates are worth: the estimand "prompts like these".

Prompts made from one template tend to fail together. To speak of new prompts from such templates, the
pairs are first added up by template (the cluster), k = 1..K, with D_k = b_k - c_k and n_k pairs. The
variance of theta = sum D_k / n between clusters, over the variance if pairs were independent, is the
design effect

    V_cl  = K / (K - 1) * sum (D_k - theta n_k)^2 / n^2       (Obuchowski 1998; Miller 2024)
    V_iid = (m - (b - c)^2 / n) / n^2
    deff  = V_cl / V_iid, between 1 and the largest n_k

and all exact methods run on (b, c, n) / deff, the effective counts (Rao and Scott 1992).

Rare failures make the estimate useless when it matters most: with no disagreement it is 0 / 0. So
where fewer than 20 clusters hold a discordant pair, deff is at least what a registered intraclass
correlation would give, 1 + (size - 1) * icc_floor with size = sum n_k^2 / n, the size of the cluster
that a pair finds itself in. Measured on 40 templates of 25 prompts with an intraclass correlation of
0.3 and a margin of 2 points, a false parity was reached, of 5 % promised, in 31 % without any of this,
in 15 % with the estimate alone, and in under 1 % with the floor.

Sources: Rao and Scott 1992, Biometrics 48:577; Obuchowski 1998, Statistics in Medicine 17:1495;
Durkalski, Palesch, Lipsitz and Rust 2003, Statistics in Medicine 22:2417; Miller 2024, "Adding error
bars to evals", arXiv 2411.00640.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy import special

Floats = npt.NDArray[np.float64]

ICC_FLOOR = 0.3
"""Intraclass correlation taken where it cannot be estimated. A judgement, made to be registered."""
ESTIMABLE = 20
"""Clusters with a discordant pair from which on the estimate stands on its own."""
FEWEST = 10
"""Clusters below which nothing is concluded: see `Effective.too_few`."""
SMALL = 30
"""Clusters below which the few degrees of freedom of V_cl are paid for with Student's t."""


@dataclass(frozen=True)
class Effective:
    """A paired table cut down to as many pairs as its clusters are worth."""

    candidate_only: float
    reference_only: float
    pairs: float
    """Effective counts: the observed ones over `deff`. Fractional."""
    deff: float
    clusters: int
    """Clusters with at least one pair."""
    discordant_clusters: int
    """Clusters with at least one pair in which exactly one arm failed."""
    floored: bool
    """The registered floor, not the data, decided `deff`."""

    @property
    def too_few(self) -> bool:
        """Too few clusters for any conclusion about prompts like these.

        V_cl has K - 1 degrees of freedom: with K = 10 its own standard error, sqrt(2 / 9) of it, is
        already half of it. Nor is anything lost. In simulated runs with up to 8 templates of 25 or 100
        prompts and an intraclass correlation of 0.3, parity within 5 points was never reached, and
        within 10 points in 0.1 %: it is better said at once that so few cannot show it.
        """
        return self.clusters < FEWEST


def effective(
    candidate_only: npt.ArrayLike,
    reference_only: npt.ArrayLike,
    pairs: npt.ArrayLike,
    *,
    icc_floor: float = ICC_FLOOR,
    alpha: float = 0.025,
) -> Effective:
    """The effective counts of a table, from its counts by cluster.

    Args:
        candidate_only: By cluster, pairs in which only the candidate failed; shape (K,).
        reference_only: By cluster, pairs in which only the reference failed; shape (K,).
        pairs: By cluster, all pairs; shape (K,). Clusters without a pair are left out.
        icc_floor: Registered intraclass correlation for where it cannot be estimated, in [0, 1].
        alpha: One-sided level for which Student's t is to make up with fewer than 30 clusters.

    Raises:
        ValueError: The counts are no clustered table; the message names the cluster by its place.
    """
    b, c, n = _checked(candidate_only, reference_only, pairs, icc_floor)
    k, discordant = n.size, int(np.count_nonzero(b + c))
    estimated = _design_effect(b, c, n)
    floor = 1 + (float((n**2).sum() / n.sum()) - 1) * icc_floor
    floored = discordant < ESTIMABLE and floor > estimated
    deff = (max(estimated, floor) if floored else estimated) * _few_degrees(k, alpha)
    # However few the clusters, they are worth no less than one pair altogether.
    deff = min(max(deff, 1.0), max(1.0, float(n.sum())))
    return Effective(
        candidate_only=float(b.sum()) / deff,
        reference_only=float(c.sum()) / deff,
        pairs=float(n.sum()) / deff,
        deff=deff,
        clusters=k,
        discordant_clusters=discordant,
        floored=floored,
    )


def sign_flip(differences: npt.ArrayLike) -> float:
    """One-sided p-value of "the candidate is not worse" if each cluster's D_k may as well be -D_k.

    The distribution of the sum over all 2^K choices of signs is built up cluster by cluster, so that
    the p-value is exact and nothing is drawn. With one pair a cluster it is the exact McNemar test.

    Args:
        differences: D_k by cluster, shape (K,): whole numbers, which they are with several epochs
            as well (the candidate's failures less the reference's).

    Raises:
        ValueError: A difference is not a whole number.
    """
    d = np.asarray(differences, dtype=np.float64)
    sizes = np.abs(d)
    if not (np.isfinite(d).all() and (sizes == np.round(sizes)).all()):
        raise ValueError(f"Differences by cluster must be whole numbers; given were {d.tolist()}.")
    chances = np.ones(1)
    # chances[i] is the chance that the positive signs carry i in all, out of the sum of all sizes.
    for size in sizes[sizes > 0].astype(np.int64):
        flipped = np.zeros(chances.size + size)
        flipped[: chances.size] += chances / 2
        flipped[size:] += chances / 2
        chances = flipped
    observed = int(d[d > 0].sum())
    return float(min(1.0, chances[observed:].sum()))


def obuchowski(differences: npt.ArrayLike) -> float:
    """McNemar's statistic for clusters, (K - 1) / K (sum D_k)^2 / sum D_k^2; chi-squared with 1 degree.

    Takes D_k by cluster, shape (K,). 0 where no cluster differs.

    Source: Obuchowski 1998, in the form of Durkalski et al. 2003.
    """
    d = np.asarray(differences, dtype=np.float64)
    squares = float((d**2).sum())
    return 0.0 if squares == 0 else (d.size - 1) / d.size * float(d.sum()) ** 2 / squares


def durkalski(differences: npt.ArrayLike, pairs: npt.ArrayLike) -> float:
    """The same with every cluster weighted alike, (sum D_k/n_k)^2 / sum (D_k/n_k)^2.

    Takes D_k and n_k by cluster, shape (K,); clusters without a pair are left out. 0 where none differs.

    Source: Durkalski et al. 2003.
    """
    d, n = np.asarray(differences, dtype=np.float64), np.asarray(pairs, dtype=np.float64)
    shares = d[n > 0] / n[n > 0]
    squares = float((shares**2).sum())
    return 0.0 if squares == 0 else float(shares.sum()) ** 2 / squares


def _checked(
    candidate_only: npt.ArrayLike, reference_only: npt.ArrayLike, pairs: npt.ArrayLike, icc_floor: float
) -> tuple[Floats, Floats, Floats]:
    if not 0 <= icc_floor <= 1:
        raise ValueError(f"icc_floor is {icc_floor}; an intraclass correlation lies between 0 and 1.")
    b, c, n = (np.asarray(count, dtype=np.float64) for count in (candidate_only, reference_only, pairs))
    if not b.shape == c.shape == n.shape or b.ndim != 1:
        raise ValueError(
            "Counts by cluster must be three lists of one length; "
            f"their shapes are {b.shape}, {c.shape} and {n.shape}."
        )
    wrong = ~(np.isfinite(b) & np.isfinite(c) & np.isfinite(n)) | (b < 0) | (c < 0)
    wrong |= b + c > n * (1 + 1e-12)
    if wrong.any():
        place = int(np.flatnonzero(wrong)[0])
        raise ValueError(
            f"Cluster {place} has candidate_only {b[place]}, reference_only {c[place]} and pairs {n[place]}; "
            "counts are 0 or more, and the first two are a part of the third."
        )
    if not n.sum() > 0:
        raise ValueError("No cluster has a pair; without a pair there is nothing to compare.")
    there = n > 0
    return b[there], c[there], n[there]


def _design_effect(b: Floats, c: Floats, n: Floats) -> float:
    """V_cl / V_iid, between 1 and the largest cluster; 1 where it cannot be estimated."""
    k, total = n.size, float(n.sum())
    d = b - c
    theta = float(d.sum()) / total
    independent = float((b + c).sum()) - float(d.sum()) * theta
    if k == 1 or independent <= 0:
        return 1.0
    between = k / (k - 1) * float(((d - theta * n) ** 2).sum())
    return float(np.clip(between / independent, 1.0, max(1.0, float(n.max()))))


def _few_degrees(clusters: int, alpha: float) -> float:
    """(t / z)^2, the factor on a variance that makes a normal limit as wide as Student's."""
    if clusters >= SMALL:
        return 1.0
    if clusters == 1:
        return math.inf
    t, z = special.stdtrit(clusters - 1, 1 - alpha), special.ndtri(1 - alpha)
    return float((t / z) ** 2)
