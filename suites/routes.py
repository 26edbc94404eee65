"""The ways in which a guardrail can meet a model, and whose language a model takes."""

from __future__ import annotations

import re
from typing import Literal

InlineRoute = Literal["converse", "converse_stream", "invoke", "invoke_stream"]
"""The operations whose request itself names the guardrail."""
RouteName = Literal["converse", "converse_stream", "invoke", "invoke_stream", "sidecar", "auto"]
"""`sidecar` is ApplyGuardrail before and behind a model whose own request names no guardrail; `auto` tries
`converse`, and takes `sidecar` where the guardrail is not shown to act in that."""
Stream = Literal["sync", "async"]
"""Whether a streamed piece waits for the guardrail, or is shown at once and assessed behind."""
Family = Literal["anthropic", "openai"]
"""Whose language a body of InvokeModel is written in: Claude's Messages, or OpenAI's chat completions."""
ServiceTier = Literal["priority", "default", "flex", "reserved"]
"""botocore ServiceTierType."""

STREAMED: tuple[RouteName, ...] = ("converse_stream", "invoke_stream")
INVOKED: tuple[RouteName, ...] = ("invoke", "invoke_stream")

_FAMILY = re.compile(r"(?:^|[./])(anthropic|openai)\.")


def family_of(model: str) -> Family | None:
    """Whose model it is by its id; None where that does not tell."""
    match found[1] if (found := _FAMILY.search(model)) else None:
        case "anthropic":
            return "anthropic"
        case "openai":
            return "openai"
        case _:
            return None
