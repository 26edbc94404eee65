"""What a call costs: the dated price list, and what was used to be priced by it.

Everything before, during and after a run is priced here, so that an estimate, a limit and a bill mean the
same money. It is the list price of tokens and of the guardrail's text units; taxes, contracts, caches and
the grader's model are left aside.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any, Self

import yaml
from pydantic import BaseModel, ConfigDict, ValidationError

from suites.errors import RegistrationError, malformed

FILE = Path(__file__).with_name("prices.yaml")


class _Closed(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class TokenPrice(_Closed):
    """US dollars for a million tokens."""

    input: float
    output: float


class Prices(_Closed):
    """The price list and its day."""

    as_of: date
    sources: tuple[str, ...]
    models: dict[str, dict[str, TokenPrice]]
    guardrail: dict[str, float]
    """US dollars for a thousand text units, by policy."""

    def model(self, name: str) -> TokenPrice | None:
        """The price of a model's tokens, by its id, profile or ARN; None where the list lacks it."""
        # An ARN, and a model of another provider, end in the name that has a price.
        name = name.rpartition("/")[2]
        prefix, _, base = name.partition(".")
        scope = "global" if prefix == "global" else "geo"
        return next((price[scope] for known, price in self.models.items() if known in {base, name}), None)


@cache
def prices() -> Prices:
    """The list in the repository.

    Raises:
        RegistrationError: It is not what it should be.
    """
    try:
        return Prices.model_validate(yaml.safe_load(FILE.read_text(encoding="utf-8")))
    except ValidationError as error:
        raise malformed(FILE, error) from None


def require_model(name: str) -> TokenPrice:
    """The price of a model's tokens.

    Raises:
        RegistrationError: The list does not know it.
    """
    price = prices().model(name)
    if price is None:
        known = ", ".join(sorted(prices().models))
        raise RegistrationError(
            f"No price is known for the model {name!r}. There are prices for: {known}. Add it to {FILE.name}."
        )
    return price


@dataclass
class Used:
    """What the calls of one arm took together."""

    calls: int = 0
    input_tokens: int = 0
    output_tokens: int = 0
    units: dict[str, int] = field(default_factory=dict)
    """Text units by policy; only those that there were."""
    untold: int = 0
    """Text units of which it was not told which policy they were for."""

    def add(self, evidence: Mapping[str, Any]) -> None:
        """One call, by the evidence that its sample's score carries for the arm."""
        tokens = evidence.get("tokens")
        match tokens:
            case [int(given), int(said)]:
                self.input_tokens += given
                self.output_tokens += said
            case _:
                return
        self.calls += 1
        charged = evidence.get("charged")
        if charged is None:
            self.untold += int(evidence.get("units") or 0)
        for policy, units in (charged or {}).items():
            self.units[policy] = self.units.get(policy, 0) + int(units)

    def take(self, other: Self) -> None:
        """All that another counted."""
        self.calls += other.calls
        self.input_tokens += other.input_tokens
        self.output_tokens += other.output_tokens
        self.untold += other.untold
        for policy, units in other.units.items():
            self.units[policy] = self.units.get(policy, 0) + units

    @classmethod
    def together(cls, evidences: Iterable[Mapping[str, Any]]) -> Self:
        """Many calls."""
        used = cls()
        for evidence in evidences:
            used.add(evidence)
        return used


def count(used: dict[str, Used], evidence: Mapping[str, Any]) -> None:
    """Add one sample's calls, by the evidence that its score carries by arm."""
    for arm, told in evidence.items():
        if isinstance(told, Mapping):
            used.setdefault(arm, Used()).add(told)


@dataclass(frozen=True)
class Bill:
    """What was used, in US dollars."""

    tokens: float | None
    """None where the list lacks the model."""
    units: dict[str, float]
    """By policy."""

    @property
    def usd(self) -> float | None:
        """All of it; None where a part is not known."""
        return None if self.tokens is None else self.tokens + sum(self.units.values())


def bill(used: Used, model: str | None) -> Bill:
    """Price what one arm used.

    Args:
        used: What its calls took.
        model: The arm's model; None for the guardrail alone. Text units of an unknown policy are taken at
            the dearest of the list, so that no bill is too low for want of a word.
    """
    listed = prices()
    price = TokenPrice(input=0, output=0) if model is None else listed.model(model)
    dearest = max(listed.guardrail.values())
    units = {
        policy: many * listed.guardrail.get(policy, dearest) / 1000 for policy, many in used.units.items()
    }
    if used.untold:
        units["unknown"] = used.untold * dearest / 1000
    tokens = (
        None if price is None else (used.input_tokens * price.input + used.output_tokens * price.output) / 1e6
    )
    return Bill(tokens=tokens, units=units)
