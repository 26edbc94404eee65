"""Turns Inspect's messages into Converse's: system blocks, turns that alternate, and the tools they use.

Shapes: botocore Message, ContentBlock (`text`, `toolUse`, `toolResult`) and ToolConfiguration. A tool's
result is the user's turn, and the user's words after it belong to the same one, since Converse demands
that roles alternate and that a result directly follows its call.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from inspect_ai.model import (
    ChatMessage,
    ChatMessageAssistant,
    ChatMessageSystem,
    ChatMessageTool,
    ContentText,
)

from evals.providers.route import RouteError

_Blocks = list[dict[str, Any]]


@dataclass(frozen=True)
class Conversation:
    """What a model is shown, in Converse's shape."""

    system: _Blocks
    messages: _Blocks
    tools: tuple[str, ...]
    """The tools that were called, in the order of their first call."""


def conversation(chat: Sequence[ChatMessage]) -> Conversation:
    """The messages as they will be sent.

    Raises:
        RouteError: Content other than text, a tool's result without its call directly before it, a call
            without its result, or a call whose arguments were not understood.
    """
    system: _Blocks = []
    turns: _Blocks = []
    tools: dict[str, None] = {}
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
        blocks = [{"text": text} for text in texts(message)]
        if isinstance(message, ChatMessageSystem):
            system.extend(blocks)
        elif isinstance(message, ChatMessageAssistant):
            calls = _calls(message)
            owed = {call["toolUse"]["toolUseId"]: call["toolUse"]["name"] for call in calls}
            tools |= dict.fromkeys(owed.values())
            # A model that called a tool without a word has said nothing, and no blank text is accepted.
            said = [block for block in blocks if block["text"].strip()] if calls else blocks
            _say(turns, "assistant", said + calls)
        else:
            _say(turns, "user", blocks)
    if owed:
        call, tool = next(iter(owed.items()))
        raise RouteError(
            f"The call {call} of the tool {tool} has no result: the conversation ends before it."
        )
    return Conversation(system, turns, tuple(tools))


def texts(message: ChatMessage) -> list[str]:
    """All texts of a message.

    Raises:
        RouteError: It holds anything else.
    """
    if isinstance(message.content, str):
        return [message.content]
    found = []
    for content in message.content:
        if not isinstance(content, ContentText):
            raise RouteError(f"Content of type {content.type} cannot be sent, only text.")
        found.append(content.text)
    return found


def with_texts(chat: Sequence[ChatMessage], replaced: Iterator[str]) -> list[ChatMessage]:
    """The same messages with other texts, one for each text that is not blank, in order."""

    def new(text: str) -> str:
        return next(replaced) if text.strip() else text

    return [
        message.model_copy(
            update={
                "content": new(message.content)
                if isinstance(message.content, str)
                else [ContentText(text=new(text)) for text in texts(message)]
            }
        )
        for message in chat
    ]


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
