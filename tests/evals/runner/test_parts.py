"""A run of more samples than one log may hold: part after part, interrupted and finished."""

from __future__ import annotations

import shutil
import signal
from pathlib import Path

import pytest

from analysis.compare import compare
from analysis.records import read_folder
from evals import attempts

pytestmark = pytest.mark.slow

WORDS = ("--limit", "6", "--epochs", "2", "--samples-of-a-part", "4")


@pytest.fixture(scope="module")
def broken_off(runner_of_module, endpoint_url, tmp_path_factory):
    """The folder of a run that Ctrl-C stopped in its second part of three, and how it ended."""
    folder = tmp_path_factory.mktemp("parts") / "pii"
    stop = (signal.SIGINT, 5)
    return folder, runner_of_module(folder, *WORDS, "--endpoint-url", endpoint_url, stop=stop)


@pytest.fixture(scope="module")
def whole(runner_of_module, broken_off, endpoint_url, tmp_path_factory):
    """The folder of the same run finished, and how it ended."""
    folder = Path(shutil.copytree(broken_off[0], tmp_path_factory.mktemp("whole") / "pii"))
    return folder, runner_of_module(folder, *WORDS, "--endpoint-url", endpoint_url)


def test_what_was_interrupted_in_a_part_is_kept(broken_off):
    """The first part is whole, the second begun, and all told samples are there."""
    folder, ended = broken_off
    left = attempts.attempts(folder)
    assert ended.code == 128 + signal.SIGINT
    assert [(each.part, each.parts, each.finished) for each in left] == [(2, 3, False), (1, 3, True)]
    assert attempts.kept(left) >= 5
    assert f"{attempts.kept(left)} finished samples are kept" in ended.end["message"]


def test_a_run_that_lacks_a_part_is_not_finished(broken_off, whole, tmp_path):
    """Whether its last log broke off or the next was never begun."""
    assert len(read_folder(broken_off[0])[0].unfinished) == 1
    folder = Path(shutil.copytree(whole[0], tmp_path / "pii"))
    next(each.path for each in attempts.attempts(folder) if each.part == 3).unlink()
    (suite,) = compare(folder, allow_partial=True).suites
    assert suite.verdict == "inconclusive"
    assert "part 2 of 3, another part was to come" in suite.reason


def test_a_finished_run_holds_each_case_once_in_all_its_parts(broken_off, whole):
    """What was done is not asked again; progress counts over all parts."""
    folder, ended = whole
    left = attempts.attempts(folder)
    assert ended.code == 0
    assert [each.part for each in left] == [3, 2, 1]
    assert sum(each.kept for each in left) == len(set().union(*(each.asked for each in left))) == 12
    assert {event["samples"] for event in ended.events if event["event"] == "start"} == {12}
    done = [event["done"] for event in ended.events if event["event"] == "sample"]
    assert done[0] == attempts.kept(attempts.attempts(broken_off[0]))
    assert done[-1] == 12
    (records,) = read_folder(folder)
    assert len(records.table) == 12
    assert records.unfinished == ()
    assert len({each.header.eval.metadata["parity"]["run_id"] for each in left}) == 1


def test_a_run_cut_in_another_way_is_not_finished(runner, broken_off, endpoint_url, tmp_path):
    """Cases would be asked twice, or never."""
    folder = Path(shutil.copytree(broken_off[0], tmp_path / "pii"))
    ended = runner(folder, *WORDS[:-1], "6", "--endpoint-url", endpoint_url)
    assert ended.code == 2
    assert "begun in 3 logs for 12 samples, and would be finished in 2 logs" in ended.end["message"]
    assert len(attempts.attempts(folder)) == 2
