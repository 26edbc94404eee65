"""Asks a model of any provider of Inspect, and says what came of it in the words that all routes share."""

from __future__ import annotations

import json
import time
from collections.abc import Awaitable, Callable, Sequence
from typing import Any

from inspect_ai.model import (
    ChatMessage,
    ContentReasoning,
    GenerateConfig,
    Model,
    ModelOutput,
)
from inspect_ai.tool import ToolInfo, ToolParams
from inspect_ai.util import LimitExceededError
from tenacity import AsyncRetrying, RetryError, retry_if_exception, stop_after_attempt, stop_after_delay
from tenacity.wait import wait_random_exponential

from evals.bedrock.client import CredentialsMissing, EndpointSilentError
from evals.bedrock.question import Tool
from evals.bedrock.retry import Patience
from evals.bedrock.trace import CallRecord
from evals.providers.route import RouteError

_STOP_REASONS = {
    "stop": "end_turn",
    "max_tokens": "max_tokens",
    "model_length": "model_context_window_exceeded",
    "tool_calls": "tool_use",
    "content_filter": "content_filtered",
}
"""Inspect's words in Converse's. No guardrail stands in this call, so that a filter is the model's own."""
_OF_THE_RUN = (CredentialsMissing, EndpointSilentError, LimitExceededError, RouteError)
"""What no other call would fare better with."""
_LONGEST_MESSAGE = 500


async def ask_model(
    model: Model,
    messages: Sequence[ChatMessage],
    *,
    tools: Sequence[Tool | ToolInfo],
    config: GenerateConfig,
    patience: Patience,
    admit: Callable[[], Awaitable[None]] | None = None,
) -> CallRecord:
    """The record of one call without a guardrail; its trace is that of nothing.

    A provider of ours has repeated its failed attempts itself. Any other says which of its failures are worth
    repeating, and Inspect's own loop, which counts nothing, is held to one attempt.

    Args:
        model: Any model of Inspect.
        messages: What it is shown.
        tools: Those that the messages use, since it takes no call of an undeclared one, and any others.
        config: Parameters for the model; `extra_body` for a provider of ours alone.
        patience: How long a failing call is worth waiting for.
        admit: What each attempt waits for first.

    Raises:
        CredentialsMissing: The provider does not know the caller.
    """
    failures: list[_ModelFailedError] = []
    started = 0.0

    async def once() -> ModelOutput:
        nonlocal started
        if admit is not None:
            await admit()
        started = time.perf_counter()
        try:
            return await model.generate(
                list(messages),
                tools=[tool if isinstance(tool, ToolInfo) else _offered(tool) for tool in tools],
                config=config.merge(GenerateConfig(max_retries=0)),
                cache=False,
            )
        except _OF_THE_RUN:
            raise
        except Exception as failure:
            failures.append(_ModelFailedError(_cause(failure)))
            raise failures[-1] from failure

    try:
        output: ModelOutput = await AsyncRetrying(
            sleep=patience.sleep,
            stop=stop_after_attempt(patience.attempts) | stop_after_delay(patience.give_up_after_s),
            wait=wait_random_exponential(max=patience.longest_wait_s),
            retry=retry_if_exception(
                lambda failure: isinstance(failure, _ModelFailedError) and model.should_retry(failure.cause)
            ),
            reraise=True,
        )(once)
    except _ModelFailedError as failure:
        if model.api.is_auth_failure(failure.cause):
            raise CredentialsMissing(f"{model} cannot be asked: {failure.cause}") from failure
        return _record(failures[:-1], started, error=str(failure))
    told = (output.metadata or {}).get("call")
    if told is not None:
        return CallRecord.model_validate(told)
    return _record(failures, started, **_said(output))


def _offered(tool: Tool) -> ToolInfo:
    # Inspect's other providers want a description of everything.
    return ToolInfo(
        name=tool.name,
        description=tool.description or tool.name,
        parameters=ToolParams.model_validate(tool.schema),
    )


class _ModelFailedError(Exception):
    """One attempt failed; `cause` is the provider's own exception, out of what Inspect wraps around it."""

    def __init__(self, cause: Exception) -> None:
        super().__init__(f"{type(cause).__name__}: {cause}"[:_LONGEST_MESSAGE])
        self.cause = cause


def _record(repeated: Sequence[_ModelFailedError], started: float, **said: Any) -> CallRecord:
    return CallRecord(
        operation="Sidecar",
        attempts=len(repeated) + 1,
        retried=tuple(type(failure.cause).__name__ for failure in repeated),
        latency_ms=round((time.perf_counter() - started) * 1000, 1),
        **said,
    )


def _said(output: ModelOutput) -> dict[str, Any]:
    if output.error or not output.choices:
        return {"error": f"UnreadableAnswerError: {output.error or 'no answer'}"[:_LONGEST_MESSAGE]}
    message = output.choices[0].message
    reasoning = [
        part.reasoning for part in message.content if isinstance(part, ContentReasoning) and not part.redacted
    ]
    usage = output.usage
    return {
        "stop_reason": _STOP_REASONS.get(output.stop_reason, output.stop_reason),
        "text": message.text,
        "reasoning": "\n".join(reasoning),
        "tool_arguments": "\n".join(
            json.dumps(call.arguments, ensure_ascii=False) for call in message.tool_calls or ()
        ),
        "input_tokens": usage.input_tokens if usage else 0,
        "output_tokens": usage.output_tokens if usage else 0,
        "request_id": output.response_id,
    }


def _cause(failure: Exception) -> Exception:
    inner: BaseException | None = failure
    if isinstance(failure, RetryError):
        inner = failure.last_attempt.exception()
    if inner is not None and inner.__cause__ is not None and type(inner).__module__.startswith("inspect_ai"):
        inner = inner.__cause__
    return inner if isinstance(inner, Exception) else failure
