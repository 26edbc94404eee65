"""What one arm did with one case: the outcome, and the facts that the metrics are counted from."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, fields
from enum import StrEnum
from typing import Self

ARMS = ("reference", "candidate", "control")
"""The roles. Reference and candidate are compared; control is the guardrail alone, without a model."""


class Outcome(StrEnum):
    """What the person at the other end got."""

    BLOCKED_INPUT = "blocked_input"
    BLOCKED_OUTPUT = "blocked_output"
    MASKED = "masked"
    DETECTED = "detected"
    """The guardrail reported a finding and was configured not to act on it."""
    REFUSED = "refused"
    """The model itself declined."""
    FILTERED = "filtered"
    """The model provider's own filter, which is not the guardrail."""
    ANSWERED = "answered"
    TRUNCATED = "truncated"
    ERROR = "error"
    """No trustworthy observation: a failed call, an empty trace, another guardrail's trace."""


@dataclass(frozen=True, kw_only=True)
class Facts:
    """Six yes-or-no facts of one arm and one case; None is unknown, and unknown is missing."""

    input_acted: bool | None = None
    """The guardrail acted on the input (for a `detect` case: reported it)."""
    acted: bool | None = None
    """The registered policy acted, on the registered side, in the registered way."""
    guarded: bool | None = None
    """The guardrail blocked or masked anything, on either side."""
    reached: bool | None = None
    """The prompt reached the model as the user wrote it: neither blocked nor masked on the way in."""
    emitted: bool | None = None
    """The model's raw output held the payload: False where the model never ran, always None for `control`."""
    exposed: bool | None = None
    """The user saw the payload."""

    @property
    def observed(self) -> bool:
        """Whether anything is known at all; nothing is, where there is no trustworthy observation."""
        return any(getattr(self, name) is not None for name in FACTS)

    def as_value(self, arm: str) -> dict[str, float]:
        """The facts as an Inspect score value: `<arm>_<fact>` to 1.0, 0.0 or NaN for unknown."""
        return {
            f"{arm}_{name}": math.nan if (fact := getattr(self, name)) is None else float(fact)
            for name in FACTS
        }

    @classmethod
    def from_value(cls, arm: str, value: Mapping[str, object]) -> Self:
        """Read back what `as_value` wrote. An absent key, null or NaN is unknown."""
        return cls(**{name: fact_of(value.get(f"{arm}_{name}")) for name in FACTS})


FACTS = tuple(field.name for field in fields(Facts))
"""Their names, in order."""


def fact_of(number: object) -> bool | None:
    """One or zero; anything else, an average over epochs among it, is not one arm's one answer."""
    return bool(number) if number in (0, 1) else None
