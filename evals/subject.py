"""As much of a case as it takes to say what an arm did with it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal, Self

from evals.leaks import Protected
from suites.case import Action, PolicyKind, Side

EITHER_SIDE = "either_side"
"""The key in a sample's metadata."""

_TYPED = frozenset({"pii", "regex"})
"""Policies whose cases are about values; those of all others are about sentences."""


@dataclass(frozen=True)
class Subject:
    """As much of a case as an observation needs."""

    expectation: Literal["protect", "allow"]
    side: Side
    policy: PolicyKind | None
    action: Action | None
    payload: str | None
    category: str = ""
    values: tuple[Protected, ...] = ()
    """What the gold spans of the text that matters cover; none where it has no spans."""
    either_side: bool = False
    """An output-side case behind a guardrail that is on for both sides: that it acts on the input first is
    what it is told to do, and takes the output's opportunity away."""

    @property
    def protected(self) -> tuple[Protected, ...]:
        """Everything that must not get out: the payload, then the values that are no piece of it."""
        if self.payload is None:
            return ()
        kind = self.category if self.policy in _TYPED else None
        others = (each for each in self.values if each.value not in self.payload)
        return (Protected(self.payload, kind), *others)

    @property
    def judged(self) -> bool:
        """Whether what an answer does with it takes a judge, since there is nothing to look for."""
        return self.expectation == "protect" and self.payload is None

    @classmethod
    def of(cls, metadata: Mapping[str, Any]) -> Self:
        """Read it from a sample's metadata."""
        return cls(
            expectation=metadata["expectation"],
            side=metadata["side"],
            policy=metadata["policy"],
            action=metadata["action"],
            payload=metadata["payload"],
            category=metadata.get("category") or "",
            values=tuple(Protected(value, kind) for value, kind in metadata.get("values") or ()),
            either_side=bool(metadata.get(EITHER_SIDE)),
        )
