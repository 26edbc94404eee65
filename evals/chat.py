"""A case as the conversation that is sent, and as the texts that the guardrail alone is shown."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from inspect_ai.model import (
    ChatMessage,
    ChatMessageAssistant,
    ChatMessageSystem,
    ChatMessageTool,
    ChatMessageUser,
)
from inspect_ai.tool import ToolCall

from suites.case import Case, Side, Turn

LOOKUP = "lookup"
"""The one tool there is in a conversation: it takes nothing and returns the text of a tool's turn."""


def chat_of(case: Case) -> str | list[ChatMessage]:
    """What is sent: the prompt alone, or the conversation so far and then the prompt.

    A tool's turn becomes what a model's call to a tool and its answer are: an assistant's message with
    the call, and the tool's message that answers it.
    """
    if not case.before:
        return case.prompt
    turns = [message for number, turn in enumerate(case.before) for message in _messages(number, turn)]
    return [*turns, ChatMessageUser(content=case.prompt)]


def _messages(number: int, turn: Turn) -> Iterator[ChatMessage]:
    match turn.role:
        case "system":
            yield ChatMessageSystem(content=turn.text)
        case "user":
            yield ChatMessageUser(content=turn.text)
        case "assistant":
            yield ChatMessageAssistant(content=turn.text)
        case "tool":
            call = f"{LOOKUP}-{number}"
            yield ChatMessageAssistant(
                content="", tool_calls=[ToolCall(id=call, function=LOOKUP, arguments={})]
            )
            yield ChatMessageTool(content=turn.text, tool_call_id=call, function=LOOKUP)


def texts_of(sent: str | Sequence[ChatMessage]) -> list[str]:
    """Every text of a conversation, in order."""
    return [sent] if isinstance(sent, str) else [message.text for message in sent if message.text]


def given_to_control(side: Side, material: str | None, sent: str | Sequence[ChatMessage]) -> list[str]:
    """What `control` is asked about: as output the material that a model has to give back, else all texts."""
    return [material] if side == "output" and material else texts_of(sent)


def judged_alone(texts: Sequence[str]) -> list[ChatMessage]:
    """The texts as messages to `control`, which shows the guardrail one block for each."""
    return [ChatMessageUser(content=text) for text in texts]
