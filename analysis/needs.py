"""How much more it would take: pairs for a cell that shows nothing, margin for a cell that shows something.

Pairs are planned as if what was seen is the truth, in closed form, which takes no time; `parity plan`
enumerates, which is exact.
"""

from __future__ import annotations

import math
from collections.abc import Iterable

from analysis.counts import Cell
from analysis.numbers import ALPHA, Numbers
from analysis.stats import intervals, planning


def pairs(cell: Cell, number: Numbers, *, alpha: float = ALPHA) -> int | None:
    """Pairs that would show a primary or critical cell to be good; None where more pairs would not.

    Where the observed difference asks for it the plan is made for that, else for no difference at all.
    With clusters it is made in pairs' worth and holds for more templates of the same kind. `alpha` is the
    chance of a false sign-off that the attempt may use.
    """
    deff = number.worth.deff
    seen = cell.candidate_only - cell.reference_only
    if cell.equivalence:
        seen = abs(seen)
    margin = planning.pairs_for_parity(
        discordant=(cell.candidate_only + cell.reference_only) / deff,
        pairs=cell.pairs / deff,
        margin=cell.margin,
        shift=seen / cell.pairs if cell.pairs else 0.0,
        alpha=alpha,
        exact=False,
    )
    within_cap = max(number.worth.reference, number.worth.candidate)
    cap = planning.pairs_for_cap(
        failures=(cell.both + max(cell.candidate_only, cell.reference_only)) / within_cap,
        pairs=cell.pairs / within_cap,
        cap=cell.cap,
        alpha=alpha,
    )
    if margin is None or cap is None:
        return None
    needed = max(math.ceil(margin * deff), math.ceil(cap * within_cap))
    return needed if needed > cell.pairs else None


def pairs_of_category(cell: Cell, number: Numbers, whole: Cell) -> int | None:
    """Pairs with which this category alone could be shown to be within the limit.

    Supposed is that its arms are alike and differ as seldom as those of the whole suite may, or as
    often as was seen here; its own few pairs would leave that nearly unknown. None where it has enough.
    """
    if not cell.pairs or not whole.pairs:
        return None
    seldom = float(
        intervals.rate_upper(whole.candidate_only + whole.reference_only, whole.pairs, alpha=ALPHA)
    )
    discordance = max(seldom, (cell.candidate_only + cell.reference_only) / cell.pairs)
    needed = planning.pairs_for_alike(discordance=discordance, margin=cell.margin, alpha=ALPHA)
    rounded = math.ceil(needed * number.worth.deff)
    return rounded if rounded > cell.pairs else None


def margin(cell: Cell, number: Numbers, flags: Iterable[str]) -> float | None:
    """The smallest margin within which the cell by itself lies; None where no margin could be shown."""
    if math.isnan(number.worst) or {"missing_over_limit", "too_few_clusters"} & set(flags):
        return None
    furthest = max(number.worst, -number.best) if cell.equivalence else number.worst
    return max(furthest, 0.0)
