"""Processes forked from a warm one: to whoever starts them they are what a fresh interpreter would be."""

from __future__ import annotations

import importlib
import json
import os
import signal
import subprocess
import sys
import time
from contextlib import contextmanager
from pathlib import Path

import pytest

BENCHMARKS = Path(__file__).resolve().parents[2] / "benchmarks"

WORKER = """
import json, os, signal, sys, time

def main():
    what, *arguments = sys.argv[1:]
    if what == "tell":
        facts = {
            "arguments": arguments, "folder": os.getcwd(), "set": os.environ.get("NIGHT"), "pid": os.getpid(),
            "input": sys.stdin.read(), "late": "late_one" in sys.modules, "python": sys.executable,
        }
        print(json.dumps(facts))
        sys.stderr.write("a complaint")
        return 3
    if what == "import":
        import late_one
    if what == "wait":
        if arguments:
            signal.signal(int(arguments[0]), lambda number, frame: sys.exit(7))
        print(os.getpid(), flush=True)
        time.sleep(60)
    if what == "die":
        os.kill(os.getpid(), signal.SIGKILL)
    if what == "fail":
        raise ValueError("no good")
"""


@pytest.fixture(scope="module")
def python(tmp_path_factory):
    """What starts the worker's module in forks of one warm process."""
    folder = tmp_path_factory.mktemp("warm")
    (folder / "worker.py").write_text(WORKER)
    (folder / "late_one.py").write_text("")
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(str(BENCHMARKS))
        patch.setenv("PYTHONPATH", str(folder))
        with importlib.import_module("warm").Warm({"worker": "worker"}) as warm:
            yield warm.python
    sys.modules.pop("warm", None)


def run(python, *arguments, **how):
    """Start the worker, and wait for its end."""
    command = [python, "-m", "worker", *arguments]
    return subprocess.run(command, capture_output=True, text=True, check=False, timeout=30, **how)


@contextmanager
def begun(python, *arguments):
    """A worker that waits, with its process id."""
    command = [python, "-m", "worker", "wait", *arguments]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as started:
        yield started, int(started.stdout.readline())


def there(process):
    """Whether a process is still at work."""
    try:
        return Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False


def test_it_has_the_folder_environment_pipes_and_exit_code_of_its_own(python, tmp_path):
    """Two starts, two processes, and each sees what it was given alone."""
    first, second = (
        run(python, "tell", "--x", name, cwd=tmp_path, env=os.environ | {"NIGHT": name}, input=name)
        for name in ("one", "two")
    )
    told = [json.loads(each.stdout) for each in (first, second)]
    assert [each.returncode for each in (first, second)] == [3, 3]
    assert [each.stderr for each in (first, second)] == ["a complaint"] * 2
    assert [each["arguments"] for each in told] == [["--x", "one"], ["--x", "two"]]
    assert [each["set"] for each in told] == [each["input"] for each in told] == ["one", "two"]
    assert {Path(each["folder"]) for each in told} == {tmp_path}
    assert told[0]["pid"] != told[1]["pid"]
    assert {each["python"] for each in told} == {str(python)}


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_reaches_it(python, number):
    """Its own handler decides how it ends."""
    with begun(python, str(int(number))) as (started, _):
        started.send_signal(number)
        assert started.wait(timeout=30) == 7


def test_killed_it_is_gone(python):
    """SIGKILL cannot be passed on, and ends it all the same."""
    with begun(python) as (started, process):
        started.kill()
        assert started.wait(timeout=30) == -signal.SIGKILL
    until = time.monotonic() + 10
    while there(process) and time.monotonic() < until:
        time.sleep(0.01)
    assert not there(process)


def test_how_it_died_is_told(python):
    """A signal as a signal, a fault with its traceback."""
    assert run(python, "die").returncode == -signal.SIGKILL
    failed = run(python, "fail")
    assert failed.returncode == 1
    assert "ValueError: no good" in failed.stderr


def test_what_one_imports_late_the_next_has(python):
    """Learnt from the fork that imported it."""
    run(python, "import")
    assert json.loads(run(python, "tell", input="").stdout)["late"]
