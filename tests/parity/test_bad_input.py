"""Bad input gets a clear answer: no traceback, no verdict, the culprit and what is allowed."""

from __future__ import annotations

import socket

import pytest
import yaml


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["rehearse", "--suite", "pij"], ["pij", "pii, topics, toxicity"]),
        (["rehearse", "--plant", "magic=0.1"], ["magic", "masking", "blocking", "overblock", "inert"]),
        (["rehearse", "--plant", "masking=7"], ["masking", "7"]),
        (["rehearse", "--limit", "0"], ["--limit", "0"]),
        (["rehearse", "--sweet", "pii"], ["--sweet"]),
        (["rehears"], ["rehears", "rehearse"]),
        (["run", "--arms", "nowhere.yaml"], ["nowhere.yaml", "bedrock", "rehearsal"]),
        (["run", "--arms", "rehearsal"], ["parity rehearse"]),
        (["interval", "--candidate-only", "9", "--reference-only", "2", "--pairs", "5"], ["9", "5"]),
        (["interval", "--candidate-only", "-1", "--reference-only", "2", "--pairs", "5"], ["-1"]),
        (["interval", "--candidate-only", "nan", "--reference-only", "2", "--pairs", "5"], ["nan"]),
        (["compare", "nowhere"], ["nowhere"]),
        (["report", ".", "-o", "board.docx"], ["board.docx", ".docx", ".html, .md, .pdf"]),
    ],
)
def test_a_wrong_word_is_named_with_what_is_allowed(parity, arguments, said):
    """A usage error is exit code 2 and says what was wrong and what there is."""
    ended = parity(*arguments)

    assert ended.code == 2, ended.all
    for word in said:
        assert word in ended.err
    assert "Traceback" not in ended.all


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"reference": {"model": "x", "route": "pigeon"}}, ["reference.route", "pigeon", "converse"]),
        ({"candidat": {}}, ["candidat"]),
        ({"guardrails": {"pii": {"full": {"id": "abc", "version": "DRAFT"}}}}, ["version", "DRAFT"]),
    ],
)
def test_a_malformed_arms_file_is_located(parity, tmp_path, change, said):
    """Path, key, value and what is allowed."""
    arms = {
        "reference": {"model": "us.anthropic.claude-opus-4-7"},
        "candidate": {"model": "us.openai.gpt-5.5"},
    }
    file = tmp_path / "arms.yaml"
    file.write_text(yaml.safe_dump(arms | change))

    ended = parity("run", "--arms", file)

    assert ended.code == 2, ended.all
    for word in [str(file), *said]:
        assert word in ended.err
    assert "Traceback" not in ended.all


def test_an_arms_file_that_is_no_yaml_is_located(parity, tmp_path):
    """A syntax error names file and line."""
    file = tmp_path / "arms.yaml"
    file.write_text("reference:\n  model: [unclosed\n")

    ended = parity("run", "--arms", file)

    assert ended.code == 2
    assert str(file) in ended.err
    assert "line" in ended.err


def test_an_empty_folder_has_no_verdict(parity, tmp_path):
    """Nothing was measured: exit 5 and the next step."""
    ended = parity("compare", tmp_path)

    assert ended.code == 5, ended.all
    assert str(tmp_path) in ended.err.replace("\n", "")
    assert not (tmp_path / "verdict.json").exists()


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04 half a zip"])
def test_a_broken_log_has_no_verdict(parity, tmp_path, content):
    """An empty or half-written log is named, and nothing is concluded."""
    (tmp_path / "2026-01-01T00-00-00_pii_x.eval").write_bytes(content)

    ended = parity("compare", tmp_path)

    assert ended.code == 5, ended.all
    assert "2026-01-01T00-00-00_pii_x.eval" in ended.err.replace("\n", "")
    assert "Traceback" not in ended.all


def test_a_port_that_is_taken_is_named(parity):
    """`parity serve` says which port, and what to do."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        ended = parity("serve", "--port", port)

    assert ended.code == 2, ended.all
    assert str(port) in ended.err
    assert "Traceback" not in ended.all


def test_a_folder_with_another_plan_is_refused(parity, tmp_path):
    """An --out that was begun with other options is not mixed with these."""
    folder = tmp_path / "run"
    folder.mkdir()
    (folder / "something").write_text("else")

    ended = parity("rehearse", "--out", folder, "--limit", 1)

    assert ended.code == 2
    assert "not empty" in ended.err


@pytest.fixture
def nobody(tmp_path):
    """An environment in which boto3 finds no credentials."""
    return {
        "AWS_CONFIG_FILE": str(tmp_path / "none"),
        "AWS_SHARED_CREDENTIALS_FILE": str(tmp_path / "none"),
        "AWS_EC2_METADATA_DISABLED": "true",
        "AWS_ACCESS_KEY_ID": None,
        "AWS_SECRET_ACCESS_KEY": None,
        "AWS_PROFILE": None,
        "AWS_BEARER_TOKEN_BEDROCK": None,
    }


def test_without_credentials_it_says_how_to_give_them(parity, tmp_path, nobody):
    """Exit 5, what is missing, and the ways to give it; nothing is tried and no folder is made."""
    ended = parity("run", "--arms", "bedrock", "--out", tmp_path / "run", env=nobody)

    assert ended.code == 5, ended.all
    assert "AWS_BEARER_TOKEN_BEDROCK" in ended.err
    assert "AWS_PROFILE" in ended.err
    assert "Traceback" not in ended.all
    assert not (tmp_path / "run").exists()


def test_with_credentials_the_missing_guardrails_are_named(parity, tmp_path, nobody):
    """The shipped arms file names no guardrail; which suites lack one, and what to give, is said."""
    somebody = nobody | {"AWS_ACCESS_KEY_ID": "AKIAIOSFODNN7EXAMPLE", "AWS_SECRET_ACCESS_KEY": "x"}

    ended = parity("run", "--arms", "bedrock", "--out", tmp_path / "run", env=somebody)

    assert ended.code == 2, ended.all
    for word in ("guardrails", "pii", "topics", "toxicity", "numbered version"):
        assert word in ended.err
    assert not (tmp_path / "run").exists()


def test_the_estimate_spends_nothing_and_names_its_prices(parity):
    """`--estimate` needs neither credentials nor deployed guardrails."""
    ended = parity("run", "--arms", "bedrock", "--estimate", "--json")

    assert ended.code == 0, ended.all
    assert '"usd"' in ended.out
    assert "prices_as_of" in ended.out


def test_a_run_over_its_money_limit_does_not_start(parity):
    """`--max-cost` under the estimate is refused, with both figures."""
    ended = parity("run", "--arms", "bedrock", "--max-cost", "0.01")

    assert ended.code == 2
    assert "0.01" in ended.err
