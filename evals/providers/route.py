"""Where a call goes and what it must meet there; refuses whatever would silently not be sent."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal

from inspect_ai.model import GenerateConfig
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from evals.bedrock.assessments import Wanted
from evals.bedrock.client import is_loopback
from evals.bedrock.retry import LOCAL, SERVICE, Patience
from suites.case import Cut
from suites.routes import Family, InlineRoute, ServiceTier, Stream

EXTRA = "parity"
"""The key of `GenerateConfig.extra_body` under which a call's `Route` stands."""

IN_FLIGHT = 16
"""Per arm, where neither `--max-connections` nor Inspect's adaptive limit says otherwise."""

_PARAMETERS = {
    "max_tokens": "maxTokens",
    "temperature": "temperature",
    "top_p": "topP",
    "stop_seqs": "stopSequences",
}
"""What is sent, and its name in `inferenceConfig`."""
_NOT_FOR_THE_MODEL = {
    "adaptive_connections",
    "attempt_timeout",
    "cache",
    "extra_body",
    "fail_on_refusal",
    "max_connections",
    "max_retries",
    "max_tool_output",
    "system_message",
    "timeout",
}
"""Settings of Inspect itself, which Inspect has already followed."""


class _Closed(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class GuardrailOfCall(_Closed):
    """A guardrail in a numbered version."""

    id: str = Field(min_length=1)
    version: str = Field(pattern=r"^[1-9][0-9]{0,7}$")


class CallQuotas(_Closed):
    """Rates a second under which an arm's calls stay; None where nobody set one."""

    requests: float | None = Field(default=None, gt=0)
    """Of the arm's model."""
    apply_guardrail: float | None = Field(default=None, gt=0)
    text_units: float | None = Field(default=None, gt=0)


class Route(_Closed):
    """Where a call goes and what it must meet there."""

    endpoint_url: str | None
    """None is AWS."""
    region: str = Field(min_length=1)
    guardrail: GuardrailOfCall
    epoch: int = Field(ge=1)
    cut: Cut
    route: InlineRoute = "converse"
    """By which operation a model is asked."""
    stream: Stream = "sync"
    family: Family | None = None
    service_tier: ServiceTier | None = None
    metadata: dict[str, str] = {}
    """What goes into the service's invocation log beside the epoch: run, arm and case."""
    quotas: CallQuotas | None = None
    side: Literal["INPUT", "OUTPUT"] | None = None
    """For `control` alone: for whose words the guardrail is to take the text."""

    @property
    def wanted(self) -> Wanted:
        """The guardrail as the reader of traces knows it."""
        return Wanted(self.guardrail.id, self.guardrail.version)

    @property
    def patience(self) -> Patience:
        """How long a failing call is worth waiting for at this endpoint."""
        return LOCAL if is_loopback(self.endpoint_url) else SERVICE


class RouteError(ValueError):
    """A call that says too little, or what cannot be done; the run that makes it is wrong."""


def inference(config: GenerateConfig) -> dict[str, Any]:
    """The members of Converse's `inferenceConfig`; None for what was not given."""
    return {wire: getattr(config, name) for name, wire in _PARAMETERS.items()}


def route_of(config: GenerateConfig) -> Route:
    """The call's route.

    Raises:
        RouteError: There is none, it is malformed, or something beside it cannot be sent.
    """
    unsent = [
        name
        for name, value in config.__dict__.items()
        if value is not None and name not in _PARAMETERS and name not in _NOT_FOR_THE_MODEL
    ]
    if unsent:
        raise RouteError(
            f"{', '.join(unsent)} cannot be sent; a model that did not get it would be logged as if it had."
            f" What can: {', '.join(_PARAMETERS)}."
        )
    extra: Mapping[str, Any] = config.extra_body or {}
    if set(extra) != {EXTRA}:
        raise RouteError(
            f'GenerateConfig.extra_body must hold "{EXTRA}" and nothing else; it holds'
            f" {sorted(extra) or 'nothing'}. This model is called by the tasks of evals/, which fill it."
        )
    try:
        return Route.model_validate(extra[EXTRA])
    except ValidationError as error:
        lines = [f"{'.'.join(map(str, entry['loc']))}: {entry['msg']}" for entry in error.errors()]
        raise RouteError(f'extra_body["{EXTRA}"] is not valid: {"; ".join(lines)}') from None
