"""The format of OpenAI's chat completions, as InvokeModel and the route /openai/v1 carry it."""

from __future__ import annotations

import json
import time
import uuid
from collections.abc import Iterator, Mapping, Sequence
from typing import Annotated, Any, Literal

from pydantic import Field

from evals.rehearsal.bodies.reading import Closed, TextOrTexts, given, parsed_arguments, read_as
from evals.rehearsal.calls.call import FILTERED, Answer
from evals.rehearsal.calls.request import Call
from evals.rehearsal.calls.streaming import Piece
from evals.rehearsal.channels import Conversation
from evals.rehearsal.errors import invalid

_FINISH_REASONS = {"max_tokens": "length", "tool_use": "tool_calls", FILTERED: "content_filter"}


class _TextPart(Closed):
    type: Literal["text"]
    text: str


class _ImageUrl(Closed):
    url: str
    detail: str | None = None


class _ImagePart(Closed):
    type: Literal["image_url"]
    image_url: _ImageUrl


_Part = Annotated[_TextPart | _ImagePart, Field(discriminator="type")]


class _Function(Closed):
    name: str
    arguments: str


class _ToolCall(Closed):
    id: str
    type: Literal["function"]
    function: _Function


class _Instruction(Closed):
    role: Literal["system", "developer"]
    content: str | list[_TextPart]
    name: str | None = None


class _User(Closed):
    role: Literal["user"]
    content: str | list[_Part]
    name: str | None = None


class _Assistant(Closed):
    role: Literal["assistant"]
    content: str | list[_TextPart] | None = None
    tool_calls: list[_ToolCall] | None = None
    refusal: str | None = None
    name: str | None = None


class _Tool(Closed):
    role: Literal["tool"]
    tool_call_id: str
    content: str | list[_TextPart]


_Message = Annotated[_Instruction | _User | _Assistant | _Tool, Field(discriminator="role")]


class _FunctionSpec(Closed):
    name: str
    description: str | None = None
    parameters: dict[str, Any] = Field(default_factory=dict)
    strict: bool | None = None


class _ToolSpec(Closed):
    type: Literal["function"]
    function: _FunctionSpec


class _Named(Closed):
    name: str


class _Chosen(Closed):
    type: Literal["function"]
    function: _Named


class _StreamOptions(Closed):
    include_usage: bool = False


class _Body(Closed):
    model: str | None = None
    messages: list[_Message] = Field(min_length=1)
    max_completion_tokens: int | None = Field(default=None, ge=1)
    max_tokens: int | None = None
    temperature: float | None = None
    top_p: float | None = None
    stop: TextOrTexts | None = None
    n: Literal[1] | None = None
    reasoning_effort: Literal["none", "minimal", "low", "medium", "high", "xhigh", "max"] | None = None
    tools: list[_ToolSpec] | None = None
    tool_choice: Literal["auto", "none", "required"] | _Chosen | None = None
    parallel_tool_calls: bool | None = None
    stream: bool | None = None
    stream_options: _StreamOptions | None = None
    user: str | None = None


class ChatCompletions:
    """Bodies of OpenAI models."""

    name = "the chat completions format"

    def read(self, document: dict[str, Any], call: Call) -> Call:
        """The call with what a body asks for."""
        body = read_as(_Body, document, self.name)
        if body.max_tokens is not None:
            raise invalid(
                "Unsupported parameter: 'max_tokens' is not supported with this model. "
                "Use 'max_completion_tokens' instead."
            )
        tools = [] if body.tool_choice == "none" else [_tool(tool.function) for tool in body.tools or ()]
        effort = body.reasoning_effort
        return call.with_request(
            conversation=Conversation(
                messages=list(_messages(body.messages)),
                system=[
                    {"text": text}
                    for message in body.messages
                    if isinstance(message, _Instruction)
                    for text in _texts(message.content)
                ],
                tools=tools,
            ),
            tool_choice=_tool_choice(body.tool_choice),
            inference=given(
                maxTokens=body.max_completion_tokens,
                stopSequences=body.stop,
                temperature=body.temperature,
                topP=body.top_p,
            ),
            extra=given(reasoning={"effort": effort} if effort else None),
        )

    def write(self, answer: Answer, model: str) -> dict[str, Any]:
        """The body of a whole answer."""
        texts = [block["text"] for block in answer.content if "text" in block]
        calls = [_called(block["toolUse"]) for block in answer.content if "toolUse" in block]
        message = {
            "role": "assistant",
            "content": "\n".join(texts) if texts or not calls else None,
            "refusal": None,
            **({"tool_calls": calls} if calls else {}),
        }
        choice = {"index": 0, "message": message, "finish_reason": _finish_reason(answer), "logprobs": None}
        return {**_envelope(model, "chat.completion"), "choices": [choice], "usage": _usage(answer)}

    def chunks(self, sent: Sequence[Piece], answer: Answer, model: str) -> Iterator[dict[str, Any]]:
        """The bodies of a streamed answer, one after the other; the usage comes last, without a choice."""
        envelope = _envelope(model, "chat.completion.chunk")

        def chunk(delta: Mapping[str, Any], finish_reason: str | None = None) -> dict[str, Any]:
            choice = {"index": 0, "delta": delta, "finish_reason": finish_reason, "logprobs": None}
            return {**envelope, "choices": [choice]}

        yield chunk({"role": "assistant", "content": ""})
        for piece in sent:
            if delta := _delta(piece):
                yield chunk(delta)
        yield chunk({}, _finish_reason(answer))
        yield {**envelope, "choices": [], "usage": _usage(answer)}


def _texts(content: str | Sequence[_TextPart] | None) -> list[str]:
    if isinstance(content, str):
        return [content] if content else []
    return [part.text for part in content or ()]


def _messages(messages: Sequence[_Instruction | _User | _Assistant | _Tool]) -> Iterator[dict[str, Any]]:
    """Converse's messages: what tools returned is the user's turn there, all of it in one message."""
    results: list[dict[str, Any]] = []
    for message in messages:
        if isinstance(message, _Tool):
            content = [{"text": text} for text in _texts(message.content)]
            results.append({"toolResult": {"toolUseId": message.tool_call_id, "content": content}})
            continue
        if isinstance(message, _User):
            yield {"role": "user", "content": [*results, *_user_blocks(message.content)]}
            results = []
        elif isinstance(message, _Assistant):
            if results:
                yield {"role": "user", "content": results}
                results = []
            yield {"role": "assistant", "content": _assistant_blocks(message)}
    if results:
        yield {"role": "user", "content": results}


def _user_blocks(content: str | Sequence[_TextPart | _ImagePart]) -> Iterator[dict[str, Any]]:
    if isinstance(content, str):
        yield {"text": content}
        return
    for part in content:
        if isinstance(part, _TextPart):
            yield {"text": part.text}
        else:
            yield {"image": {"format": "png", "source": {"bytes": part.image_url.url}}}


def _assistant_blocks(message: _Assistant) -> list[dict[str, Any]]:
    blocks: list[dict[str, Any]] = [{"text": text} for text in _texts(message.content)]
    for called in message.tool_calls or ():
        arguments = parsed_arguments(called.id, called.function.arguments)
        blocks.append({"toolUse": {"toolUseId": called.id, "name": called.function.name, "input": arguments}})
    return blocks


def _tool(function: _FunctionSpec) -> dict[str, Any]:
    described = {"description": function.description} if function.description else {}
    return {"toolSpec": {"name": function.name, **described, "inputSchema": {"json": function.parameters}}}


def _tool_choice(choice: str | _Chosen | None) -> Mapping[str, Any]:
    if isinstance(choice, _Chosen):
        return {"tool": {"name": choice.function.name}}
    return {"any": {}} if choice == "required" else {}


def _envelope(model: str, kind: str) -> dict[str, Any]:
    return {
        "id": f"chatcmpl-{uuid.uuid4().hex}",
        "object": kind,
        "created": int(time.time()),
        "model": model,
    }


def _called(use: Mapping[str, Any]) -> dict[str, Any]:
    function = {"name": use["name"], "arguments": json.dumps(use["input"], ensure_ascii=False)}
    return {"id": use["toolUseId"], "type": "function", "function": function}


def _delta(piece: Piece) -> dict[str, Any] | None:
    match piece.kind:
        case "text":
            return {"content": piece.text}
        case "tool":
            function = {"name": piece.name, "arguments": ""}
            return {"tool_calls": [{"index": 0, "id": piece.text, "type": "function", "function": function}]}
        case "tool_input":
            return {"tool_calls": [{"index": 0, "function": {"arguments": piece.text}}]}
    return None


def _finish_reason(answer: Answer) -> str:
    reason = answer.said.stop_reason if answer.said and not answer.blocked else "end_turn"
    return _FINISH_REASONS.get(reason, "stop")


def _usage(answer: Answer) -> dict[str, Any]:
    return {
        "prompt_tokens": answer.usage["inputTokens"],
        "completion_tokens": answer.usage["outputTokens"],
        "total_tokens": answer.usage["totalTokens"],
    }
