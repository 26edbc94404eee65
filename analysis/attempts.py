"""Decides which answer of a pair counts where it was asked again: the first that both arms gave.

An answer that was had is never replaced, so that asking again can only win back what was missing and
never choose between answers.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from suites.outcomes import ARMS, Facts

Row = Mapping[str, Any]


def counting(asked: Sequence[Row]) -> Row:
    """The row that counts, of one pair's rows with distinct `attempt`, at least one.

    It is the first in which reference and candidate were both observed; where there is none, the very first.
    """
    in_order = sorted(asked, key=lambda row: row["attempt"])
    return next((row for row in in_order if _observed(row)), in_order[0])


def asked_again(asked: Sequence[Row]) -> bool:
    """Whether a pair was asked again for want of an observation.

    An attempt's log also lists what it passed over, since an earlier attempt had observed it.
    """
    first = min(asked, key=lambda row: row["attempt"])
    return len(asked) > 1 and not _observed(first)


def _observed(row: Row) -> bool:
    return all(Facts.from_value(arm, row).observed for arm in ARMS[:2])
