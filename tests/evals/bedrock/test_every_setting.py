"""A policy can say whatever CreateGuardrail takes, and nothing of it can change unseen."""

from __future__ import annotations

import copy
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import botocore.session
import pytest
from botocore.validate import ParamValidator

from evals.bedrock.guardrails import configuration
from evals.rehearsal.configuration import as_described
from suites.case import CUTS
from suites.configured import differences, policy_rules
from suites.documents import read_yaml
from suites.policy import Policy, digest

EXAMPLE = Path(__file__).parents[3] / "docs" / "policy.yaml"
SHAPE = (
    botocore.session.get_session().get_service_model("bedrock").operation_model("CreateGuardrail").input_shape
)
LEFT_OUT = {
    "clientRequestToken": "boto3 makes one for each call, so that a retry creates nothing twice",
}
"""Members that no policy says, each with the reason."""
SAYS_NOTHING_OF_BEHAVIOUR = ("name", "description", "tags")
Leaf = tuple[str, ...]


def policies() -> Iterator[Policy]:
    """The example, and the same with every other value of a setting that knows a fixed set of them."""
    document = read_yaml(EXAMPLE)
    yield Policy.model_validate(document)
    types = SHAPE.members["sensitiveInformationPolicyConfig"].members["piiEntitiesConfig"].member
    yield Policy.model_validate(
        document
        | {
            "pii": [
                {"type": each, "action": action, "input_action": action, "output_action": action}
                for each, action in zip(
                    types.members["type"].enum, ["block", "mask", "detect"] * 11, strict=False
                )
            ],
            "regexes": [
                {"name": f"R{place}", "pattern": "x", "action": action}
                for place, action in enumerate(["block", "mask", "detect"])
            ],
            "words": [{"text": "one", "action": "block"}, {"text": "two", "action": "detect", "sides": []}],
            "profanity": {"action": "detect", "input_action": "block"},
            "topics": [
                {
                    "name": "One",
                    "definition": "One.",
                    "action": "detect",
                    "input_action": "block",
                    "sides": [],
                },
            ],
            "content": [
                {"type": "HATE", "input": "NONE", "output": "LOW", "action": "detect", "sides": []},
                {"type": "INSULTS", "input": "MEDIUM", "output": "NONE", "output_modalities": ["TEXT"]},
                {"type": "MISCONDUCT", "input": "LOW", "output": "MEDIUM"},
            ],
            "topics_tier": "CLASSIC",
            "content_tier": "CLASSIC",
            "grounding_tier": "STANDARD",
        }
    )


def leaves(value: Any, path: Leaf = ()) -> Iterator[tuple[Leaf, Any]]:
    """What a request says, without the places in lists."""
    if isinstance(value, dict):
        for name, member in value.items():
            yield from leaves(member, (*path, name))
    elif isinstance(value, list):
        for member in value:
            yield from leaves(member, (*path, "[]"))
    else:
        yield path, value


def allowed(shape: Any, path: Leaf = ()) -> Iterator[tuple[Leaf, Any]]:
    """Every member of a shape, with every value where only some are possible, else with None."""
    if shape.type_name == "structure":
        for name, member in shape.members.items():
            yield from allowed(member, (*path, name))
    elif shape.type_name == "list":
        yield from allowed(shape.member, (*path, "[]"))
    elif shape.type_name == "boolean":
        yield from ((path, each) for each in (True, False))
    else:
        yield from ((path, each) for each in getattr(shape, "enum", None) or [None])


def test_a_policy_can_say_whatever_create_guardrail_takes():
    """Each member, and each value where some alone are possible, is said by a policy or left out."""
    said = {leaf for policy in policies() for cut in CUTS for leaf in leaves(policy.create_request(cut))}
    paths = {path for path, _ in said}
    missing = [
        (path, value)
        for path, value in allowed(SHAPE)
        if path[0] not in LEFT_OUT and not ((path, value) in said if value is not None else path in paths)
    ]

    assert missing == []
    assert set(LEFT_OUT) <= set(SHAPE.members)
    assert not {path[0] for path in paths} & set(LEFT_OUT)


@pytest.mark.parametrize("cut", CUTS)
def test_what_it_says_is_a_request_that_botocore_accepts(cut):
    """No unknown member, no missing one, no wrong type."""
    for policy in policies():
        assert ParamValidator().validate(policy.create_request(cut), SHAPE).generate_report() == ""


def changed(document: Any, path: tuple[Any, ...], shape: Any) -> Any:
    """The document with another value at one place."""
    changed = copy.deepcopy(document)
    into = changed
    for name in path[:-1]:
        into = into[name]
    into[path[-1]] = another(into[path[-1]], shape)
    return changed


def another(value: Any, shape: Any) -> Any:
    if isinstance(value, bool):
        return not value
    if isinstance(value, float):
        return value / 2
    possible = [each for each in getattr(shape, "enum", None) or [f"{value}x"] if each != value]
    return possible[0] if possible else None


def places(value: Any, shape: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[tuple[Any, ...], Any]]:
    """Where the single values of a request are, with their shapes."""
    if isinstance(value, dict):
        for name, member in value.items():
            yield from places(member, shape.members[name], (*path, name))
    elif isinstance(value, list):
        for place, member in enumerate(value):
            yield from places(member, shape.member, (*path, place))
    else:
        yield path, shape


def altered(request: dict[str, Any]) -> Iterator[tuple[tuple[Any, ...], dict[str, Any]]]:
    """The request with each of its settings changed, one at a time."""
    for path, shape in places(request, SHAPE):
        known_alone = getattr(shape, "enum", None) and len(shape.enum) == 1
        if path[0] not in SAYS_NOTHING_OF_BEHAVIOUR and not known_alone:
            yield path, changed(request, path, shape)


def plain_request() -> dict[str, Any]:
    """Every kind of rule, on for both sides, so that each of its settings counts."""
    document = read_yaml(EXAMPLE)
    for kind in ("pii", "regexes", "topics", "content"):
        for rule in document[kind]:
            rule.pop("sides", None)
    document["words"] = [{"text": "one"}, {"text": "two", "action": "detect"}]
    document["profanity"] = True
    document["content"] = document["content"][:2]
    for rule in document["grounding"]:
        rule["enabled"] = True
    return Policy.model_validate(document).create_request("full")


def test_no_setting_differs_unseen():
    """Whatever is changed of a deployed guardrail, a comparison with its policy shows it."""
    request = plain_request()
    seen = {path: differences(policy_rules(request), policy_rules(other)) for path, other in altered(request)}

    assert len(seen) > 80
    # Both sides say what they do; the action for both counts where one of them says nothing.
    assert {path[-1] for path, found in seen.items() if not found} == {"action"}
    assert {path[0] for path in seen} == set(request) - set(SAYS_NOTHING_OF_BEHAVIOUR)


def test_no_setting_leaves_the_digest_as_it_was():
    """Two guardrails of one digest say the same, encryption included; what does nothing is in none."""
    request = plain_request()

    def digest_of(request: dict[str, Any]) -> str:
        told = as_described(request, arn_of=lambda name: f"arn:aws:bedrock:us-east-1:111122223333:{name}")
        return digest(configuration(told))

    assert [path for path, other in altered(request) if digest_of(other) == digest_of(request)] == []
    nameless = {name: each for name, each in request.items() if name not in SAYS_NOTHING_OF_BEHAVIOUR}
    assert digest_of(nameless) == digest_of(request)


def test_a_key_of_several_regions_is_one_key():
    """Its ARN differs by region, its id does not; another key is another configuration."""
    key = {"kmsKeyArn": "arn:aws:kms:us-east-1:111122223333:key/mrk-1234abcd12ab34cd56ef1234567890ab"}
    there = {"kmsKeyArn": key["kmsKeyArn"].replace("us-east-1", "eu-west-1")}

    assert configuration(key) == configuration(there)
    assert configuration(key) != configuration({"kmsKeyArn": key["kmsKeyArn"] + "x"})
    assert configuration({}) == {}
