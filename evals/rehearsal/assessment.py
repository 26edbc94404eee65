"""The assessment document as Bedrock sends it, and the account of what was evaluated for it.

Shapes: botocore bedrock-runtime, GuardrailAssessment and GuardrailUsage. `match` holds the original
text there, by AWS's design.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

from evals.rehearsal.rules import Configured, SideRules

Action = Literal["NONE", "GUARDRAIL_INTERVENED"]

NO_ACTION = "No action."

_CHARACTERS_PER_UNIT = 1000
_WIRE_ACTION: dict[Configured, str] = {"BLOCK": "BLOCKED", "ANONYMIZE": "ANONYMIZED", "NONE": "NONE"}


@dataclass(frozen=True, kw_only=True)
class Assessment:
    """What a guardrail made of the texts of one side."""

    action: Action
    blocked: bool
    texts: tuple[str, ...]
    """As given, masked where masked; the canned message alone where blocked."""
    document: dict[str, Any]
    """The wire's GuardrailAssessment; without `appliedGuardrailDetails`, which only the service knows."""
    reason: str | None
    """The wire's actionReason."""
    usage: dict[str, int]
    """The wire's GuardrailUsage, in text units of 1,000 characters begun."""
    coverage: dict[str, dict[str, int]]
    """The wire's GuardrailCoverage."""


@dataclass
class Entries:
    """The entries of each policy, in the order in which they were found."""

    topics: list[dict[str, Any]] = field(default_factory=list)
    filters: list[dict[str, Any]] = field(default_factory=list)
    custom_words: list[dict[str, Any]] = field(default_factory=list)
    managed_words: list[dict[str, Any]] = field(default_factory=list)
    pii: list[dict[str, Any]] = field(default_factory=list)
    regexes: list[dict[str, Any]] = field(default_factory=list)

    def all(self) -> list[dict[str, Any]]:
        """Every entry of every policy."""
        return [
            *self.topics,
            *self.filters,
            *self.custom_words,
            *self.managed_words,
            *self.pii,
            *self.regexes,
        ]

    def document(self) -> dict[str, Any]:
        """The policies that have entries; lists that belong together are there together, even if empty."""
        policies: dict[str, Any] = {}
        if self.topics:
            policies["topicPolicy"] = {"topics": self.topics}
        if self.filters:
            policies["contentPolicy"] = {"filters": self.filters}
        if self.custom_words or self.managed_words:
            policies["wordPolicy"] = {
                "customWords": self.custom_words,
                "managedWordLists": self.managed_words,
            }
        if self.pii or self.regexes:
            policies["sensitiveInformationPolicy"] = {"piiEntities": self.pii, "regexes": self.regexes}
        return policies


def wire_action(configured: Configured, *, detected: bool = True) -> str:
    """What a rule's entry says it did."""
    return _WIRE_ACTION[configured] if detected else "NONE"


def usage_of(rules: SideRules, texts: Sequence[str]) -> dict[str, int]:
    """Text units by policy kind; a kind that is off for the side is not evaluated and costs none."""
    units = math.ceil(sum(map(len, texts)) / _CHARACTERS_PER_UNIT)
    return {
        "topicPolicyUnits": units if rules.topics else 0,
        "contentPolicyUnits": units if rules.content else 0,
        "wordPolicyUnits": units if rules.words else 0,
        "sensitiveInformationPolicyUnits": units if rules.pii else 0,
        "sensitiveInformationPolicyFreeUnits": units if rules.regexes else 0,
        "contextualGroundingPolicyUnits": 0,
    }


def coverage_of(rules: SideRules, texts: Sequence[str], unread: int = 0) -> dict[str, dict[str, int]]:
    """How many characters there were and how many of them some policy looked at."""
    given = sum(map(len, texts))
    anything = rules.topics or rules.content or rules.words or rules.pii or rules.regexes
    return {"textCharacters": {"guarded": given if anything else 0, "total": given + unread}}


def summary(entries: Entries) -> tuple[Action, str]:
    """The action and its reason for a set of entries."""
    actions = {entry["action"] for entry in entries.all()}
    if "BLOCKED" in actions:
        return "GUARDRAIL_INTERVENED", "Guardrail blocked."
    if "ANONYMIZED" in actions:
        return "GUARDRAIL_INTERVENED", "Guardrail masked."
    return "NONE", NO_ACTION
