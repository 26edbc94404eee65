"""`--retry-missing` as a user types it."""

from __future__ import annotations

import json
import math
import shutil

import pytest
from inspect_ai.log import read_eval_log, write_eval_log

pytestmark = pytest.mark.slow


def _lose(log_file, count):
    """Make the first pairs of a log as they are when the candidate's call failed."""
    log = read_eval_log(str(log_file))
    for sample in log.samples[:count]:
        score = sample.scores["parity"]
        score.value |= {key: math.nan for key in score.value if key.startswith("candidate_")}
        score.metadata["candidate"] = {"outcome": "error", "missing": "ThrottlingException: slow down"}
    write_eval_log(log, str(log_file))


@pytest.fixture
def lacking(glance, tmp_path):
    """A finished rehearsal that lacks three pairs of one suite."""
    folder = shutil.copytree(glance.folder, tmp_path / "run")
    (log_file,) = (folder / "logs" / "pii").glob("*.eval")
    _lose(log_file, 3)
    return folder


def test_missing_pairs_are_won_back_and_told(lacking, parity):
    """Three pairs are asked again, of one suite alone; the verdict has them and says so."""
    ended = parity("rehearse", "--limit", 12, "--out", lacking, "--retry-missing")

    assert ended.code == 3, ended.all
    assert "pii: Attempt 2: of 3 missing pairs asked again, 3 are observed now." in ended.err
    assert ended.err.count("No pair is missing: nothing was asked again.") == 2
    verdict = json.loads((lacking / "verdict.json").read_text())
    assert "pii: 3 pairs were asked again after failing; 3 answered then." in verdict["notes"]
    assert sum(finding["missing"] for finding in verdict["findings"]) == 0
    counts = {suite: len(list((lacking / "logs" / suite).glob("*.eval"))) for suite in ("pii", "topics")}
    assert counts == {"pii": 2, "topics": 1}


def test_another_plan_is_refused(lacking, parity):
    """Asking again is the same plan: other options are named, and nothing is asked."""
    ended = parity("rehearse", "--limit", 13, "--out", lacking, "--retry-missing")

    assert ended.code == 2
    assert "limit was 12, is now 13" in ended.err
    assert len(list((lacking / "logs" / "pii").glob("*.eval"))) == 1


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ((), "--retry-missing needs --out DIR, the folder of a finished run."),
        (("--out", "nothing"), "nothing holds no run whose missing pairs could be asked again."),
    ],
)
@pytest.mark.parametrize("command", [("rehearse",), ("run", "--arms", "bedrock")])
def test_a_run_to_ask_again_is_needed(parity, tmp_path, command, options, message):
    """Without the folder of a run there is nothing missing to ask for, and nothing is begun."""
    ended = parity(*command, *options, "--retry-missing", cwd=tmp_path)

    assert (ended.code, message in ended.err) == (2, True), ended.all
    assert list(tmp_path.iterdir()) == []
