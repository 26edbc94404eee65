"""The runner as a process of its own."""

from __future__ import annotations

import json
import shutil
import signal
import subprocess
import sys
import threading
import urllib.error
import urllib.request
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from evals.rehearsal import child


@dataclass(frozen=True)
class Ended:
    """A runner that has ended, with all that it told."""

    code: int
    events: list[dict]
    err: str

    @property
    def end(self):
        return self.events[-1]


@pytest.fixture(scope="module")
def endpoint_url():
    """One rehearsal for the runs of a module."""
    with child.start() as service:
        yield service.endpoint_url


def run(folder, *words, suite="pii", stop=None):
    """Run a suite; with `stop=(signal, n)` send it that signal once n samples are done."""
    process = subprocess.Popen(
        [sys.executable, "-m", "evals.runner", "--suite", suite, "--log-dir", str(folder), *words],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    events = []
    for line in process.stdout:
        events.append(json.loads(line))
        if stop and events[-1].get("done") == stop[1]:
            process.send_signal(stop[0])
    err = process.stderr.read()
    process.stdout.close()
    process.stderr.close()
    return Ended(process.wait(timeout=60), events, err)


@pytest.fixture(scope="module")
def runner_of_module():
    """The same for the fixtures that several tests share."""
    return run


@pytest.fixture
def runner():
    """The runner, to be started with a folder and options."""
    return run


@dataclass
class Faulty:
    """A service that refuses what it is told to, and passes everything else on to a rehearsal."""

    endpoint_url: str
    refuses: set[tuple[str, str, str]] = field(default_factory=set)
    """Part of a model id, part of a prompt, epoch."""
    asked: list[tuple[str, str]] = field(default_factory=list)
    """Prompt and epoch of each Converse call."""


@pytest.fixture(scope="module")
def faulty(endpoint_url):
    """A way to the rehearsal on which calls can fail."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        disable_nagle_algorithm = True

        def _pass_on(self):
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            if self.path.endswith("/converse"):
                document = json.loads(body)
                prompt, epoch = (
                    document["messages"][0]["content"][0]["text"],
                    document["requestMetadata"]["epoch"],
                )
                made.asked.append((prompt, epoch))
                if any(m in self.path and p in prompt and e == epoch for m, p, e in made.refuses):
                    return self._send(400, b'{"message": "no"}', {"x-amzn-ErrorType": "ValidationException"})
            request = urllib.request.Request(
                endpoint_url + self.path,
                data=body or None,
                method=self.command,
                headers={"Content-Type": self.headers.get("Content-Type") or "application/json"},
            )
            try:
                with urllib.request.urlopen(request) as answer:
                    return self._send(answer.status, answer.read(), dict(answer.headers))
            except urllib.error.HTTPError as error:
                with error:
                    return self._send(error.code, error.read(), dict(error.headers))

        do_GET = do_POST = do_PUT = _pass_on  # noqa: N815 - http.server's names

        def _send(self, status, body, headers):
            self.send_response(status)
            for name, value in headers.items():
                if name.lower().startswith("x-amzn") or name.lower() == "content-type":
                    self.send_header(name, value)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format, *args):  # noqa: A002 - http.server's name
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    made = Faulty(f"http://127.0.0.1:{server.server_port}")
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield made
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture(scope="module")
def finished(tmp_path_factory, endpoint_url):
    """A run of six cases in two epochs that came to its end, and its folder."""
    folder = tmp_path_factory.mktemp("finished") / "logs" / "pii"
    return run(folder, "--limit", "6", "--epochs", "2", "--endpoint-url", endpoint_url), folder


@pytest.fixture(scope="module")
def interrupted(tmp_path_factory, endpoint_url):
    """A run of fifty cases that Ctrl-C stopped after fifteen, and its folder."""
    folder = tmp_path_factory.mktemp("interrupted") / "logs" / "pii"
    return run(folder, "--limit", "50", "--endpoint-url", endpoint_url, stop=(signal.SIGINT, 15)), folder


@pytest.fixture
def left(interrupted, tmp_path):
    """What the interrupted run left, in a folder of the test's own."""
    return Path(shutil.copytree(interrupted[1], tmp_path / "pii"))
