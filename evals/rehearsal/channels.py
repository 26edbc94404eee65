"""Where text stands in a conversation, which of these places a guardrail reads, and how masks get there.

One walk serves both directions: it gives the texts out for assessment, and puts masked ones back.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, Literal, get_args

Channel = Literal[
    "system", "user", "history", "tool_definition", "tool_result", "tool_arguments", "answer", "reasoning"
]
CHANNELS: tuple[Channel, ...] = get_args(Channel)

EVALUATED: Mapping[Channel, bool] = MappingProxyType(
    {
        "system": True,
        "user": True,
        "history": True,
        "tool_definition": False,
        "tool_result": True,
        "tool_arguments": False,
        "answer": True,
        "reasoning": False,
    }
)
"""Which channels a guardrail reads unless told otherwise.

AWS's pages contradict one another and what was seen: system prompts are listed as evaluated and as not
evaluated; tool results are listed as not evaluated, and were seen to be. What was seen counts here.
"""


@dataclass(frozen=True, kw_only=True)
class Conversation:
    """What a model is given, in Converse's shapes."""

    messages: Sequence[Mapping[str, Any]]
    system: Sequence[Mapping[str, Any]] = ()
    tools: Sequence[Mapping[str, Any]] = ()


@dataclass(frozen=True)
class Passage:
    """One text in a conversation and where it stands."""

    channel: Channel
    text: str
    part: Literal["system", "messages", "tools"]
    guarded: bool
    """Stands in a guardContent block."""


_Visit = Callable[[Passage], str]


def passages(conversation: Conversation) -> list[Passage]:
    """Every text of a conversation, in the order of system prompt, tools and messages."""
    found: list[Passage] = []

    def visit(passage: Passage) -> str:
        found.append(passage)
        return passage.text

    _walk(conversation, visit)
    return found


@dataclass(frozen=True, kw_only=True)
class Tags:
    """What guardContent blocks, and the tags of InvokeModel, mean to a guardrail."""

    system: bool = True
    """Whether they narrow what is read of the system prompt."""
    messages: bool = True
    """Whether they narrow what is read of the messages and tools."""
    asked_for: bool = False
    """Whether an untagged system prompt is left unread."""


HONOURED = Tags()
"""As a guardrail does that a request names."""


def readable(
    found: Sequence[Passage], evaluated: Mapping[Channel, bool], tags: Tags = HONOURED
) -> list[bool]:
    """Which passages a guardrail reads.

    A guardContent block narrows its part of the request to such blocks (user guide, "Include a guardrail
    with the Converse API"): one in the messages leaves unguarded system text unread too, one in the
    system prompt alone leaves the messages as they are.
    """
    tagged = {passage.part for passage in found if passage.guarded}
    narrowed: set[str] = set()
    if tags.messages and "messages" in tagged:
        narrowed |= {"messages", "tools"} | ({"system"} if tags.system else set())
    if tags.system and ("system" in tagged or tags.asked_for):
        narrowed.add("system")
    # A guardrail that ignores tags in the system prompt reads all of it.
    always = "system" if not tags.system else None
    return [
        passage.guarded
        or ((evaluated[passage.channel] or passage.part == always) and passage.part not in narrowed)
        for passage in found
    ]


def with_texts(conversation: Conversation, texts: Iterator[str]) -> Conversation:
    """The conversation with every text replaced, in the order of `passages`."""
    return _walk(conversation, lambda _: next(texts))


def spoken(content: Sequence[Mapping[str, Any]]) -> list[Passage]:
    """Every text of a model's answer."""
    found: list[Passage] = []

    def visit(passage: Passage) -> str:
        found.append(passage)
        return passage.text

    with_spoken(content, visit)
    return found


def with_spoken(
    content: Sequence[Mapping[str, Any]], replaced: Callable[[Passage], str]
) -> list[dict[str, Any]]:
    """A model's answer with every text replaced, in the order of `spoken`."""
    return [dict(_block(block, "answer", "messages", replaced)) for block in content]


def result_texts(content: Sequence[Mapping[str, Any]]) -> list[str]:
    """The texts of a tool result's content, the strings inside its JSON included."""
    texts: list[str] = []
    for block in content:
        if "text" in block:
            texts.append(str(block["text"]))
        else:
            texts.extend(_leaves(block.get("json")))
    return texts


def _leaves(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping):
        for inner in value.values():
            yield from _leaves(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _leaves(inner)


def _walk(conversation: Conversation, visit: _Visit) -> Conversation:
    last = _last_turn(conversation.messages)
    return Conversation(
        system=[_block(block, "system", "system", visit) for block in conversation.system],
        tools=[_tool(tool, visit) for tool in conversation.tools],
        messages=[
            _message(message, "user" if place >= last else "history", visit)
            for place, message in enumerate(conversation.messages)
        ],
    )


def _last_turn(messages: Sequence[Mapping[str, Any]]) -> int:
    """Where the user's last turn begins."""
    place = len(messages)
    while place and messages[place - 1]["role"] != "assistant":
        place -= 1
    return place


def _message(message: Mapping[str, Any], turn: Channel, visit: _Visit) -> Mapping[str, Any]:
    channel: Channel = "system" if message["role"] == "system" else turn
    content = [_block(block, channel, "messages", visit) for block in message["content"]]
    return {**message, "content": content}


def _block(
    block: Mapping[str, Any], channel: Channel, part: Literal["system", "messages"], visit: _Visit
) -> Mapping[str, Any]:
    if "text" in block:
        return {"text": visit(Passage(channel, block["text"], part, guarded=False))}
    if "guardContent" in block:
        guarded = block["guardContent"]["text"]
        text = visit(Passage(channel, guarded["text"], part, guarded=True))
        return {"guardContent": {"text": {**guarded, "text": text}}}
    if "toolResult" in block:
        result = block["toolResult"]
        content = [_result(inner, visit) for inner in result["content"]]
        return {"toolResult": {**result, "content": content}}
    if "toolUse" in block:
        use = block["toolUse"]
        return {"toolUse": {**use, "input": _json(use["input"], "tool_arguments", "messages", visit)}}
    if "reasoningText" in block.get("reasoningContent", {}):
        reasoning = block["reasoningContent"]["reasoningText"]
        text = visit(Passage("reasoning", reasoning["text"], part, guarded=False))
        return {"reasoningContent": {"reasoningText": {**reasoning, "text": text}}}
    return block


def _result(block: Mapping[str, Any], visit: _Visit) -> Mapping[str, Any]:
    if "text" in block:
        return {"text": visit(Passage("tool_result", block["text"], "messages", guarded=False))}
    if "json" in block:
        masked = _json(block["json"], "tool_result", "messages", visit)
        return {"text": masked} if isinstance(masked, str) else {"json": masked}
    return block


def _tool(tool: Mapping[str, Any], visit: _Visit) -> Mapping[str, Any]:
    if "toolSpec" not in tool:
        return tool
    spec = _json(tool["toolSpec"], "tool_definition", "tools", visit)
    return {"toolSpec": spec if isinstance(spec, Mapping) else tool["toolSpec"]}


def _json(value: Any, channel: Channel, part: Literal["messages", "tools"], visit: _Visit) -> Any:
    """A JSON value is read as it is written out; a mask in the place of a number leaves it plain text."""
    written = json.dumps(value, ensure_ascii=False)
    shown = visit(Passage(channel, written, part, guarded=False))
    if shown == written:
        return value
    try:
        return json.loads(shown)
    except ValueError:
        return shown
