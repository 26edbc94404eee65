"""OpenAI's chat completions as Bedrock carries them.

Source: AWS, "OpenAI models" in the Bedrock user guide. Over InvokeModel an open model writes its reasoning
between `<reasoning>` tags before its answer; it is taken apart here as Converse does it.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from typing import Any

from evals.bedrock.bodies.tagging import Tagging
from evals.bedrock.pieces import Shown, arguments
from evals.bedrock.question import NotCarriedError, Question
from evals.bedrock.retry import UnreadableAnswerError

_NAMES = {
    "maxTokens": "max_completion_tokens",
    "temperature": "temperature",
    "topP": "top_p",
    "stopSequences": "stop",
}
_STOP_REASONS = {
    "stop": "end_turn",
    "length": "max_tokens",
    "tool_calls": "tool_use",
    "content_filter": "content_filtered",
}
_REASONING = re.compile(r"\s*<reasoning>(.*?)</reasoning>\s*", re.DOTALL)
_READ = frozenset({"role", "content", "refusal", "reasoning", "reasoning_content", "tool_calls"})
_NOT_SAID = frozenset({"annotations", "audio", "function_call"})
"""Members that are read, and members that are there without being filled."""


def body(question: Question) -> dict[str, Any]:
    """The request's body.

    Raises:
        NotCarriedError: Reasoning of an earlier turn, for which chat completions have no place.
    """
    tagging = Tagging.of(question)
    messages: list[dict[str, Any]] = [
        {"role": "system", "content": block["text"]} for block in question.system
    ]
    for message in question.messages:
        messages += _messages(message, tagging)
    built: dict[str, Any] = {
        "messages": messages,
        **{_NAMES[name]: value for name, value in question.given.items()},
    }
    if question.tools:
        built["tools"] = [
            {
                "type": "function",
                "function": {
                    "name": tool.name,
                    **({"description": tool.description} if tool.description else {}),
                    "parameters": dict(tool.schema),
                },
            }
            for tool in question.tools
        ]
    return built | tagging.settings


def _messages(message: Mapping[str, Any], tagging: Tagging) -> list[dict[str, Any]]:
    """A turn of Converse's is several messages here, where results of tools stand in it."""
    if any("reasoningContent" in block for block in message["content"]):
        raise NotCarriedError("chat completions have no place for a model's earlier reasoning")
    texts = [
        tagging.text_of(block) for block in message["content"] if "text" in block or "guardContent" in block
    ]
    uses = [block["toolUse"] for block in message["content"] if "toolUse" in block]
    told: list[dict[str, Any]] = [
        {
            "role": "tool",
            "tool_call_id": result["toolUseId"],
            "content": "\n".join(part["text"] for part in result["content"]),
        }
        for result in (block["toolResult"] for block in message["content"] if "toolResult" in block)
    ]
    if uses:
        calls = [
            {
                "id": use["toolUseId"],
                "type": "function",
                "function": {"name": use["name"], "arguments": json.dumps(use["input"], ensure_ascii=False)},
            }
            for use in uses
        ]
        told.append({"role": message["role"], "content": "\n".join(texts) or None, "tool_calls": calls})
    elif texts:
        told.append({"role": message["role"], "content": "\n".join(texts)})
    return told


def read(document: Mapping[str, Any]) -> dict[str, Any]:
    """A whole answer in Converse's shape.

    Raises:
        UnreadableAnswerError: It holds something that is not understood.
    """
    choice = document["choices"][0]
    message = choice["message"]
    unknown = [
        name for name in message if name not in _READ and not (name in _NOT_SAID and not message[name])
    ]
    if unknown:
        raise UnreadableAnswerError(f"a message with {unknown[0]}")
    usage = document.get("usage") or {}
    stop = choice.get("finish_reason")
    return {
        "output": {"message": {"role": "assistant", "content": _content(message)}},
        "stopReason": _STOP_REASONS.get(stop or "", stop),
        "usage": {
            "inputTokens": usage.get("prompt_tokens", 0),
            "outputTokens": usage.get("completion_tokens", 0),
            "totalTokens": usage.get("total_tokens", 0),
        },
    }


def _content(message: Mapping[str, Any]) -> list[dict[str, Any]]:
    inline, text = _split(message.get("content") or "")
    reasoning = message.get("reasoning") or message.get("reasoning_content") or inline
    content: list[dict[str, Any]] = []
    if reasoning:
        content.append({"reasoningContent": {"reasoningText": {"text": reasoning}}})
    content += [{"text": said} for said in (text, message.get("refusal")) if said]
    for call in message.get("tool_calls") or ():
        asked = call["function"]
        use = {"toolUseId": call.get("id"), "name": asked.get("name")}
        content.append({"toolUse": {**use, "input": arguments(asked.get("arguments") or "")}})
    return content


def _split(text: str) -> tuple[str, str]:
    """Reasoning between tags, and the answer behind it."""
    found = _REASONING.match(text)
    return (found[1], text[found.end() :]) if found else ("", text)


def join(
    events: Iterable[tuple[int, Mapping[str, Any]]],
) -> tuple[dict[str, Any], list[dict[str, Any]], bool]:
    """A whole answer from its pieces, what was shown when, and whether the end was among them.

    Raises:
        UnreadableAnswerError: A piece that is not understood.
    """
    message: dict[str, Any] = {"role": "assistant", "content": ""}
    calls: dict[int, dict[str, Any]] = {}
    document: dict[str, Any] = {}
    shown = Shown()
    stop = None
    for ms, event in events:
        document |= {"usage": event["usage"]} if event.get("usage") else {}
        for choice in event.get("choices") or ():
            delta = choice.get("delta") or {}
            for name, piece in delta.items():
                if name == "tool_calls":
                    _extend(calls, piece or ())
                elif isinstance(piece, str) and name != "role":
                    message[name] = (message.get(name) or "") + piece
                elif piece:
                    message[name] = piece
            shown.add(ms, (delta.get("content") or "") + (delta.get("refusal") or ""))
            stop = choice.get("finish_reason") or stop
    if calls:
        message["tool_calls"] = [call for _, call in sorted(calls.items())]
    document["choices"] = [{"index": 0, "message": message, "finish_reason": stop}]
    reasoning = _REASONING.match(message["content"])
    return document, shown.without_first(reasoning.end() if reasoning else 0), stop is not None


def _extend(calls: dict[int, dict[str, Any]], pieces: Iterable[Mapping[str, Any]]) -> None:
    """Add pieces of calls to theirs; name and id come with the first, arguments bit by bit."""
    for piece in pieces:
        call = calls.setdefault(
            piece.get("index", 0), {"id": None, "function": {"name": None, "arguments": ""}}
        )
        call["id"] = piece.get("id") or call["id"]
        asked = piece.get("function") or {}
        call["function"]["name"] = asked.get("name") or call["function"]["name"]
        call["function"]["arguments"] += asked.get("arguments") or ""
