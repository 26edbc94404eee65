"""Lists the guardrails of a region, and the versions of one (botocore ListGuardrails)."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from suites.arms import NUMBERED


def listed(control: Any, **which: str) -> Iterator[Mapping[str, Any]]:
    """All guardrails, or with `guardrailIdentifier` all versions of one."""
    for page in control.get_paginator("list_guardrails").paginate(**which):
        yield from page["guardrails"]


def versions(control: Any, identifier: str) -> list[str]:
    """The numbers of a guardrail's versions, newest first."""
    found = (str(each["version"]) for each in listed(control, guardrailIdentifier=identifier))
    return sorted((each for each in found if re.fullmatch(NUMBERED, each)), key=int, reverse=True)
