"""The format of Anthropic's Messages API on Bedrock.

A call that the guardrail stopped keeps the stop reason `end_turn`, and its canned text is ordinary content.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterator, Mapping, Sequence
from typing import Annotated, Any, Literal

from pydantic import Field

from evals.rehearsal.bodies.reading import Closed, given, read_as
from evals.rehearsal.calls.call import FILTERED, INTERVENED, Answer
from evals.rehearsal.calls.request import Call
from evals.rehearsal.calls.streaming import Piece
from evals.rehearsal.channels import Conversation

_STOP_REASONS = ("end_turn", "max_tokens", "stop_sequence", "tool_use")


class _Cache(Closed):
    type: Literal["ephemeral"]
    ttl: str | None = None


class _Text(Closed):
    type: Literal["text"]
    text: str
    cache_control: _Cache | None = None
    """Taken, as everywhere below, and without effect: nothing is cached here."""


class _Source(Closed):
    type: Literal["base64"]
    media_type: Literal["image/png", "image/jpeg", "image/gif", "image/webp"]
    data: str


class _Image(Closed):
    type: Literal["image"]
    source: _Source
    cache_control: _Cache | None = None


class _ToolUse(Closed):
    type: Literal["tool_use"]
    id: str
    name: str
    input: dict[str, Any]
    cache_control: _Cache | None = None


class _ToolResult(Closed):
    type: Literal["tool_result"]
    tool_use_id: str
    content: str | list[_Text] = ""
    is_error: bool = False
    cache_control: _Cache | None = None


class _Thinking(Closed):
    type: Literal["thinking"]
    thinking: str
    signature: str


class _Redacted(Closed):
    type: Literal["redacted_thinking"]
    data: str


_Block = Annotated[
    _Text | _Image | _ToolUse | _ToolResult | _Thinking | _Redacted, Field(discriminator="type")
]


class _Message(Closed):
    role: Literal["user", "assistant"]
    content: str | list[_Block]


class _Tool(Closed):
    type: Literal["custom"] = "custom"
    name: str
    description: str | None = None
    input_schema: dict[str, Any]
    cache_control: _Cache | None = None


class _Choice(Closed):
    type: Literal["auto", "any", "tool", "none"]
    name: str | None = None
    disable_parallel_tool_use: bool | None = None


class _Metadata(Closed):
    user_id: str | None = None


class _Body(Closed):
    anthropic_version: str = Field(pattern=r"^(bedrock-)?\d{4}-\d{2}-\d{2}$")
    """Bedrock's own, or since its SDK's second version that of the vendor's API."""
    max_tokens: int = Field(ge=1)
    messages: list[_Message] = Field(min_length=1)
    system: str | list[_Text] = ""
    stop_sequences: list[str] = Field(default_factory=list)
    temperature: float | None = None
    top_p: float | None = None
    top_k: int | None = None
    tools: list[_Tool] = Field(default_factory=list)
    tool_choice: _Choice | None = None
    thinking: dict[str, Any] | None = None
    metadata: _Metadata | None = None


class _Sent(_Body):
    """What Anthropic's own SDK sends to an endpoint that is not InvokeModel."""

    anthropic_version: str = "in a header"
    model: str
    stream: bool = False


class ClaudeMessages:
    """Bodies of Claude models.

    Args:
        sent: The bodies name their model and whether they want a stream, as those of the SDK do.
    """

    name = "the Messages format"

    def __init__(self, *, sent: bool = False) -> None:
        self._kind = _Sent if sent else _Body

    def read(self, document: dict[str, Any], call: Call) -> Call:
        """The call with what a body asks for."""
        body = read_as(self._kind, document, self.name)
        return call.with_request(
            conversation=Conversation(
                messages=[_message(message) for message in body.messages],
                system=[{"text": text} for text in _texts(body.system)],
                tools=[] if body.tool_choice and body.tool_choice.type == "none" else _tools(body.tools),
            ),
            tool_choice=_tool_choice(body.tool_choice),
            inference=given(
                maxTokens=body.max_tokens,
                stopSequences=body.stop_sequences or None,
                temperature=body.temperature,
                topP=body.top_p,
            ),
            extra=given(top_k=body.top_k, thinking=body.thinking),
        )

    def write(self, answer: Answer, model: str) -> dict[str, Any]:
        """The body of a whole answer."""
        return {
            **_envelope(model),
            "content": [_block(block) for block in answer.content],
            "stop_reason": _stop_reason(answer),
            "stop_sequence": _stop_sequence(answer),
            "usage": _usage(answer),
        }

    def chunks(self, sent: Sequence[Piece], answer: Answer, model: str) -> Iterator[dict[str, Any]]:
        """The bodies of a streamed answer, one after the other."""
        started = _usage(answer) | {"output_tokens": 0}
        opening = {**_envelope(model), "content": [], "stop_reason": None, "stop_sequence": None}
        yield {"type": "message_start", "message": {**opening, "usage": started}}
        open_block: int | None = None
        for piece in sent:
            if piece.index != open_block:
                if open_block is not None:
                    yield {"type": "content_block_stop", "index": open_block}
                yield {"type": "content_block_start", "index": piece.index, "content_block": _start(piece)}
                open_block = piece.index
            if delta := _delta(piece):
                yield {"type": "content_block_delta", "index": piece.index, "delta": delta}
        if open_block is not None:
            yield {"type": "content_block_stop", "index": open_block}
        ended = {"stop_reason": _stop_reason(answer), "stop_sequence": _stop_sequence(answer)}
        spent = {"output_tokens": answer.usage["outputTokens"]}
        yield {"type": "message_delta", "delta": ended, "usage": spent}
        yield {"type": "message_stop"}


def _texts(content: str | Sequence[_Text]) -> list[str]:
    if isinstance(content, str):
        return [content] if content else []
    return [block.text for block in content]


def _message(message: _Message) -> dict[str, Any]:
    if isinstance(message.content, str):
        return {"role": message.role, "content": [{"text": message.content}]}
    return {"role": message.role, "content": [_read_block(block) for block in message.content]}


def _read_block(
    block: _Text | _Image | _ToolUse | _ToolResult | _Thinking | _Redacted,
) -> dict[str, Any]:
    match block:
        case _Text():
            return {"text": block.text}
        case _Image():
            kind = block.source.media_type.removeprefix("image/")
            return {"image": {"format": kind, "source": {"bytes": block.source.data}}}
        case _ToolUse():
            return {"toolUse": {"toolUseId": block.id, "name": block.name, "input": block.input}}
        case _ToolResult():
            content = [{"text": text} for text in _texts(block.content)]
            status = {"status": "error"} if block.is_error else {}
            return {"toolResult": {"toolUseId": block.tool_use_id, "content": content, **status}}
        case _Thinking():
            text = {"text": block.thinking, "signature": block.signature}
            return {"reasoningContent": {"reasoningText": text}}
    return {"reasoningContent": {"redactedContent": block.data}}


def _tools(tools: Sequence[_Tool]) -> list[dict[str, Any]]:
    return [
        {
            "toolSpec": {
                "name": tool.name,
                **({"description": tool.description} if tool.description else {}),
                "inputSchema": {"json": tool.input_schema},
            }
        }
        for tool in tools
    ]


def _tool_choice(choice: _Choice | None) -> Mapping[str, Any]:
    if choice is None or choice.type == "none":
        return {}
    return {"tool": {"name": choice.name or ""}} if choice.type == "tool" else {choice.type: {}}


def _envelope(model: str) -> dict[str, Any]:
    return {"id": f"msg_bdrk_{uuid.uuid4().hex}", "type": "message", "role": "assistant", "model": model}


def _block(block: Mapping[str, Any]) -> dict[str, Any]:
    if "toolUse" in block:
        use = block["toolUse"]
        return {"type": "tool_use", "id": use["toolUseId"], "name": use["name"], "input": use["input"]}
    reasoning = block.get("reasoningContent")
    if reasoning is None:
        return {"type": "text", "text": block["text"]}
    if "redactedContent" in reasoning:
        return {"type": "redacted_thinking", "data": reasoning["redactedContent"]}
    text = reasoning["reasoningText"]
    return {"type": "thinking", "thinking": text["text"], "signature": text.get("signature", "")}


def _start(piece: Piece) -> dict[str, Any]:
    match piece.kind:
        case "tool":
            return {"type": "tool_use", "id": piece.text, "name": piece.name, "input": {}}
        case "reasoning" | "signature":
            return {"type": "thinking", "thinking": "", "signature": ""}
        case "redacted":
            return {"type": "redacted_thinking", "data": piece.text}
    return {"type": "text", "text": ""}


def _delta(piece: Piece) -> dict[str, Any] | None:
    match piece.kind:
        case "text":
            return {"type": "text_delta", "text": piece.text}
        case "reasoning":
            return {"type": "thinking_delta", "thinking": piece.text}
        case "signature":
            return {"type": "signature_delta", "signature": piece.text}
        case "tool_input":
            return {"type": "input_json_delta", "partial_json": piece.text}
    return None


def _stop_reason(answer: Answer) -> str:
    if answer.stop_reason == FILTERED:
        return "refusal"
    if answer.stop_reason in _STOP_REASONS:
        return answer.stop_reason
    if answer.stop_reason == INTERVENED and answer.said and not answer.blocked:
        return answer.said.stop_reason
    return "end_turn"


def _stop_sequence(answer: Answer) -> str | None:
    return answer.said.stop_sequence if answer.said and not answer.blocked else None


def _usage(answer: Answer) -> dict[str, Any]:
    return {
        "input_tokens": answer.usage["inputTokens"],
        "cache_creation_input_tokens": 0,
        "cache_read_input_tokens": 0,
        "output_tokens": answer.usage["outputTokens"],
    }
