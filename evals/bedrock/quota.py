"""Keeps calls under a rate that somebody set, over all processes of this machine together.

A quota is a debt that is paid off at its rate: whoever wants to call waits until what others took is paid,
and takes on what the call costs. So no second sees more than the rate and one call. The debt stands in a
small file under a lock, since a comparison runs one process for each suite, and AWS counts them as one.
"""

from __future__ import annotations

import fcntl
import hashlib
import os
import struct
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import anyio

_LONGEST_DEBT_S = 600.0
"""A debt beyond it is not owed: the clock was set back, or a run that was killed took more than it used."""
_STATE = struct.Struct("d")
_CHARACTERS = 1000


def text_units(*lengths: int) -> int:
    """What a guardrail charges for texts of so many characters: one unit for each thousand begun."""
    return -(-sum(lengths) // _CHARACTERS)


class Quota:
    """One rate, shared by name."""

    def __init__(
        self, name: str, rate: float, *, folder: Path | None = None, clock: Callable[[], float] = time.time
    ) -> None:
        """A quota of `rate` a second.

        Args:
            name: What is counted, endpoint and region included; equal names are one quota.
            rate: Calls, or units, a second.
            folder: Where the debts stand; this user's own in the system's folder for temporary files.
            clock: Seconds that all processes agree on.
        """
        self._rate = rate
        self._clock = clock
        where = folder or Path(tempfile.gettempdir()) / f"guardrail-parity-{os.getuid()}"
        where.mkdir(mode=0o700, parents=True, exist_ok=True)
        self._file = where / hashlib.sha256(name.encode()).hexdigest()[:16]

    def take(self, cost: float) -> float:
        """Take on a cost; returns the seconds to wait before what it pays for may be done."""
        handle = os.open(self._file, os.O_RDWR | os.O_CREAT, 0o600)
        try:
            fcntl.flock(handle, fcntl.LOCK_EX)
            now = self._clock()
            stored = os.pread(handle, _STATE.size, 0)
            paid_at = _STATE.unpack(stored)[0] if len(stored) == _STATE.size else now
            begin = now if paid_at > now + _LONGEST_DEBT_S else max(paid_at, now)
            os.pwrite(handle, _STATE.pack(begin + cost / self._rate), 0)
        finally:
            os.close(handle)
        return begin - now

    async def wait(self, cost: float) -> None:
        """Take on a cost and wait until it is paid for."""
        if (seconds := self.take(cost)) > 0:
            await anyio.sleep(seconds)
