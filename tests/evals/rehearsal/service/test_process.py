"""The stand-in as a process: where it listens, how it ends, what it says of itself."""

from __future__ import annotations

import http.client
import json
import os
import resource
import signal
import socket
import statistics
import subprocess
import sys
import time
import urllib.request

import pytest

from evals.rehearsal import child
from evals.rehearsal.errors import PortTakenError
from suites.errors import RegistrationError

PARENT = """
import signal, sys, time
from evals.rehearsal import child
signal.signal(signal.SIGINT, lambda *_: None)
rehearsal = child.start()
print(rehearsal.endpoint_url, flush=True)
time.sleep(60)
"""


def port_of(endpoint_url):
    return int(endpoint_url.rpartition(":")[2])


def answers(endpoint_url):
    """Whether anything listens there."""
    with socket.socket() as probe:
        probe.settimeout(1)
        return probe.connect_ex(("127.0.0.1", port_of(endpoint_url))) == 0


def ends(endpoint_url, *, within_s=5):
    """Whether the service there ends in time."""
    deadline = time.monotonic() + within_s
    while time.monotonic() < deadline:
        if not answers(endpoint_url):
            return True
        time.sleep(0.02)
    return False


@pytest.fixture
def parent():
    """A process with a stand-in of its own, in a process group of its own."""
    with subprocess.Popen(
        [sys.executable, "-c", PARENT], stdout=subprocess.PIPE, text=True, start_new_session=True
    ) as process:
        assert process.stdout is not None
        yield process, process.stdout.readline().strip()
        process.kill()


def run_module(*arguments, **more):
    return subprocess.run(
        [sys.executable, "-m", "evals.rehearsal", *arguments],
        capture_output=True,
        text=True,
        timeout=20,
        **more,
    )


def test_it_says_what_it_is():
    """GET /rehearsal tells seed, plants and latency: nothing at AWS answers that."""
    with (
        child.start(seed=7, plants=["masking=0.05", "inert=0"], latency_ms=2.5) as rehearsal,
        urllib.request.urlopen(f"{rehearsal.endpoint_url}/rehearsal") as response,
    ):
        about = json.load(response)

    assert about == {
        "rehearsal": True,
        "seed": 7,
        "plants": {"masking": 0.05, "inert": 0.0},
        "latency_ms": 2.5,
    }


def test_starting_costs_less_than_a_second_and_a_half():
    """A rehearsal should not feel its service; processor time, since the machine may be busy."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)

    child.start().stop()

    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    spent_s = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    assert 0 < spent_s < 1.5


def test_stop_ends_it_and_may_be_repeated():
    """After stop nothing listens; stopping again is no error."""
    rehearsal = child.start()

    rehearsal.stop()
    rehearsal.stop()

    assert not answers(rehearsal.endpoint_url)


def test_stop_does_not_wait_for_idle_clients():
    """Pooled connections are kept for an hour, but not past the end."""
    with child.start() as rehearsal:
        connection = http.client.HTTPConnection("127.0.0.1", port_of(rehearsal.endpoint_url))
        connection.request("GET", "/rehearsal")
        connection.getresponse().read()
        started = time.perf_counter()

        rehearsal.stop()

        assert time.perf_counter() - started < 30
        connection.close()


def test_it_dies_with_its_parent(parent):
    """Even SIGKILL of the parent, which can say nothing any more, ends it."""
    process, endpoint_url = parent
    assert answers(endpoint_url)

    process.kill()

    assert ends(endpoint_url)


def test_interrupting_a_terminal_reaches_the_parent_alone(parent):
    """Ctrl-C goes to the whole process group; the parent may still have calls to finish."""
    process, endpoint_url = parent

    os.killpg(process.pid, signal.SIGINT)

    time.sleep(0.5)
    assert process.poll() is None
    assert answers(endpoint_url)


def test_port_can_be_chosen_and_taken_only_once():
    """A second stand-in on the port is refused by name, as a mistake of whoever chose it."""
    with child.start() as rehearsal:
        port = port_of(rehearsal.endpoint_url)

        with pytest.raises(PortTakenError, match=f"Port {port} on 127.0.0.1 is taken") as caught:
            child.start(port=port)

    assert isinstance(caught.value, RegistrationError)
    with child.start(port=port) as again:
        assert port_of(again.endpoint_url) == port


def test_module_says_that_a_port_is_taken():
    """`python -m evals.rehearsal` ends with one line, not with a traceback."""
    with child.start() as rehearsal:
        finished = run_module("--port", str(port_of(rehearsal.endpoint_url)))

    assert finished.returncode == child.PORT_TAKEN
    (said,) = finished.stderr.splitlines()
    assert said.startswith(
        f"Port {port_of(rehearsal.endpoint_url)} on 127.0.0.1 is taken by another process."
    )
    assert said.endswith("Give another one, or 0 for any free one.")


def test_it_listens_on_the_loopback_address_alone(endpoint_url):
    """Another address of the same machine, loopback though it is, finds nobody."""
    with socket.socket() as probe:
        probe.settimeout(1)
        assert probe.connect_ex(("127.0.0.2", port_of(endpoint_url))) != 0


def test_calls_do_not_wait_for_delayed_acknowledgements(aws):
    """Header and body come in two packets; without TCP_NODELAY each call would take 40 ms."""
    durations = []
    for _ in range(21):
        started = time.perf_counter()
        aws.converse("Hello there.")
        durations.append(time.perf_counter() - started)

    assert statistics.quantiles(durations, n=4)[0] < 0.03


def test_unknown_plant_is_refused_before_anything_starts():
    """The error lists what can be planted."""
    with pytest.raises(ValueError, match=r"Unknown plant 'rain'\. There are: masking"):
        child.start(plants=["rain=1"])


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("--port", "70000"), "'70000' is no port; give a number from 0 to 65535"),
        (("--latency-ms", "-1"), "'-1' is no time in milliseconds; give a number from 0 up"),
        (("--plant", "rain=1"), "--plant: Unknown plant 'rain'. There are: masking"),
        (("--plant", "inert=2"), "rate is a number from 0 to 1"),
        (("--plant", "inert=0", "--plant", "inert=1"), "'inert' is given twice"),
    ],
)
def test_wrong_option_is_a_usage_error(arguments, message):
    """Exit code 2 and a message that says what is allowed."""
    finished = run_module(*arguments)

    assert finished.returncode == 2
    assert message in finished.stderr


def test_help_teaches():
    """--help shows how a client is pointed here and what can be planted."""
    finished = run_module("--help")

    assert finished.returncode == 0
    for taught in ("endpoint_url=", "AWS_ENDPOINT_URL_BEDROCK_RUNTIME", "masking", "127.0.0.1", "--seed"):
        assert taught in finished.stdout


def test_interrupted_module_ends_quietly():
    """Ctrl-C in the terminal where it was typed: exit code 130, no traceback."""
    with subprocess.Popen(
        [sys.executable, "-m", "evals.rehearsal"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdout is not None
        ready = json.loads(process.stdout.readline())
        assert answers(ready["endpoint_url"])

        process.send_signal(signal.SIGINT)
        _, complaints = process.communicate(timeout=5)

    assert process.returncode == 130
    assert complaints == ""


def test_it_imports_lightly():
    """Neither Inspect nor boto3 itself is loaded to serve."""
    finished = subprocess.run(
        [sys.executable, "-c", "import sys, evals.rehearsal.__main__; print(*sys.modules)"],
        capture_output=True,
        text=True,
        check=True,
    )

    loaded = set(finished.stdout.split())
    assert not {"inspect_ai", "boto3", "numpy", "scipy", "datasets"} & loaded
