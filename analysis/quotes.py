"""What a page shows of prompts and answers: only of cases on which the arms differed, made legible.

Texts come from whole samples, one at a time; a page works without them and says that they are absent.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Callable
from dataclasses import dataclass

LONGEST = 4000
"""Characters of a text that are shown; the rest stays in the log."""

_KEPT = {"\n", "\t"}
_HIDDEN = {"Cc", "Cf", "Co", "Cs"}


@dataclass(frozen=True, kw_only=True)
class Quote:
    """The texts of one case. None: there was none, or it could not be read."""

    prompt: str | None = None
    reference: str | None = None
    """What the user saw in front of the reference."""
    candidate: str | None = None
    reference_raw: str | None = None
    """What the reference said before the guardrail, where the trace holds it."""
    candidate_raw: str | None = None


Quoter = Callable[[str, str, int], Quote | None]
"""Finds the texts of suite, case id and epoch."""


def absent(_suite: str, _case: str, _epoch: int) -> Quote | None:
    """The quoter of a page without texts."""
    return None


def legible(text: str) -> str:
    """`text` with characters that show nothing, or turn a line round, written out as `[U+202E]`.

    Longer than `LONGEST` it is cut, and says so.
    """
    shown = "".join(
        f"[U+{ord(sign):04X}]" if sign not in _KEPT and unicodedata.category(sign) in _HIDDEN else sign
        for sign in text[:LONGEST]
    )
    left = len(text) - LONGEST
    return shown if left <= 0 else f"{shown}\n[… {left:,} more characters in the log]"
