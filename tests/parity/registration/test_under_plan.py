"""A run under a plan, from the registration to the pack, as a user types it."""

from __future__ import annotations

import json

import pytest

pytestmark = pytest.mark.slow


def test_a_run_under_a_plan_registers_it_in_every_log_and_in_its_pack(tmp_path, parity):
    """The purpose is the plan's, the attempt is counted, and the pack shows that it holds."""
    env = {"PARITY_LEDGER": str(tmp_path / "ledger.jsonl")}
    plan = tmp_path / "trial.json"
    registered = parity(
        "register", "trial", "--arms", "rehearsal", "--suite", "topics", "--owner", "The team", "--wider",
        "some eighty prompts a stratum", "--reason", "To see how it works", "-o", plan, env=env,
    )  # fmt: skip
    run = parity("rehearse", "--plan", plan, "--limit", 5, "--out", tmp_path / "run", env=env)
    other = parity("rehearse", "--suite", "pii", "--limit", 5, "--out", tmp_path / "run", env=env)
    packed = parity("report", tmp_path / "run", "--pack", tmp_path / "x.zip", env=env)
    checked = parity("verify", tmp_path / "x.zip", "--logs", tmp_path / "run", env=env)

    assert (registered.code, run.code, other.code) == (0, 3, 2), registered.all + run.all + other.all
    assert "plan_sha256" in other.err
    verdict = json.loads((tmp_path / "run" / "verdict.json").read_text())
    assert verdict["purpose"] == "release"
    assert (verdict["plan"]["attempt"], verdict["plan"]["commit"]) == (1, None)
    assert verdict["suites_not_run"] == []
    assert "Attempt 1 of plan trial" in run.out
    kinds = [json.loads(line)["kind"] for line in (tmp_path / "ledger.jsonl").read_text().splitlines()]
    assert kinds == ["plan", "begun", "ended"]
    assert (packed.code, checked.code) == (0, 0), packed.all + checked.all
