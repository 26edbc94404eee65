"""Rates by hand, from the account, and what is done where the account does not tell."""

from __future__ import annotations

import pytest
import yaml

from evals.bedrock.service_quotas import Quota, of_apply_guardrail, of_model, of_text_units
from evals.rates import ASSUMED, rates, unlimited
from evals.rehearsal import child
from suites.arms import Arms

ARMS = {
    "reference": {"model": "us.anthropic.claude-opus-4-7"},
    "candidate": {"model": "us.openai.gpt-5.5"},
}


@pytest.fixture(scope="module")
def endpoint_url():
    """A rehearsal of this module's own."""
    with child.start() as service:
        yield service.endpoint_url


def told(arms: Arms, endpoint_url: str, kinds=("topic", "word")):
    kept = rates(arms, kinds, endpoint_url=endpoint_url)
    return kept.quotas, {each.name: (each.per_second, each.source) for each in kept.used}


def test_the_account_is_asked_for_what_was_not_set_by_hand(endpoint_url):
    """The smallest quota of the policies counts; a model without one is named as limited by none."""
    arms = Arms.model_validate(ARMS | {"quotas": "from-account"})
    quotas, used = told(arms, endpoint_url)

    assert used == {
        "reference": (200.0, "account"),
        "candidate": (None, "none"),
        "apply_guardrail": (50.0, "account"),
        "text_units": (50.0, "account"),
    }
    assert (quotas.requests_per_second.reference, quotas.text_units_per_second) == (200.0, 50.0)


def test_what_is_set_by_hand_holds(endpoint_url):
    """A hand's rate outweighs the account's, and without the wish nothing is asked."""
    by_hand = {"requests_per_second": {"candidate": 3}, "text_units_per_second": 7}
    both = Arms.model_validate(ARMS | {"quotas": by_hand | {"from_account": True}})
    alone = Arms.model_validate(ARMS | {"quotas": by_hand})

    _, used = told(both, endpoint_url)
    assert used["candidate"] == (3.0, "arms_file")
    assert used["text_units"] == (7.0, "arms_file")
    assert used["apply_guardrail"] == (50.0, "account")
    quotas, used = told(alone, "http://127.0.0.1:9")
    assert (quotas, set(used)) == (alone.quotas, {"candidate", "text_units"})


def test_an_account_that_may_not_be_asked_is_no_account_without_limits(endpoint_url):
    """The smallest defaults are kept to, with the service's words as the reason."""
    arms = Arms.model_validate(ARMS | {"quotas": "from-account"})
    kept = rates(arms, ["pii"], endpoint_url=f"{endpoint_url}/nowhere")
    used = {each.name: each for each in kept.used}

    assert (used["apply_guardrail"].per_second, used["apply_guardrail"].source) == (ASSUMED, "assumed")
    assert kept.quotas.text_units_per_second == ASSUMED
    assert [each.partition(":")[0] for each in unlimited(arms, kept.used)] == [
        "No rate limits the requests to us.anthropic.claude-opus-4-7 (reference)",
        "No rate limits the requests to us.openai.gpt-5.5 (candidate)",
    ]


def test_a_model_that_no_rate_limits_is_named_with_what_to_set(endpoint_url):
    """Whether its quota was not found or nobody asked; one that has a rate is not named."""
    arms = Arms.model_validate(ARMS | {"quotas": "from-account"})
    (found,) = unlimited(arms, rates(arms, ["pii"], endpoint_url=endpoint_url).used)
    nobody_asked = unlimited(Arms.model_validate(ARMS), ())

    assert "us.openai.gpt-5.5 (candidate): no quota of requests to us.openai.gpt-5.5 is told" in found
    setting = found.split("`")[1].replace(": N", ": 3")
    told = Arms.model_validate(ARMS | yaml.safe_load(setting))
    assert unlimited(told, rates(told, ["pii"], endpoint_url=endpoint_url).used) == []
    assert len(nobody_asked) == 2
    assert "none was set, and the account was not asked" in nobody_asked[0]


def test_a_tier_of_its_own_counts_where_it_is_smaller():
    """Newer accounts have a quota for each tier, which are known by their names."""
    quotas = [
        Quota("L-01F3CD81", "On-demand ApplyGuardrail content filter policy text units per second", 200),
        Quota("L-1", "On-demand ApplyGuardrail Content filter policy text units per second (Standard)", 40),
        Quota("L-9072D6F0", "On-demand ApplyGuardrail requests per second", 50),
    ]

    found = of_text_units(quotas, ["content"])
    assert found is not None
    assert found.value == 40
    assert of_text_units(quotas, ["content", "topic"]) is None
    assert (of_apply_guardrail(quotas) or quotas[0]).value == 50


@pytest.mark.parametrize(
    ("model", "code"),
    [
        ("us.anthropic.claude-opus-4-7", "cross"),
        ("arn:aws:bedrock:us-east-1:111122223333:inference-profile/eu.anthropic.claude-opus-4-7", "cross"),
        ("global.anthropic.claude-opus-4-7", "global"),
        ("anthropic.claude-opus-4-7", "bare"),
        ("us.anthropic.claude-opus-4", None),
        ("us.openai.gpt-5.5", None),
    ],
)
def test_a_models_quota_is_found_by_its_name_and_way(model, code):
    """Never that of another version, nor of another kind of profile."""
    name = "model inference requests per minute for Anthropic Claude Opus 4.7"
    quotas = [
        Quota("global", f"Global cross-region {name}", 1),
        Quota("cross", f"Cross-region {name}", 2),
        Quota("bare", f"On-demand {name}", 3),
    ]

    found = of_model(quotas, model)
    assert (found and found.code) == code
