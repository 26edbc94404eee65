"""Where and how long the stand-in listens: one port of 127.0.0.1, until it is told to stop."""

from __future__ import annotations

import errno
import json
import socket
import sys
import threading
from collections.abc import Sequence
from pathlib import Path

import uvicorn

from evals.rehearsal.application import Application, Settings
from evals.rehearsal.connections import Protocol
from evals.rehearsal.errors import PortTakenError
from evals.rehearsal.faults import parse
from evals.rehearsal.scenario.document import Scenario, read_scenario

HOST = "127.0.0.1"

_BACKLOG = 2048
_REFUSALS = {errno.EADDRINUSE: "is taken by another process", errno.EACCES: "is reserved for the system"}
_KEEP_ALIVE_S = 3600
"""Pooled clients reuse connections after long pauses; a server that closes first races with them."""


def serve(
    *,
    port: int = 0,
    seed: int = 0,
    plants: Sequence[str] = (),
    latency_ms: float = 0.0,
    faults: Path | None = None,
    until_stdin_closes: bool = False,
) -> None:
    """Serve until interrupted. When ready, one JSON line with `endpoint_url` goes to standard output.

    Args:
        port: Port on 127.0.0.1; 0 is any free one.
        seed: The models' answers depend on it.
        plants: Faults as `KIND=RATE`, or `KIND=RATE@after-proof`.
        latency_ms: How long each call to a model or guardrail is kept waiting.
        faults: A file of faults, latency and the guarding of models.
        until_stdin_closes: Also end when standard input does.

    Raises:
        PortTakenError: The port belongs to another process or to the system.
        RegistrationError: The file of faults is not what it should be.
        ValueError: A plant is wrong.
    """
    scenario, digest = read_scenario(faults) if faults else (Scenario(), None)
    application = Application(
        Settings(
            seed=seed,
            plants=parse(plants),
            latency_ms=latency_ms,
            scenario=scenario,
            scenario_sha256=digest,
        )
    )
    server = _Server(_config(application))
    with _listen(port) as listener:
        if until_stdin_closes:
            threading.Thread(target=_stop_at_end_of_input, args=(server,), daemon=True).start()
        server.run(sockets=[listener])


class _Server(uvicorn.Server):
    """Says where it listens as soon as it does."""

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        for listener in sockets or ():
            endpoint = f"http://{HOST}:{listener.getsockname()[1]}"
            sys.stdout.write(json.dumps({"endpoint_url": endpoint}) + "\n")
            sys.stdout.flush()


def _config(application: Application) -> uvicorn.Config:
    return uvicorn.Config(
        application,
        http=Protocol,
        loop="asyncio",
        ws="none",
        lifespan="off",
        interface="asgi3",
        log_config=None,
        access_log=False,
        proxy_headers=False,
        server_header=False,
        timeout_keep_alive=_KEEP_ALIVE_S,
        timeout_graceful_shutdown=1,
    )


def _listen(port: int) -> socket.socket:
    # Without the protocol's number asyncio does not turn Nagle's algorithm off: 40 ms a call.
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    try:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind((HOST, port))
        listener.listen(_BACKLOG)
    except OSError as error:
        listener.close()
        if error.errno not in _REFUSALS:
            raise
        raise PortTakenError(
            f"Port {port} on {HOST} {_REFUSALS[error.errno]}. Give another one, or 0 for any free one."
        ) from None
    return listener


def _stop_at_end_of_input(server: uvicorn.Server) -> None:
    while sys.stdin.buffer.read(4096):
        pass
    server.should_exit = True
