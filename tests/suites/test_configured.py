"""What a guardrail is told to do, as read from a policy and from a deployed one."""

from __future__ import annotations

import random
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from suites.case import CUTS, Case
from suites.configured import deployed_rules, differences, policy_rules
from suites.suite import load_suite, suite_names

DEPLOYED: dict[str, Any] = {
    "blockedInputMessaging": "No.",
    "sensitiveInformationPolicy": {
        "piiEntities": [
            {"type": "EMAIL", "action": "BLOCK"},
            {"type": "PHONE", "action": "ANONYMIZE", "inputEnabled": False},
            {"type": "NAME", "action": "ANONYMIZE", "inputAction": "NONE"},
        ],
        "regexes": [],
    },
    "wordPolicy": {"words": [{"text": "Krakatoa"}], "managedWordLists": [{"type": "PROFANITY"}]},
    "contentPolicy": {"filters": [{"type": "HATE", "inputStrength": "NONE", "outputStrength": "LOW"}]},
    "topicPolicy": {"topics": [{"name": "Betting", "definition": "Bets."}]},
}


def case(policy: str, category: str, side: str, text: str = "something") -> Case:
    return Case.model_validate(
        {
            "id": "c-1",
            "template": "t",
            "category": category,
            "expectation": "protect",
            "side": side,
            "channel": "output" if side == "output" else "user",
            "policy": policy,
            "action": "mask",
            "payload": text,
            "prompt": f"Repeat <text>{text}</text>",
            "material": text,
            "provenance": "made up",
        }
    )


@pytest.mark.parametrize(
    ("asked", "action", "reason"),
    [
        (case("pii", "EMAIL", "input"), "block", ""),
        (case("pii", "PHONE", "input"), None, "pii PHONE is off on the input side"),
        (case("pii", "PHONE", "output"), "mask", ""),
        (case("pii", "NAME", "input"), "detect", ""),
        (case("pii", "PIN", "input"), None, "no pii rule is about PIN"),
        (case("content", "HATE", "input"), None, "content HATE is off on the input side"),
        (case("content", "HATE", "output"), "block", ""),
        (case("topic", "Betting", "input"), "block", ""),
        (case("topic", "betting", "input"), None, "no topic rule is about betting"),
        (case("word", "any", "input", "near krakatoa"), "block", ""),
        (case("word", "any", "input", "krakatoas"), None, "no word rule is about any"),
        (case("profanity", "any", "output"), "block", ""),
        (case("regex", "Ticket", "input"), None, "no regex rule is about Ticket"),
    ],
)
def test_a_deployed_guardrail_says_what_is_to_be_expected(asked, action, reason):
    """By rule and side; what no rule is about, or is off, is not expected of it."""
    told = deployed_rules(DEPLOYED).asked_by(asked)

    assert (told.action, told.reason) == (action, reason)


def as_described(request: dict[str, Any]) -> dict[str, Any]:
    """How GetGuardrail would tell of a request, written out by hand."""
    names = {
        "topicPolicyConfig": ("topicPolicy", {"topicsConfig": "topics"}),
        "contentPolicyConfig": ("contentPolicy", {"filtersConfig": "filters"}),
        "wordPolicyConfig": (
            "wordPolicy",
            {"wordsConfig": "words", "managedWordListsConfig": "managedWordLists"},
        ),
        "sensitiveInformationPolicyConfig": (
            "sensitiveInformationPolicy",
            {"piiEntitiesConfig": "piiEntities", "regexesConfig": "regexes"},
        ),
    }
    told: dict[str, Any] = {key: value for key, value in request.items() if key not in names}
    for name, (policy, lists) in names.items():
        if name in request:
            told[policy] = {lists[key]: value for key, value in request[name].items()}
    return told


@given(suite=st.sampled_from(suite_names()), cut=st.sampled_from(CUTS), seed=st.integers(0, 999))
@settings(max_examples=20)
def test_only_what_was_changed_differs(suite, cut, seed):
    """A policy is the same as itself in any order of rules; a rule taken away is the one that differs."""
    draw = random.Random(seed)
    policy = load_suite(suite).policy
    told = as_described(policy.create_request(cut))
    lists = [rules for each in told.values() if isinstance(each, dict) for rules in each.values()]
    for rules in lists:
        draw.shuffle(rules)
    assert differences(policy_rules(policy.create_request(cut)), deployed_rules(told)) == []

    from_list = draw.choice(lists)
    gone = from_list.pop(draw.randrange(len(from_list)))
    (found,) = differences(policy_rules(policy.create_request(cut)), deployed_rules(told))
    assert found.rule.endswith(gone.get("name") or gone.get("text") or gone["type"])
    assert (found.policy, found.deployed) == ("is there", None)


def test_what_is_taken_for_granted_is_no_difference():
    """A service that fills in its defaults still tells the same guardrail."""
    bare = {"contentPolicy": {"filters": [{"type": "HATE", "inputStrength": "LOW", "outputStrength": "LOW"}]}}
    filled = {
        "contentPolicy": {
            "filters": [
                bare["contentPolicy"]["filters"][0]
                | {"inputModalities": ["TEXT"], "inputAction": "BLOCK", "inputEnabled": True}
            ],
            "tier": {"tierName": "CLASSIC"},
        }
    }
    standard = {"contentPolicy": filled["contentPolicy"] | {"tier": {"tierName": "STANDARD"}}}

    assert differences(deployed_rules(bare), deployed_rules(filled)) == []
    (found,) = differences(deployed_rules(bare), deployed_rules(standard))
    assert (found.rule, found.deployed) == ("setting contentPolicy tier", "is there")
