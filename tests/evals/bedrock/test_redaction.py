from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from evals.bedrock.redaction import without_matches

FOUND = "zq-found-text-4821"

TASK = """
from inspect_ai import Task, task
from inspect_ai.dataset import Sample
from inspect_ai.model import GenerateConfig
from inspect_ai.solver import generate

ROUTE = {
    "endpoint_url": "ENDPOINT",
    "region": "us-east-1",
    "guardrail": {"id": "abc123", "version": "3"},
    "epoch": 1,
    "cut": "full",
}


@task
def small():
    config = GenerateConfig(extra_body={"parity": ROUTE})
    return Task([Sample(input="hi")], solver=generate(), config=config)
"""


def test_match_is_replaced_wherever_it_stands() -> None:
    """Found texts are taken out at any depth; everything else stays."""
    document = {
        "outputs": [{"text": "kept"}],
        "assessments": [{"piiEntities": [{"match": FOUND, "type": "EMAIL", "detected": True}]}],
        "match": {"nested": FOUND},
    }
    clean = without_matches(document)
    assert FOUND not in json.dumps(clean)
    assert clean["outputs"] == [{"text": "kept"}]
    assert clean["assessments"][0]["piiEntities"][0]["type"] == "EMAIL"


def test_equal_texts_stay_equal() -> None:
    """The digest tells whether two findings are the same."""
    one, two, other = (without_matches({"match": text})["match"] for text in (FOUND, FOUND, "else"))
    assert one == two != other
    assert one.startswith("sha256:")
    assert len(one) == len("sha256:") + 12


def test_bytes_come_down_to_their_number() -> None:
    """Encrypted reasoning is neither JSON nor of any use in a log."""
    answer = {"content": [{"reasoningContent": {"redactedContent": b"\xf4\x00\xcb"}}]}
    clean = without_matches(answer)
    assert clean == {"content": [{"reasoningContent": {"redactedContent": "<3 bytes>"}}]}


def test_document_given_is_not_changed() -> None:
    """The answer itself is still needed as it was."""
    document = {"match": FOUND}
    without_matches(document)
    assert document == {"match": FOUND}


@pytest.mark.slow
def test_no_found_text_reaches_an_inspect_log(stub: Any, tmp_path: Path) -> None:
    """After a whole eval, with raw model calls logged, the log holds no found text in any of its files."""
    finding = {"match": FOUND, "type": "EMAIL", "action": "BLOCKED", "detected": True}
    assessment = {
        "sensitiveInformationPolicy": {
            "piiEntities": [finding],
            "regexes": [{"name": "Staff", "match": FOUND, "regex": "zq-.*", "action": "BLOCKED"}],
        },
        "wordPolicy": {
            "customWords": [{"match": FOUND, "action": "BLOCKED"}],
            "managedWordLists": [{"match": FOUND, "type": "PROFANITY", "action": "BLOCKED"}],
        },
    }
    stub.says(
        {
            "output": {"message": {"role": "assistant", "content": [{"text": "Blocked."}]}},
            "stopReason": "guardrail_intervened",
            "usage": {"inputTokens": 0, "outputTokens": 0, "totalTokens": 0},
            "metrics": {"latencyMs": 1},
            "trace": {
                "guardrail": {
                    "inputAssessment": {"abc123": assessment},
                    "outputAssessments": {"abc123": [assessment]},
                }
            },
        }
    )
    (tmp_path / "small.py").write_text(TASK.replace("ENDPOINT", stub.endpoint_url))
    command = [sys.executable, "-m", "inspect_ai", "eval", "small.py", "--model", "guarded/m"]
    options = ["--log-dir", "logs", "--log-format", "json", "--log-model-api", "--display", "none"]

    done = subprocess.run([*command, *options], cwd=tmp_path, capture_output=True, text=True)

    assert done.returncode == 0, done.stderr
    (log,) = (tmp_path / "logs").glob("*.json")
    everything = log.read_text()
    assert '"status": "success"' in everything
    assert '"match": "sha256:' in everything
    assert FOUND not in everything
