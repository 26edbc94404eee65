"""What a run may spend: counts the money while it runs, and says when to stop.

Every finished case tells what its calls took. Cases that are being asked when a run is stopped are paid for
too, so it stops while there is still enough for as many of the dearest cases as may be in flight.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from suites.arms import Arms
from suites.prices import Used, bill, require_model

IN_FLIGHT = 10
"""Cases of one suite that are asked at a time."""


@dataclass
class Purse:
    """A limit in US dollars for all suites of a run together, earlier starts of the same run included."""

    limit: float
    models: Mapping[str, str]
    """By arm its model; an arm that is not here is the guardrail alone."""
    _spent: dict[str, float] = field(default_factory=dict)
    _dearest: dict[str, float] = field(default_factory=dict)
    _seen: set[str] = field(default_factory=set)

    @classmethod
    def of(cls, arms: Arms, limit: float) -> Purse:
        """The purse of a run with these arms.

        Raises:
            RegistrationError: The price list lacks one of the models, so that nothing could be counted.
        """
        models = {"reference": arms.reference.model, "candidate": arms.candidate.model}
        for model in models.values():
            require_model(model)
        return cls(limit, models)

    @property
    def spent(self) -> float:
        """US dollars so far."""
        return sum(self._spent.values())

    def take(self, suite: str, used: Mapping[str, Mapping[str, Any]]) -> bool:
        """Count what a suite has used so far; False where no further case may be begun."""
        spent = sum(
            bill(Used(**numbers), self.models.get(arm)).usd or 0.0 for arm, numbers in sorted(used.items())
        )
        if suite in self._seen:
            case = spent - self._spent.get(suite, 0.0)
            self._dearest[suite] = max(self._dearest.get(suite, 0.0), case)
        self._seen.add(suite)
        self._spent[suite] = spent
        return self.spent + IN_FLIGHT * sum(self._dearest.values()) <= self.limit

    def close(self, suite: str) -> None:
        """Keep nothing back for a suite that has ended."""
        self._dearest.pop(suite, None)

    @property
    def told(self) -> str:
        """How it stands, in words."""
        return f"{self.spent:.2f} of {self.limit:.2f} USD are spent"
