"""The registered facts in a few short lines, such as stand on the foot of every sheet of paper."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from analysis.result import Verdict

_DIGITS = 10
"""Of a sha256; ten tell any two batches apart, and the whole of it is on the page."""


def lines(verdict: Verdict) -> list[str]:
    """By suite: its version, its batch's digest, and each guardrail's id, version and digest."""
    return [_line(name, facts) for name, facts in verdict.registered.items() if facts]


def _line(suite: str, facts: Mapping[str, Any]) -> str:
    guardrails = [_guardrail(cut, each) for cut, each in (facts.get("guardrails") or {}).items()]
    for arm, cuts in (facts.get("guardrails_elsewhere") or {}).items():
        guardrails += [f"{arm} {_guardrail(cut, each)}" for cut, each in cuts.items()]
    batch = str(facts.get("batch_sha256") or "unknown")[:_DIGITS]
    return (
        f"{suite} {facts.get('suite_version')}, batch {batch}; guardrail {', '.join(guardrails) or 'unknown'}"
    )


def _guardrail(cut: str, each: Mapping[str, Any]) -> str:
    return f"{cut} {each.get('id')} v{each.get('version')} {str(each.get('digest'))[:_DIGITS]}"
