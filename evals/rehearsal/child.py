"""A rehearsal of one's own: the stand-in as a child process that cannot outlive its parent.

The child's standard input is a pipe held by the parent. When the parent ends, however it ends, the
pipe closes and the child ends too. The child is in a session of its own, so that Ctrl-C in a terminal
reaches only the parent, which may still have calls to finish.
"""

from __future__ import annotations

import json
import select
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from types import TracebackType
from typing import IO, Self

from evals.rehearsal.errors import PortTakenError, RehearsalError
from evals.rehearsal.faults import parse
from evals.rehearsal.scenario.document import read_scenario

PORT_TAKEN = 98
"""The child's exit code when the port belongs to another process."""

_READY_WITHIN_S = 60.0
_STOP_WITHIN_S = 5.0


class Rehearsal:
    """A running stand-in. Use it as a context manager, or call `stop`."""

    def __init__(self, process: subprocess.Popen[bytes], complaints: IO[bytes], endpoint_url: str) -> None:
        self._process = process
        self._complaints = complaints
        self.endpoint_url = endpoint_url
        """For boto3's `endpoint_url`."""

    @property
    def pid(self) -> int:
        """The child's process id."""
        return self._process.pid

    def stop(self) -> None:
        """End the child and show what it complained about; calling it again does nothing."""
        if self._complaints.closed:
            return
        _end(self._process)
        sys.stderr.write(_read(self._complaints))
        self._complaints.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.stop()


def start(
    seed: int = 0,
    plants: Sequence[str] = (),
    port: int = 0,
    latency_ms: float = 0.0,
    faults: Path | None = None,
) -> Rehearsal:
    """Start a stand-in and return when it answers.

    Args:
        seed: The models' answers depend on it.
        plants: Faults as `KIND=RATE`, or `KIND=RATE@after-proof`.
        port: Port on 127.0.0.1; 0 is any free one.
        latency_ms: How long each call to a model or guardrail is kept waiting.
        faults: A file of faults, latency and the guarding of models.

    Raises:
        PortTakenError: Another process listens on the port.
        RegistrationError: The file of faults is not what it should be.
        RehearsalError: It ended, or did not answer in time.
        ValueError: A plant is wrong.
    """
    parse(plants)
    if faults is not None:
        read_scenario(faults)
    command = [
        *(sys.executable, "-P", "-m", "evals.rehearsal", "--until-stdin-closes"),
        *("--seed", str(seed), "--port", str(port), "--latency-ms", str(latency_ms)),
        *(f"--plant={plant}" for plant in plants),
        *(("--faults", str(faults)) if faults is not None else ()),
    ]
    complaints = tempfile.TemporaryFile()  # noqa: SIM115 - it lives as long as the child
    process = subprocess.Popen(  # noqa: S603 - our own module, by this interpreter
        command,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=complaints,
        start_new_session=True,
    )
    try:
        return Rehearsal(process, complaints, _endpoint(process, complaints))
    except BaseException:
        _end(process)
        complaints.close()
        raise


def _endpoint(process: subprocess.Popen[bytes], complaints: IO[bytes]) -> str:
    """Wait for the line by which the child says where it listens."""
    if process.stdout is None:
        raise RehearsalError("The rehearsal service was started without a pipe to read from.")
    ready, _, _ = select.select([process.stdout], [], [], _READY_WITHIN_S)
    line = process.stdout.readline() if ready else b""
    if line:
        return str(json.loads(line)["endpoint_url"])
    if not ready:
        raise RehearsalError(f"The rehearsal service did not answer within {_READY_WITHIN_S:g} s.")
    code = process.wait(_STOP_WITHIN_S)
    said = _read(complaints).strip().rpartition("error: ")[2]
    if code == PORT_TAKEN:
        raise PortTakenError(said)
    raise RehearsalError(f"The rehearsal service ended with exit code {code}: {said}")


def _read(complaints: IO[bytes]) -> str:
    complaints.seek(0)
    return complaints.read().decode(errors="replace")


def _end(process: subprocess.Popen[bytes]) -> None:
    for pipe in (process.stdin, process.stdout):
        if pipe is not None:
            pipe.close()
    try:
        process.wait(_STOP_WITHIN_S)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
