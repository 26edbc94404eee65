"""What can be wrong with a row or a batch, each with its place and reason."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, get_args

Kind = Literal[
    "unknown_column",
    "missing_column",
    "unmapped_value",
    "empty_text",
    "wrong_offsets",
    "invalid_row",
    "duplicate_id",
    "unbalanced_twins",
    "near_duplicate",
    "personal_data",
    "unconfigured_category",
]
KINDS: tuple[Kind, ...] = get_args(Kind)

ACCEPTABLE: dict[Kind, str] = {
    "near_duplicate": "cases that are nearly the same count as independent evidence",
    "unbalanced_twins": "twins cannot be compared as minimal pairs",
    "personal_data": "the batch may hold data of real people; it must not be published",
    "unconfigured_category": "the suite's policy has no rule for these cases; they must be left out of a run",
}
"""What may be accepted by name, and what that means. The rest makes a batch that cannot be run."""


@dataclass(frozen=True)
class Problem:
    """One thing that is wrong."""

    kind: Kind
    row: int | None
    """Place in the source, the first row being 1; None for the whole."""
    where: str
    """Column or field."""
    reason: str
    """What is wrong, with the value where it may be shown."""

    def __str__(self) -> str:
        place = "" if self.row is None else f"row {self.row}, "
        return f"{place}{self.where}: {self.reason} [{self.kind}]"
