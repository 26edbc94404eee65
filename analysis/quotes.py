"""What a page shows of prompts and answers: only of cases on which the arms differed, redacted and legible.

Texts come from whole samples, one at a time; a page works without them and says that they are absent.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from pathlib import Path

from analysis.errors import EvidenceError
from analysis.redaction import NOTHING, Secrets, Shown
from analysis.show import ArmView, Cases, CaseView, EpochView

LONGEST = 4000
"""Characters of a text that are shown; the rest stays in the log."""

_KEPT = {"\n", "\t"}
_HIDDEN = {"Cc", "Cf", "Co", "Cs"}


@dataclass(frozen=True, kw_only=True)
class Answer:
    """What one arm gave. None: there is none on record."""

    text: Shown
    """What the user saw."""
    reasoning: Shown = NOTHING
    raw: Shown = NOTHING
    """What the model said before the guardrail, where the trace holds it."""
    untouched: bool = False
    """The guardrail left the model's words as they were."""
    findings: tuple[str, ...] = ()
    """What the guardrail found, as `policy:rule:side:action`."""
    missing: str | None = None
    """Why there is no trustworthy answer."""


@dataclass(frozen=True, kw_only=True)
class Quote:
    """The texts of one case in one epoch."""

    prompt: Shown
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


def evidence_of(folder: Path, *, reveal: bool = False) -> Evidence:
    """Look into a run's logs; what cannot be read is absent.

    Args:
        folder: The run's.
        reveal: Leave protected values as they are, and withhold nothing.
    """
    try:
        cases = Cases(folder)
    except EvidenceError:
        return Evidence(began=None, quote=absent)
    return Evidence(began=datetime.fromisoformat(cases.began), quote=_quoter(cases, reveal=reveal))


def _quoter(cases: Cases, *, reveal: bool) -> Quoter:

    @lru_cache(maxsize=1)
    def view(case: str) -> CaseView | None:
        try:
            return cases.view(case)
        except EvidenceError:
            return None

    def quote(case: str, epoch: int) -> Quote | None:
        found = view(case)
        for asked in found.epochs if found else ():
            if found is not None and asked.epoch == epoch:
                return _open(asked) if reveal else _redacted(found, asked)
        return None

    return quote


def _open(asked: EpochView) -> Quote:
    return Quote(
        prompt=Shown(asked.prompt),
        **{
            arm: Answer(
                text=Shown(seen.text),
                reasoning=Shown(seen.reasoning),
                raw=Shown(_raw(seen)),
                untouched=_raw(seen) == seen.text,
                findings=seen.findings,
                missing=seen.missing,
            )
            for arm, seen in asked.arms.items()
            if arm != "control"
        },
    )


def _redacted(case: CaseView, asked: EpochView) -> Quote:
    facts = case.facts
    secrets = Secrets.of(
        case.payload, case.values, policy=facts.get("policy"), category=str(facts.get("category") or "")
    )
    at_input = [
        finding for seen in asked.arms.values() for finding in seen.findings if _side(finding) == "input"
    ]
    prompt = secrets.show(asked.prompt, holds=bool(secrets.values), found=at_input)
    return Quote(
        prompt=prompt,
        **{arm: _answer(secrets, seen, at_input) for arm, seen in asked.arms.items() if arm != "control"},
    )


def _answer(secrets: Secrets, seen: ArmView, at_input: Sequence[str]) -> Answer:
    """One arm's answer. What was found in the prompt may have come back in it, and stays foreign there."""
    at_output = [finding for finding in seen.findings if _side(finding) == "output"]
    left = [finding for finding in at_output if finding.endswith(":none") or ":none " in finding]
    where = seen.evidence.get("leak")
    disguised = seen.evidence.get("disguise") not in {None, "plain"}
    exposed = seen.facts.get("exposed") is not False

    def shown(text: str | None, *, holds: bool, found: Sequence[str]) -> Shown:
        if text and disguised and holds:
            return Shown(None, withheld="it holds a protected value in disguise")
        return secrets.show(text, holds=holds and bool(secrets.values), found=[*found, *at_input])

    raw = _raw(seen)
    return Answer(
        text=shown(seen.text, holds=where is not None or exposed, found=left),
        reasoning=shown(seen.reasoning, holds=where == "reasoning", found=left),
        raw=shown(raw, holds=seen.facts.get("emitted") is not False, found=at_output),
        untouched=raw is not None and raw == seen.text,
        findings=seen.findings,
        missing=None if seen.missing is None else secrets.hide(seen.missing).text,
    )


def _raw(seen: ArmView) -> str | None:
    return "\n".join(seen.raw) or None


def _side(finding: str) -> str:
    """The side of a finding as `analysis.show` writes it."""
    parts = finding.split(" (", maxsplit=1)[0].rsplit(":", 2)
    return parts[1] if len(parts) == 3 else ""  # noqa: PLR2004 - rule, side, action


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
