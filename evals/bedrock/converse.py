"""Builds a Converse request behind a guardrail and reads what came of it.

Shapes: botocore ConverseRequest and ConverseResponse. A parameter that was not given is not sent, and an
answer that is not understood whole is an error, not an answer.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from evals.bedrock.assessments import Wanted, read_converse
from evals.bedrock.retry import Attempted
from evals.bedrock.trace import CallRecord

OPERATION = "Converse"


def request(
    *,
    model: str,
    messages: Sequence[Mapping[str, Any]],
    system: Sequence[Mapping[str, Any]] = (),
    tools: Sequence[str] = (),
    inference: Mapping[str, Any],
    wanted: Wanted,
    epoch: int,
) -> dict[str, Any]:
    """The arguments of boto3's `converse`.

    Args:
        model: A model id or inference profile, as Converse takes it.
        messages: Messages in Converse's shape.
        system: System content blocks.
        tools: Names of the tools that the messages use; Converse takes no call of an undeclared one.
        inference: Members of `inferenceConfig`; those that are None are left out.
        wanted: The guardrail that must stand before the model.
        epoch: Which repetition this is, from 1; it goes into the service's own invocation log.
    """
    given = {name: value for name, value in inference.items() if value is not None}
    return {
        "modelId": model,
        "messages": list(messages),
        **({"system": list(system)} if system else {}),
        **({"inferenceConfig": given} if given else {}),
        **({"toolConfig": {"tools": [_declared(tool) for tool in tools]}} if tools else {}),
        "guardrailConfig": {
            "guardrailIdentifier": wanted.guardrail,
            "guardrailVersion": wanted.version,
            "trace": "enabled",
        },
        "requestMetadata": {"epoch": str(epoch)},
    }


def record(attempted: Attempted, *, request: Mapping[str, Any], wanted: Wanted) -> CallRecord:
    """The call in its normal form; `error` is set where no answer was had or none that can be read."""
    sent = dict(request.get("inferenceConfig", {}))
    common: dict[str, Any] = {
        "operation": OPERATION,
        "request_id": attempted.request_id,
        "attempts": attempted.attempts,
        "retried": attempted.retried,
        "latency_ms": round(attempted.seconds * 1000, 1),
        "sent": sent,
    }
    if attempted.response is None:
        return CallRecord(**common, error=attempted.error)
    response = attempted.response
    blocks = (response.get("output") or {}).get("message", {}).get("content")
    if not response.get("stopReason") or blocks is None:
        return CallRecord(**common, error=f"UnreadableAnswerError: no {_absent(response)} in the response")
    texts, reasoning, unknown = _split(blocks)
    if unknown:
        return CallRecord(**common, error=f"UnreadableAnswerError: a content block of kind {unknown[0]}")
    usage = response.get("usage") or {}
    return CallRecord(
        **common,
        stop_reason=response["stopReason"],
        text="\n".join(texts),
        reasoning="\n".join(reasoning),
        trace=read_converse(response, wanted),
        input_tokens=usage.get("inputTokens", 0),
        output_tokens=usage.get("outputTokens", 0),
    )


def _declared(tool: str) -> dict[str, Any]:
    """A tool of which nothing is known but its name, which takes any arguments."""
    return {"toolSpec": {"name": tool, "inputSchema": {"json": {"type": "object"}}}}


def _absent(response: Mapping[str, Any]) -> str:
    return "output.message.content" if response.get("stopReason") else "stopReason"


def _split(blocks: Sequence[Mapping[str, Any]]) -> tuple[list[str], list[str], list[str]]:
    """Texts and reasoning that people see, and the kinds of blocks that are neither."""
    texts: list[str] = []
    reasoning: list[str] = []
    unknown: list[str] = []
    for block in blocks:
        if "text" in block:
            texts.append(block["text"])
        elif "reasoningContent" in block:
            # Redacted reasoning is encrypted: nobody sees it, and there is nothing to read.
            if readable := block["reasoningContent"].get("reasoningText", {}).get("text"):
                reasoning.append(readable)
        elif "citationsContent" in block:
            texts.extend(part.get("text", "") for part in block["citationsContent"].get("content", ()))
        else:
            unknown.append(next(iter(block), "none"))
    return texts, reasoning, unknown
