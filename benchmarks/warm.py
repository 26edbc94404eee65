"""A process that has imported everything and forks: nights without the seconds that each import takes.

In it and in all that it forks `sys.executable` is `launcher.py`, so that a night starts its suites and the
local Bedrock as it always does, by `sys.executable -m MODULE`, and each is a process of its own with pipes of
its own. Nothing of the product knows of it.
"""

from __future__ import annotations

import atexit
import contextlib
import gc
import importlib
import json
import os
import selectors
import shlex
import signal
import socket
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType, TracebackType
from typing import Self

MODULES = {
    "parity.cli": "parity.cli",
    "evals.runner": "evals.runner",
    "evals.rehearsal": "evals.rehearsal.__main__",
}
LATE = {
    "parity.cli": (
        "parity.nightly",
        "parity.nights.lock",
        "parity.nights.night",
        "parity.telling",
        "analysis.terminal",
    ),
    "evals.runner": ("evals._registry",),
}
"""What those import of the product when they need it. What else they import late is learnt from them."""
OURS = {"parity", "evals", "analysis", "suites"}

_ASKED_BYTES = 1 << 20


class Warm:
    """The process while it is there, as a context manager."""

    def __init__(self, modules: Mapping[str, str] = MODULES) -> None:
        """`modules`: What can be asked for, as after `-m`, and where its `main` is."""
        self._modules = modules

    def __enter__(self) -> Self:
        self._folder = tempfile.TemporaryDirectory(prefix="parity-warm-")
        address = Path(self._folder.name, "socket")
        self.python = Path(self._folder.name, "python")
        """Does for the modules here what `sys.executable` does."""
        launcher = Path(__file__).with_name("launcher.py")
        command = shlex.join([sys.executable, "-IS", str(launcher), str(address)])
        self.python.write_text(f'#!/bin/sh\nexec {command} "$@"\n', encoding="utf-8")
        self.python.chmod(0o700)
        self._process = subprocess.Popen(  # noqa: S603 - our own interpreter and file
            [sys.executable, __file__, str(address), str(self.python), json.dumps(dict(self._modules))],
            # It ends when this pipe does, and so when we do, however that is.
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            start_new_session=True,
        )
        assert self._process.stdout is not None
        if not self._process.stdout.readline():
            raise RuntimeError(
                f"The warm process ended with code {self._process.wait()} before it was ready."
            )
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._process.communicate()
        self._folder.cleanup()


@dataclass(frozen=True)
class Asked:
    """What a fork is to be."""

    arguments: list[str]
    """A module of `MODULES`, and what it is given."""
    folder: str
    environment: dict[str, str]
    standard: tuple[int, ...]
    """Standard input, output and error."""
    held: int
    """Where it tells at its end what it imported late."""


class Forks:
    """The warm process's own side: who is there, and who waits for it."""

    def __init__(self, listener: socket.socket) -> None:
        self._listener = listener
        self._selector = selectors.DefaultSelector()
        self._selector.register(listener, selectors.EVENT_READ, self._fork)
        self._selector.register(0, selectors.EVENT_READ, lambda: sys.exit(0))
        self._there: set[int] = set()

    def serve(self) -> Asked:
        """Fork whenever that is asked; returns in the forked processes alone, with what they are to be."""
        try:
            while True:
                for key, _ in self._selector.select():
                    # One that was dealt with in this round may have taken another one away, and its number.
                    still = self._selector.get_map().get(key.fd) == key
                    asked: Asked | None = key.data() if still else None
                    if asked is not None:
                        return asked
        except SystemExit:
            for process in self._there:
                os.kill(process, signal.SIGKILL)
            raise

    def _fork(self) -> Asked | None:
        launcher, _ = self._listener.accept()
        content, standard, *_ = socket.recv_fds(launcher, _ASKED_BYTES, 3)
        while content and not content.endswith(b"\n"):
            content += launcher.recv(_ASKED_BYTES)
        if not content:
            launcher.close()
            return None
        # At the end of the process it brings what was imported late, and then ends too, however that came.
        alive, held = os.pipe()
        process = os.fork()
        if process == 0:
            for key in list(self._selector.get_map().values()):
                if key.fd:
                    os.close(key.fd)
            self._selector.close()
            launcher.close()
            os.close(alive)
            return Asked(**json.loads(content), standard=tuple(standard), held=held)
        for each in (held, *standard):
            os.close(each)
        self._there.add(process)
        launcher.sendall(f"{process}\n".encode())
        self._selector.register(launcher, selectors.EVENT_READ, lambda: os.kill(process, signal.SIGKILL))
        self._selector.register(alive, selectors.EVENT_READ, lambda: self._end(process, alive, launcher))
        return None

    def _end(self, process: int, alive: int, launcher: socket.socket) -> None:
        self._there.remove(process)
        self._selector.unregister(alive)
        self._selector.unregister(launcher)
        with os.fdopen(alive, encoding="utf-8") as told:
            late = told.read()
        code = os.waitstatus_to_exitcode(os.waitpid(process, 0)[1])
        with launcher:
            try:
                launcher.sendall(f"{code}\n".encode())
            except OSError:
                return
        _learn(late.splitlines())


def _learn(late: list[str]) -> None:
    """Import other people's modules that a fork imported, so that the next has them already."""
    new = [name for name in late if name not in sys.modules and name.partition(".")[0] not in OURS]
    for name in new:
        with contextlib.suppress(ImportError):
            importlib.import_module(name)
    if new:
        _settle()


def _settle() -> None:
    """What is there now is there for good: collecting it again in each fork would copy its pages."""
    gc.collect()
    gc.freeze()


def main(address: str, python: str, names: str) -> None:
    """Import everything, say so, and fork until standard input ends."""
    modules = {name: importlib.import_module(module) for name, module in json.loads(names).items()}
    for late in [module for name in modules for module in LATE.get(name, ())]:
        importlib.import_module(late)
    if "inspect_ai.model" in sys.modules:
        # Inspect reads its table of models at the first answer, for half a second.
        sys.modules["inspect_ai.model"].get_model_info("openai/gpt-4o")
    sys.executable = python
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(address)
        listener.listen()
        _settle()
        sys.stdout.write("ready\n")
        sys.stdout.flush()
        asked = Forks(listener).serve()
        listener.detach()
    _become(asked, modules[asked.arguments[0]])


def _become(asked: Asked, module: ModuleType) -> None:
    """Be what was asked for, to the end of this process."""
    os.setsid()
    for number, given in enumerate(asked.standard):
        os.dup2(given, number)
        os.close(given)
    os.chdir(asked.folder)
    os.environ.clear()
    os.environ.update(asked.environment)
    name, *arguments = asked.arguments
    sys.argv = ["parity" if name == "parity.cli" else name, *arguments]
    before = frozenset(sys.modules)
    code = 1

    def leave() -> None:
        with os.fdopen(asked.held, "w", encoding="utf-8") as told:
            told.write("\n".join(sorted(set(sys.modules) - before)))
        sys.stdout.flush()
        sys.stderr.flush()
        # Taking apart what was imported would touch, and so copy, all its pages: a third of a second.
        os._exit(code)

    # The last thing of all, after the threads and whatever else has to be done at the end.
    atexit.register(leave)
    try:
        code = module.main() or 0
    except SystemExit as error:
        code = error.code if isinstance(error.code, int) else int(error.code is not None)
        raise


if __name__ == "__main__":
    main(*sys.argv[1:])
