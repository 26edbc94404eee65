"""Turns Inspect's messages into Converse's: system blocks, turns that alternate, and the tools they use.

Shapes: botocore Message, ContentBlock (`text`, `guardContent`, `toolUse`, `toolResult`, `reasoningContent`)
and ToolConfiguration. A tool's result is the user's turn, and the user's words after it belong to the same
one, since Converse demands that roles alternate and that a result directly follows its call.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, TypeGuard

from inspect_ai.model import (
    ChatMessage,
    ChatMessageAssistant,
    ChatMessageSystem,
    ChatMessageTool,
    Content,
    ContentReasoning,
    ContentText,
)
from inspect_ai.tool import ToolInfo

from evals.bedrock.question import Tool
from evals.providers.route import RouteError

_Blocks = list[dict[str, Any]]
_GUARDED = "guard_content"


@dataclass(frozen=True)
class Conversation:
    """What a model is shown, in Converse's shape."""

    system: _Blocks
    messages: _Blocks
    tools: tuple[Tool, ...]
    """The tools that are offered, then those that were called and are not among them, in the order of their
    first call."""


def guarded(text: str) -> ContentText:
    """A text that is to be sent in a guardContent block, so that what stands beside it is not read."""
    return ContentText(text=text, internal=_GUARDED)


def conversation(chat: Sequence[ChatMessage], offered: Sequence[ToolInfo] = ()) -> Conversation:
    """The messages as they will be sent, with the tools that go with them.

    Raises:
        RouteError: Content other than text and readable reasoning, a tool's result without its call directly
            before it, a call without its result, or a call whose arguments were not understood.
    """
    system: _Blocks = []
    turns: _Blocks = []
    tools = {tool.name: _declared(tool) for tool in offered}
    owed: dict[str, str] = {}
    for message in chat:
        if isinstance(message, ChatMessageTool):
            _say(turns, "user", [_result(message, owed)])
            continue
        if owed:
            call, tool = next(iter(owed.items()))
            raise RouteError(
                f"The call {call} of the tool {tool} has no result: a message of the role {message.role}"
                " comes first. Put the result, as a message of the role tool, directly behind the call."
            )
        blocks = [_block(content) for content in _contents(message)]
        if isinstance(message, ChatMessageSystem):
            system.extend(blocks)
        elif isinstance(message, ChatMessageAssistant):
            calls = _calls(message)
            owed = {call["toolUse"]["toolUseId"]: call["toolUse"]["name"] for call in calls}
            tools = {name: Tool(name) for name in owed.values()} | tools
            # A model that called a tool without a word has said nothing, and no blank text is accepted.
            said = [block for block in blocks if block.get("text", "?").strip()] if calls else blocks
            _say(turns, "assistant", said + calls)
        else:
            _say(turns, "user", blocks)
    if owed:
        call, tool = next(iter(owed.items()))
        raise RouteError(
            f"The call {call} of the tool {tool} has no result: the conversation ends before it."
        )
    return Conversation(system, turns, tuple(tools.values()))


def texts(message: ChatMessage) -> list[str]:
    """All texts of a message, a model's earlier reasoning left out.

    Raises:
        RouteError: It holds anything else.
    """
    return [content.text for content in _contents(message) if isinstance(content, ContentText)]


def parts_guarded(chat: Sequence[ChatMessage]) -> bool:
    """Whether anything stands in a guardContent block."""
    return any(_is_guarded(content) for message in chat for content in _contents(message))


def with_texts(chat: Sequence[ChatMessage], replaced: Iterator[str]) -> list[ChatMessage]:
    """The same messages with other texts, one for each text that is not blank, in order."""

    def new(text: str) -> str:
        return next(replaced) if text.strip() else text

    return [
        message.model_copy(
            update={
                "content": new(message.content)
                if isinstance(message.content, str)
                else [
                    content.model_copy(update={"text": new(content.text)})
                    if isinstance(content, ContentText)
                    else content
                    for content in _contents(message)
                ]
            }
        )
        for message in chat
    ]


def _contents(message: ChatMessage) -> list[ContentText | ContentReasoning]:
    if isinstance(message.content, str):
        return [ContentText(text=message.content)]
    found: list[ContentText | ContentReasoning] = []
    for content in message.content:
        if isinstance(content, ContentText) or _is_readable(content, message):
            found.append(content)
        else:
            raise RouteError(f"Content of type {content.type} cannot be sent, only text.")
    return found


def _is_readable(content: Content, message: ChatMessage) -> TypeGuard[ContentReasoning]:
    thought = isinstance(content, ContentReasoning) and not content.redacted
    return thought and isinstance(message, ChatMessageAssistant)


def _is_guarded(content: Content) -> bool:
    return isinstance(content, ContentText) and content.internal == _GUARDED


def _block(content: ContentText | ContentReasoning) -> dict[str, Any]:
    if isinstance(content, ContentReasoning):
        signed = {"signature": content.signature} if content.signature else {}
        return {"reasoningContent": {"reasoningText": {"text": content.reasoning, **signed}}}
    if _is_guarded(content):
        return {"guardContent": {"text": {"text": content.text}}}
    return {"text": content.text}


def _declared(tool: ToolInfo) -> Tool:
    return Tool(tool.name, tool.description, tool.parameters.model_dump(exclude_none=True))


def _say(turns: _Blocks, role: str, blocks: _Blocks) -> None:
    """Add to the last turn where it is the same role's, else begin one."""
    if turns and turns[-1]["role"] == role:
        turns[-1]["content"].extend(blocks)
    else:
        turns.append({"role": role, "content": blocks})


def _calls(message: ChatMessageAssistant) -> _Blocks:
    calls = []
    for call in message.tool_calls or ():
        if call.type != "function" or call.parse_error:
            raise RouteError(
                f"The call {call.id} of the tool {call.function} cannot be sent:"
                f" {call.parse_error or f'its type is {call.type}, not function'}."
            )
        calls.append({"toolUse": {"toolUseId": call.id, "name": call.function, "input": call.arguments}})
    return calls


def _result(message: ChatMessageTool, owed: dict[str, str]) -> dict[str, Any]:
    """One result; its call is no longer owed one."""
    if message.tool_call_id not in owed:
        raise RouteError(
            f"A tool's message cannot be sent without its call: tool_call_id is {message.tool_call_id}, and"
            f" the open calls are: {', '.join(owed) or 'none'}."
        )
    owed.pop(message.tool_call_id)
    return {
        "toolResult": {
            "toolUseId": message.tool_call_id,
            "content": [{"text": text} for text in texts(message)],
            "status": "error" if message.error else "success",
        }
    }
