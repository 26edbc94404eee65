"""A guardrail policy as registered, and its three cuts as the documents CreateGuardrail takes.

The vocabulary is Bedrock's (botocore shape CreateGuardrailRequest); nothing here talks to AWS.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from functools import cached_property
from typing import Annotated, Any, Literal, Self

from pydantic import Field, field_validator, model_validator

from suites.case import Action, Cut, PolicyKind, Side
from suites.configured import Configured, policy_rules
from suites.rules import (
    AutomatedReasoning,
    Closed,
    ContentRule,
    GroundingRule,
    PiiRule,
    Profanity,
    RegexRule,
    TopicRule,
    Word,
)

TAG = "guardrail-parity"
"""The key of the tag on every guardrail that is made from a policy; its value is the guardrail's name."""

Tier = Literal["CLASSIC", "STANDARD"]
GuardrailProfile = Annotated[
    str, Field(pattern=r"^(arn:aws[a-z-]*:bedrock:.+:guardrail-profile/)?[a-z0-9-]+\.guardrail\.v[0-9:]+$")
]
_KEY_ID = r"[a-zA-Z0-9-]{36}"
_ALIAS = r"alias/[a-zA-Z0-9_/-]+"
KmsKey = Annotated[
    str,
    Field(
        max_length=2048,
        pattern=rf"^(({_KEY_ID})|({_ALIAS})|arn:aws[a-z-]*:kms:[a-z0-9-]+:[0-9]{{12}}:(key/{_KEY_ID}|{_ALIAS}))$",
    ),
]
_TagKey = Annotated[str, Field(min_length=1, max_length=128, pattern=r"^[a-zA-Z0-9\s._:/=+@-]*$")]
_TagValue = Annotated[str, Field(max_length=256, pattern=r"^[a-zA-Z0-9\s._:/=+@-]*$")]
_BY_CATEGORY: tuple[PolicyKind, ...] = ("content", "topic", "regex", "pii")
"""The kinds whose rules are known by the category of a case."""
_MOST_TAGS = 49
"""A guardrail carries at most 50, and one of them says that it was made here."""


class Policy(Closed):
    """Everything one guardrail is told to do, and what else is set when it is made."""

    name: str = Field(pattern=r"^[0-9a-zA-Z-_]{1,40}$")
    description: str | None = Field(default=None, min_length=1, max_length=200)
    """For people who find the guardrail in the account. It does nothing: nothing is made for its sake."""
    blocked_input: str = Field(min_length=1, max_length=500)
    blocked_output: str = Field(min_length=1, max_length=500)
    pii: tuple[PiiRule, ...] = ()
    regexes: tuple[RegexRule, ...] = Field(default=(), max_length=30)
    words: tuple[Word, ...] = Field(default=(), max_length=10_000)
    profanity: Profanity = None
    topics: tuple[TopicRule, ...] = Field(default=(), max_length=30)
    content: tuple[ContentRule, ...] = ()
    grounding: tuple[GroundingRule, ...] = ()
    """Deployed with the rest; no case asks for it."""
    automated_reasoning: AutomatedReasoning | None = None
    """Deployed with the rest; no case asks for it."""
    topics_tier: Tier | None = None
    """Not given: not sent, which is CLASSIC at AWS."""
    content_tier: Tier | None = None
    grounding_tier: Tier | None = None
    cross_region_profile: GuardrailProfile | None = None
    """The guardrail profile that may take calls to other regions of its geography: `us.guardrail.v1:0`."""
    kms_key: KmsKey | None = None
    """The key of the account that the guardrail is encrypted with: id, ARN or alias. Not given: AWS's own."""
    tags: dict[_TagKey, _TagValue] = Field(default_factory=dict, max_length=_MOST_TAGS)
    """Beside the one that says that the guardrail was made here."""

    @field_validator("tags")
    @classmethod
    def _free(cls, tags: dict[str, str]) -> dict[str, str]:
        if TAG in tags:
            raise ValueError(f"{TAG} is the tag by which what was made here is known; give yours another key")
        if reserved := [key for key in tags if key.lower().startswith("aws:")]:
            raise ValueError(f"{reserved[0]}: tags that begin with `aws:` are AWS's own")
        return tags

    @model_validator(mode="after")
    def _tiers_have_rules(self) -> Self:
        for name, tier, rules in (
            ("topics_tier", self.topics_tier, self.topics),
            ("content_tier", self.content_tier, self.content),
            ("grounding_tier", self.grounding_tier, self.grounding),
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
            "words": [rule.text for rule in self.words],
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
            "profanity": self.profanity is not None,
            "topic": bool(self.topics),
            "content": bool(self.content),
        }
        return tuple(kind for kind, there in configured.items() if there)

    @cached_property
    def rules(self) -> Configured:
        """What it does, rule by rule, on both sides."""
        return policy_rules(self.create_request("full"))

    def rule_of(self, category: str, side: Side) -> tuple[PolicyKind, Action] | None:
        """Which policy acts on a case of this category on its side, and how; None where none does."""
        for kind in _BY_CATEGORY:
            rule = self.rules.rule(kind, category)
            if rule and (action := rule.on_text(side)):
                return kind, action
        return None

    def actions(self, kind: PolicyKind, side: Side) -> frozenset[Action]:
        """The ways in which the rules of one kind act on texts of a side; empty where none does."""
        return self.rules.actions(kind, side)

    def create_request(self, cut: Cut) -> dict[str, Any]:
        """The CreateGuardrail document for one cut: rules of the other side are switched off."""
        request: dict[str, Any] = {
            "name": f"{self.name}-{cut}",
            "description": self.description,
            "blockedInputMessaging": self.blocked_input,
            "blockedOutputsMessaging": self.blocked_output,
            "sensitiveInformationPolicyConfig": _given(
                piiEntitiesConfig=[rule.document(cut) for rule in self.pii],
                regexesConfig=[rule.document(cut) for rule in self.regexes],
            ),
            "wordPolicyConfig": _given(
                wordsConfig=[rule.document(cut) for rule in self.words],
                managedWordListsConfig=[self.profanity.document(cut)] if self.profanity else [],
            ),
            "topicPolicyConfig": _tiered("topicsConfig", self.topics, cut, self.topics_tier),
            "contentPolicyConfig": _tiered("filtersConfig", self.content, cut, self.content_tier),
            "contextualGroundingPolicyConfig": _tiered(
                "filtersConfig", self.grounding, cut, self.grounding_tier
            ),
            "crossRegionConfig": _given(guardrailProfileIdentifier=self.cross_region_profile),
            "kmsKeyId": self.kms_key,
            "tags": [{"key": key, "value": value} for key, value in self.tags.items()],
        }
        if self.automated_reasoning and cut != "input":
            # It judges answers, and an input cut has none.
            request["automatedReasoningPolicyConfig"] = self.automated_reasoning.document()
        return _given(**request)


def _given(**members: Any) -> dict[str, Any]:
    """Members that say something: what is not given is not sent."""
    return {name: value for name, value in members.items() if value}


def _tiered(
    listed: str,
    rules: Sequence[TopicRule] | Sequence[ContentRule] | Sequence[GroundingRule],
    cut: Cut,
    tier: Tier | None,
) -> dict[str, Any]:
    if not rules:
        return {}
    return {listed: [rule.document(cut) for rule in rules]} | (
        {"tierConfig": {"tierName": tier}} if tier else {}
    )


def digest(document: Any) -> str:
    """The sha256 of a JSON document in canonical form (sorted keys, no spaces, UTF-8)."""
    canonical = json.dumps(document, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256(canonical.encode()).hexdigest()
