"""What a guardrail that was used as it is could not be asked, in words."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from analysis import wording
from suites.registered import Registered


def set_aside(registered: Registered | Mapping[str, Any] | None) -> int:
    """How many cases were set aside, of a registration or of its document in `verdict.json`."""
    if isinstance(registered, Registered):
        return sum(len(each.cases) for each in registered.not_applicable)
    return sum(len(each["cases"]) for each in (registered or {}).get("not_applicable") or ())


def sentence(registered: Registered) -> str | None:
    """That cases were set aside; None where none was."""
    number = set_aside(registered)
    if not number:
        return None
    cases = "1 case is" if number == 1 else f"{wording.count(number)} cases are"
    return f"{cases} not applicable to the guardrail as it is configured."
