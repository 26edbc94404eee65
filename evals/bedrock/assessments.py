"""Reads the service's own account of a guardrail into a `GuardTrace`.

Shapes: botocore ConverseResponse (`trace.guardrail`) and ApplyGuardrailResponse. What happened is read
from each finding's `action`, never from the summaries above it: masking and blocking both report an
intervention, `detected` is optional, and an intervention may come without any assessment.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from evals.bedrock.trace import Finding, GuardTrace
from suites.case import PolicyKind, Side

INTERVENED = "guardrail_intervened"
"""Converse's stop reason; ApplyGuardrail's action is the same word in capitals."""

_ACTIONS: Mapping[str, Literal["blocked", "masked", "none"]] = {
    "BLOCKED": "blocked",
    "ANONYMIZED": "masked",
    "NONE": "none",
}
_RULES: Mapping[tuple[str, str], tuple[PolicyKind, str]] = {
    ("topicPolicy", "topics"): ("topic", "name"),
    ("contentPolicy", "filters"): ("content", "type"),
    ("wordPolicy", "managedWordLists"): ("profanity", "type"),
    ("wordPolicy", "customWords"): ("word", ""),
    ("sensitiveInformationPolicy", "piiEntities"): ("pii", "type"),
    ("sensitiveInformationPolicy", "regexes"): ("regex", "name"),
}
"""By policy and list, our kind and the member that names the rule. A custom word has no name but itself,
and what was found is not kept."""
_NOT_POLICIES = {"invocationMetrics", "appliedGuardrailDetails"}
_UNITS = {
    "topicPolicyUnits": "topic",
    "contentPolicyUnits": "content",
    "wordPolicyUnits": "word",
    "sensitiveInformationPolicyUnits": "pii",
    "contextualGroundingPolicyUnits": "grounding",
    "automatedReasoningPolicyUnits": "reasoning",
}
"""What is charged, and the policy's name in the price list."""


@dataclass(frozen=True)
class Wanted:
    """The guardrail that the request named."""

    guardrail: str
    """Id or ARN."""
    version: str


def read_converse(response: Mapping[str, Any], wanted: Wanted) -> GuardTrace:
    """The trace of a Converse response.

    `present` needs an assessment that the response itself ascribes to the wanted guardrail, by the id
    it stands under and, where given, by its `appliedGuardrailDetails`.
    """
    trace = (response.get("trace") or {}).get("guardrail") or {}
    reading = _Reading(wanted)
    for key, assessment in (trace.get("inputAssessment") or {}).items():
        reading.take("input", key, assessment)
    for key, assessments in (trace.get("outputAssessments") or {}).items():
        for assessment in assessments:
            reading.take("output", key, assessment)
    return reading.result(
        present=bool(reading.sides),
        intervened=response.get("stopReason") == INTERVENED,
        action_reason=trace.get("actionReason"),
        units=reading.units,
        raw_outputs=tuple(trace.get("modelOutput") or ()),
    )


def read_apply(response: Mapping[str, Any], wanted: Wanted, side: Side) -> GuardTrace:
    """The trace of an ApplyGuardrail response.

    The call itself names the guardrail, so that its assessments are ours unless they say otherwise; a
    response without `action` or `usage`, or with a foreign assessment alone, shows no guardrail.
    """
    reading = _Reading(wanted)
    for assessment in response.get("assessments") or ():
        reading.take(side, wanted.guardrail, assessment)
    answered = bool(response.get("action")) and response.get("usage") is not None
    return reading.result(
        present=answered and (bool(reading.sides) or not reading.others),
        intervened=response.get("action") == INTERVENED.upper(),
        action_reason=response.get("actionReason"),
        units=_units(response.get("usage")),
    )


@dataclass
class _Reading:
    """What was read so far, of the wanted guardrail and of others."""

    wanted: Wanted
    sides: dict[Side, None] = field(default_factory=dict)
    findings: list[Finding] = field(default_factory=list)
    unread: dict[str, None] = field(default_factory=dict)
    others: dict[str, None] = field(default_factory=dict)
    units: Counter[str] = field(default_factory=Counter)

    def take(self, side: Side, key: str, assessment: Mapping[str, Any]) -> None:
        applied = assessment.get("appliedGuardrailDetails") or {}
        if not self._ours(key, applied):
            self.others[_label(key, applied)] = None
            return
        self.sides[side] = None
        self.units.update(_units((assessment.get("invocationMetrics") or {}).get("usage")))
        for finding in _findings(side, assessment):
            if isinstance(finding, str):
                self.unread[finding] = None
            else:
                self.findings.append(finding)

    def _ours(self, key: str, applied: Mapping[str, Any]) -> bool:
        """Whether everything that the assessment says of its guardrail is what was asked for.

        One that an account or an organisation enforces is not the request's, even if it is the same:
        it would be there whatever the request says.
        """
        named = [name for name in (key, applied.get("guardrailId"), applied.get("guardrailArn")) if name]
        return (
            bool(named)
            and all(_bare(name) == _bare(self.wanted.guardrail) for name in named)
            and applied.get("guardrailVersion", self.wanted.version) == self.wanted.version
            and "REQUEST" in (applied.get("guardrailOrigin") or ["REQUEST"])
        )

    def result(
        self,
        *,
        present: bool,
        intervened: bool,
        action_reason: str | None,
        units: Mapping[str, int],
        raw_outputs: tuple[str, ...] = (),
    ) -> GuardTrace:
        return GuardTrace(
            present=present,
            guardrail=_bare(self.wanted.guardrail) if present else None,
            version=self.wanted.version if present else None,
            findings=tuple(self.findings),
            intervened=intervened,
            action_reason=action_reason,
            sides=tuple(self.sides),
            units=sum(units.values()) if present else 0,
            charged=dict(units) if present else {},
            raw_outputs=raw_outputs,
            others=tuple(self.others),
            unread=tuple(self.unread),
        )


def _findings(side: Side, assessment: Mapping[str, Any]) -> Iterator[Finding | str]:
    """Each finding; as a string, each thing done that is not understood."""
    for policy, lists in assessment.items():
        if policy in _NOT_POLICIES or not isinstance(lists, Mapping):
            continue
        for name, entries in lists.items():
            kind, naming = _RULES.get((policy, name), (None, ""))
            for entry in _entries(entries):
                wire = entry.get("action", "NONE")
                action = _ACTIONS.get(wire)
                if kind is None or action is None:
                    if wire != "NONE":
                        yield f"{policy}.{name} with action {wire}"
                elif action != "none" or _detected(entry):
                    yield Finding(
                        policy=kind,
                        side=side,
                        rule=str(entry.get(naming) or "CUSTOM"),
                        action=action,
                        confidence=entry.get("confidence"),
                    )


def _entries(entries: Any) -> Iterable[Mapping[str, Any]]:
    return (entry for entry in entries if isinstance(entry, Mapping)) if isinstance(entries, list) else ()


def _detected(entry: Mapping[str, Any]) -> bool:
    """Whether an entry without action was found at all.

    Where `detected` is absent, an entry is there because it was found, save for a content filter that
    says so with the confidence NONE.
    """
    return bool(entry.get("detected", entry.get("confidence") != "NONE"))


def _units(usage: Mapping[str, int] | None) -> dict[str, int]:
    """Text units by policy, those that there were."""
    counted = {policy: (usage or {}).get(name, 0) for name, policy in _UNITS.items()}
    return {policy: units for policy, units in counted.items() if units}


def _bare(identifier: str) -> str:
    return identifier.rpartition("/")[2]


def _label(key: str, applied: Mapping[str, Any]) -> str:
    identifier = _bare(applied.get("guardrailId") or applied.get("guardrailArn") or key) or "unnamed"
    version = applied.get("guardrailVersion")
    origin = "+".join(applied.get("guardrailOrigin") or ())
    return identifier + (f" version {version}" if version else "") + (f" ({origin})" if origin else "")
