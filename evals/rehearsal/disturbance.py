"""What a planted fault does to one Converse call. No detection happens here.

Masking and blocking faults are shown to the engine as a policy without the rules that would have
masked or blocked, so that a finding vanishes from text, trace and action alike. What was charged and
covered stays as if the rules had run: a fault that could be seen in the units would be no test.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from evals.rehearsal.engine import Assessment, assess
from evals.rehearsal.faults import Plants
from evals.rehearsal.guardrails import Configuration
from evals.rehearsal.rules import Side


@dataclass(frozen=True)
class Disturbance:
    """Which planted faults strike this call."""

    masking: bool = False
    blocking: bool = False
    overblock: bool = False
    inert: bool = False


def strike(plants: Plants, *, model_id: str, seed: int, epoch: int, prompt: str, proof: bool) -> Disturbance:
    """Decide for every kind of fault whether it strikes this call."""
    if not plants.rates:
        return Disturbance()
    return Disturbance(
        **{
            field.name: plants.hit(
                field.name, model_id=model_id, seed=seed, epoch=epoch, prompt=prompt, proof=proof
            )
            for field in dataclasses.fields(Disturbance)
        }
    )


def disturbed(
    configuration: Configuration,
    side: Side,
    texts: list[str],
    *,
    unread: int = 0,
    full: bool,
    disturbance: Disturbance,
) -> Assessment:
    """Assess texts as the guardrail would under the faults that strike this call."""
    overlooked = configuration.overlooked
    assessment = assess(configuration.policy, side, texts, unread=unread, full=full, overlooked=overlooked)
    if disturbance.masking or disturbance.blocking:
        lame = _without(configuration, side, masking=disturbance.masking, blocking=disturbance.blocking)
        assessment = _charged_as(assessment, assess(lame, side, texts, full=full, overlooked=overlooked))
    if disturbance.overblock and side == "OUTPUT" and assessment.action == "NONE":
        return _overblocked(configuration.policy, texts, assessment)
    return assessment


def _charged_as(whole: Assessment, lame: Assessment) -> Assessment:
    document = {**lame.document, "invocationMetrics": whole.document["invocationMetrics"]}
    return dataclasses.replace(lame, document=document, usage=whole.usage, coverage=whole.coverage)


@lru_cache(maxsize=256)
def _without(configuration: Configuration, side: Side, *, masking: bool, blocking: bool) -> dict[str, Any]:
    """The policy without its rules that mask, or block, on this side."""
    removed = ({"ANONYMIZE"} if masking else set()) | ({"BLOCK"} if blocking else set())
    policy: dict[str, Any] = {}
    for name, value in configuration.policy.items():
        if not isinstance(value, Mapping):
            policy[name] = value
            continue
        kept = {
            kind: [rule for rule in rules if _action(rule, side) not in removed]
            for kind, rules in value.items()
            if isinstance(rules, list)
        }
        if kept := {kind: rules for kind, rules in kept.items() if rules}:
            policy[name] = kept
    return policy


@lru_cache(maxsize=256)
def without_attacks(configuration: Configuration) -> Configuration:
    """The guardrail without its filter for prompt attacks."""
    policy = dict(configuration.policy)
    content = policy.pop("contentPolicyConfig", {})
    filters = [rule for rule in content.get("filtersConfig", ()) if rule["type"] != "PROMPT_ATTACK"]
    if filters:
        policy["contentPolicyConfig"] = {**content, "filtersConfig": filters}
    return dataclasses.replace(configuration, policy=policy)


def _action(rule: Mapping[str, Any], side: Side) -> str:
    return str(rule.get(f"{side.lower()}Action", rule.get("action", "BLOCK")))


def _overblocked(policy: Mapping[str, Any], texts: list[str], clean: Assessment) -> Assessment:
    """A blocking finding where there was none, by the first rule that could have blocked output."""
    for name, kind, entry in _INVENTED:
        rule = next((rule for rule in policy.get(name, {}).get(kind, ()) if _judges_output(rule)), None)
        if rule is not None:
            match = next((word for text in texts for word in text.split()), "")
            return dataclasses.replace(
                clean,
                action="GUARDRAIL_INTERVENED",
                blocked=True,
                texts=(policy["blockedOutputsMessaging"],),
                document={**clean.document, **entry(rule, match)},
                reason="Guardrail blocked.",
            )
    return clean


def _judges_output(rule: Mapping[str, Any]) -> bool:
    return bool(rule.get("outputEnabled", True)) and rule.get("outputStrength") != "NONE"


_Rule = Mapping[str, Any]
_ACTED = {"action": "BLOCKED", "detected": True}


def _filter(rule: _Rule, _match: str) -> dict[str, Any]:
    grade = {"confidence": "HIGH", "filterStrength": rule["outputStrength"]}
    return {"contentPolicy": {"filters": [{"type": rule["type"], **grade, **_ACTED}]}}


def _topic(rule: _Rule, _match: str) -> dict[str, Any]:
    return {"topicPolicy": {"topics": [{"name": rule["name"], "type": "DENY", **_ACTED}]}}


def _word(rule: _Rule, _match: str) -> dict[str, Any]:
    return {"wordPolicy": {"customWords": [{"match": rule["text"], **_ACTED}], "managedWordLists": []}}


def _managed_word(rule: _Rule, match: str) -> dict[str, Any]:
    found = {"match": match, "type": rule["type"], **_ACTED}
    return {"wordPolicy": {"customWords": [], "managedWordLists": [found]}}


def _pii_entity(rule: _Rule, match: str) -> dict[str, Any]:
    found = {"match": match, "type": rule["type"], **_ACTED}
    return {"sensitiveInformationPolicy": {"piiEntities": [found], "regexes": []}}


def _regex(rule: _Rule, match: str) -> dict[str, Any]:
    found = {"name": rule["name"], "match": match, "regex": rule["pattern"], **_ACTED}
    return {"sensitiveInformationPolicy": {"piiEntities": [], "regexes": [found]}}


_INVENTED: tuple[tuple[str, str, Callable[[_Rule, str], dict[str, Any]]], ...] = (
    ("contentPolicyConfig", "filtersConfig", _filter),
    ("topicPolicyConfig", "topicsConfig", _topic),
    ("wordPolicyConfig", "wordsConfig", _word),
    ("wordPolicyConfig", "managedWordListsConfig", _managed_word),
    ("sensitiveInformationPolicyConfig", "piiEntitiesConfig", _pii_entity),
    ("sensitiveInformationPolicyConfig", "regexesConfig", _regex),
)
"""By kind of rule, in the order in which they are tried, the assessment of a text it never saw cause in."""
