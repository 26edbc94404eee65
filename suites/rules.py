"""The rules of a guardrail, each with what it says and as CreateGuardrail takes it.

The vocabulary is Bedrock's (botocore shape CreateGuardrailRequest); nothing here talks to AWS.
"""

from __future__ import annotations

import re
from typing import Annotated, Any, Literal, Self

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, field_validator, model_validator

from suites.case import Action, Cut, Side

Strength = Literal["NONE", "LOW", "MEDIUM", "HIGH"]
Modality = Literal["TEXT", "IMAGE"]
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
Modalities = Annotated[tuple[Modality, ...], Field(min_length=1, max_length=2)]
_Blocking = Literal["block", "detect"]
_IN_THE_ACCOUNT = r"^arn:aws[a-z-]*:bedrock:[a-z0-9-]+:[0-9]{12}:"
ReasoningArn = Annotated[
    str, Field(pattern=_IN_THE_ACCOUNT + r"automated-reasoning-policy/[a-z0-9]{12}(:[1-9][0-9]*)?$")
]

_LOOKAROUND = re.compile(r"\(\?<?[=!]")
_WIRE_ACTION = {"block": "BLOCK", "mask": "ANONYMIZE", "detect": "NONE"}


class Closed(BaseModel):
    """Frozen, and with no member that is not known."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class _TwoSided(Closed):
    """A rule that looks at what users send and at what models answer."""

    action: Action
    """On both sides, unless one of the next two says otherwise."""
    input_action: Action | None = None
    output_action: Action | None = None
    sides: tuple[Side, ...] = ("input", "output")
    """Where it is switched on. On a side that is not named it is not evaluated, and costs nothing there."""

    def _wire(self, cut: Cut) -> dict[str, Any]:
        return {
            "inputAction": _WIRE_ACTION[self.input_action or self.action],
            "outputAction": _WIRE_ACTION[self.output_action or self.action],
            "inputEnabled": cut != "output" and "input" in self.sides,
            "outputEnabled": cut != "input" and "output" in self.sides,
        }


class _Sensitive(_TwoSided):
    """A rule of the sensitive information policy, whose action is told once more for both sides."""

    def _wire(self, cut: Cut) -> dict[str, Any]:
        return {"action": _WIRE_ACTION[self.action], **super()._wire(cut)}


class _BlockOnly(_TwoSided):
    """A rule that can block or report, and never masks."""

    action: _Blocking = "block"
    input_action: _Blocking | None = None
    output_action: _Blocking | None = None


class PiiRule(_Sensitive):
    """One PII type and what happens to it."""

    type: PiiType

    def document(self, cut: Cut) -> dict[str, Any]:
        """As CreateGuardrail takes it."""
        return {"type": self.type, **self._wire(cut)}


class RegexRule(_Sensitive):
    """A custom pattern. Bedrock allows no lookaround."""

    name: str = Field(min_length=1, max_length=100)
    pattern: str = Field(min_length=1, max_length=500)
    description: str | None = Field(default=None, min_length=1, max_length=1000)

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

    def document(self, cut: Cut) -> dict[str, Any]:
        """As CreateGuardrail takes it."""
        described = {"description": self.description} if self.description else {}
        return {"name": self.name, "pattern": self.pattern, **described, **self._wire(cut)}


class WordRule(_BlockOnly):
    """A word or phrase, matched as it stands."""

    text: Phrase

    def document(self, cut: Cut) -> dict[str, Any]:
        """As CreateGuardrail takes it."""
        return {"text": self.text, **self._wire(cut)}


class ProfanityRule(_BlockOnly):
    """The list of profane words that AWS keeps."""

    def document(self, cut: Cut) -> dict[str, Any]:
        """As CreateGuardrail takes it."""
        return {"type": "PROFANITY", **self._wire(cut)}


class TopicRule(_BlockOnly):
    """A denied topic."""

    name: str = Field(pattern=r"^[0-9a-zA-Z-_ !?.]{1,100}$")
    definition: str = Field(min_length=1, max_length=200)
    examples: tuple[Phrase, ...] = Field(default=(), max_length=5)

    def document(self, cut: Cut) -> dict[str, Any]:
        """As CreateGuardrail takes it."""
        return {
            "name": self.name,
            "definition": self.definition,
            "examples": list(self.examples),
            "type": "DENY",
            **self._wire(cut),
        }


class ContentRule(_BlockOnly):
    """A content filter: how strong it is on either side, and whether it reads texts, pictures or both."""

    type: Literal["SEXUAL", "VIOLENCE", "HATE", "INSULTS", "MISCONDUCT", "PROMPT_ATTACK"]
    input: Strength
    output: Strength
    input_modalities: Modalities | None = None
    """Not given: not sent, which is TEXT at AWS. No case holds a picture: IMAGE is deployed, not measured."""
    output_modalities: Modalities | None = None

    @model_validator(mode="after")
    def _has_an_output_side(self) -> Self:
        if self.type == "PROMPT_ATTACK" and self.output != "NONE":
            raise ValueError("PROMPT_ATTACK exists on the input side only; its output must be NONE")
        return self

    @field_validator("input_modalities", "output_modalities")
    @classmethod
    def _each_once(cls, given: Modalities | None) -> Modalities | None:
        if given and len(set(given)) < len(given):
            raise ValueError(f"names {given[0]} twice; allowed are TEXT, IMAGE or both")
        return given

    def document(self, cut: Cut) -> dict[str, Any]:
        """As CreateGuardrail takes it."""
        modalities = {"inputModalities": self.input_modalities, "outputModalities": self.output_modalities}
        return {
            "type": self.type,
            "inputStrength": self.input,
            "outputStrength": self.output,
            **{name: list(given) for name, given in modalities.items() if given},
            **self._wire(cut),
        }


class GroundingRule(Closed):
    """A check of an answer against its sources or its question."""

    type: Literal["GROUNDING", "RELEVANCE"]
    threshold: float = Field(ge=0, lt=1)
    """Answers that score less are acted on; a fraction."""
    action: _Blocking = "block"
    enabled: bool = True

    def document(self, cut: Cut) -> dict[str, Any]:
        """As CreateGuardrail takes it; an input cut has no answer to judge."""
        return {
            "type": self.type,
            "threshold": self.threshold,
            "action": _WIRE_ACTION[self.action],
            "enabled": self.enabled and cut != "input",
        }


class AutomatedReasoning(Closed):
    """Policies of formal rules that exist in the account; their findings are reported, never acted on."""

    policies: tuple[ReasoningArn, ...] = Field(min_length=1, max_length=2)
    confidence: float | None = Field(default=None, ge=0, le=1)

    def document(self) -> dict[str, Any]:
        """As CreateGuardrail takes it."""
        given = {} if self.confidence is None else {"confidenceThreshold": self.confidence}
        return {"policies": list(self.policies), **given}


def _word(given: Any) -> Any:
    return {"text": given} if isinstance(given, str) else given


def _list(given: Any) -> Any:
    if isinstance(given, bool):
        return ProfanityRule() if given else None
    return given


Word = Annotated[WordRule, BeforeValidator(_word)]
"""A word alone, or a rule with more to say about it."""
Profanity = Annotated[ProfanityRule | None, BeforeValidator(_list)]
"""`true` and `false`, or a rule with more to say about it."""
