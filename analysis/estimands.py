"""What a cell's pairs are worth for the estimand that it speaks of.

Of these prompts, asked again: each pair is worth one pair. Of prompts like these, new ones from the same
templates: pairs of one template tend to fail together, so that all counts are divided by the design
effect that `analysis.stats.clusters` finds before anything is computed from them.

The arrangement with the largest design effect is taken: as observed, and with missing pairs put where
they are worst for parity or for a regression. The caps speak of one arm's rate, whose failures cluster
in their own way, so that each arm has a design effect of its own.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from analysis.counts import Cell
from analysis.stats.clusters import Floats, effective


@dataclass(frozen=True)
class Worth:
    """By how much the counts of a cell are divided."""

    deff: float = 1.0
    """Of the difference between the arms."""
    reference: float = 1.0
    candidate: float = 1.0
    """Of one arm's rate of failures."""
    clusters: int | None = None
    """Templates with a pair, observed or missing."""
    too_few: bool = False
    """Fewer templates than were registered as the least."""


def worth(cell: Cell) -> Worth:
    """The design effects of one cell; 1 where it speaks of these prompts.

    Raises:
        ValueError: It speaks of templates and has no counts by template.
    """
    if cell.estimand == "suite":
        return Worth()
    if cell.clusters is None:
        raise ValueError(f"{cell.suite}, {cell.metric}, {cell.slice}: there are no counts by template.")
    counted = cell.clusters
    whole = counted.pairs + counted.missing
    templates = int(np.count_nonzero(whole))
    if not templates:
        return Worth(clusters=0, too_few=True)
    b, c, u = counted.candidate_only, counted.reference_only, counted.missing
    none = np.zeros_like(whole)

    def deff(*tables: tuple[Floats, Floats, Floats]) -> float:
        return max(effective(*table, icc_floor=cell.icc_floor).deff for table in tables if table[2].any())

    observed = (b, c, counted.pairs)
    return Worth(
        deff=deff(observed, (b + u, c, whole), (b, c + u, whole)) if u.any() else deff(observed),
        reference=deff((counted.both + c + u, none, whole)),
        candidate=deff((counted.both + b + u, none, whole)),
        clusters=templates,
        too_few=templates < cell.min_clusters,
    )
