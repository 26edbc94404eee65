"""A guardrail policy as registered, and its three cuts as the documents CreateGuardrail takes.

The vocabulary is Bedrock's (botocore shape CreateGuardrailRequest); nothing here talks to AWS.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Sequence
from typing import Annotated, Any, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, field_validator, model_validator

from suites.case import Action, Cut, PolicyKind

Strength = Literal["NONE", "LOW", "MEDIUM", "HIGH"]
Tier = Literal["CLASSIC", "STANDARD"]
PiiType = Literal[
    "ADDRESS",
    "AGE",
    "AWS_ACCESS_KEY",
    "AWS_SECRET_KEY",
    "CA_HEALTH_NUMBER",
    "CA_SOCIAL_INSURANCE_NUMBER",
    "CREDIT_DEBIT_CARD_CVV",
    "CREDIT_DEBIT_CARD_EXPIRY",
    "CREDIT_DEBIT_CARD_NUMBER",
    "DRIVER_ID",
    "EMAIL",
    "INTERNATIONAL_BANK_ACCOUNT_NUMBER",
    "IP_ADDRESS",
    "LICENSE_PLATE",
    "MAC_ADDRESS",
    "NAME",
    "PASSWORD",
    "PHONE",
    "PIN",
    "SWIFT_CODE",
    "UK_NATIONAL_HEALTH_SERVICE_NUMBER",
    "UK_NATIONAL_INSURANCE_NUMBER",
    "UK_UNIQUE_TAXPAYER_REFERENCE_NUMBER",
    "URL",
    "USERNAME",
    "US_BANK_ACCOUNT_NUMBER",
    "US_BANK_ROUTING_NUMBER",
    "US_INDIVIDUAL_TAX_IDENTIFICATION_NUMBER",
    "US_PASSPORT_NUMBER",
    "US_SOCIAL_SECURITY_NUMBER",
    "VEHICLE_IDENTIFICATION_NUMBER",
]
Phrase = Annotated[str, Field(min_length=1, max_length=100)]
_IN_THE_ACCOUNT = r"^arn:aws[a-z-]*:bedrock:[a-z0-9-]+:[0-9]{12}:"
ReasoningArn = Annotated[
    str, Field(pattern=_IN_THE_ACCOUNT + r"automated-reasoning-policy/[a-z0-9]{12}(:[1-9][0-9]*)?$")
]
GuardrailProfile = Annotated[
    str, Field(pattern=r"^(arn:aws[a-z-]*:bedrock:.+:guardrail-profile/)?[a-z0-9-]+\.guardrail\.v[0-9:]+$")
]

_LOOKAROUND = re.compile(r"\(\?<?[=!]")

_WIRE_ACTION = {"block": "BLOCK", "mask": "ANONYMIZE", "detect": "NONE"}


class _Closed(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class PiiRule(_Closed):
    """One PII type and what happens to it."""

    type: PiiType
    action: Action


class RegexRule(_Closed):
    """A custom pattern. Bedrock allows no lookaround."""

    name: str = Field(min_length=1, max_length=100)
    pattern: str = Field(min_length=1, max_length=500)
    action: Action

    @field_validator("pattern")
    @classmethod
    def _usable(cls, pattern: str) -> str:
        try:
            re.compile(pattern)
        except re.error as error:
            raise ValueError(f"no regular expression: {error}") from None
        if _LOOKAROUND.search(pattern):
            raise ValueError("Bedrock takes no lookahead and no lookbehind")
        return pattern


class TopicRule(_Closed):
    """A denied topic."""

    name: str = Field(pattern=r"^[0-9a-zA-Z-_ !?.]{1,100}$")
    definition: str = Field(min_length=1, max_length=200)
    examples: tuple[Phrase, ...] = Field(default=(), max_length=5)


class ContentRule(_Closed):
    """A content filter and its strength on either side."""

    type: Literal["SEXUAL", "VIOLENCE", "HATE", "INSULTS", "MISCONDUCT", "PROMPT_ATTACK"]
    input: Strength
    output: Strength

    @model_validator(mode="after")
    def _has_an_output_side(self) -> Self:
        if self.type == "PROMPT_ATTACK" and self.output != "NONE":
            raise ValueError("PROMPT_ATTACK exists on the input side only; its output must be NONE")
        return self


class GroundingRule(_Closed):
    """A check of an answer against its sources or its question."""

    type: Literal["GROUNDING", "RELEVANCE"]
    threshold: float = Field(ge=0, lt=1)
    """Answers that score less are acted on; a fraction."""
    action: Literal["block", "detect"] = "block"


class AutomatedReasoning(_Closed):
    """Policies of formal rules that exist in the account; their findings are reported, never acted on."""

    policies: tuple[ReasoningArn, ...] = Field(min_length=1, max_length=2)
    confidence: float | None = Field(default=None, ge=0, le=1)


class Policy(_Closed):
    """Everything one guardrail is told to do."""

    name: str = Field(pattern=r"^[0-9a-zA-Z-_]{1,40}$")
    blocked_input: str = Field(min_length=1, max_length=500)
    blocked_output: str = Field(min_length=1, max_length=500)
    pii: tuple[PiiRule, ...] = ()
    regexes: tuple[RegexRule, ...] = Field(default=(), max_length=30)
    words: tuple[Phrase, ...] = Field(default=(), max_length=10_000)
    profanity: bool = False
    topics: tuple[TopicRule, ...] = Field(default=(), max_length=30)
    content: tuple[ContentRule, ...] = ()
    grounding: tuple[GroundingRule, ...] = ()
    """Deployed with the rest; no case asks for it."""
    automated_reasoning: AutomatedReasoning | None = None
    """Deployed with the rest; no case asks for it."""
    topics_tier: Tier | None = None
    """Not given: not sent, which is CLASSIC at AWS."""
    content_tier: Tier | None = None
    cross_region_profile: GuardrailProfile | None = None
    """The guardrail profile that may take calls to other regions of its geography: `us.guardrail.v1:0`."""

    @model_validator(mode="after")
    def _tiers_have_rules(self) -> Self:
        for name, tier, rules in (
            ("topics_tier", self.topics_tier, self.topics),
            ("content_tier", self.content_tier, self.content),
        ):
            if tier and not rules:
                raise ValueError(f"{name} is {tier}, and there is no rule that it could be about")
            if tier == "STANDARD" and self.cross_region_profile is None:
                raise ValueError(f"{name} STANDARD needs `cross_region_profile`, as AWS does")
        return self

    @model_validator(mode="after")
    def _says_something_once(self) -> Self:
        if not self.kinds:
            raise ValueError("a policy needs a rule: pii, regexes, words, profanity, topics or content")
        named: dict[str, Sequence[str]] = {
            "pii": [rule.type for rule in self.pii],
            "regexes": [rule.name for rule in self.regexes],
            "words": list(self.words),
            "topics": [rule.name for rule in self.topics],
            "content": [rule.type for rule in self.content],
            "grounding": [rule.type for rule in self.grounding],
        }
        for kind, names in named.items():
            if repeated := sorted({name for name in names if names.count(name) > 1}):
                raise ValueError(f"{kind} names {', '.join(repeated)} more than once")
        return self

    @property
    def kinds(self) -> tuple[PolicyKind, ...]:
        """The policy kinds that this policy configures, as far as cases can ask for them."""
        configured: dict[PolicyKind, bool] = {
            "pii": bool(self.pii),
            "regex": bool(self.regexes),
            "word": bool(self.words),
            "profanity": self.profanity,
            "topic": bool(self.topics),
            "content": bool(self.content),
        }
        return tuple(kind for kind, there in configured.items() if there)

    def rule_of(self, category: str) -> tuple[PolicyKind, Action] | None:
        """Which policy acts on a case of this category, and how; None where no rule is about it."""
        rules: dict[str, tuple[PolicyKind, Action]] = {rule.type: ("pii", rule.action) for rule in self.pii}
        rules |= {rule.name: ("regex", rule.action) for rule in self.regexes}
        rules |= {rule.name: ("topic", "block") for rule in self.topics}
        rules |= {rule.type: ("content", "block") for rule in self.content}
        return rules.get(category)

    def action_of(self, rule: str) -> Action | None:
        """How a rule of this name acts, or the list `words` or `profanity`; None where there is none."""
        lists: dict[str, Action] = {}
        if self.words:
            lists["words"] = "block"
        if self.profanity:
            lists["profanity"] = "block"
        found = self.rule_of(rule)
        return lists.get(rule) if found is None else found[1]

    def actions(self, kind: PolicyKind) -> frozenset[Action]:
        """The ways in which the rules of one kind act."""
        ways: dict[str, Sequence[Action]] = {
            "pii": [rule.action for rule in self.pii],
            "regex": [rule.action for rule in self.regexes],
        }
        return frozenset(ways.get(kind, ["block"]) if kind in self.kinds else ())

    def create_request(self, cut: Cut) -> dict[str, Any]:
        """The CreateGuardrail document for one cut: rules of the other side are switched off."""
        sides = {"inputEnabled": cut != "output", "outputEnabled": cut != "input"}
        request: dict[str, Any] = {
            "name": f"{self.name}-{cut}",
            "blockedInputMessaging": self.blocked_input,
            "blockedOutputsMessaging": self.blocked_output,
        }
        if self.pii or self.regexes:
            information: dict[str, Any] = {}
            if self.pii:
                information["piiEntitiesConfig"] = [
                    {"type": rule.type, **_actions(rule.action), **sides} for rule in self.pii
                ]
            if self.regexes:
                information["regexesConfig"] = [
                    {"name": rule.name, "pattern": rule.pattern, **_actions(rule.action), **sides}
                    for rule in self.regexes
                ]
            request["sensitiveInformationPolicyConfig"] = information
        if self.words or self.profanity:
            words: dict[str, Any] = {}
            block = {"inputAction": "BLOCK", "outputAction": "BLOCK", **sides}
            if self.words:
                words["wordsConfig"] = [{"text": word, **block} for word in self.words]
            if self.profanity:
                words["managedWordListsConfig"] = [{"type": "PROFANITY", **block}]
            request["wordPolicyConfig"] = words
        if self.topics:
            request["topicPolicyConfig"] = {
                "topicsConfig": [
                    {
                        "name": rule.name,
                        "definition": rule.definition,
                        "examples": list(rule.examples),
                        "type": "DENY",
                        "inputAction": "BLOCK",
                        "outputAction": "BLOCK",
                        **sides,
                    }
                    for rule in self.topics
                ],
                **_tier(self.topics_tier),
            }
        if self.content:
            request["contentPolicyConfig"] = {
                "filtersConfig": [
                    {
                        "type": rule.type,
                        "inputStrength": rule.input,
                        "outputStrength": rule.output,
                        "inputAction": "BLOCK",
                        "outputAction": "BLOCK",
                        **sides,
                    }
                    for rule in self.content
                ],
                **_tier(self.content_tier),
            }
        return request | self._beyond_cases(cut)

    def _beyond_cases(self, cut: Cut) -> dict[str, Any]:
        """What is deployed though no case asks for it; both judge answers, and an input cut has none."""
        request: dict[str, Any] = {}
        if self.grounding:
            request["contextualGroundingPolicyConfig"] = {
                "filtersConfig": [
                    {
                        "type": rule.type,
                        "threshold": rule.threshold,
                        "action": _WIRE_ACTION[rule.action],
                        "enabled": cut != "input",
                    }
                    for rule in self.grounding
                ]
            }
        if self.automated_reasoning and cut != "input":
            reasoning = self.automated_reasoning
            request["automatedReasoningPolicyConfig"] = {"policies": list(reasoning.policies)} | (
                {} if reasoning.confidence is None else {"confidenceThreshold": reasoning.confidence}
            )
        if self.cross_region_profile:
            request["crossRegionConfig"] = {"guardrailProfileIdentifier": self.cross_region_profile}
        return request


def _tier(tier: Tier | None) -> dict[str, dict[str, str]]:
    return {"tierConfig": {"tierName": tier}} if tier else {}


def _actions(action: Action) -> dict[str, str]:
    wire = _WIRE_ACTION[action]
    return {"action": wire, "inputAction": wire, "outputAction": wire}


def digest(document: Any) -> str:
    """The sha256 of a JSON document in canonical form (sorted keys, no spaces, UTF-8)."""
    canonical = json.dumps(document, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256(canonical.encode()).hexdigest()
