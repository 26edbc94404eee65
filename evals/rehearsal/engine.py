"""The guardrail engine: what a stored policy makes of the texts of one side.

It judges by the policy it is given and by general knowledge beside the detectors, nothing else.
"""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from typing import Any

from evals.rehearsal.assessment import (
    Assessment,
    Entries,
    coverage_of,
    summary,
    usage_of,
    wire_action,
)
from evals.rehearsal.detectors.content import blocks, confidence
from evals.rehearsal.detectors.protocol import Detection, Detector
from evals.rehearsal.masking import Mask, masked
from evals.rehearsal.overlooked import Overlooked, overlooks
from evals.rehearsal.rules import Side, SideRules, rules_of

__all__ = ["Assessment", "assess"]


def assess(
    policy: Mapping[str, Any],
    side: Side,
    texts: Sequence[str],
    *,
    unread: int = 0,
    full: bool = False,
    overlooked: Overlooked = (),
) -> Assessment:
    """Judge the texts of one side by a guardrail.

    Args:
        policy: The guardrail in the shape of a CreateGuardrail request.
        side: INPUT for what users send, OUTPUT for what models answer.
        texts: The text blocks, each judged by itself.
        unread: How many characters of the request or answer stand where the guardrail does not look.
        full: Also list what was looked for and not found, as `outputScope` FULL and `enabled_full` do:
            for topics, content filters and PII types, not for words and custom patterns.
        overlooked: What the detectors do not find, though they know how.

    Raises:
        re.error: A custom pattern in the policy is no regular expression.
    """
    begun = time.perf_counter()
    rules = rules_of(policy, side)
    entries = Entries()
    shown = [_judge(rules, text, entries, overlooked) for text in texts]
    _judge_meaning(rules, texts, entries, overlooked, full=full)
    if full and rules.pii:
        found = {entry["type"] for entry in entries.pii}
        entries.pii.extend(
            {"match": "", "type": rule, "action": "NONE", "detected": False}
            for rule in rules.pii.actions
            if rule not in found
        )
    action, reason = summary(entries)
    blocked = any(entry["action"] == "BLOCKED" for entry in entries.all())
    usage = usage_of(rules, texts)
    coverage = coverage_of(rules, texts, unread)
    return Assessment(
        action=action,
        blocked=blocked,
        texts=(rules.canned,) if blocked else tuple(shown),
        document=entries.document()
        | {
            "invocationMetrics": {
                "guardrailProcessingLatency": round((time.perf_counter() - begun) * 1000),
                "usage": usage,
                "guardrailCoverage": coverage,
            }
        },
        reason=reason,
        usage=usage,
        coverage=coverage,
    )


def _judge(rules: SideRules, text: str, entries: Entries, overlooked: Overlooked) -> str:
    """Add the findings that have a place in the text, and return it masked."""
    masks: list[Mask] = []
    if rules.pii:
        for found in rules.pii.detector.detect(text):
            if overlooks(overlooked, found.rule, text[found.start : found.end]):
                continue
            action = rules.pii.actions[found.rule]
            entries.pii.append(
                {
                    "match": text[found.start : found.end],
                    "type": found.rule,
                    "action": wire_action(action),
                    "detected": True,
                }
            )
            if action == "ANONYMIZE":
                masks.append(Mask(found.start, found.end, found.rule, found.score))
    for rule in rules.regexes:
        for match in rule.compiled.finditer(text):
            if not match.group():
                continue
            entries.regexes.append(
                {
                    "name": rule.name,
                    "match": match.group(),
                    "regex": rule.pattern,
                    "action": wire_action(rule.action),
                    "detected": True,
                }
            )
            if rule.action == "ANONYMIZE":
                masks.append(Mask(*match.span(), rule.name, 1.0))
    _judge_words(rules, text, entries)
    return masked(text, masks)


def _judge_words(rules: SideRules, text: str, entries: Entries) -> None:
    if rules.words is None:
        return
    if rules.words.custom:
        for word in _distinct(rules.words.custom.detect(text)):
            action = rules.words.actions[" ".join(word.lower().split())]
            entries.custom_words.append({"match": word, "action": wire_action(action), "detected": True})
    if rules.words.managed:
        action = rules.words.managed_action
        entries.managed_words.extend(
            {"match": word, "type": "PROFANITY", "action": wire_action(action), "detected": True}
            for word in _distinct(rules.words.managed.detect(text))
        )


def _distinct(found: Sequence[Detection]) -> list[str]:
    return list(dict.fromkeys(detection.rule for detection in found))


def _judge_meaning(
    rules: SideRules, texts: Sequence[str], entries: Entries, overlooked: Overlooked, *, full: bool
) -> None:
    """Add the findings that have no place: topics and content."""
    if rules.topics:
        scores = _highest(rules.topics.detector, texts, overlooked)
        for name, action in rules.topics.actions.items():
            detected = name in scores
            if detected or full:
                entries.topics.append(
                    {
                        "name": name,
                        "type": "DENY",
                        "action": wire_action(action, detected=detected),
                        "detected": detected,
                    }
                )
    if rules.content:
        scores = _highest(rules.content.detector, texts, overlooked)
        for rule in rules.content.filters:
            level = confidence(scores.get(rule.type, 0.0))
            detected = blocks(rule.strength, level)
            if detected or full:
                entries.filters.append(
                    {
                        "type": rule.type,
                        "confidence": level,
                        "filterStrength": rule.strength,
                        "action": wire_action(rule.action, detected=detected),
                        "detected": detected,
                    }
                )


def _highest(detector: Detector, texts: Sequence[str], overlooked: Overlooked) -> dict[str, float]:
    scores: dict[str, float] = {}
    for text in texts:
        for detection in detector.detect(text):
            if not overlooks(overlooked, detection.rule, text):
                scores[detection.rule] = max(detection.score, scores.get(detection.rule, 0.0))
    return scores
