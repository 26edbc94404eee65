"""`parity init`: what it writes, and what it refuses to guess."""

from __future__ import annotations

import pytest
from click.testing import CliRunner

from evals.bedrock.client import client
from evals.rehearsal import child
from parity.cli import main
from suites.arms import load_arms

REGION = "us-east-1"


@pytest.fixture(scope="module")
def endpoint_url():
    """A rehearsal with two guardrails, one of them a DRAFT alone."""
    with child.start() as service:
        control = client("bedrock", endpoint_url=service.endpoint_url, region=REGION)
        for name in ("team", "draft"):
            made = control.create_guardrail(
                name=name,
                blockedInputMessaging="No.",
                blockedOutputsMessaging="No.",
                wordPolicyConfig={"wordsConfig": [{"text": "krakatoa"}]},
            )
            if name == "team":
                control.create_guardrail_version(guardrailIdentifier=made["guardrailId"])
        yield service.endpoint_url


@pytest.fixture
def guardrail(endpoint_url):
    control = client("bedrock", endpoint_url=endpoint_url, region=REGION)
    return next(each["id"] for each in control.list_guardrails()["guardrails"] if each["name"] == "team")


@pytest.fixture
def typed(endpoint_url, tmp_path, monkeypatch):
    """Type `parity init` in an empty folder; lines are what somebody at a terminal answers."""

    def run(*arguments: object, lines: list[str] | None = None):
        monkeypatch.chdir(tmp_path)
        monkeypatch.setattr("parity.init._asks", lambda: lines is not None)
        environment = {"PARITY_ENDPOINT_URL": endpoint_url, "AWS_REGION": REGION}
        return CliRunner().invoke(
            main, ["init", *map(str, arguments)], env=environment, input="\n".join(lines or [])
        )

    return run


def test_what_there_is_one_of_is_taken(typed, tmp_path, guardrail):
    """The only guardrail with a numbered version, and the two models; each key has a comment before it."""
    ended = typed()

    assert ended.exit_code == 0, ended.output
    arms = load_arms(tmp_path / "arms.yaml")
    assert arms.guardrail is not None
    assert (arms.guardrail.id, arms.guardrail.version) == (guardrail, "1")
    assert (arms.reference.model, arms.candidate.model) == (
        "us.anthropic.claude-opus-4-7",
        "us.openai.gpt-5.5",
    )
    assert arms.quotas.from_account
    lines = (tmp_path / "arms.yaml").read_text().splitlines()
    keys = [place for place, line in enumerate(lines) if line and not line.startswith(("#", " "))]
    assert all(lines[place - 1].startswith("#") for place in keys)
    assert "REHEARSAL" in lines[1]
    for command in ("parity doctor --arms arms.yaml", "parity run --arms arms.yaml --estimate"):
        assert command in ended.output
    assert "deploy" not in ended.output


def test_the_suites_own_guardrails_are_to_be_deployed(typed, tmp_path):
    """Then the file names none yet, and the next command is the one that puts them in."""
    ended = typed("-o", "own.yaml", "--guardrail", "suites", "--candidate", "openai.gpt-oss-120b-1:0")

    assert ended.exit_code == 0, ended.output
    arms = load_arms(tmp_path / "own.yaml")
    assert (arms.guardrail, arms.guardrails, arms.candidate.model) == (None, {}, "openai.gpt-oss-120b-1:0")
    assert "parity guardrails deploy --arms own.yaml --write" in ended.output


def test_somebody_at_a_terminal_is_asked(typed, tmp_path, guardrail):
    """An empty answer takes what is proposed; models and guardrails of the account are listed before."""
    ended = typed(lines=["", "global.openai.gpt-5.5", "team"])

    assert ended.exit_code == 0, ended.output
    arms = load_arms(tmp_path / "arms.yaml")
    assert arms.guardrail is not None
    assert (arms.candidate.model, arms.guardrail.id) == ("global.openai.gpt-5.5", guardrail)
    assert f"{guardrail} (team, version 1)" in ended.stderr


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--candidate", "openai.gpt-9"], "has no model 'openai.gpt-9' for the candidate. It has: us."),
        (["--guardrail", "draft"], "has no version with a number; it has: a DRAFT alone"),
        (["--guardrail", "team:7"], "has no version 7; it has: 1"),
        (["--guardrail", "nosuch"], "has no guardrail 'nosuch'. There are: "),
    ],
)
def test_what_does_not_exist_is_refused_and_nothing_is_written(typed, tmp_path, arguments, words):
    """With what there is."""
    ended = typed(*arguments)

    assert ended.exit_code == 2
    assert words in ended.output
    assert list(tmp_path.iterdir()) == []


def test_a_file_is_overwritten_by_force_alone(typed, tmp_path):
    """What a person wrote stays, unless they say so."""
    (tmp_path / "arms.yaml").write_text("mine")

    refused = typed()
    assert (refused.exit_code, (tmp_path / "arms.yaml").read_text()) == (2, "mine")
    assert "--force" in refused.output
    assert typed("--force").exit_code == 0
    assert load_arms(tmp_path / "arms.yaml").region == REGION
