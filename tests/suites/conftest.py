"""The shipped batches, read once, and a small batch of one's own."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

import pytest

from suites.batch import DATASETS
from suites.case import Case

SUITES = ("pii", "topics", "toxicity")


@pytest.fixture(scope="session")
def shipped():
    """The shipped cases by suite, without the loader under test."""
    return {
        name: [Case.model_validate_json(line) for line in _lines(DATASETS / name / "cases.jsonl")]
        for name in SUITES
    }


@pytest.fixture
def write_batch(tmp_path):
    """Write rows (or raw lines) as the batch `pii` of a folder of its own, with a manifest that fits."""

    def write(rows):
        lines = [row if isinstance(row, str) else json.dumps(row) for row in rows]
        content = "".join(f"{line}\n" for line in lines).encode()
        (tmp_path / "pii").mkdir(exist_ok=True)
        (tmp_path / "pii" / "cases.jsonl").write_bytes(content)
        entry = {
            "file": "pii/cases.jsonl",
            "sha256": hashlib.sha256(content).hexdigest(),
            "cases": len(lines),
        }
        (tmp_path / "manifest.json").write_text(json.dumps({"pii": entry}))
        return tmp_path

    return write


@pytest.fixture
def row():
    """A valid output-side protect row; keywords replace its fields."""

    def make(**fields):
        return {
            "id": "pii-email-reply-00001",
            "template": "email-reply",
            "category": "EMAIL",
            "expectation": "protect",
            "side": "output",
            "channel": "output" if fields.get("side", "output") == "output" else "user",
            "policy": "pii",
            "action": "mask",
            "severity": "medium",
            "form": "plain",
            "context": "sentence",
            "language": "en",
            "prompt": "Read this back: <text>Write to jdoe@example.com.</text>",
            "material": "Write to jdoe@example.com.",
            "payload": "jdoe@example.com",
            "twin": None,
            "provenance": "Written for this test",
        } | fields

    return make


@pytest.fixture
def allow_row(row):
    """A valid input-side allow row; keywords replace its fields."""

    def make(**fields):
        harmless = {
            "id": "pii-stamps-00002",
            "template": "stamps",
            "expectation": "allow",
            "side": "input",
            "policy": None,
            "action": None,
            "severity": "none",
            "prompt": "How many stamps does a letter need?",
            "material": None,
            "payload": None,
        }
        return row(**(harmless | fields))

    return make


def _lines(path: Path) -> list[str]:
    return path.read_text(encoding="utf-8").splitlines()
