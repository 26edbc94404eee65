"""What a guardrail is configured to do, rule by rule, and where two guardrails do different things.

A policy (as CreateGuardrail takes it) and a deployed guardrail (as GetGuardrail tells it) are read into the
same rules, with what AWS takes for granted filled in. Nothing here talks to AWS.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from suites.case import Action, Case, Side

Kind = Literal[
    "setting", "pii", "regex", "word", "profanity", "topic", "content", "grounding", "automated_reasoning"
]

_LISTS: tuple[tuple[Kind, str, str, str], ...] = (
    ("topic", "topicPolicy", "topics", "name"),
    ("content", "contentPolicy", "filters", "type"),
    ("word", "wordPolicy", "words", "text"),
    ("profanity", "wordPolicy", "managedWordLists", "type"),
    ("pii", "sensitiveInformationPolicy", "piiEntities", "type"),
    ("regex", "sensitiveInformationPolicy", "regexes", "name"),
    ("grounding", "contextualGroundingPolicy", "filters", "type"),
)
"""By kind of rule: its policy, the list in it, and the member that names a rule."""
_SETTINGS = ("blockedInputMessaging", "blockedOutputsMessaging")
_TIERED = ("topicPolicy", "contentPolicy", "contextualGroundingPolicy")
_ACTIONS: Mapping[str, Action] = {"BLOCK": "block", "ANONYMIZE": "mask", "NONE": "detect"}
_PER_SIDE = {"action", "inputAction", "outputAction", "inputEnabled", "outputEnabled", "enabled"}
_TEXT = ["TEXT"]
_TAKEN_FOR_GRANTED: Mapping[str, Any] = {
    "inputModalities": _TEXT,
    "outputModalities": _TEXT,
    "examples": [],
    "type": "DENY",
}
"""What a rule says where it says nothing."""


@dataclass(frozen=True)
class Rule:
    """One rule of a guardrail."""

    kind: Kind
    name: str
    acts: Mapping[Side, Action | None]
    """By side what it does; None where it is switched off. Empty where a rule knows no sides."""
    says: Mapping[str, Any]
    """Everything else about it: definition, pattern, strengths."""

    @property
    def title(self) -> str:
        """For people: kind and name."""
        return f"{self.kind} {self.name}"

    def on_text(self, side: Side) -> Action | None:
        """What it does with a text on a side; None where it is off, or looks at pictures alone."""
        return self.acts.get(side) if "TEXT" in self.says.get(f"{side}Modalities", _TEXT) else None


@dataclass(frozen=True)
class Difference:
    """One thing that a policy and a deployed guardrail say differently; None: one of them says nothing."""

    rule: str
    what: str
    policy: Any
    deployed: Any


@dataclass(frozen=True)
class Asked:
    """What a guardrail is told to do with a case; None where nothing, with the reason."""

    action: Action | None
    reason: str = ""


@dataclass(frozen=True)
class Configured:
    """All rules of one guardrail."""

    rules: tuple[Rule, ...]

    def rule(self, kind: str, name: str) -> Rule | None:
        """The rule of that kind and name, None where there is none."""
        return next((rule for rule in self.rules if (rule.kind, rule.name) == (kind, name)), None)

    def of(self, kind: str) -> tuple[Rule, ...]:
        """All rules of a kind."""
        return tuple(rule for rule in self.rules if rule.kind == kind)

    def actions(self, kind: str, side: Side) -> frozenset[Action]:
        """What the rules of a kind do with texts on a side; empty where none is on."""
        return frozenset(action for rule in self.of(kind) if (action := rule.on_text(side)))

    def asked_by(self, case: Case) -> Asked:
        """What is to happen to what a protect case holds."""
        rules = self.about(case.policy or "", case.category, case.payload or case.text)
        if not rules:
            return Asked(None, f"no {case.policy} rule is about {case.category}")
        for rule in rules:
            if action := rule.on_text(case.side):
                return Asked(action)
        why = "is off" if rules[0].acts[case.side] is None else "looks at pictures alone"
        return Asked(None, f"{rules[0].title} {why} on the {case.side} side")

    def about(self, kind: str, name: str, text: str) -> tuple[Rule, ...]:
        """The rules that a text is about: by name, or for custom words by what the text holds."""
        rules = self.of(kind)
        if kind == "profanity":
            return rules
        if kind == "word":
            return tuple(rule for rule in rules if _holds(text, rule.name))
        return tuple(rule for rule in rules if rule.name == name)


def policy_rules(request: Mapping[str, Any]) -> Configured:
    """The rules in a CreateGuardrail request; a key in it is compared as it is named there."""
    profile = (request.get("crossRegionConfig") or {}).get("guardrailProfileIdentifier")
    document = {name.removesuffix("Config"): _renamed(each) for name, each in request.items()}
    return _read(document, profile, request.get("kmsKeyId"))


def deployed_rules(answer: Mapping[str, Any]) -> Configured:
    """The rules in an answer of GetGuardrail."""
    profile = (answer.get("crossRegionDetails") or {}).get("guardrailProfileId")
    return _read(answer, profile, answer.get("kmsKeyArn"))


def differences(policy: Configured, deployed: Configured) -> list[Difference]:
    """Where a policy and a deployed guardrail differ, rule by rule, in the policy's order."""
    found: list[Difference] = []
    for rule in policy.rules:
        other = deployed.rule(rule.kind, rule.name)
        if other is None:
            found.append(Difference(rule.title, "rule", "is there", None))
        else:
            found += _differing(rule, other)
    return found + [
        Difference(rule.title, "rule", None, "is there")
        for rule in deployed.rules
        if policy.rule(rule.kind, rule.name) is None
    ]


def _differing(rule: Rule, other: Rule) -> Iterator[Difference]:
    for side in ("input", "output"):
        one, two = rule.acts.get(side), other.acts.get(side)
        if one != two:
            yield Difference(rule.title, f"{side} action", one or "off", two or "off")
    for name in [*rule.says, *(name for name in other.says if name not in rule.says)]:
        one, two = rule.says.get(name), other.says.get(name)
        if one != two:
            yield Difference(rule.title, name, one, two)


def _read(document: Mapping[str, Any], profile: str | None, key: str | None) -> Configured:
    rules = [Rule("setting", name, {}, {"value": document[name]}) for name in _SETTINGS if document.get(name)]
    if profile:
        # A profile is the same one by its id and by its ARN.
        rules.append(Rule("setting", "crossRegionProfile", {}, {"value": profile.rpartition("/")[2]}))
    if key:
        rules.append(Rule("setting", "kmsKey", {}, {"value": key}))
    for policy in _TIERED:
        tier = ((document.get(policy) or {}).get("tier") or {}).get("tierName", "CLASSIC")
        if tier != "CLASSIC":
            rules.append(Rule("setting", f"{policy} tier", {}, {"value": tier}))
    for kind, policy, listed, named in _LISTS:
        rules += [_rule(kind, rule, named) for rule in (document.get(policy) or {}).get(listed) or ()]
    if reasoning := document.get("automatedReasoningPolicy"):
        threshold = {"confidenceThreshold": reasoning.get("confidenceThreshold")}
        rules += [Rule("automated_reasoning", arn, {}, threshold) for arn in reasoning["policies"]]
    return Configured(tuple(rules))


def _rule(kind: Kind, rule: Mapping[str, Any], named: str) -> Rule:
    kept = {
        name: sorted(value) if name.endswith("Modalities") else value
        for name, value in rule.items()
        if name != named and name not in _PER_SIDE and value is not None
    }
    says = {name: value for name, value in kept.items() if value != _TAKEN_FOR_GRANTED.get(name)}
    if kind == "grounding":
        acts: dict[Side, Action | None] = {"input": None, "output": _on(rule, "enabled", "action")}
    else:
        acts = {
            "input": _on(rule, "inputEnabled", "inputAction"),
            "output": _on(rule, "outputEnabled", "outputAction"),
        }
    if kind == "content":
        acts = {side: action for side, action in acts.items() if rule[f"{side}Strength"] != "NONE"} | {
            side: None for side in acts if rule[f"{side}Strength"] == "NONE"
        }
    return Rule(kind, str(rule[named]), acts, says)


def _on(rule: Mapping[str, Any], switch: str, action: str) -> Action | None:
    if rule.get(switch) is False:
        return None
    return _ACTIONS[rule.get(action) or rule.get("action") or "BLOCK"]


def _renamed(value: Any) -> Any:
    """GetGuardrail has the members of CreateGuardrail without the ending `Config`."""
    if isinstance(value, Mapping):
        return {name.removesuffix("Config"): _renamed(each) for name, each in value.items()}
    if isinstance(value, Sequence) and not isinstance(value, str):
        return [_renamed(each) for each in value]
    return value


def _holds(text: str, word: str) -> bool:
    return re.search(rf"(?<!\w){re.escape(word)}(?!\w)", text, re.IGNORECASE) is not None
