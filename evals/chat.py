"""A case as the conversation that is sent, and as the texts that the guardrail alone is shown."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from inspect_ai.model import (
    ChatMessage,
    ChatMessageAssistant,
    ChatMessageSystem,
    ChatMessageTool,
    ChatMessageUser,
    ContentReasoning,
)
from inspect_ai.tool import ToolCall, ToolInfo, ToolParam, ToolParams

from evals.providers.conversation import guarded
from suites.case import Case, Side, Turn

TOOLS = "tools"
"""In a sample's metadata: what is said of the tools that its conversation offers."""
LOOKUP = "lookup"
"""A tool that takes nothing and returns the text of a tool's turn."""
NOTE = "save_note"
"""The tool that conversations offer, and whose calls hold a text."""
_ARGUMENT = "note"


def chat_of(case: Case) -> str | list[ChatMessage]:
    """What is sent: the prompt alone, or the conversation so far and then the prompt.

    A tool's turn becomes what a model's call to a tool and its answer are: an assistant's message with
    the call, and the tool's message that answers it. What a tool was once sent becomes a call with that
    text as its argument, and a short answer.
    """
    apart = case.channel in {"guarded", "unguarded"}
    if not case.before and not apart:
        return case.prompt
    turns = [message for number, turn in enumerate(case.before) for message in _messages(number, turn)]
    return [*turns, ChatMessageUser(content=[guarded(case.prompt)] if apart else case.prompt)]


def tools_of(descriptions: Sequence[str]) -> list[ToolInfo]:
    """The tools that are offered with a conversation, by what is said of them."""
    note = ToolParams(
        properties={_ARGUMENT: ToolParam(type="string", description="A text.")}, required=[_ARGUMENT]
    )
    return [
        ToolInfo(name=NOTE + (f"_{number}" if number else ""), description=described, parameters=note)
        for number, described in enumerate(descriptions)
    ]


def offered(case: Case) -> list[str]:
    """What a case says of the tools that it offers."""
    return [turn.text for turn in case.before if turn.role == "tool_definition"]


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
        case "tool_call":
            call = f"{NOTE}-{number}"
            sent = ToolCall(id=call, function=NOTE, arguments={_ARGUMENT: turn.text})
            yield ChatMessageAssistant(content="", tool_calls=[sent])
            yield ChatMessageTool(content="Done.", tool_call_id=call, function=NOTE)
        case "reasoning":
            yield ChatMessageAssistant(content=[ContentReasoning(reasoning=turn.text)])
        case "tool_definition":
            pass


def texts_of(sent: str | Sequence[ChatMessage]) -> list[str]:
    """Every text of a conversation, in order."""
    return [sent] if isinstance(sent, str) else [message.text for message in sent if message.text]


def given_to_control(
    side: Side, material: str | None, sent: str | Sequence[ChatMessage], *, planted: str | None = None
) -> list[str]:
    """What `control` is asked about: as output the material that a model has to give back, else all texts.

    Of a probe it is the planted text, wherever that stands for the models.
    """
    if planted is not None:
        return [planted]
    return [material] if side == "output" and material else texts_of(sent)


def judged_alone(texts: Sequence[str]) -> list[ChatMessage]:
    """The texts as messages to `control`, which shows the guardrail one block for each."""
    return [ChatMessageUser(content=text) for text in texts]
