"""Another version of the detectors: what it overlooks, and before whom."""

from __future__ import annotations

import boto3
import pytest

from evals.rehearsal import child

POLICY = {
    "blockedInputMessaging": "no",
    "blockedOutputsMessaging": "no",
    "sensitiveInformationPolicyConfig": {
        "piiEntitiesConfig": [
            {"type": "EMAIL", "action": "ANONYMIZE"},
            {"type": "PHONE", "action": "ANONYMIZE"},
        ]
    },
}
MODELS = ("us.openai.gpt-5.5", "us.anthropic.claude-opus-4-7")


@pytest.fixture(scope="module")
def service(tmp_path_factory):
    """A service whose detectors overlook half of all addresses, and its two clients."""
    faults = tmp_path_factory.mktemp("faults") / "faults.yaml"
    faults.write_text("detectors: {overlooks: {EMAIL: 0.5}}\n")
    with child.start(faults=faults) as started:
        there = {
            "endpoint_url": started.endpoint_url,
            "region_name": "us-east-1",
            "aws_access_key_id": "any",
            "aws_secret_access_key": "any",
        }
        yield boto3.client("bedrock", **there), boto3.client("bedrock-runtime", **there)


def test_a_text_fares_the_same_before_every_model_and_without_one(service):
    """About half of the addresses pass, the same ones on all ways; telephone numbers never do."""
    control, runtime = service
    guardrail = control.create_guardrail(name="pii", **POLICY)["guardrailId"]
    config = {"guardrailIdentifier": guardrail, "guardrailVersion": "DRAFT", "trace": "enabled"}

    def alone(text):
        found = runtime.apply_guardrail(
            **{name: config[name] for name in ("guardrailIdentifier", "guardrailVersion")},
            source="OUTPUT",
            content=[{"text": {"text": text}}],
        )
        return found["action"] == "NONE"

    def before(model, text):
        found = runtime.converse(
            modelId=model,
            messages=[{"role": "user", "content": [{"text": f"Hello. {text}"}]}],
            guardrailConfig=config,
        )
        assessment = found["trace"]["guardrail"]["inputAssessment"][guardrail]
        return "sensitiveInformationPolicy" not in assessment

    texts = [f"person{number}@example.com" for number in range(40)]
    passed = [alone(text) for text in texts]

    assert 10 <= sum(passed) <= 30
    for model in MODELS:
        assert [before(model, text) for text in texts[:12]] == passed[:12]
    assert not any(alone(f"Call +1 202-555-01{number:02d}.") for number in range(10, 30))


def test_no_description_tells_of_it(service):
    """GetGuardrail shows what was created and nothing else."""
    control, _ = service
    guardrail = control.create_guardrail(name="told", **POLICY)["guardrailId"]

    assert "overlook" not in str(control.get_guardrail(guardrailIdentifier=guardrail)).lower()
