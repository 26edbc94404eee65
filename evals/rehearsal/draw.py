"""Chance without a generator: a number that depends on nothing but what it is asked about."""

from __future__ import annotations

import hashlib

_SPAN = 1 << 64


def uniform(*about: str | int) -> float:
    """A number in [0, 1), the same whenever the same things are asked about, in any order of calls."""
    # The length in front keeps ("a", "bc") and ("ab", "c") apart.
    parts = (str(part).encode() for part in about)
    key = b"".join(len(part).to_bytes(8, "big") + part for part in parts)
    return int.from_bytes(hashlib.sha256(key).digest()[:8], "big") / _SPAN
