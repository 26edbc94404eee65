"""Turns the record of a call into what Inspect shows and logs of it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from inspect_ai.model import (
    ChatCompletionChoice,
    ChatMessageAssistant,
    ContentReasoning,
    ContentText,
    ModelCall,
    ModelOutput,
    ModelUsage,
    StopDetails,
    StopReason,
)

from evals.bedrock.question import NotCarriedError
from evals.bedrock.redaction import without_matches
from evals.bedrock.retry import Attempted
from evals.bedrock.trace import CallRecord, OperationName

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


def model_output(model: str, record: CallRecord, usage: Mapping[str, Any] | None = None) -> ModelOutput:
    """The output of a call, with its record in `metadata["call"]`.

    Args:
        model: The model's name.
        record: What came of the call.
        usage: botocore's TokenUsage, where the answer has one.
    """
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


def not_sent(model: str, operation: OperationName, error: NotCarriedError) -> tuple[ModelOutput, ModelCall]:
    """The output of a call that was not made, since its route has no place for a part of the conversation."""
    told = f"{type(error).__name__}: {error}"
    call = ModelCall.create(request={"model": model}, response={"error": told}, time=0.0)
    call.error = True
    return model_output(model, CallRecord(operation=operation, attempts=0, error=told)), call


def model_call(request: Mapping[str, Any], attempted: Attempted) -> ModelCall:
    """Request and answer as they went over the wire, for Inspect's log; without the found texts."""
    answer: dict[str, Any] = {"error": attempted.error, **(attempted.response or {})}
    answer["ResponseMetadata"] = {"RequestId": attempted.request_id, "retried": list(attempted.retried)}
    call = ModelCall.create(request=request, response=without_matches(answer), time=attempted.seconds)
    call.error = True if attempted.response is None else None
    return call


def _usage(usage: Mapping[str, Any]) -> ModelUsage:
    return ModelUsage(
        input_tokens=usage.get("inputTokens", 0),
        output_tokens=usage.get("outputTokens", 0),
        total_tokens=usage.get("totalTokens", 0),
        input_tokens_cache_read=usage.get("cacheReadInputTokens"),
        input_tokens_cache_write=usage.get("cacheWriteInputTokens"),
    )
