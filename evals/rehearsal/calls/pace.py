"""How a stream is cut and read."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class Pace:
    """How a stream is cut and read."""

    piece: int
    """Characters that go out at once; models differ in it."""
    buffer: int = 1000
    """Characters that are read before they go out, in the mode sync."""
    window: int = 200
    """Characters that are read together, in the mode async."""
    behind: int = 2
    """Pieces that go out between the end of a window and the verdict on it, in the mode async."""
