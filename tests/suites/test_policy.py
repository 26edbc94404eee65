"""Policies as Bedrock takes them, by botocore's own model of the service."""

from __future__ import annotations

from typing import get_args

import botocore.session
import pytest
from botocore.validate import ParamValidator
from pydantic import ValidationError

from suites.case import CUTS
from suites.policy import Policy, digest
from suites.rules import ContentRule, PiiType, RegexRule, TopicRule
from suites.suite import load_suite, suite_names

MODEL = botocore.session.get_session().get_service_model("bedrock")
MESSAGES = {"name": "p", "blocked_input": "no", "blocked_output": "no"}


@pytest.mark.parametrize("cut", CUTS)
@pytest.mark.parametrize("suite", suite_names())
def test_every_cut_is_a_request_that_botocore_accepts(suite, cut):
    """No unknown member, no missing one, no wrong type, no length out of range."""
    request = load_suite(suite).policy.create_request(cut)
    shape = MODEL.operation_model("CreateGuardrail").input_shape

    assert ParamValidator().validate(request, shape).generate_report() == ""
    assert _outside_of_enums_and_patterns(request, shape) == []


def test_the_pii_types_are_bedrocks():
    """A type that Bedrock gains or loses is noticed here."""
    assert set(get_args(PiiType)) == set(MODEL.shape_for("GuardrailPiiEntityType").enum)


@pytest.mark.parametrize(
    ("cut", "enabled"), [("full", (True, True)), ("input", (True, False)), ("output", (False, True))]
)
@pytest.mark.parametrize("suite", suite_names())
def test_a_cut_switches_every_rule_of_the_other_side_off(suite, cut, enabled):
    """No rule of whatever kind may act on the side that was cut."""
    rules = list(_rules(load_suite(suite).policy.create_request(cut)))

    assert rules
    assert {(rule["inputEnabled"], rule["outputEnabled"]) for rule in rules} == {enabled}


def test_cuts_differ_in_name_and_sides_only():
    """The three guardrails of a suite are the same policy."""
    policy = load_suite("pii").policy
    stripped = []
    for cut in CUTS:
        request = policy.create_request(cut)
        assert request.pop("name") == f"parity-pii-{cut}"
        for rule in _rules(request):
            del rule["inputEnabled"], rule["outputEnabled"]
        stripped.append(request)

    assert stripped[0] == stripped[1] == stripped[2]


@pytest.mark.parametrize(("action", "wire"), [("block", "BLOCK"), ("mask", "ANONYMIZE"), ("detect", "NONE")])
def test_an_action_is_the_same_on_both_sides(action, wire):
    """Bedrock has three fields for it; none may say something else."""
    policy = Policy.model_validate(MESSAGES | {"pii": [{"type": "EMAIL", "action": action}]})

    rule = next(_rules(policy.create_request("full")))

    assert {rule["action"], rule["inputAction"], rule["outputAction"]} == {wire}


def test_the_catalog_uses_every_kind_of_policy():
    """What no suite configures would never be compared."""
    assert {kind for name in suite_names() for kind in load_suite(name).policy.kinds} == {
        "pii",
        "regex",
        "word",
        "profanity",
        "topic",
        "content",
    }


@pytest.mark.parametrize(
    ("rules", "said"),
    [
        ({}, "a policy needs a rule"),
        ({"pii": [{"type": "EMIAL", "action": "mask"}]}, "'EMAIL'"),
        ({"pii": [{"type": "EMAIL", "action": "hide"}]}, "'block', 'mask' or 'detect'"),
        (
            {"pii": [{"type": "PIN", "action": "mask"}, {"type": "PIN", "action": "block"}]},
            "PIN more than once",
        ),
        ({"words": ["one", "one"]}, "words names one more than once"),
        ({"words": ["w" * 101]}, "at most 100 characters"),
        ({"topics": [{"name": "Tax & co", "definition": "Taxes"}]}, "should match pattern"),
        ({"topics": [{"name": "Tax", "definition": "t" * 201}]}, "at most 200 characters"),
        ({"topics": [{"name": "Tax", "definition": "t", "examples": ["e"] * 6}]}, "at most 5 items"),
        ({"profanity": True, "emojis": True}, "Extra inputs are not permitted"),
    ],
)
def test_a_policy_that_bedrock_would_refuse_is_refused_here(rules, said):
    """A fault is told before anything is deployed or run."""
    with pytest.raises(ValidationError, match=said):
        Policy.model_validate(MESSAGES | rules)


@pytest.mark.parametrize("pattern", ["(?=x)y", "(?!x)y", "(?<=x)y", "(?<!x)y"])
def test_lookaround_is_refused(pattern):
    """Bedrock's custom patterns have none."""
    with pytest.raises(ValidationError, match="no lookahead and no lookbehind"):
        RegexRule(name="r", pattern=pattern, action="mask")


def test_a_broken_pattern_is_refused():
    """An open bracket is told with its place."""
    with pytest.raises(ValidationError, match=r"no regular expression: .*position 0"):
        RegexRule(name="r", pattern="[a-z", action="mask")


def test_a_named_group_is_no_lookaround():
    """What only looks similar passes."""
    assert RegexRule(name="r", pattern="(?P<x>a)(?:b)", action="mask").pattern == "(?P<x>a)(?:b)"


def test_prompt_attack_has_no_output_side():
    """Bedrock knows attacks on the input only."""
    with pytest.raises(ValidationError, match="input side only"):
        ContentRule(type="PROMPT_ATTACK", input="HIGH", output="LOW")


def test_topics_stay_within_the_documented_limits():
    """Five examples of a hundred characters."""
    with pytest.raises(ValidationError, match="at most 100 characters"):
        TopicRule(name="Tax", definition="Taxes", examples=("e" * 101,))


def test_a_digest_does_not_depend_on_the_order_of_keys():
    """Two ways to write the same document are the same configuration."""
    assert digest({"a": 1, "b": [1, 2]}) == digest({"b": [1, 2], "a": 1})
    assert digest({"a": [1, 2]}) != digest({"a": [2, 1]})


def _rules(request):
    for key, config in request.items():
        if key.endswith("PolicyConfig"):
            for rules in config.values():
                yield from rules


def _outside_of_enums_and_patterns(value, shape, path="request"):
    """ParamValidator checks neither; the service does."""
    if shape.type_name == "structure":
        return [
            fault
            for name, member in value.items()
            for fault in _outside_of_enums_and_patterns(member, shape.members[name], f"{path}.{name}")
        ]
    if shape.type_name == "list":
        return [
            fault
            for number, member in enumerate(value)
            for fault in _outside_of_enums_and_patterns(member, shape.member, f"{path}[{number}]")
        ] + (
            [path]
            if not shape.metadata.get("min", 0) <= len(value) <= shape.metadata.get("max", 10**6)
            else []
        )
    if shape.type_name != "string":
        return []
    too_long = len(value) > shape.metadata.get("max", 10**6)
    return [path] if too_long or (getattr(shape, "enum", None) and value not in shape.enum) else []
