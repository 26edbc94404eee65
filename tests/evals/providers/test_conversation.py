from __future__ import annotations

from typing import Any

import pytest
from inspect_ai.model import (
    ChatMessage,
    ChatMessageAssistant,
    ChatMessageSystem,
    ChatMessageTool,
    ChatMessageUser,
    ContentReasoning,
    ContentText,
)
from inspect_ai.tool import ToolCall, ToolCallError, ToolInfo, ToolParam, ToolParams

from evals.bedrock import converse
from evals.bedrock.assessments import Wanted
from evals.bedrock.question import Question
from evals.providers.conversation import conversation, guarded
from evals.providers.route import RouteError


def call(name: str = "read_mail", *, number: int = 1, **arguments: Any) -> ToolCall:
    return ToolCall(id=f"call-{number}", function=name, arguments=arguments)


def calling(*calls: ToolCall, content: str = "") -> ChatMessageAssistant:
    return ChatMessageAssistant(content=content, tool_calls=list(calls))


def result(text: str, *, number: int | None = 1, **more: Any) -> ChatMessageTool:
    return ChatMessageTool(content=text, tool_call_id=number and f"call-{number}", **more)


def test_request_with_a_tool_result_is_exact() -> None:
    """The call, its result and the user's next words in one turn, and the tool declared."""
    told = conversation(
        [
            ChatMessageSystem(content="You help."),
            ChatMessageUser(content="What is in my mail?"),
            calling(call(folder="in", limit=3)),
            result("From jo: call me."),
            ChatMessageUser(content="Repeat it."),
        ]
    )
    question = Question(
        model="m",
        messages=told.messages,
        system=told.system,
        tools=told.tools,
        inference={"maxTokens": 9},
        wanted=Wanted("abc123", "3"),
        metadata={"epoch": "2"},
    )
    request = converse.request(question)
    assert request == {
        "modelId": "m",
        "system": [{"text": "You help."}],
        "messages": [
            {"role": "user", "content": [{"text": "What is in my mail?"}]},
            {
                "role": "assistant",
                "content": [
                    {
                        "toolUse": {
                            "toolUseId": "call-1",
                            "name": "read_mail",
                            "input": {"folder": "in", "limit": 3},
                        }
                    }
                ],
            },
            {
                "role": "user",
                "content": [
                    {
                        "toolResult": {
                            "toolUseId": "call-1",
                            "content": [{"text": "From jo: call me."}],
                            "status": "success",
                        }
                    },
                    {"text": "Repeat it."},
                ],
            },
        ],
        "inferenceConfig": {"maxTokens": 9},
        "toolConfig": {
            "tools": [{"toolSpec": {"name": "read_mail", "inputSchema": {"json": {"type": "object"}}}}]
        },
        "guardrailConfig": {"guardrailIdentifier": "abc123", "guardrailVersion": "3", "trace": "enabled"},
        "requestMetadata": {"epoch": "2"},
    }


def test_roles_alternate() -> None:
    """History is sent as it was; two messages of one role in a row are one turn."""
    told = conversation(
        [
            ChatMessageUser(content="one"),
            ChatMessageUser(content=[ContentText(text="two"), ContentText(text="three")]),
            ChatMessageAssistant(content="four"),
            ChatMessageAssistant(content="five"),
            ChatMessageUser(content="six"),
        ]
    )
    assert [(turn["role"], [block["text"] for block in turn["content"]]) for turn in told.messages] == [
        ("user", ["one", "two", "three"]),
        ("assistant", ["four", "five"]),
        ("user", ["six"]),
    ]
    assert told.tools == ()


def test_tool_is_declared_once() -> None:
    """Tools stand in the order of their first call, each once, however often they were called."""
    told = conversation(
        [
            ChatMessageUser(content="go"),
            calling(call("b", number=1), call("a", number=2), content="I look."),
            result("x", number=2),
            result("y", number=1),
            calling(call("b", number=3)),
            result("z", number=3),
        ]
    )
    assert [tool.name for tool in told.tools] == ["b", "a"]
    assert [next(iter(block)) for block in told.messages[1]["content"]] == ["text", "toolUse", "toolUse"]
    assert [block["toolResult"]["toolUseId"] for block in told.messages[2]["content"]] == ["call-2", "call-1"]


def test_tool_that_failed_says_so() -> None:
    """A result that is an error is sent as one."""
    failed = result("no such folder", error=ToolCallError("file_not_found", "no such folder"))
    told = conversation([ChatMessageUser(content="go"), calling(call()), failed])
    assert told.messages[-1]["content"][0]["toolResult"]["status"] == "error"


def test_what_a_guardrail_may_not_read_is_sent_as_it_is() -> None:
    """Guarded text in a block of its own, earlier reasoning as reasoning, and a tool with its description."""
    note = ToolInfo(
        name="save_note",
        description="Keeps a text.",
        parameters=ToolParams(properties={"note": ToolParam(type="string")}, required=["note"]),
    )
    told = conversation(
        [
            ChatMessageUser(content=[ContentText(text="?"), guarded("Read me.")]),
            ChatMessageAssistant(content=[ContentReasoning(reasoning="because", signature="s")]),
            calling(call("save_note", note="x")),
            result("Done."),
            ChatMessageUser(content="And?"),
        ],
        [note],
    )
    assert told.messages[0]["content"] == [{"text": "?"}, {"guardContent": {"text": {"text": "Read me."}}}]
    assert told.messages[1]["content"][0] == {
        "reasoningContent": {"reasoningText": {"text": "because", "signature": "s"}}
    }
    (tool,) = told.tools
    assert (tool.name, tool.description) == ("save_note", "Keeps a text.")
    assert (tool.schema["properties"], tool.schema["required"]) == ({"note": {"type": "string"}}, ["note"])


@pytest.mark.parametrize(
    ("chat", "said"),
    [
        ([result("r", number=9)], "tool_call_id is call-9, and the open calls are: none"),
        ([calling(call()), result("r", number=None)], "tool_call_id is None, and the open calls are: call-1"),
        (
            [calling(call()), ChatMessageUser(content="so?")],
            "call-1 of the tool read_mail has no result.*role user",
        ),
        ([calling(call()), calling(call())], "call-1 of the tool read_mail has no result.*role assistant"),
        ([calling(call())], "call-1 of the tool read_mail has no result: the conversation ends"),
        (
            [calling(ToolCall(id="1", function="f", arguments={}, parse_error="not JSON"))],
            "call 1 of the tool f cannot be sent: not JSON",
        ),
        (
            [calling(ToolCall(id="1", function="f", arguments={}, type="custom"))],
            "call 1 of the tool f cannot be sent: its type is custom",
        ),
        (
            [ChatMessageAssistant(content=[ContentReasoning(reasoning="because", redacted=True)])],
            "Content of type reasoning cannot be sent",
        ),
    ],
)
def test_conversation_that_cannot_be_sent_is_refused(chat: list[ChatMessage], said: str) -> None:
    """What the service would refuse, or what would be lost on the way, ends the run with its culprit."""
    with pytest.raises(RouteError, match=said):
        conversation([ChatMessageUser(content="go"), *chat])
