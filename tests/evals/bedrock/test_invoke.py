from __future__ import annotations

import json
from typing import Any

import anyio
import pytest

from evals.bedrock import invoke
from evals.bedrock.assessments import Wanted
from evals.bedrock.client import client
from evals.bedrock.question import Question, Tool
from evals.bedrock.record import record
from evals.bedrock.retry import Patience, ask
from evals.bedrock.trace import CallRecord

OURS = Wanted("abc123", "3")
CLAUDE, GPT = "us.anthropic.claude-opus-4-7", "us.openai.gpt-5.5"
TOPIC = {"topicPolicy": {"topics": [{"name": "Mail", "type": "DENY", "action": "BLOCKED"}]}}
CONVERSATION = [
    {"role": "user", "content": [{"text": "What is in my mail?"}]},
    {
        "role": "assistant",
        "content": [{"text": "I look."}, {"toolUse": {"toolUseId": "c1", "name": "mail", "input": {"n": 1}}}],
    },
    {
        "role": "user",
        "content": [
            {"toolResult": {"toolUseId": "c1", "content": [{"text": "From jo."}], "status": "error"}},
            {"text": "Repeat it."},
        ],
    },
]


def call(stub: Any, model: str = CLAUDE, **more: Any) -> CallRecord:
    """One call through boto3, HTTP and back."""
    runtime = client("bedrock-runtime", endpoint_url=stub.endpoint_url, region="us-east-1")
    messages = [{"role": "user", "content": [{"text": "hi"}]}]
    question = Question(**({"model": model, "messages": messages, "wanted": OURS} | more))
    request = invoke.request(question)
    attempted = anyio.run(ask, lambda: invoke.call(runtime, request), Patience(2, 0.0))
    return record(attempted, operation="InvokeModel", sent=question.given, wanted=OURS)


def account(action: str | None = "NONE", **guardrail: Any) -> dict[str, Any]:
    """The guardrail's part of a body."""
    trace = {"input": {"abc123": {}}, "outputs": [{"abc123": {}}]} | guardrail
    told = {} if action is None else {"amazon-bedrock-guardrailAction": action}
    return told | {"amazon-bedrock-trace": {"guardrail": trace}}


def claude(*content: dict[str, Any], stop: str | None = "end_turn") -> dict[str, Any]:
    usage = {"input_tokens": 3, "output_tokens": 2}
    return {"type": "message", "content": list(content), "stop_reason": stop, "usage": usage}


def gpt(message: dict[str, Any], stop: str = "stop") -> dict[str, Any]:
    usage = {"prompt_tokens": 3, "completion_tokens": 2, "total_tokens": 5}
    choice = {"index": 0, "message": {"role": "assistant"} | message, "finish_reason": stop}
    return {"object": "chat.completion", "choices": [choice], "usage": usage}


def text(said: str) -> dict[str, Any]:
    return {"type": "text", "text": said}


ANSWERS = {CLAUDE: claude(text("Hello.")), GPT: gpt({"content": "Hello."})}


@pytest.mark.parametrize("model", [CLAUDE, GPT])
def test_guardrail_travels_in_headers(stub: Any, model: str) -> None:
    """Names and case are this operation's own; the body holds nothing of the guardrail."""
    stub.says(ANSWERS[model] | account())
    call(stub, model, metadata={"run": "r-1", "epoch": "2"})
    path, headers, body = stub.requests[0]
    assert path == f"/model/{model}/invoke"
    assert headers["X-Amzn-Bedrock-GuardrailIdentifier"] == "abc123"
    assert headers["X-Amzn-Bedrock-GuardrailVersion"] == "3"
    assert headers["X-Amzn-Bedrock-Trace"] == "ENABLED"
    assert json.loads(headers["X-Amzn-Bedrock-Request-Metadata"]) == {"run": "r-1", "epoch": "2"}
    assert (headers["Content-Type"], headers["Accept"]) == ("application/json", "application/json")
    assert not any("amazon-bedrock" in name for name in body)


def test_body_for_claude_is_exact(stub: Any) -> None:
    """The Messages API, tools and their results among it; what was not given is not sent."""
    stub.says(ANSWERS[CLAUDE] | account())
    call(
        stub,
        messages=CONVERSATION,
        system=[{"text": "You help."}],
        tools=[Tool("mail")],
        inference={"maxTokens": 9, "temperature": None, "topP": 0.5, "stopSequences": ["x"]},
    )
    assert stub.bodies[0] == {
        "anthropic_version": "bedrock-2023-05-31",
        "max_tokens": 9,
        "top_p": 0.5,
        "stop_sequences": ["x"],
        "system": [text("You help.")],
        "messages": [
            {"role": "user", "content": [text("What is in my mail?")]},
            {
                "role": "assistant",
                "content": [
                    text("I look."),
                    {"type": "tool_use", "id": "c1", "name": "mail", "input": {"n": 1}},
                ],
            },
            {
                "role": "user",
                "content": [
                    {
                        "type": "tool_result",
                        "tool_use_id": "c1",
                        "content": [text("From jo.")],
                        "is_error": True,
                    },
                    text("Repeat it."),
                ],
            },
        ],
        "tools": [{"name": "mail", "input_schema": {"type": "object"}}],
    }


def test_body_for_gpt_is_exact(stub: Any) -> None:
    """Chat completions, where a result of a tool is a message of its own and tokens have another name."""
    stub.says(ANSWERS[GPT] | account())
    call(
        stub,
        GPT,
        messages=CONVERSATION,
        system=[{"text": "You help."}],
        tools=[Tool("mail")],
        inference={"maxTokens": 9, "temperature": 0.0, "topP": None, "stopSequences": ["x"]},
    )
    assert stub.bodies[0] == {
        "max_completion_tokens": 9,
        "temperature": 0.0,
        "stop": ["x"],
        "messages": [
            {"role": "system", "content": "You help."},
            {"role": "user", "content": "What is in my mail?"},
            {
                "role": "assistant",
                "content": "I look.",
                "tool_calls": [
                    {"id": "c1", "type": "function", "function": {"name": "mail", "arguments": '{"n": 1}'}}
                ],
            },
            {"role": "tool", "tool_call_id": "c1", "content": "From jo."},
            {"role": "user", "content": "Repeat it."},
        ],
        "tools": [{"type": "function", "function": {"name": "mail", "parameters": {"type": "object"}}}],
    }


@pytest.mark.parametrize("model", [CLAUDE, GPT])
def test_answer_is_recorded(stub: Any, model: str) -> None:
    """Text, stop reason, tokens and the guardrail's account, under the names that all routes share."""
    stub.says(ANSWERS[model] | account())
    made = call(stub, model)
    assert (made.operation, made.text, made.stop_reason, made.error) == (
        "InvokeModel",
        "Hello.",
        "end_turn",
        None,
    )
    assert (made.input_tokens, made.output_tokens, made.request_id) == (3, 2, "request-1")
    assert made.trace.doubt is None
    assert made.trace.sides == ("input", "output")


@pytest.mark.parametrize("model", [CLAUDE, GPT])
def test_block_that_looks_like_an_answer_is_one(stub: Any, model: str) -> None:
    """The stop reason is an ordinary one; the guardrail's action alone says what happened."""
    stub.says(ANSWERS[model] | account("INTERVENED", input={"abc123": TOPIC}, outputs=[]))
    made = call(stub, model)
    assert (made.stop_reason, made.native_stop) == ("guardrail_intervened", "end_turn")
    assert made.trace.intervened
    assert made.trace.doubt is None
    assert [(each.policy, each.side, each.action) for each in made.trace.findings] == [
        ("topic", "input", "blocked")
    ]


def test_other_spelling_of_the_trace_is_read(stub: Any) -> None:
    """AWS's pages call the trace's member by two names; what the model said is in it."""
    told = {"input": {"abc123": {}}, "outputs": [{"abc123": TOPIC}], "modelOutput": ["It is jo."]}
    stub.says(
        ANSWERS[CLAUDE]
        | {"amazon-bedrock-guardrailAction": "INTERVENED", "amazon-bedrock-trace": {"guardrails": told}}
    )
    trace = call(stub).trace
    assert trace.raw_outputs == ("It is jo.",)
    assert [(each.side, each.action) for each in trace.findings] == [("output", "blocked")]


@pytest.mark.parametrize(
    ("told", "doubt"),
    [
        ({}, "the answer carries no assessment by our guardrail"),
        ({"amazon-bedrock-guardrailAction": "NONE"}, "the answer carries no assessment by our guardrail"),
        (account(None), "the answer lacks amazon-bedrock-guardrailAction"),
        (
            account("PERHAPS"),
            "the answer lacks an amazon-bedrock-guardrailAction that is known (it is PERHAPS)",
        ),
        (
            account(input={"zzz999": {}}, outputs=[]),
            "the answer carries no assessment by our guardrail (there were: zzz999)",
        ),
        (
            account("INTERVENED"),
            "the service reports an intervention that no finding of our guardrail explains",
        ),
        (account(input={"abc123": TOPIC}), "a finding says blocked, and the service reports no intervention"),
    ],
)
@pytest.mark.parametrize("model", [CLAUDE, GPT])
def test_answer_without_its_evidence_is_no_observation(
    stub: Any, model: str, told: dict[str, Any], doubt: str
) -> None:
    """Neither action nor trace may be absent, foreign or at odds; an accepted header proves nothing."""
    stub.says(ANSWERS[model] | told)
    made = call(stub, model)
    assert made.error is None
    assert made.trace.doubt == doubt


@pytest.mark.parametrize(
    ("document", "stop"),
    [
        (claude(text("x"), stop="max_tokens"), "max_tokens"),
        (claude(text("x"), stop="refusal"), "content_filtered"),
        (claude(text("x"), stop="tool_use"), "tool_use"),
        (claude(text("x"), stop="pause_turn"), "pause_turn"),
        (gpt({"content": "x"}, "length"), "max_tokens"),
        (gpt({"content": "x"}, "content_filter"), "content_filtered"),
        (gpt({"content": "x"}, "tool_calls"), "tool_use"),
    ],
)
def test_stop_reasons_have_one_name(stub: Any, document: dict[str, Any], stop: str) -> None:
    """The model's own filter is kept apart from the guardrail; an unknown word stays as it is."""
    stub.says(document | account())
    made = call(stub)
    assert (made.stop_reason, made.native_stop) == (stop, None)


def test_masked_answer_that_was_cut_short_says_both(stub: Any) -> None:
    """The guardrail's word does not hide that the answer has no end."""
    stub.says(claude(text("x"), stop="max_tokens") | account("INTERVENED"))
    made = call(stub)
    assert (made.stop_reason, made.native_stop) == ("guardrail_intervened", "max_tokens")


@pytest.mark.parametrize(
    ("document", "said"),
    [
        (
            claude(
                {"type": "thinking", "thinking": "because", "signature": "s"},
                {"type": "redacted_thinking", "data": "x"},
                text("so"),
                {"type": "tool_use", "id": "1", "name": "n", "input": {"a": 1}},
            ),
            ("so", "because", '{"a": 1}'),
        ),
        (gpt({"content": "<reasoning>because</reasoning>so"}), ("so", "because", "")),
        (gpt({"content": "so", "reasoning": "because", "annotations": []}), ("so", "because", "")),
        (gpt({"content": None, "refusal": "No."}), ("No.", "", "")),
        (
            gpt(
                {
                    "content": None,
                    "tool_calls": [{"id": "1", "function": {"name": "n", "arguments": '{"a": 1}'}}],
                }
            ),
            ("", "", '{"a": 1}'),
        ),
    ],
)
def test_what_was_said_is_told_apart(stub: Any, document: dict[str, Any], said: tuple[str, str, str]) -> None:
    """Text, readable reasoning and arguments of tools, wherever a family puts them."""
    stub.says(document | account())
    made = call(stub)
    assert (made.text, made.reasoning, made.tool_arguments) == said


@pytest.mark.parametrize(
    ("document", "error"),
    [
        (claude({"type": "image"}), "a content block of type image"),
        (gpt({"content": "x", "audio": {"id": "1"}}), "a message with audio"),
        (claude(text("x"), stop=None), "no stopReason in the response"),
        ({"completion": "x"}, "a body of completion"),
        ({}, "a body of nothing"),
        (gpt({}) | {"choices": []}, "IndexError: list index out of range"),
        (b"<html>", "JSONDecodeError: Expecting value: line 1 column 1 (char 0)"),
    ],
)
def test_answer_that_is_not_understood_is_an_error(stub: Any, document: Any, error: str) -> None:
    """What cannot be read whole is missing and no pass."""
    stub.says(document)
    made = call(stub)
    assert (made.error, made.text) == (f"UnreadableAnswerError: {error}", "")


def test_family_must_be_known() -> None:
    """An application's profile names no model; its arm has to say whose language it speaks."""
    arn = "arn:aws:bedrock:us-east-1:123456789012:application-inference-profile/abc"
    question = Question(model=arn, messages=CONVERSATION, wanted=OURS)
    with pytest.raises(ValueError, match=r"abc takes its requests.*one of anthropic, openai"):
        invoke.request(question)
    told = Question(model=arn, messages=CONVERSATION, wanted=OURS, family="openai")
    assert "anthropic_version" not in json.loads(invoke.request(told)["body"])


@pytest.mark.parametrize(("status", "code"), [(408, "ModelTimeoutException"), (424, "ModelErrorException")])
def test_failures_are_repeated_here_too(stub: Any, status: int, code: str) -> None:
    """A model's timeout and error come over InvokeModel as well, and botocore repeats neither."""
    stub.fails(status, code)
    stub.says(ANSWERS[CLAUDE] | account())
    made = call(stub)
    assert (made.text, made.retried) == ("Hello.", (code,))
