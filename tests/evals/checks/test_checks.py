"""Equal conditions: what an account enforces before one model alone is never measured as the model's."""

from __future__ import annotations

import boto3
import pytest

from evals.prepare import prepare
from evals.rehearsal import child
from suites.arms import ARMS_FOLDER

OPUS, GPT_OSS = "anthropic.claude-opus-4-7", "openai.gpt-oss-120b-1:0"


@pytest.fixture(scope="module")
def bedrock():
    """A local Bedrock, and its control plane."""
    with child.start() as service:
        control = boto3.client(
            "bedrock",
            endpoint_url=service.endpoint_url,
            region_name="us-east-1",
            aws_access_key_id="x",
            aws_secret_access_key="x",
        )
        yield service.endpoint_url, control


@pytest.fixture
def enforce(bedrock):
    """Have the account enforce a guardrail before these models, for one test."""
    _, control = bedrock
    made = control.create_guardrail(
        name="of-the-account",
        blockedInputMessaging="no",
        blockedOutputsMessaging="no",
        wordPolicyConfig={"wordsConfig": [{"text": "zzyzx"}]},
    )["guardrailId"]
    version = control.create_guardrail_version(guardrailIdentifier=made)["version"]
    configured = []

    def put(*included, excluded=()):
        answer = control.put_enforced_guardrail_configuration(
            guardrailInferenceConfig={
                "guardrailIdentifier": made,
                "guardrailVersion": version,
                "modelEnforcement": {"includedModels": list(included), "excludedModels": list(excluded)},
            }
        )
        configured.append(answer["configId"])
        return made

    yield put
    for each in configured:
        control.delete_enforced_guardrail_configuration(configId=each)
    control.delete_guardrail(guardrailIdentifier=made)


@pytest.fixture
def checks(bedrock, monkeypatch, tmp_path):
    """The checks of a suite by name, and why nothing could be compared."""
    monkeypatch.setenv("PARITY_ENDPOINT_URL", bedrock[0])

    def make(accept=""):
        file = tmp_path / "arms.yaml"
        file.write_text((ARMS_FOLDER / "rehearsal.yaml").read_text() + accept)
        ready = prepare("topics", str(file), epochs=1, run_id="r")
        return {(check.arm, check.check): check for check in ready.registered.checks}, ready

    return make


def test_undisturbed_arms_stand_under_equal_conditions(checks):
    """All that is asked of each arm and of both passes, and is registered."""
    found, ready = checks()

    assert len(found) == 2 * 2 + 3
    assert all(check.passed for check in found.values())
    assert ready.registered.attached


def test_enforcement_before_one_model_alone_ends_the_comparison(checks, enforce):
    """By what the account says and by what the traces show; both name the guardrail and the arm."""
    made = enforce(OPUS)

    found, ready = checks()

    said, seen = found[None, "enforced"], found[None, "other_guardrails"]
    assert (said.passed, seen.passed) == (False, False)
    assert f"enforces {made} version 1 (account) before the reference" in said.evidence
    assert made in seen.evidence
    assert "The arms do not stand under equal conditions" in ready.unattached
    assert not ready.registered.attached


def test_enforcement_before_both_is_equal(checks, enforce):
    """It is told, and changes nothing."""
    made = enforce("ALL")

    found, ready = checks()

    assert found[None, "enforced"].passed
    assert made in found[None, "enforced"].evidence
    assert ready.registered.attached


def test_enforcement_can_be_accepted_by_name(checks, enforce):
    """Then the comparison goes on, and the register says what was accepted."""
    enforce(OPUS)

    found, ready = checks("accept: [enforcement]\n")

    assert found[None, "enforced"].passed
    assert ready.registered.attached
    assert "enforcement" in ready.registered.accepted
