from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from evals.bedrock import deployment, guardrails
from evals.bedrock.client import client
from evals.bedrock.errors import GuardrailError
from evals.rehearsal import child
from suites.policy import Policy
from suites.rules import PiiRule, TopicRule

REGION = "us-east-1"
POLICY = Policy(
    name="unit",
    blocked_input="No.",
    blocked_output="No.",
    pii=(PiiRule(type="EMAIL", action="mask"), PiiRule(type="PHONE", action="block")),
    topics=(TopicRule(name="Betting", definition="Advice on bets."),),
)


@pytest.fixture(scope="module")
def endpoint_url() -> Iterator[str]:
    """A rehearsal of this module's own."""
    with child.start() as rehearsal:
        yield rehearsal.endpoint_url


def answer(**more: Any) -> dict[str, Any]:
    return {
        "name": "n",
        "guardrailId": "abc123",
        "guardrailArn": "arn:aws:bedrock:us-east-1:1:guardrail/abc123",
        "version": "3",
        "status": "READY",
        "createdAt": "2026-01-01T00:00:00Z",
        "updatedAt": "2026-01-01T00:00:00Z",
        "blockedInputMessaging": "No.",
        "blockedOutputsMessaging": "No.",
        "wordPolicy": {"words": [{"text": "a"}, {"text": "b"}], "managedWordLists": []},
        **more,
    }


def test_deployed_guardrail_can_be_read(endpoint_url: str) -> None:
    """What was deployed is a numbered version with a digest."""
    reference = deployment.deploy(POLICY, "full", endpoint_url=endpoint_url, region=REGION).reference
    found = guardrails.read(reference.id, reference.version, endpoint_url=endpoint_url, region=REGION)
    assert (found.id, found.version) == (reference.id, reference.version)
    assert len(found.digest) == 64


def test_cuts_differ(endpoint_url: str) -> None:
    """The three cuts of one policy are three configurations."""
    digests = set()
    for cut in ("full", "input", "output"):
        reference = deployment.deploy(POLICY, cut, endpoint_url=endpoint_url, region=REGION).reference
        found = guardrails.read(reference.id, reference.version, endpoint_url=endpoint_url, region=REGION)
        digests.add(found.digest)
    assert len(digests) == 3


@pytest.mark.parametrize("version", ["DRAFT", "0", "", "1.0", "latest"])
def test_draft_is_refused(endpoint_url: str, version: str) -> None:
    """What may change during a run cannot be measured; nothing is asked."""
    with pytest.raises(GuardrailError) as caught:
        guardrails.read("abc123", version, endpoint_url=endpoint_url, region=REGION)
    assert f"version {version!r} is no numbered version" in str(caught.value)
    assert "CreateGuardrailVersion" in str(caught.value)


def test_guardrail_that_does_not_exist_is_named(endpoint_url: str) -> None:
    """The message names the guardrail, its version and the service's own words."""
    with pytest.raises(GuardrailError, match=r"Guardrail nosuchguard version 7 cannot be read: Resource"):
        guardrails.read("nosuchguard", "7", endpoint_url=endpoint_url, region=REGION)


def test_guardrail_that_is_not_ready_is_refused(stub: Any) -> None:
    """A version that failed, or is still being made, is not measured."""
    stub.gets["/guardrails/abc123"] = answer(status="FAILED", statusReasons=["quota"])
    with pytest.raises(GuardrailError, match=r"version 3 is FAILED, not READY \(quota\)"):
        guardrails.read("abc123", "3", endpoint_url=stub.endpoint_url, region=REGION)


def test_ids_times_and_names_are_not_configuration() -> None:
    """Two deployments of one policy are the same configuration."""
    other = answer(
        name="other", guardrailId="zzz", guardrailArn="arn:zzz", version="9", updatedAt="2027-01-01T00:00:00Z"
    )
    assert guardrails.configuration(answer()) == guardrails.configuration(other)


def test_order_of_rules_is_not_configuration() -> None:
    """The service may list rules in any order."""
    other = answer(wordPolicy={"managedWordLists": [], "words": [{"text": "b"}, {"text": "a"}]})
    assert guardrails.configuration(answer()) == guardrails.configuration(other)


@pytest.mark.parametrize(
    "change",
    [
        {"blockedInputMessaging": "Never."},
        {"wordPolicy": {"words": [{"text": "a"}], "managedWordLists": []}},
        {"wordPolicy": {"words": [{"text": "a"}, {"text": "b", "inputEnabled": False}]}},
        {"crossRegionDetails": {"guardrailProfileId": "us.guardrail.v1:0", "guardrailProfileArn": "arn"}},
    ],
)
def test_behaviour_is_configuration(change: dict[str, Any]) -> None:
    """Whatever changes what the guardrail does changes what it is compared by."""
    assert guardrails.configuration(answer()) != guardrails.configuration(answer(**change))


def test_nothing_is_measured_by_reading(endpoint_url: str) -> None:
    """Reading leaves the service as it was."""
    reference = deployment.deploy(POLICY, "output", endpoint_url=endpoint_url, region=REGION).reference
    control = client("bedrock", endpoint_url=endpoint_url, region=REGION)
    before = control.list_guardrails()["guardrails"]
    guardrails.read(reference.id, reference.version, endpoint_url=endpoint_url, region=REGION)
    assert control.list_guardrails()["guardrails"] == before
