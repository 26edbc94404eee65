"""Asking again for the pairs that a finished run left without an observation."""

from __future__ import annotations

import shutil
import signal
from pathlib import Path

import pytest
from inspect_ai.log import read_eval_log, write_eval_log

from evals.rehearsal import child
from suites.batch import load_batch

pytestmark = pytest.mark.slow

CASES = load_batch("pii").cases
CANDIDATE, REFERENCE = "gpt-5.5", "claude"
NOWHERE = ("--limit", "4", "--epochs", "2", "--endpoint-url", "http://127.0.0.1:1")
STILL = (CANDIDATE, CASES[2].prompt, "1")


def _words(service, limit, epochs=1):
    return "--limit", str(limit), "--epochs", str(epochs), "--endpoint-url", service.endpoint_url


@pytest.fixture(scope="module")
def failed_in_part(runner_of_module, faulty, tmp_path_factory):
    """The folder of a finished run of four cases in two epochs, of which three pairs failed."""
    folder = tmp_path_factory.mktemp("lacking") / "pii"
    faulty.refuses = {STILL, (CANDIDATE, CASES[1].prompt, "2"), (REFERENCE, CASES[3].prompt, "1")}
    assert runner_of_module(folder, *_words(faulty, 4, epochs=2)).code == 0
    faulty.refuses = set()
    return folder


@pytest.fixture
def lacking(failed_in_part, tmp_path):
    """The same in a folder of the test's own."""
    return Path(shutil.copytree(failed_in_part, tmp_path / "pii"))


@pytest.fixture(scope="module")
def retried(runner_of_module, failed_in_part, faulty, tmp_path_factory):
    """How a retry ended in which one pair failed again, its folder, and what was asked."""
    folder = Path(shutil.copytree(failed_in_part, tmp_path_factory.mktemp("retried") / "pii"))
    faulty.refuses, faulty.asked[:] = {STILL}, []
    ended = runner_of_module(folder, *_words(faulty, 4, epochs=2), "--retry-missing")
    faulty.refuses = set()
    return ended, folder, list(faulty.asked)


@pytest.fixture(scope="module")
def won_back(runner_of_module, retried, faulty, tmp_path_factory):
    """How a second retry ended, and its folder, in which nothing is missing any more."""
    folder = Path(shutil.copytree(retried[1], tmp_path_factory.mktemp("won_back") / "pii"))
    return runner_of_module(folder, *_words(faulty, 4, epochs=2), "--retry-missing"), folder


@pytest.fixture(scope="module")
def stopped(runner_of_module, faulty, tmp_path_factory):
    """The folder of a retry of forty pairs that Ctrl-C stopped after a dozen."""
    folder = tmp_path_factory.mktemp("stopped") / "pii"
    faulty.refuses = {(CANDIDATE, case.prompt, "1") for case in CASES[:40]}
    runner_of_module(folder, *_words(faulty, 40))
    faulty.refuses = set()
    words = *_words(faulty, 40), "--retry-missing"
    assert runner_of_module(folder, *words, stop=(signal.SIGINT, 12)).code == 130
    return folder


def _logs(folder):
    """The logs of a folder in the order of their attempts, whole."""
    logs = [read_eval_log(str(path)) for path in folder.glob("*.eval")]
    return sorted(logs, key=lambda log: log.eval.metadata["parity"]["attempt"])


def _observed(log):
    """Case and epoch of the pairs that a log observed on both arms."""
    found = set()
    for sample in log.samples:
        evidence = sample.scores["parity"].metadata
        if all(evidence[arm].get("missing") is None for arm in ("reference", "candidate")):
            found.add((sample.id, sample.epoch))
    return found


def test_what_is_missing_is_asked_again_in_a_log_of_its_own(retried, failed_in_part):
    """What failed on either arm is asked once more; the first log stays as it is, byte for byte."""
    ended, folder, _ = retried
    (first,) = failed_in_part.iterdir()

    one, two = _logs(folder)

    assert ended.code == 0
    assert ended.end["message"] == "Attempt 2: of 3 missing pairs asked again, 2 are observed now."
    assert (folder / first.name).read_bytes() == first.read_bytes()
    assert [log.eval.metadata["parity"]["attempt"] for log in (one, two)] == [1, 2]
    assert len({log.eval.metadata["parity"]["run_id"] for log in (one, two)}) == 1
    assert _observed(two) == {(CASES[1].id, 2), (CASES[3].id, 1)}
    assert not _observed(one) & _observed(two)


def test_nothing_else_is_asked_again(retried):
    """Of a case that failed in one epoch, the other is not paid for twice."""
    _, _, asked = retried
    prompts = {case.prompt for case in CASES}

    again = {each for each in asked if each[0] in prompts}

    assert again == {(CASES[1].prompt, "2"), (CASES[2].prompt, "1"), (CASES[3].prompt, "1")}


def test_what_fails_again_is_attempt_three(won_back):
    """A second time around asks only for what the first time around did not win back."""
    ended, folder = won_back

    assert ended.end["message"] == "Attempt 3: of 1 missing pairs asked again, 1 are observed now."
    assert ended.code == 0
    assert [len(_observed(log)) for log in _logs(folder)] == [5, 2, 1]


def test_nothing_missing_changes_nothing(runner, won_back):
    """A whole run says that nothing is missing, asks no service and writes no log."""
    _, folder = won_back
    stamps = {path: path.stat().st_mtime_ns for path in folder.iterdir()}

    ended = runner(folder, *NOWHERE, "--retry-missing")

    assert (ended.code, ended.end["message"]) == (0, "No pair is missing: nothing was asked again.")
    assert {path: path.stat().st_mtime_ns for path in folder.iterdir()} == stamps


@pytest.mark.parametrize("begun", [False, True])
def test_unfinished_run_is_to_be_finished_first(runner, lacking, tmp_path, begun):
    """An empty folder and an interrupted run have nothing to ask again yet, and stay as they are."""
    folder = lacking if begun else tmp_path / "new"
    (log_file,) = lacking.iterdir()
    write_eval_log(read_eval_log(str(log_file)).model_copy(update={"status": "cancelled"}), str(log_file))

    ended = runner(folder, *NOWHERE, "--retry-missing")

    assert ended.code == 2
    assert "holds no finished log of pii whose missing pairs could be asked again." in ended.end["message"]
    assert "without --retry-missing first" in ended.end["message"]
    assert list(lacking.iterdir()) == [log_file]


@pytest.mark.parametrize("option", [(), ("--retry-missing",)])
def test_interrupted_retry_is_finished_as_the_same_attempt(runner, stopped, faulty, tmp_path, option):
    """Either command finishes what was begun; nothing that was won back is asked again."""
    folder = Path(shutil.copytree(stopped, tmp_path / "pii"))

    ended = runner(folder, *_words(faulty, 40), *option)

    assert ended.code == 0
    assert ended.events[1]["done"] >= 12
    assert ended.end["message"] == "Attempt 2: of 40 missing pairs asked again, 40 are observed now."
    assert [len(log.samples) for log in _logs(folder)] == [40, 40]


def test_other_service_is_not_asked(runner, lacking):
    """What one service failed to answer is never asked of another."""
    with child.start(seed=5) as other:
        ended = runner(lacking, *_words(other, 4, epochs=2), "--retry-missing")

    assert ended.code == 2
    assert "service changed since the run was begun" in ended.end["message"]
    assert len(list(lacking.iterdir())) == 1
