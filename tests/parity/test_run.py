"""`parity run` as against AWS: guardrails from the arms file, none created, the same way to the verdict."""

from __future__ import annotations

import json

import boto3
import pytest
import yaml
from botocore import UNSIGNED
from botocore.config import Config

from evals.rehearsal import child
from suites.case import CUTS
from suites.suite import load_suite

pytestmark = pytest.mark.slow


@pytest.fixture
def deployed():
    """A service at which somebody deployed the guardrails of one suite beforehand."""
    with child.start() as service:
        bedrock = boto3.client(
            "bedrock",
            endpoint_url=service.endpoint_url,
            region_name="us-east-1",
            config=Config(signature_version=UNSIGNED),
        )
        guardrails = {}
        for cut in CUTS:
            created = bedrock.create_guardrail(**load_suite("pii").policy.create_request(cut))
            version = bedrock.create_guardrail_version(guardrailIdentifier=created["guardrailId"])
            guardrails[cut] = {"id": created["guardrailId"], "version": version["version"]}
        yield bedrock, service, guardrails
        bedrock.close()


def test_a_run_uses_the_deployed_guardrails_and_creates_none(deployed, parity, tmp_path):
    """The logs name the ids of the arms file, and the account holds what it held before."""
    bedrock, service, guardrails = deployed
    before = bedrock.list_guardrails()["guardrails"]
    arms = tmp_path / "arms.yaml"
    arms.write_text(
        yaml.safe_dump(
            {
                "reference": {"model": "us.anthropic.claude-opus-4-7"},
                "candidate": {"model": "us.openai.gpt-5.5"},
                "guardrails": {"pii": guardrails},
            }
        )
    )
    environment = {
        "AWS_ENDPOINT_URL_BEDROCK": service.endpoint_url,
        "AWS_ENDPOINT_URL_BEDROCK_RUNTIME": service.endpoint_url,
        "AWS_ACCESS_KEY_ID": "AKIAIOSFODNN7EXAMPLE",
        "AWS_SECRET_ACCESS_KEY": "not-a-secret",
    }

    ended = parity(
        "run", "--arms", arms, "--suite", "pii", "--limit", 6, "--out", tmp_path / "run", env=environment
    )

    assert ended.code == 3, ended.all
    verdict = json.loads((tmp_path / "run" / "verdict.json").read_text())
    registered = verdict["registered"]["pii"]["guardrails"]
    assert {cut: registered[cut]["id"] for cut in CUTS} == {cut: guardrails[cut]["id"] for cut in CUTS}
    assert bedrock.list_guardrails()["guardrails"] == before


def test_a_rehearsal_is_known_even_behind_aws_settings(deployed, parity, tmp_path):
    """Whoever points AWS settings at the stand-in still gets files that say REHEARSAL."""
    _, service, guardrails = deployed
    arms = tmp_path / "arms.yaml"
    arms.write_text(
        yaml.safe_dump(
            {
                "reference": {"model": "us.anthropic.claude-opus-4-7"},
                "candidate": {"model": "us.openai.gpt-5.5"},
                "guardrails": {"pii": guardrails},
            }
        )
    )
    environment = {
        "AWS_ENDPOINT_URL": service.endpoint_url,
        "AWS_ACCESS_KEY_ID": "x",
        "AWS_SECRET_ACCESS_KEY": "x",
    }

    ended = parity(
        "run", "--arms", arms, "--suite", "pii", "--limit", 2, "--out", tmp_path / "run", env=environment
    )

    verdict = json.loads((tmp_path / "run" / "verdict.json").read_text())
    assert verdict["rehearsal"] is True, ended.all
    assert "REHEARSAL" in ended.out
