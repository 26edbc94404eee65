"""The Messages API as Bedrock carries it for Claude.

Source: AWS, "Anthropic Claude Messages API" in the Bedrock user guide.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from evals.bedrock.bodies.tagging import Tagging
from evals.bedrock.pieces import Shown, arguments
from evals.bedrock.question import NotCarriedError, Question, Tool
from evals.bedrock.retry import UnreadableAnswerError

_VERSION = "bedrock-2023-05-31"
_NAMES = {
    "maxTokens": "max_tokens",
    "temperature": "temperature",
    "topP": "top_p",
    "stopSequences": "stop_sequences",
}
_STOP_REASONS = {"refusal": "content_filtered"}
"""Where Converse has another word; what stands for the model's own filter is no guardrail's."""


def body(question: Question) -> dict[str, Any]:
    """The request's body.

    Raises:
        NotCarriedError: Reasoning of an earlier turn, which Claude takes back only with its own signature.
    """
    tagging = Tagging.of(question)
    built: dict[str, Any] = {
        "anthropic_version": _VERSION,
        **{_NAMES[name]: value for name, value in question.given.items()},
        "messages": [
            {"role": message["role"], "content": [_block(block, tagging) for block in message["content"]]}
            for message in question.messages
        ],
    }
    if question.system:
        built["system"] = [{"type": "text", "text": block["text"]} for block in question.system]
    if question.tools:
        built["tools"] = [_declared(tool) for tool in question.tools]
    return built | tagging.settings


def _declared(tool: Tool) -> dict[str, Any]:
    described = {"description": tool.description} if tool.description else {}
    return {"name": tool.name, **described, "input_schema": dict(tool.schema)}


def _block(block: Mapping[str, Any], tagging: Tagging) -> dict[str, Any]:
    if "reasoningContent" in block:
        raise NotCarriedError("InvokeModel takes Claude's reasoning back only with the model's own signature")
    if "toolUse" in block:
        use = block["toolUse"]
        return {"type": "tool_use", "id": use["toolUseId"], "name": use["name"], "input": use["input"]}
    if "toolResult" in block:
        result = block["toolResult"]
        return {
            "type": "tool_result",
            "tool_use_id": result["toolUseId"],
            "content": [{"type": "text", "text": part["text"]} for part in result["content"]],
            "is_error": result["status"] == "error",
        }
    return {"type": "text", "text": tagging.text_of(block)}


def read(document: Mapping[str, Any]) -> dict[str, Any]:
    """A whole answer in Converse's shape.

    Raises:
        UnreadableAnswerError: It holds a block that is not understood.
    """
    usage = document.get("usage") or {}
    taken, given = usage.get("input_tokens", 0), usage.get("output_tokens", 0)
    stop = document.get("stop_reason")
    return {
        "output": {
            "message": {
                "role": "assistant",
                "content": [_said(block) for block in document["content"]],
            }
        },
        "stopReason": _STOP_REASONS.get(stop or "", stop),
        "usage": {
            "inputTokens": taken,
            "outputTokens": given,
            "totalTokens": taken + given,
            "cacheReadInputTokens": usage.get("cache_read_input_tokens"),
            "cacheWriteInputTokens": usage.get("cache_creation_input_tokens"),
        },
    }


def _said(block: Mapping[str, Any]) -> dict[str, Any]:
    match block.get("type"):
        case "text":
            return {"text": block["text"]}
        case "thinking":
            return {"reasoningContent": {"reasoningText": {"text": block["thinking"]}}}
        case "redacted_thinking":
            return {"reasoningContent": {}}
        case "tool_use":
            return {"toolUse": {"toolUseId": block["id"], "name": block["name"], "input": block["input"]}}
        case kind:
            raise UnreadableAnswerError(f"a content block of type {kind}")


def join(
    events: Iterable[tuple[int, Mapping[str, Any]]],
) -> tuple[dict[str, Any], list[dict[str, Any]], bool]:
    """A whole answer from its pieces, what was shown when, and whether the end was among them.

    Raises:
        UnreadableAnswerError: A piece that is not understood.
    """
    document: dict[str, Any] = {}
    blocks: dict[int, dict[str, Any]] = {}
    usage: dict[str, Any] = {}
    shown = Shown()
    ended = False
    for ms, event in events:
        kind = event.get("type")
        if kind == "message_start":
            usage |= event["message"].get("usage") or {}
        elif kind == "content_block_start":
            blocks[event["index"]] = dict(event["content_block"])
            shown.add(ms, event["content_block"].get("text", ""), event["index"])
        elif kind == "content_block_delta":
            text = _extend(blocks.setdefault(event["index"], {"type": "text", "text": ""}), event["delta"])
            shown.add(ms, text, event["index"])
        elif kind == "message_delta":
            document |= {name: value for name, value in event["delta"].items() if value is not None}
            usage |= event.get("usage") or {}
        ended = ended or kind == "message_stop"
    content = [_whole(block) for _, block in sorted(blocks.items())]
    return {**document, "content": content, "usage": usage}, shown.pieces, ended


def _extend(block: dict[str, Any], delta: Mapping[str, Any]) -> str:
    """Add a piece to its block; returns the text that the user saw come, if any."""
    match delta.get("type"):
        case "text_delta":
            block["text"] = block.get("text", "") + delta["text"]
            return str(delta["text"])
        case "thinking_delta":
            block["thinking"] = block.get("thinking", "") + delta["thinking"]
        case "input_json_delta":
            block["pieces"] = block.get("pieces", "") + delta["partial_json"]
        case "signature_delta" | "citations_delta":
            pass
        case kind:
            raise UnreadableAnswerError(f"a piece of type {kind}")
    return ""


def _whole(block: dict[str, Any]) -> dict[str, Any]:
    pieces = block.pop("pieces", None)
    return block if pieces is None else {**block, "input": arguments(pieces)}
