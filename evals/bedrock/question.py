"""What a model is asked, whatever the operation that carries it; messages are in Converse's shape."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from evals.bedrock.assessments import Wanted
from suites.routes import Family, ServiceTier, Stream


class NotCarriedError(ValueError):
    """A route has no place for a part of a conversation; what is not sent must not look as if it had been."""


@dataclass(frozen=True)
class Tool:
    """A tool as a model is told of it."""

    name: str
    description: str = ""
    """None is sent where it is empty."""
    schema: Mapping[str, Any] = field(default_factory=lambda: {"type": "object"})
    """JSON schema of its arguments; it takes anything unless told otherwise."""


@dataclass(frozen=True, kw_only=True)
class Question:
    """One question to one model, with the guardrail that must stand before it."""

    model: str
    """A model id, inference profile or ARN."""
    messages: Sequence[Mapping[str, Any]]
    """botocore Message: roles alternate. Blocks are `text`, `guardContent` of text, `toolUse`, `toolResult`
    of texts, and `reasoningContent` that can be read."""
    system: Sequence[Mapping[str, Any]] = ()
    """botocore SystemContentBlock, texts alone."""
    tools: Sequence[Tool] = ()
    """Those that the messages use, since no model takes a call of an undeclared one, and any others."""
    inference: Mapping[str, Any] = field(default_factory=dict)
    """Members of botocore's InferenceConfiguration; those that are None are not sent."""
    wanted: Wanted | None
    """None asks the bare model, which is never an observation of the guardrail."""
    metadata: Mapping[str, str] = field(default_factory=dict)
    """What goes into the service's own invocation log: at most 16 entries of 256 characters."""
    stream: Stream = "sync"
    """How the guardrail works on a stream; of no meaning where the answer comes whole."""
    family: Family | None = None
    """Whose language InvokeModel's body is in; None leaves it to the model's name."""
    service_tier: ServiceTier | None = None
    """None is not sent."""

    @property
    def given(self) -> dict[str, Any]:
        """The inference parameters that are sent."""
        return {name: value for name, value in self.inference.items() if value is not None}
