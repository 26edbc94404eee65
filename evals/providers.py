"""Inspect's model providers: `guarded/<model id>` and `control/apply-guardrail`.

The guardrail and the endpoint come with every call, in `GenerateConfig.extra_body["parity"]`, because
`--model-role` drops model arguments. What the service refuses is an output with an error in its record,
so that it costs a pair and not the run; what is wrong with the run itself is raised. Retries happen
here and nowhere else.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Literal

from inspect_ai.model import (
    ChatCompletionChoice,
    ChatMessage,
    ChatMessageAssistant,
    ChatMessageSystem,
    ContentReasoning,
    ContentText,
    GenerateConfig,
    ModelAPI,
    ModelCall,
    ModelOutput,
    ModelUsage,
    StopDetails,
    StopReason,
)
from inspect_ai.tool import ToolChoice, ToolInfo
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from evals.bedrock import apply, converse
from evals.bedrock.assessments import Wanted
from evals.bedrock.client import client, is_loopback
from evals.bedrock.redaction import without_matches
from evals.bedrock.retry import LOCAL, SERVICE, Attempted, Patience, ask
from evals.bedrock.trace import CallRecord
from suites.case import Cut, Side

EXTRA = "parity"
"""The key of `GenerateConfig.extra_body` under which a call's `Route` stands."""

_IN_FLIGHT = 16
"""Per arm, where neither `--max-connections` nor Inspect's adaptive limit says otherwise."""

_STOP_REASONS: Mapping[str, StopReason] = {
    "end_turn": "stop",
    "stop_sequence": "stop",
    "max_tokens": "max_tokens",
    "model_context_window_exceeded": "model_length",
    "tool_use": "tool_calls",
    "guardrail_intervened": "content_filter",
    "content_filtered": "content_filter",
    "NONE": "stop",
    "GUARDRAIL_INTERVENED": "content_filter",
}
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


class Route(_Closed):
    """Where a call goes and what it must meet there."""

    endpoint_url: str | None
    """None is AWS."""
    region: str = Field(min_length=1)
    guardrail: GuardrailOfCall
    epoch: int = Field(ge=1)
    cut: Cut
    side: Literal["INPUT", "OUTPUT"] | None = None
    """For `control` alone: for whose words the guardrail is to take the text."""

    @property
    def wanted(self) -> Wanted:
        """The guardrail as the reader of traces knows it."""
        return Wanted(self.guardrail.id, self.guardrail.version)


class RouteError(ValueError):
    """A call that says too little, or what cannot be done; the run that makes it is wrong."""


class GuardedAPI(ModelAPI):
    """A Bedrock model behind a guardrail, by Converse."""

    def max_connections(self) -> int:
        """Calls in flight where nobody says how many."""
        return _IN_FLIGHT

    def connection_key(self) -> str:
        """Quotas are counted per model."""
        return self.model_name

    async def generate(
        self,
        input: list[ChatMessage],  # noqa: A002 - Inspect's name
        tools: list[ToolInfo],
        tool_choice: ToolChoice,  # noqa: ARG002 - no tools, no choice
        config: GenerateConfig,
    ) -> tuple[ModelOutput, ModelCall]:
        """Ask the model.

        Raises:
            RouteError: The call's route, parameters, tools or messages are not what can be sent.
            CredentialsMissing: AWS does not know the caller.
            EndpointSilentError: Nothing answers at a loopback endpoint.
        """
        route = _route(config, tools)
        system, messages = _conversation(input)
        request = converse.request(
            model=self.model_name,
            messages=messages,
            system=system,
            inference={wire: getattr(config, name) for name, wire in _PARAMETERS.items()},
            wanted=route.wanted,
            epoch=route.epoch,
        )
        runtime = client("bedrock-runtime", endpoint_url=route.endpoint_url, region=route.region)
        attempted = await ask(lambda: runtime.converse(**request), _patience(route))
        record = converse.record(attempted, request=request, wanted=route.wanted)
        return self._output(record, attempted), _call(request, attempted)

    def _output(self, record: CallRecord, attempted: Attempted) -> ModelOutput:
        usage = (attempted.response or {}).get("usage")
        return _output(self.model_name, record, usage=usage)


class ControlAPI(ModelAPI):
    """The guardrail alone, by ApplyGuardrail: what it says of a text when no model is near."""

    def max_connections(self) -> int:
        """Calls in flight where nobody says how many."""
        return _IN_FLIGHT

    def connection_key(self) -> str:
        """One quota for all guardrails."""
        return "apply-guardrail"

    async def generate(
        self,
        input: list[ChatMessage],  # noqa: A002 - Inspect's name
        tools: list[ToolInfo],
        tool_choice: ToolChoice,  # noqa: ARG002 - no tools, no choice
        config: GenerateConfig,
    ) -> tuple[ModelOutput, ModelCall]:
        """Show every message's text to the guardrail.

        Raises:
            RouteError: The call's route or messages are not what can be sent; `side` is lacking.
            CredentialsMissing: AWS does not know the caller.
            EndpointSilentError: Nothing answers at a loopback endpoint.
        """
        route = _route(config, tools)
        if route.side is None:
            raise RouteError(f'extra_body["{EXTRA}"] lacks `side`: control needs INPUT or OUTPUT.')
        side: Side = "input" if route.side == "INPUT" else "output"
        texts = [text for message in input for text in _texts(message)]
        request = apply.request(texts=texts, side=side, wanted=route.wanted)
        runtime = client("bedrock-runtime", endpoint_url=route.endpoint_url, region=route.region)
        attempted = await ask(lambda: runtime.apply_guardrail(**request), _patience(route))
        record = apply.record(attempted, request=request, wanted=route.wanted)
        return _output(self.model_name, record), _call(request, attempted)


def _patience(route: Route) -> Patience:
    return LOCAL if is_loopback(route.endpoint_url) else SERVICE


def _route(config: GenerateConfig, tools: Sequence[ToolInfo]) -> Route:
    """The call's route; refuses whatever would silently not be sent."""
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
    if tools:
        raise RouteError(f"Tools cannot be sent: {', '.join(tool.name for tool in tools)}.")
    extra = config.extra_body or {}
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


def _conversation(
    chat: Sequence[ChatMessage],
) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """System blocks and messages in Converse's shape."""
    system: list[dict[str, Any]] = []
    messages: list[dict[str, Any]] = []
    for message in chat:
        blocks = [{"text": text} for text in _texts(message)]
        if isinstance(message, ChatMessageSystem):
            system.extend(blocks)
        else:
            messages.append({"role": message.role, "content": blocks})
    return system, messages


def _texts(message: ChatMessage) -> list[str]:
    if message.role == "tool":
        raise RouteError("A tool's message cannot be sent: only text of system, user and assistant.")
    if isinstance(message.content, str):
        return [message.content]
    texts = []
    for content in message.content:
        if not isinstance(content, ContentText):
            raise RouteError(f"Content of type {content.type} cannot be sent, only text.")
        texts.append(content.text)
    return texts


def _output(model: str, record: CallRecord, usage: Mapping[str, Any] | None = None) -> ModelOutput:
    stop_reason: StopReason = _STOP_REASONS.get(record.stop_reason or "", "unknown")
    content: Any = record.text
    if record.reasoning:
        content = [ContentReasoning(reasoning=record.reasoning), ContentText(text=record.text)]
    choice = ChatCompletionChoice(
        message=ChatMessageAssistant(content=content, model=model, source="generate"),
        stop_reason=stop_reason,
        stop_details=StopDetails(type=record.stop_reason) if stop_reason == "content_filter" else None,
    )
    return ModelOutput(
        model=model,
        choices=[choice],
        usage=_usage(usage) if usage else None,
        metadata={"call": record.model_dump(mode="json")},
        error=record.error,
        response_id=record.request_id,
    )


def _usage(usage: Mapping[str, Any]) -> ModelUsage:
    return ModelUsage(
        input_tokens=usage.get("inputTokens", 0),
        output_tokens=usage.get("outputTokens", 0),
        total_tokens=usage.get("totalTokens", 0),
        input_tokens_cache_read=usage.get("cacheReadInputTokens"),
        input_tokens_cache_write=usage.get("cacheWriteInputTokens"),
    )


def _call(request: Mapping[str, Any], attempted: Attempted) -> ModelCall:
    """Request and answer as they went over the wire, for Inspect's log; without the found texts."""
    answer: dict[str, Any] = {"error": attempted.error, **(attempted.response or {})}
    answer["ResponseMetadata"] = {"RequestId": attempted.request_id, "retried": list(attempted.retried)}
    call = ModelCall.create(request=request, response=without_matches(answer), time=attempted.seconds)
    call.error = True if attempted.response is None else None
    return call
