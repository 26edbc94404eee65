"""`parity doctor` as a user types it: what is guarded, what is not, and how it knows."""

from __future__ import annotations

import json

import pytest

from suites.arms import ARMS_FOLDER

INERT = "mantle.openai.gpt-5.5"


@pytest.fixture(scope="module")
def inert(tmp_path_factory):
    """An arms file whose candidate takes guardrail settings and ignores them."""
    file = tmp_path_factory.mktemp("arms") / "inert.yaml"
    file.write_text((ARMS_FOLDER / "rehearsal.yaml").read_text().replace("us.openai.gpt-5.5", INERT))
    return file


@pytest.fixture(scope="module")
def refused(parity, inert):
    """What doctor says of it, for one suite."""
    return parity("doctor", "--arms", inert, "--suite", "topics")


def test_inert_profile_is_named_with_the_evidence(refused):
    """Exit 4; which arm is unguarded, that nothing assessed its answers, and that the guardrail acts."""
    assert refused.code == 4, refused.all
    told = " ".join(refused.out.split())
    assert "topics: the candidate is unguarded." in told
    assert f"in front of {INERT}, while the guardrail alone acted on 4 of 4 of them" in told
    assert "the answer carries no assessment by our guardrail" in told
    assert "✗ topic: acts (block) at the input" in told
    assert "the reference is unguarded" not in told
    assert "REHEARSAL" in told


def test_shipped_arms_are_ready(parity):
    """Exit 0, and each line as JSON: every arm, policy and check passed."""
    ended = parity("doctor", "--arms", "rehearsal", "--suite", "pii", "--json")

    assert ended.code == 0, ended.all
    document = json.loads(ended.out)
    assert {line["state"] for line in document["lines"]} == {"passed"}
    assert {line["arm"] for line in document["lines"]} == {"reference", "candidate", "control", "both"}
    assert any("mask, block" in line["what"] for line in document["lines"])
    assert (document["rehearsal"], document["unguarded"], document["warnings"]) == (True, [], [])


def test_without_credentials_nothing_is_known(parity, tmp_path):
    """Exit 5, and what is missing; that is neither a pass nor an unguarded arm."""
    nobody = dict.fromkeys(("AWS_PROFILE", "AWS_ACCESS_KEY_ID", "AWS_BEARER_TOKEN_BEDROCK"))
    nobody |= {"AWS_EC2_METADATA_DISABLED": "true", "AWS_CONFIG_FILE": str(tmp_path / "none")}
    nobody |= {"AWS_SHARED_CREDENTIALS_FILE": str(tmp_path / "none")}
    ended = parity("doctor", "--arms", "bedrock", "--suite", "pii", env=nobody)

    assert ended.code == 5, ended.all
    assert "No AWS credentials were found" in ended.err


def test_arms_file_that_is_not_there_is_a_usage_error(parity):
    """Exit 2, with what there is."""
    ended = parity("doctor", "--arms", "nowhere.yaml")

    assert ended.code == 2
    assert "No arms file nowhere.yaml. Give a path, or one of: bedrock, rehearsal." in ended.err
