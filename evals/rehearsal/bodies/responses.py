"""The format of OpenAI's Responses API, which GPT-5.5's own endpoint speaks."""

from __future__ import annotations

import json
import time
import uuid
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Literal

from pydantic import Field

from evals.rehearsal.bodies.reading import Closed, given, parsed_arguments, read_as
from evals.rehearsal.calls.call import FILTERED, Answer
from evals.rehearsal.calls.request import Call
from evals.rehearsal.calls.streaming import Piece
from evals.rehearsal.channels import Conversation

_INCOMPLETE = {"max_tokens": "max_output_tokens", FILTERED: "content_filter"}


class _Text(Closed):
    type: Literal["input_text", "output_text"]
    text: str
    annotations: list[Any] = Field(default_factory=list)
    logprobs: list[Any] | None = None


class _Message(Closed):
    type: Literal["message"] = "message"
    role: Literal["user", "assistant", "system", "developer"]
    content: str | list[_Text]
    id: str | None = None
    status: str | None = None


class _Called(Closed):
    type: Literal["function_call"]
    call_id: str
    name: str
    arguments: str
    id: str | None = None
    status: str | None = None


class _Output(Closed):
    type: Literal["function_call_output"]
    call_id: str
    output: str
    id: str | None = None
    status: str | None = None


class _Reasoning(Closed):
    type: Literal["reasoning"]
    encrypted_content: str | None = None
    summary: list[Any] = Field(default_factory=list)
    id: str | None = None
    status: str | None = None


class _Tool(Closed):
    type: Literal["function"]
    name: str
    description: str | None = None
    parameters: dict[str, Any] = Field(default_factory=dict)
    strict: bool | None = None


class _Chosen(Closed):
    type: Literal["function"]
    name: str


class _Effort(Closed):
    effort: Literal["none", "minimal", "low", "medium", "high", "xhigh", "max"] | None = None
    summary: str | None = None


class _Body(Closed):
    model: str
    input: str | list[_Message | _Called | _Output | _Reasoning]
    instructions: str | None = None
    max_output_tokens: int | None = Field(default=None, ge=1)
    temperature: float | None = None
    top_p: float | None = None
    reasoning: _Effort | None = None
    tools: list[_Tool] = Field(default_factory=list)
    tool_choice: Literal["auto", "none", "required"] | _Chosen | None = None
    stream: bool | None = None
    # Taken and without effect: nothing is stored here, nothing runs in parallel, reasoning always comes back.
    store: bool | None = None
    include: list[str] | None = None
    metadata: dict[str, str] | None = None
    parallel_tool_calls: bool | None = None
    user: str | None = None


class Responses:
    """Bodies of the Responses API."""

    name = "the Responses format"

    def read(self, document: dict[str, Any], call: Call) -> Call:
        """The call with what a body asks for."""
        body = read_as(_Body, document, self.name)
        items = [_Message(role="user", content=body.input)] if isinstance(body.input, str) else body.input
        told = [
            text
            for item in items
            if isinstance(item, _Message) and item.role in {"system", "developer"}
            for text in _texts(item.content)
        ]
        effort = body.reasoning.effort if body.reasoning else None
        return call.with_request(
            conversation=Conversation(
                messages=_messages(items),
                system=[{"text": text} for text in ([body.instructions] if body.instructions else []) + told],
                tools=[] if body.tool_choice == "none" else [_tool(tool) for tool in body.tools],
            ),
            tool_choice=_tool_choice(body.tool_choice),
            inference=given(maxTokens=body.max_output_tokens, temperature=body.temperature, topP=body.top_p),
            extra=given(reasoning={"effort": effort} if effort else None),
        )

    def write(self, answer: Answer, model: str) -> dict[str, Any]:
        """The body of a whole answer."""
        return _response(model, answer, [_item(block) for block in answer.content])

    def chunks(self, sent: Sequence[Piece], answer: Answer, model: str) -> Iterator[dict[str, Any]]:
        """The events of a streamed answer, one after the other; the last one holds all of it."""
        begun = {**_response(model, answer, []), "status": "in_progress", "usage": None}
        numbered = enumerate(_events(sent, answer, begun))
        yield from ({**event, "sequence_number": number} for number, event in numbered)


def _texts(content: str | Sequence[_Text]) -> list[str]:
    if isinstance(content, str):
        return [content] if content else []
    return [part.text for part in content]


def _messages(items: Sequence[_Message | _Called | _Output | _Reasoning]) -> list[dict[str, Any]]:
    """Converse's messages: neighbours of one role are one message there."""
    messages: list[dict[str, Any]] = []
    for item in items:
        role, blocks = _blocks(item)
        if messages and messages[-1]["role"] == role:
            messages[-1]["content"].extend(blocks)
        elif blocks:
            messages.append({"role": role, "content": blocks})
    return messages


def _blocks(item: _Message | _Called | _Output | _Reasoning) -> tuple[str, list[dict[str, Any]]]:
    match item:
        case _Called():
            arguments = parsed_arguments(item.call_id, item.arguments)
            use = {"toolUseId": item.call_id, "name": item.name, "input": arguments}
            return "assistant", [{"toolUse": use}]
        case _Output():
            return "user", [{"toolResult": {"toolUseId": item.call_id, "content": [{"text": item.output}]}}]
        case _Reasoning():
            sealed = item.encrypted_content
            return "assistant", [{"reasoningContent": {"redactedContent": sealed}}] if sealed else []
    if item.role in {"system", "developer"}:
        return "", []
    return item.role, [{"text": text} for text in _texts(item.content)]


def _tool(tool: _Tool) -> dict[str, Any]:
    described = {"description": tool.description} if tool.description else {}
    return {"toolSpec": {"name": tool.name, **described, "inputSchema": {"json": tool.parameters}}}


def _tool_choice(choice: str | _Chosen | None) -> Mapping[str, Any]:
    if isinstance(choice, _Chosen):
        return {"tool": {"name": choice.name}}
    return {"any": {}} if choice == "required" else {}


def _response(model: str, answer: Answer, output: list[dict[str, Any]]) -> dict[str, Any]:
    ended = answer.said.stop_reason if answer.said and not answer.blocked else "end_turn"
    reason = _INCOMPLETE.get(ended)
    return {
        "id": f"resp_{uuid.uuid4().hex}",
        "object": "response",
        "created_at": int(time.time()),
        "status": "incomplete" if reason else "completed",
        "incomplete_details": {"reason": reason} if reason else None,
        "error": None,
        "model": model,
        "output": output,
        "parallel_tool_calls": True,
        "tool_choice": "auto",
        "tools": [],
        "usage": {
            "input_tokens": answer.usage["inputTokens"],
            "input_tokens_details": {"cached_tokens": 0},
            "output_tokens": answer.usage["outputTokens"],
            "output_tokens_details": {"reasoning_tokens": 0},
            "total_tokens": answer.usage["totalTokens"],
        },
    }


def _item(block: Mapping[str, Any]) -> dict[str, Any]:
    identifier = uuid.uuid4().hex
    if "toolUse" in block:
        use = block["toolUse"]
        arguments = json.dumps(use["input"], ensure_ascii=False)
        return _called(identifier, use["toolUseId"], use["name"], arguments)
    if "reasoningContent" in block:
        sealed = block["reasoningContent"].get("redactedContent")
        return {"type": "reasoning", "id": f"rs_{identifier}", "summary": [], "encrypted_content": sealed}
    return _message(identifier, block["text"])


def _message(identifier: str, text: str) -> dict[str, Any]:
    content = [_part(text)]
    return {
        "type": "message",
        "id": f"msg_{identifier}",
        "status": "completed",
        "role": "assistant",
        "content": content,
    }


def _part(text: str) -> dict[str, Any]:
    return {"type": "output_text", "text": text, "annotations": [], "logprobs": []}


def _called(identifier: str, call_id: str, name: str, arguments: str) -> dict[str, Any]:
    return {
        "type": "function_call",
        "id": f"fc_{identifier}",
        "call_id": call_id,
        "name": name,
        "arguments": arguments,
        "status": "completed",
    }


def _events(sent: Sequence[Piece], answer: Answer, begun: dict[str, Any]) -> Iterator[dict[str, Any]]:
    yield {"type": "response.created", "response": begun}
    output: list[dict[str, Any]] = []
    for index in dict.fromkeys(piece.index for piece in sent):
        pieces = [piece for piece in sent if piece.index == index]
        output.append(item := _streamed(pieces))
        where = {"output_index": len(output) - 1}
        yield {"type": "response.output_item.added", "item": _opened(item), **where}
        yield from _inside(item, pieces, where)
        yield {"type": "response.output_item.done", "item": item, **where}
    whole = {**_response(begun["model"], answer, output), "id": begun["id"]}
    yield {"type": f"response.{whole['status']}", "response": whole}


def _streamed(pieces: Sequence[Piece]) -> dict[str, Any]:
    """The item that pieces of one block make up."""
    identifier = uuid.uuid4().hex
    first = pieces[0]
    if first.kind == "tool":
        return _called(identifier, first.text, first.name, "".join(piece.text for piece in pieces[1:]))
    if first.kind == "text":
        return _message(identifier, "".join(piece.text for piece in pieces))
    sealed = next((piece.text for piece in pieces if piece.kind == "redacted"), None)
    return {"type": "reasoning", "id": f"rs_{identifier}", "summary": [], "encrypted_content": sealed}


def _opened(item: dict[str, Any]) -> dict[str, Any]:
    empty: dict[str, dict[str, Any]] = {"message": {"content": []}, "function_call": {"arguments": ""}}
    return {**item, **empty.get(item["type"], {}), "status": "in_progress"}


def _inside(
    item: Mapping[str, Any], pieces: Sequence[Piece], where: Mapping[str, int]
) -> Iterator[dict[str, Any]]:
    about = {"item_id": item["id"], **where}
    if item["type"] == "function_call":
        for piece in pieces[1:]:
            yield {"type": "response.function_call_arguments.delta", "delta": piece.text, **about}
        yield {
            "type": "response.function_call_arguments.done",
            "name": item["name"],
            "arguments": item["arguments"],
            **about,
        }
    elif item["type"] == "message":
        about |= {"content_index": 0}
        (part,) = item["content"]
        yield {"type": "response.content_part.added", "part": _part(""), **about}
        for piece in pieces:
            yield {"type": "response.output_text.delta", "delta": piece.text, "logprobs": [], **about}
        yield {"type": "response.output_text.done", "text": part["text"], "logprobs": [], **about}
        yield {"type": "response.content_part.done", "part": part, **about}
