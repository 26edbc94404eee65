"""One suite in one process: what it tells, what it keeps, and how it goes on."""

from __future__ import annotations

import signal

import pytest
from inspect_ai.log import read_eval_log

pytestmark = pytest.mark.slow


def _samples(folder):
    """The ids and epochs in the only log of a folder."""
    (path,) = folder.glob("*.eval")
    log = read_eval_log(str(path))
    assert log.status == "success"
    return {(str(sample.id), sample.epoch) for sample in log.samples}


def _finish(runner, folder, endpoint_url, *, total):
    """Run again; all that was kept is not asked again, and one whole log is left."""
    again = runner(folder, "--limit", str(total), "--endpoint-url", endpoint_url)
    assert again.code == 0
    kept = again.events[1]["done"]
    assert [each["done"] for each in again.events[2:-1]] == list(range(kept + 1, total + 1))
    assert len(_samples(folder)) == total
    return kept


def test_run_tells_start_samples_and_end(finished):
    """Standard output is JSON lines alone: start, one per finished sample, end."""
    ended, folder = finished
    assert ended.code == 0
    assert ended.events[0] == {"event": "start", "samples": 12}
    assert [each["done"] for each in ended.events[1:-1]] == list(range(1, 13))
    assert (ended.end["status"], ended.end["message"]) == ("success", None)
    assert len(_samples(folder)) == 12


def test_finished_run_is_not_asked_again(runner, finished):
    """The same command once more touches nothing and says success, without any service to ask."""
    _, folder = finished
    (log,) = folder.glob("*.eval")
    stamp = log.stat().st_mtime_ns
    again = runner(folder, "--limit", "6", "--epochs", "2", "--endpoint-url", "http://127.0.0.1:1")
    assert (again.code, again.end["log"], log.stat().st_mtime_ns) == (0, str(log), stamp)


def test_other_plan_is_refused(runner, finished, endpoint_url):
    """A folder begun with another limit is not continued."""
    ended = runner(finished[1], "--limit", "3", "--epochs", "2", "--endpoint-url", endpoint_url)
    assert ended.code == 2
    assert "was begun with limit 6 and epochs 2; now they are 3 and 2" in ended.end["message"]


def test_interruption_says_what_is_kept_and_how_to_go_on(interrupted):
    """Ctrl-C ends the run at once, with its finished samples in the log."""
    ended, _ = interrupted
    assert (ended.code, ended.end["status"]) == (130, "cancelled")
    assert "finished samples are kept. Run the same again to finish the rest." in ended.end["message"]


def test_interrupted_run_is_finished_by_the_same_command(runner, left, endpoint_url):
    """No sample that was finished before Ctrl-C is asked again."""
    assert _finish(runner, left, endpoint_url, total=50) >= 15


def test_interrupted_run_is_not_finished_elsewhere(runner, left):
    """Samples of two different services never come into one log."""
    from evals.rehearsal import child

    with child.start(seed=5) as other:
        ended = runner(left, "--limit", "50", "--endpoint-url", other.endpoint_url)
    assert ended.code == 2
    assert "service changed since the run was begun" in ended.end["message"]


def test_killed_run_loses_two_dozen_samples_at_most(runner, tmp_path, endpoint_url):
    """What no process can answer to costs only what was not written yet."""
    words = ("--limit", "45", "--endpoint-url", endpoint_url)
    stopped = runner(tmp_path / "pii", *words, stop=(signal.SIGKILL, 30))
    assert stopped.code == -signal.SIGKILL
    done = stopped.events[-1]["done"]
    assert _finish(runner, tmp_path / "pii", endpoint_url, total=45) >= done - 24


def test_termination_has_its_own_code(runner, tmp_path, endpoint_url):
    """SIGTERM stops a run as Ctrl-C does, under the code by which a shell knows it."""
    ended = runner(tmp_path, "--limit", "60", "--endpoint-url", endpoint_url, stop=(signal.SIGTERM, 5))
    assert (ended.code, ended.end["status"]) == (143, "cancelled")


def test_unknown_suite_lists_what_exists(runner, tmp_path):
    """The message of an unknown suite names the suites there are."""
    ended = runner(tmp_path, suite="pij")
    assert (ended.code, ended.end["status"]) == (2, "error")
    assert ended.end["message"] == "Unknown suite 'pij'. There are: pii, topics, toxicity."


def test_failed_attachment_ends_with_its_evidence(runner, tmp_path):
    """A failed canary is an error whose message names arm and policy."""
    from evals.rehearsal import child

    with child.start(plants=["inert=1.0"]) as service:
        ended = runner(tmp_path, "--limit", "5", "--endpoint-url", service.endpoint_url)
    assert (ended.code, ended.end["status"]) == (1, "error")
    assert "candidate, pii, input: has to act (mask): end_turn" in ended.end["message"]
