"""An endpoint that answers what a test tells it to, at the level of HTTP, for the real boto3."""

from __future__ import annotations

import contextlib
import json
import os
import struct
import threading
import time
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

from evals.bedrock.client import close_clients

ANSWER = {
    "output": {"message": {"role": "assistant", "content": [{"text": "Hello."}]}},
    "stopReason": "end_turn",
    "usage": {"inputTokens": 3, "outputTokens": 2, "totalTokens": 5},
    "metrics": {"latencyMs": 1},
}


@dataclass
class Answer:
    """One HTTP answer; without a status the connection is closed instead."""

    status: int | None = 200
    body: Any = field(default_factory=lambda: ANSWER)
    error: str | None = None
    then_close: bool = False
    pause_s: float = 0.0
    """Between the pieces of a body that is a list of them."""
    whole: bool = True
    """False: the connection is closed where the end of such a body should be."""


@dataclass
class Stub:
    """A scripted endpoint: `answers` in order, then the plain answer for ever."""

    endpoint_url: str
    answers: list[Answer] = field(default_factory=list)
    requests: list[tuple[str, dict[str, str], Any]] = field(default_factory=list)
    gets: dict[str, Any] = field(default_factory=dict)
    """What GET requests are answered, by path; else what a rehearsal says of itself."""
    rehearsal: bool = True
    connections: int = 0
    stops: Callable[[], None] = lambda: None
    """Stop listening."""

    def fails(self, status: int, code: str, *, message: str = "no", times: int = 1) -> None:
        """Let the next calls fail with a service error."""
        self.answers += [Answer(status, {"message": message}, code)] * times

    def hangs_up(self, times: int = 1) -> None:
        """Let the next calls meet a closed connection."""
        self.answers += [Answer(None)] * times

    def says(self, body: Any) -> None:
        """Let the next call get this document (or bytes) with status 200."""
        self.answers.append(Answer(200, body))

    def streams(self, *frames: bytes, pause_s: float = 0.0, whole: bool = True) -> None:
        """Let the next call get these pieces one after another."""
        self.answers.append(Answer(200, list(frames), pause_s=pause_s, whole=whole))

    def closes_after_answering(self) -> None:
        """Let the next answer be followed by a silent end of the connection, as an idle server does."""
        self.answers.append(Answer(then_close=True))

    @property
    def bodies(self) -> list[Any]:
        """The JSON bodies received."""
        return [body for _, _, body in self.requests]


def _stream(handler: BaseHTTPRequestHandler, answer: Answer, request_id: str) -> None:
    handler.send_response(200)
    handler.send_header("Transfer-Encoding", "chunked")
    handler.send_header("x-amzn-RequestId", request_id)
    handler.end_headers()
    for piece in answer.body:
        handler.wfile.write(f"{len(piece):x}\r\n".encode() + piece + b"\r\n")
        handler.wfile.flush()
        time.sleep(answer.pause_s)
    if answer.whole:
        handler.wfile.write(b"0\r\n\r\n")
    else:
        handler.close_connection = True


def _handler(stub: Stub) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        disable_nagle_algorithm = True

        def setup(self) -> None:
            super().setup()
            stub.connections += 1

        def do_GET(self) -> None:
            facts = {"rehearsal": stub.rehearsal, "seed": 7, "plants": {}, "latency_ms": 0}
            self._send(200, stub.gets.get(self.path.partition("?")[0], facts), None)

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            stub.requests.append((self.path, dict(self.headers), json.loads(body)))
            answer = stub.answers.pop(0) if stub.answers else Answer()
            if answer.status is None:
                self.close_connection = True
                return
            if isinstance(answer.body, list):
                _stream(self, answer, f"request-{len(stub.requests)}")
                return
            self._send(answer.status, answer.body, answer.error)
            self.close_connection = answer.then_close

        def _send(self, status: int, document: Any, error: str | None) -> None:
            data = document if isinstance(document, bytes) else json.dumps(document).encode()
            self.send_response(status)
            self.send_header("Content-Length", str(len(data)))
            self.send_header("x-amzn-RequestId", f"request-{len(stub.requests)}")
            if error:
                self.send_header("x-amzn-ErrorType", error)
            self.end_headers()
            self.wfile.write(data)

        def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - http.server's name
            """Say nothing."""

    return Handler


@contextlib.contextmanager
def _serving() -> Iterator[Stub]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), BaseHTTPRequestHandler)
    server.daemon_threads = True
    made = Stub(f"http://127.0.0.1:{server.server_port}")
    server.RequestHandlerClass = _handler(made)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()

    def stop() -> None:
        server.shutdown()
        thread.join()
        server.server_close()

    made.stops = stop
    yield made
    close_clients()
    if thread.is_alive():
        stop()


@pytest.fixture(scope="session")
def _lasting() -> Iterator[Stub]:
    with _serving() as made:
        yield made


@pytest.fixture
def stub(_lasting: Stub) -> Stub:
    """A scripted endpoint, without a script yet. Its client outlives the test: it takes long to build."""
    _lasting.answers.clear()
    _lasting.requests.clear()
    _lasting.gets.clear()
    _lasting.rehearsal = True
    return _lasting


@pytest.fixture
def leaving_stub() -> Iterator[Stub]:
    """A scripted endpoint of the test's own, which it may stop."""
    with _serving() as made:
        yield made


def _frame(kind: str, name: str, payload: Any) -> bytes:
    """One message of the event stream encoding: lengths, checksum, headers, payload, checksum."""
    headers = b""
    for key, value in (
        (":message-type", kind),
        (f":{kind}-type", name),
        (":content-type", "application/json"),
    ):
        headers += bytes([len(key)]) + key.encode() + b"\x07" + struct.pack("!H", len(value)) + value.encode()
    body = json.dumps(payload).encode()
    prelude = struct.pack("!II", len(headers) + len(body) + 16, len(headers))
    message = prelude + struct.pack("!I", zlib.crc32(prelude)) + headers + body
    return message + struct.pack("!I", zlib.crc32(message))


@pytest.fixture(scope="session")
def event() -> Callable[[str, Any], bytes]:
    """A frame that holds an event of a stream."""
    return lambda name, payload: _frame("event", name, payload)


@pytest.fixture(scope="session")
def exception() -> Callable[[str, str], bytes]:
    """A frame that holds an exception inside a stream."""
    return lambda name, message: _frame("exception", name, {"message": message})


@pytest.fixture(autouse=True)
def _no_account(monkeypatch: pytest.MonkeyPatch, tmp_path: Any) -> None:
    """A machine that knows no AWS account, whatever the one that runs the tests knows."""
    for name in [name for name in os.environ if name.startswith("AWS_") and name != "AWS_CA_BUNDLE"]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("AWS_CONFIG_FILE", str(tmp_path / "config"))
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(tmp_path / "credentials"))
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
