"""One night at a time: a lock that ends with the process that holds it, however that ends."""

from __future__ import annotations

import json
import os
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

from filelock import FileLock, Timeout

from suites.files import write_atomically


class HeldError(RuntimeError):
    """Another process is at work in the folder; the message tells which, and since when."""


@contextmanager
def held(folder: Path) -> Iterator[None]:
    """Hold the lock of a job's folder.

    The operating system lets go of it when the holder dies, by a power cut too: there is no stale lock.

    Raises:
        HeldError: Another process holds it.
    """
    folder.mkdir(parents=True, exist_ok=True)
    holder = folder / ".holder.json"
    lock = FileLock(folder / ".lock")
    try:
        lock.acquire(timeout=0)
    except Timeout:
        raise HeldError(
            f"Another start is at work in {folder}{_who(holder)}. Wait for it, or stop it."
        ) from None
    try:
        here = {
            "pid": os.getpid(),
            "host": socket.gethostname(),
            "since": f"{datetime.now(UTC):%Y-%m-%dT%H:%M:%SZ}",
        }
        write_atomically(holder, json.dumps(here) + "\n")
        yield
    finally:
        holder.unlink(missing_ok=True)
        lock.release()


def _who(holder: Path) -> str:
    try:
        there = json.loads(holder.read_text(encoding="utf-8"))
        return f" (process {there['pid']} on {there['host']} since {there['since']})"
    except (OSError, ValueError, KeyError, TypeError):
        return ""
