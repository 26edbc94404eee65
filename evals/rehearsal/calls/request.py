"""What is asked, told apart from the API by which it came."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from evals.rehearsal.calls.guarding import TraceLevel
from evals.rehearsal.channels import Conversation


@dataclass(frozen=True, kw_only=True)
class Wanted:
    """The guardrail that a request names, if any, and whether its trace is wanted."""

    identifier: str | None = None
    version: str | None = None
    trace: TraceLevel = "disabled"


@dataclass(frozen=True, kw_only=True)
class Call:
    """What is asked of a model, in Converse's terms."""

    model_id: str
    conversation: Conversation
    tool_choice: Mapping[str, Any] = field(default_factory=dict)
    inference: Mapping[str, Any] = field(default_factory=dict)
    """Converse's inferenceConfig."""
    extra: Mapping[str, Any] = field(default_factory=dict)
    """Converse's additionalModelRequestFields."""
    epoch: int = 1
    """Which repetition of the same request this is."""
    proof: bool = False
    """By its metadata it asks a canary and no case."""
    wanted: Wanted = field(default_factory=Wanted)
    reads_attacks: bool = True
    """Whether the guardrail looks for prompt attacks in what the user sends."""
    tells_reasoning: bool = False
    """Whether readable reasoning stands in the answer's text, as it does in one model's own format."""

    def with_request(
        self,
        *,
        conversation: Conversation,
        tool_choice: Mapping[str, Any],
        inference: Mapping[str, Any],
        extra: Mapping[str, Any],
    ) -> Call:
        """The same call with what another format asks of the model."""
        return replace(
            self, conversation=conversation, tool_choice=tool_choice, inference=inference, extra=extra
        )
