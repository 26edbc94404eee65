"""What a guardrail configuration must keep beyond its shape, and how GetGuardrail names it.

The rules are AWS's own (user guide, "Create your guardrail"), and what the stand-in does not model is
refused here rather than accepted and forgotten.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from evals.rehearsal.errors import invalid, not_modelled

POLICIES = (
    "topicPolicyConfig",
    "contentPolicyConfig",
    "wordPolicyConfig",
    "sensitiveInformationPolicyConfig",
    "contextualGroundingPolicyConfig",
    "automatedReasoningPolicyConfig",
)
MEMBERS = (
    "name",
    "description",
    *POLICIES,
    "crossRegionConfig",
    "kmsKeyId",
    "blockedInputMessaging",
    "blockedOutputsMessaging",
)
"""The members of CreateGuardrail and UpdateGuardrail that make up a configuration."""

_UNIQUE = {
    "topicsConfig": "name",
    "filtersConfig": "type",
    "wordsConfig": "text",
    "managedWordListsConfig": "type",
    "piiEntitiesConfig": "type",
    "regexesConfig": "name",
    "policies": "arn",
}
"""By list of rules, the member that no two rules of one guardrail may share."""

_RULES = _UNIQUE.keys()

_LOOKAROUND = re.compile(r"\(\?<?[=!]")
_ESCAPE_OR_CLASS = re.compile(r"\\.|\[\^?\]?(?:\\.|[^\]\\])*\]", re.DOTALL)


def read_configuration(request: Mapping[str, Any], *, key_arn: Callable[[str], str]) -> dict[str, Any]:
    """The configuration in a CreateGuardrail or UpdateGuardrail request, in the request's own shape.

    Args:
        request: As it came in.
        key_arn: Gives the ARN of a KMS key by whatever names it; raises `ServiceError` where there is none.

    Raises:
        ServiceError: `ValidationException`: a rule that AWS refuses, no rule at all, or something the
            stand-in does not model.
    """
    configuration = {name: request[name] for name in MEMBERS if request.get(name) is not None}
    identity = {"guardrailIdentifier", "clientRequestToken", "tags"}
    for name, value in request.items():
        if name not in MEMBERS and name not in identity and value is not None:
            raise not_modelled(f"{name} of a guardrail")
    rules = list(_rules(configuration))
    if not rules:
        raise invalid("A guardrail needs at least one policy with at least one rule")
    for kind, rule in rules:
        _check_rule(kind, rule)
    _check_unique(rules)
    _check_tiers(configuration)
    if "kmsKeyId" in configuration:
        configuration["kmsKeyId"] = key_arn(configuration["kmsKeyId"])
    return configuration


def as_described(configuration: Mapping[str, Any], *, arn_of: Callable[[str], str]) -> dict[str, Any]:
    """The configuration with the names GetGuardrail uses: the same ones without the ending `Config`.

    Args:
        configuration: In the shape of a CreateGuardrail request.
        arn_of: Makes the ARN of a resource from its type and name.
    """
    described = {
        name.removesuffix("Config"): _renamed(value)
        for name, value in configuration.items()
        if name not in {"crossRegionConfig", "kmsKeyId"}
    }
    if key := configuration.get("kmsKeyId"):
        described["kmsKeyArn"] = key
    if profile := configuration.get("crossRegionConfig"):
        name = profile["guardrailProfileIdentifier"].rpartition("/")[2]
        described["crossRegionDetails"] = {
            "guardrailProfileId": name,
            "guardrailProfileArn": arn_of(f"guardrail-profile/{name}"),
        }
    return described


def _renamed(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {name.removesuffix("Config"): _renamed(each) for name, each in value.items()}
    if isinstance(value, list):
        return [_renamed(element) for element in value]
    return value


def _rules(configuration: Mapping[str, Any]) -> Iterator[tuple[str, Mapping[str, Any]]]:
    for policy in POLICIES:
        for kind, rules in configuration.get(policy, {}).items():
            if kind == "policies":
                yield from ((kind, {"arn": arn}) for arn in rules)
            elif kind in _RULES:
                yield from ((kind, rule) for rule in rules)


def _check_tiers(configuration: Mapping[str, Any]) -> None:
    for policy in POLICIES:
        tier = configuration.get(policy, {}).get("tierConfig", {}).get("tierName")
        if tier == "STANDARD" and "crossRegionConfig" not in configuration:
            raise invalid(f"The tier STANDARD of {policy} needs crossRegionConfig")


def _check_rule(kind: str, rule: Mapping[str, Any]) -> None:
    if kind == "filtersConfig" and "threshold" not in rule:
        if rule["type"] == "PROMPT_ATTACK" and rule["outputStrength"] != "NONE":
            raise invalid(
                "The content filter PROMPT_ATTACK looks at input only: its outputStrength must be NONE"
            )
        for side in ("inputModalities", "outputModalities"):
            if len(set(rule.get(side, ()))) < len(rule.get(side, ())):
                raise invalid(f"The content filter {rule['type']} names a modality twice in {side}")
    elif kind == "regexesConfig":
        _check_pattern(rule["name"], rule["pattern"])


def _check_pattern(name: str, pattern: str) -> None:
    if _LOOKAROUND.search(_ESCAPE_OR_CLASS.sub("", pattern)):
        raise invalid(f"The regex '{name}' uses lookaround, which guardrails do not support: {pattern}")
    try:
        re.compile(pattern)
    except (re.error, OverflowError) as error:
        raise invalid(f"The regex '{name}' is not a valid pattern ({error}): {pattern}") from None


def _check_unique(rules: list[tuple[str, Mapping[str, Any]]]) -> None:
    counts = Counter((kind, rule[_UNIQUE[kind]]) for kind, rule in rules)
    for (kind, value), count in counts.items():
        if count > 1:
            raise invalid(f"{kind} has {count} rules with the {_UNIQUE[kind]} '{value}'; each may stand once")
