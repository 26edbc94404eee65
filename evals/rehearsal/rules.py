"""A stored guardrail made ready to judge one side: which rules are on there, and what each does.

Here alone is decided which detector looks for what: another one that follows the protocol takes its place.

A rule that is switched off for a side is not evaluated there and costs nothing; one whose action is
NONE is evaluated and only reports (botocore: GuardrailPiiEntityConfig and its siblings).
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Literal

from evals.rehearsal.detectors.content import ContentDetector
from evals.rehearsal.detectors.embedding import embedder
from evals.rehearsal.detectors.pii.detector import PiiDetector
from evals.rehearsal.detectors.protocol import Detector
from evals.rehearsal.detectors.topics import TopicDetector
from evals.rehearsal.detectors.words import WordDetector, profanity
from evals.rehearsal.errors import not_modelled

Side = Literal["INPUT", "OUTPUT"]
Configured = Literal["BLOCK", "ANONYMIZE", "NONE"]

_COMPILED_POLICIES = 256


@dataclass(frozen=True, kw_only=True)
class PiiRules:
    """Personal data."""

    actions: Mapping[str, Configured]
    """By type, what to do."""
    detector: Detector


@dataclass(frozen=True, kw_only=True)
class RegexRule:
    """One custom pattern."""

    name: str
    pattern: str
    compiled: re.Pattern[str]
    action: Configured


@dataclass(frozen=True, kw_only=True)
class WordRules:
    """Custom words and the managed list."""

    actions: Mapping[str, Configured]
    """By custom word in lower case, what to do."""
    custom: Detector | None
    managed: Detector | None
    """The managed list, None where it is not used."""
    managed_action: Configured


@dataclass(frozen=True, kw_only=True)
class TopicRules:
    """Denied topics."""

    actions: Mapping[str, Configured]
    detector: Detector


@dataclass(frozen=True, kw_only=True)
class FilterRule:
    """One content filter."""

    type: str
    strength: str
    action: Configured


@dataclass(frozen=True, kw_only=True)
class ContentRules:
    """Content filters."""

    filters: tuple[FilterRule, ...]
    detector: Detector


@dataclass(frozen=True, kw_only=True)
class SideRules:
    """Everything that is on for one side; None where a policy kind has nothing there."""

    pii: PiiRules | None
    regexes: tuple[RegexRule, ...]
    words: WordRules | None
    topics: TopicRules | None
    content: ContentRules | None
    canned: str
    """What is said instead of a blocked text."""


def rules_of(policy: Mapping[str, Any], side: Side) -> SideRules:
    """The rules of a guardrail, given as CreateGuardrail takes it, that are on for a side.

    The same document is made ready once, however often it is asked for.

    Raises:
        re.error: A custom pattern is no regular expression.
        ServiceError: `ValidationException`: the guardrail reasons about answers, which is not modelled.
    """
    if side == "OUTPUT" and "automatedReasoningPolicyConfig" in policy:
        raise not_modelled("automated reasoning about an answer")
    return _compiled(json.dumps(policy, sort_keys=True, default=str), side)


@lru_cache(maxsize=_COMPILED_POLICIES)
def _compiled(document: str, side: Side) -> SideRules:
    policy: dict[str, Any] = json.loads(document)
    sensitive = policy.get("sensitiveInformationPolicyConfig", {})
    words = policy.get("wordPolicyConfig", {})
    return SideRules(
        pii=_pii(_enabled(sensitive.get("piiEntitiesConfig"), side), side),
        regexes=tuple(
            RegexRule(
                name=rule["name"],
                pattern=rule["pattern"],
                compiled=re.compile(rule["pattern"]),
                action=_action(rule, side),
            )
            for rule in _enabled(sensitive.get("regexesConfig"), side)
        ),
        words=_words(
            _enabled(words.get("wordsConfig"), side),
            _enabled(words.get("managedWordListsConfig"), side),
            side,
        ),
        topics=_topics(_enabled(policy.get("topicPolicyConfig", {}).get("topicsConfig"), side), side),
        content=_content(_enabled(policy.get("contentPolicyConfig", {}).get("filtersConfig"), side), side),
        canned=policy["blockedInputMessaging" if side == "INPUT" else "blockedOutputsMessaging"],
    )


def reads_pictures(policy: Mapping[str, Any], side: Side) -> bool:
    """Whether a content filter looks at the pictures of a side."""
    reads = "inputModalities" if side == "INPUT" else "outputModalities"
    filters = policy.get("contentPolicyConfig", {}).get("filtersConfig")
    return any("IMAGE" in rule.get(reads, ()) for rule in _enabled(filters, side))


def _enabled(rules: list[dict[str, Any]] | None, side: Side) -> list[dict[str, Any]]:
    switch = "inputEnabled" if side == "INPUT" else "outputEnabled"
    return [rule for rule in rules or () if rule.get(switch, True)]


def _action(rule: Mapping[str, Any], side: Side) -> Configured:
    own = rule.get("inputAction" if side == "INPUT" else "outputAction")
    action: Configured = own or rule.get("action") or "BLOCK"
    return action


def _pii(rules: list[dict[str, Any]], side: Side) -> PiiRules | None:
    if not rules:
        return None
    actions = {rule["type"]: _action(rule, side) for rule in rules}
    return PiiRules(actions=actions, detector=PiiDetector(actions))


def _words(custom: list[dict[str, Any]], managed: list[dict[str, Any]], side: Side) -> WordRules | None:
    if not custom and not managed:
        return None
    actions = {" ".join(rule["text"].lower().split()): _action(rule, side) for rule in custom}
    return WordRules(
        actions=actions,
        custom=WordDetector(actions) if actions else None,
        managed=profanity() if managed else None,
        managed_action=_action(managed[0], side) if managed else "NONE",
    )


def _topics(rules: list[dict[str, Any]], side: Side) -> TopicRules | None:
    if not rules:
        return None
    return TopicRules(
        actions={rule["name"]: _action(rule, side) for rule in rules},
        detector=TopicDetector(
            {rule["name"]: (rule["definition"], *rule.get("examples", ())) for rule in rules}, embedder()
        ),
    )


def _content(rules: list[dict[str, Any]], side: Side) -> ContentRules | None:
    strength, reads = (
        ("inputStrength", "inputModalities") if side == "INPUT" else ("outputStrength", "outputModalities")
    )
    filters = tuple(
        FilterRule(type=rule["type"], strength=rule[strength], action=_action(rule, side))
        for rule in rules
        # Bedrock looks for prompt attacks in what users send only, and a filter for pictures at no text.
        if (side == "INPUT" or rule["type"] != "PROMPT_ATTACK") and "TEXT" in rule.get(reads, ("TEXT",))
    )
    if not filters:
        return None
    return ContentRules(filters=filters, detector=ContentDetector((rule.type for rule in filters), side))
