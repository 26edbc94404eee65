"""What a page shows of prompts and answers: only of cases on which the arms differed, made legible.

Texts come from whole samples, one at a time; a page works without them and says that they are absent.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from pathlib import Path

from analysis.errors import EvidenceError
from analysis.show import ArmView, Cases, CaseView

LONGEST = 4000
"""Characters of a text that are shown; the rest stays in the log."""

_KEPT = {"\n", "\t"}
_HIDDEN = {"Cc", "Cf", "Co", "Cs"}


@dataclass(frozen=True, kw_only=True)
class Answer:
    """What one arm gave. None: there is none on record."""

    text: str | None
    """What the user saw."""
    reasoning: str | None = None
    raw: str | None = None
    """What the model said before the guardrail, where the trace holds it."""
    findings: tuple[str, ...] = ()
    """What the guardrail found, as `policy:rule:side:action`."""
    missing: str | None = None
    """Why there is no trustworthy answer."""


@dataclass(frozen=True, kw_only=True)
class Quote:
    """The texts of one case in one epoch."""

    prompt: str
    reference: Answer
    candidate: Answer


Quoter = Callable[[str, int], Quote | None]
"""Finds the texts by case id and epoch; None where they cannot be had."""


@dataclass(frozen=True, kw_only=True)
class Evidence:
    """What the logs add to a verdict's file."""

    began: datetime | None
    quote: Quoter


def absent(_case: str, _epoch: int) -> Quote | None:
    """The quoter of a page without texts."""
    return None


def evidence_of(folder: Path) -> Evidence:
    """Look into a run's logs; what cannot be read is absent."""
    try:
        cases = Cases(folder)
    except EvidenceError:
        return Evidence(began=None, quote=absent)
    return Evidence(began=datetime.fromisoformat(cases.began), quote=_quoter(cases))


def _quoter(cases: Cases) -> Quoter:

    @lru_cache(maxsize=1)
    def view(case: str) -> CaseView | None:
        try:
            return cases.view(case)
        except EvidenceError:
            return None

    def quote(case: str, epoch: int) -> Quote | None:
        found = view(case)
        for asked in found.epochs if found else ():
            if asked.epoch == epoch:
                return Quote(
                    prompt=asked.prompt,
                    reference=_answer(asked.arms["reference"]),
                    candidate=_answer(asked.arms["candidate"]),
                )
        return None

    return quote


def _answer(arm: ArmView) -> Answer:
    return Answer(
        text=arm.text,
        reasoning=arm.reasoning,
        raw="\n".join(arm.raw) or None,
        findings=arm.findings,
        missing=arm.missing,
    )


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
