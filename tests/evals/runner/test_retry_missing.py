"""Asking again for the pairs that a finished run left without an observation."""

from __future__ import annotations

import signal

import pytest
from inspect_ai.log import read_eval_log

from suites.batch import load_batch

pytestmark = pytest.mark.slow

CASES = load_batch("pii").cases
CANDIDATE, REFERENCE = "gpt-5.5", "claude"


def _words(service, limit, epochs=1):
    return "--limit", str(limit), "--epochs", str(epochs), "--endpoint-url", service.endpoint_url


def _logs(folder):
    """The logs of a folder in the order of their attempts, whole."""
    logs = [read_eval_log(str(path)) for path in folder.glob("*.eval")]
    return sorted(logs, key=lambda log: log.eval.metadata["parity"]["attempt"])


def _answered(log):
    """Case and epoch of the pairs that a log observed on both arms."""
    found = set()
    for sample in log.samples:
        evidence = sample.scores["parity"].metadata
        if all(evidence[arm].get("missing") is None for arm in ("reference", "candidate")):
            found.add((sample.id, sample.epoch))
    return found


def test_only_what_is_missing_is_asked_again_in_a_log_of_its_own(runner, faulty, tmp_path):
    """Two pairs failed, one on each arm: both are asked once more, and the first log stays as it is."""
    words = _words(faulty, 6)
    faulty.refuses = {(CANDIDATE, CASES[1].prompt, "1"), (REFERENCE, CASES[4].prompt, "1")}
    assert runner(tmp_path, *words).code == 0
    (first,) = tmp_path.glob("*.eval")
    before = first.read_bytes()
    faulty.refuses = set()

    ended = runner(tmp_path, *words, "--retry-missing")

    assert (ended.code, ended.events[0]) == (0, {"event": "start", "samples": 2})
    assert ended.end["message"] == "Attempt 2: of 2 missing pairs asked again, 2 are observed now."
    one, two = _logs(tmp_path)
    assert first.read_bytes() == before
    assert [log.eval.metadata["parity"]["attempt"] for log in (one, two)] == [1, 2]
    assert len(_answered(one)) == 4
    assert _answered(two) == {(CASES[1].id, 1), (CASES[4].id, 1)}


def test_only_the_epoch_that_is_missing_is_asked_again(runner, faulty, tmp_path):
    """Of a case that failed in its second epoch the first is not paid for twice."""
    words = _words(faulty, 3, epochs=2)
    faulty.refuses = {(CANDIDATE, CASES[1].prompt, "2")}
    runner(tmp_path, *words)
    faulty.refuses = set()
    faulty.asked.clear()

    ended = runner(tmp_path, *words, "--retry-missing")

    assert ended.code == 0
    prompts = {case.prompt for case in CASES}
    assert [each for each in faulty.asked if each[0] in prompts] == [(CASES[1].prompt, "2")] * 2
    assert _answered(_logs(tmp_path)[1]) == {(CASES[1].id, 2)}


def test_what_fails_again_is_attempt_three(runner, faulty, tmp_path):
    """A second time around asks only for what the first time around did not win back."""
    words = _words(faulty, 4)
    still = (CANDIDATE, CASES[2].prompt, "1")
    faulty.refuses = {still, (CANDIDATE, CASES[0].prompt, "1")}
    runner(tmp_path, *words)
    faulty.refuses = {still}

    second = runner(tmp_path, *words, "--retry-missing")
    faulty.refuses = set()
    third = runner(tmp_path, *words, "--retry-missing")

    assert second.end["message"] == "Attempt 2: of 2 missing pairs asked again, 1 are observed now."
    assert third.end["message"] == "Attempt 3: of 1 missing pairs asked again, 1 are observed now."
    assert [len(log.samples) for log in _logs(tmp_path)] == [4, 2, 1]


def test_nothing_missing_changes_nothing(runner, finished):
    """A whole run says that nothing is missing, asks no service and writes no log."""
    _, folder = finished
    stamps = {path: path.stat().st_mtime_ns for path in folder.iterdir()}
    words = ("--limit", "6", "--epochs", "2", "--endpoint-url", "http://127.0.0.1:1", "--retry-missing")

    ended = runner(folder, *words)

    assert (ended.code, ended.end["message"]) == (0, "No pair is missing: nothing was asked again.")
    assert {path: path.stat().st_mtime_ns for path in folder.iterdir()} == stamps


@pytest.mark.parametrize("begun", [False, True])
def test_unfinished_run_is_to_be_finished_first(runner, left, tmp_path, begun):
    """An empty folder and an interrupted run have nothing to ask again yet, and stay as they are."""
    folder = left if begun else tmp_path / "new"
    logs = sorted(left.iterdir())

    ended = runner(folder, "--limit", "50", "--endpoint-url", "http://127.0.0.1:1", "--retry-missing")

    assert ended.code == 2
    assert "holds no finished log of pii whose missing pairs could be asked again." in ended.end["message"]
    assert "without --retry-missing first" in ended.end["message"]
    assert sorted(left.iterdir()) == logs


@pytest.mark.parametrize("option", [(), ("--retry-missing",)])
def test_interrupted_retry_is_finished_as_the_same_attempt(runner, faulty, tmp_path, option):
    """Either command finishes what was begun; nothing that was won back is asked again."""
    words = _words(faulty, 40)
    faulty.refuses = {(CANDIDATE, case.prompt, "1") for case in CASES[:40]}
    runner(tmp_path, *words)
    faulty.refuses = set()
    stopped = runner(tmp_path, *words, "--retry-missing", stop=(signal.SIGINT, 12))

    ended = runner(tmp_path, *words, *option)

    assert (stopped.code, ended.code) == (130, 0)
    assert ended.events[1]["done"] >= 12
    assert ended.end["message"] == "Attempt 2: of 40 missing pairs asked again, 40 are observed now."
    assert [len(log.samples) for log in _logs(tmp_path)] == [40, 40]


def test_other_service_is_refused(runner, faulty, tmp_path):
    """What one service failed to answer is never asked of another."""
    from evals.rehearsal import child

    words = _words(faulty, 2)
    faulty.refuses = {(CANDIDATE, CASES[0].prompt, "1")}
    runner(tmp_path, *words)

    with child.start(seed=5) as other:
        ended = runner(tmp_path, "--limit", "2", "--endpoint-url", other.endpoint_url, "--retry-missing")

    assert ended.code == 2
    assert "service changed since the run was begun" in ended.end["message"]
    assert len(list(tmp_path.glob("*.eval"))) == 1
