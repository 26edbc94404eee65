from __future__ import annotations

import base64
import json
from collections.abc import Callable
from typing import Any

import anyio
import pytest

from evals.bedrock import invoke_stream
from evals.bedrock.assessments import Wanted
from evals.bedrock.client import client
from evals.bedrock.question import Question
from evals.bedrock.record import record
from evals.bedrock.retry import Patience, ask
from evals.bedrock.trace import CallRecord

OURS = Wanted("abc123", "3")
CLAUDE, GPT = "us.anthropic.claude-opus-4-7", "us.openai.gpt-5.5"
MODELS = (CLAUDE, GPT)
TOPIC = {"topicPolicy": {"topics": [{"name": "Mail", "type": "DENY", "action": "BLOCKED"}]}}


def call(stub: Any, model: str, *, stream: Any = "sync", attempts: int = 2) -> CallRecord:
    """One call through boto3, HTTP, event stream and back."""
    runtime = client("bedrock-runtime", endpoint_url=stub.endpoint_url, region="us-east-1")
    messages = [{"role": "user", "content": [{"text": "hi"}]}]
    question = Question(model=model, messages=messages, wanted=OURS, stream=stream)
    request = invoke_stream.request(question)
    attempted = anyio.run(ask, lambda: invoke_stream.call(runtime, request), Patience(attempts, 0.0))
    return record(attempted, operation="InvokeModelWithResponseStream", sent={}, wanted=OURS)


@pytest.fixture
def piece(event: Callable[[str, Any], bytes]) -> Callable[[Any], bytes]:
    """A piece of a body as it travels: JSON, in base64, in a frame."""
    return lambda document: event(
        "chunk", {"bytes": base64.b64encode(json.dumps(document).encode()).decode()}
    )


def account(action: str | None = "NONE", **guardrail: Any) -> dict[str, Any]:
    trace = {"input": {"abc123": {}}, "outputs": [{"abc123": {}}]} | guardrail
    told = {} if action is None else {"amazon-bedrock-guardrailAction": action}
    return told | {"amazon-bedrock-trace": {"guardrail": trace}}


def claude(*texts: str, stop: str = "end_turn", **told: Any) -> list[dict[str, Any]]:
    """Claude's pieces, the guardrail's account with the last."""
    return [
        {"type": "message_start", "message": {"usage": {"input_tokens": 3, "output_tokens": 1}}},
        {"type": "content_block_start", "index": 0, "content_block": {"type": "text", "text": ""}},
        *(
            {"type": "content_block_delta", "index": 0, "delta": {"type": "text_delta", "text": each}}
            for each in texts
        ),
        {"type": "content_block_stop", "index": 0},
        {"type": "message_delta", "delta": {"stop_reason": stop}, "usage": {"output_tokens": 2}},
        {"type": "message_stop", **(told or account())},
    ]


def gpt(*texts: str, stop: str = "stop", **told: Any) -> list[dict[str, Any]]:
    """GPT's pieces, the guardrail's account with the last."""
    return [
        {"choices": [{"index": 0, "delta": {"role": "assistant"}, "finish_reason": None}]},
        *({"choices": [{"index": 0, "delta": {"content": each}}]} for each in texts),
        {"choices": [{"index": 0, "delta": {}, "finish_reason": stop}]},
        {
            "choices": [],
            "usage": {"prompt_tokens": 3, "completion_tokens": 2, "total_tokens": 5},
            **(told or account()),
        },
    ]


def pieces(model: str, *texts: str, **told: Any) -> list[dict[str, Any]]:
    return (claude if model == CLAUDE else gpt)(*texts, **told)


@pytest.mark.parametrize(("stream", "said"), [("sync", "SYNCHRONOUS"), ("async", "ASYNCHRONOUS")])
@pytest.mark.parametrize("model", MODELS)
def test_mode_has_another_spelling(stub: Any, piece: Any, model: str, stream: str, said: str) -> None:
    """The mode stands in the body here, in words of its own; the guardrail stays in the headers."""
    stub.streams(*map(piece, pieces(model, "Hello.")))
    call(stub, model, stream=stream)
    path, headers, body = stub.requests[0]
    assert path == f"/model/{model}/invoke-with-response-stream"
    assert headers["X-Amzn-Bedrock-GuardrailIdentifier"] == "abc123"
    assert headers["X-Amzn-Bedrock-Trace"] == "ENABLED"
    assert headers["X-Amzn-Bedrock-Accept"] == "application/json"
    assert body["amazon-bedrock-guardrailConfig"] == {"streamProcessingMode": said}


@pytest.mark.parametrize("model", MODELS)
def test_pieces_are_joined(stub: Any, piece: Any, model: str) -> None:
    """Text with its times, stop reason, tokens and trace make up one record."""
    stub.streams(*map(piece, pieces(model, "Good ", "day.")))
    made = call(stub, model)
    assert (made.text, made.stop_reason, made.error) == ("Good day.", "end_turn", None)
    assert (made.chunk_ends, len(made.chunk_ms)) == ((5, 9), 2)
    assert (made.input_tokens, made.output_tokens, made.request_id) == (3, 2, "request-1")
    assert made.trace.doubt is None
    assert made.trace.sides == ("input", "output")


@pytest.mark.parametrize("model", MODELS)
def test_text_before_the_block_was_seen(stub: Any, piece: Any, model: str) -> None:
    """Where the guardrail came too late, the record holds what was read, and where its message begins."""
    told = account("INTERVENED", outputs=[{"abc123": TOPIC}], modelOutput=["It is jo."])
    stub.streams(*map(piece, pieces(model, "It is ", "jo.", "Blocked.", **told)))
    made = call(stub, model, stream="async")
    assert (made.text, made.stop_reason, made.native_stop) == (
        "It is jo.Blocked.",
        "guardrail_intervened",
        "end_turn",
    )
    assert made.intervened_at == 2


@pytest.mark.parametrize("model", MODELS)
def test_answer_without_its_evidence_is_no_observation(stub: Any, piece: Any, model: str) -> None:
    """A stream that ends well and says nothing of the guardrail, or only half, is missing."""
    for told, doubt in (
        ({"nothing": 1}, "the answer carries no assessment by our guardrail"),
        (account(None), "the answer lacks amazon-bedrock-guardrailAction"),
    ):
        stub.streams(*map(piece, pieces(model, "Hello.", **told)))
        made = call(stub, model)
        assert (made.error, made.trace.doubt) == (None, doubt)


@pytest.mark.parametrize("model", MODELS)
def test_broken_stream_is_no_answer(stub: Any, piece: Any, model: str) -> None:
    """A stream that ends before the model's last word and without the guardrail's is asked again."""
    stub.streams(*map(piece, pieces(model, "Half an ans")[:2]))
    stub.streams(*map(piece, pieces(model, "Whole.")))
    made = call(stub, model)
    assert (made.text, made.retried) == ("Whole.", ("BrokenStreamError",))


@pytest.mark.parametrize(
    "name", ["modelStreamErrorException", "modelTimeoutException", "throttlingException"]
)
def test_exception_inside_a_stream_is_repeated(stub: Any, piece: Any, exception: Any, name: str) -> None:
    """The second answer alone counts, and both attempts are told."""
    stub.streams(*map(piece, claude("Half")[:3]), exception(name, "later"))
    stub.streams(*map(piece, claude("Whole.")))
    made = call(stub, CLAUDE)
    assert (made.text, made.retried) == ("Whole.", (name,))
    assert made.broken == ("Half",)


def test_error_among_the_pieces_is_no_answer(stub: Any, piece: Any) -> None:
    """Claude tells its own failure as a piece of the stream."""
    failed = {"type": "error", "error": {"type": "overloaded_error", "message": "busy"}}
    for _ in range(2):
        stub.streams(piece(claude("Half")[0]), piece(failed))
    made = call(stub, CLAUDE)
    assert made.error is not None
    assert made.error.startswith("BrokenStreamError: ")
    assert "overloaded_error" in made.error


def test_claudes_kinds_of_blocks_are_told_apart(stub: Any, piece: Any) -> None:
    """Thinking, text and arguments of tools, each put together from its pieces."""

    def delta(index: int, kind: str, **what: str) -> dict[str, Any]:
        return {"type": "content_block_delta", "index": index, "delta": {"type": kind, **what}}

    said = claude("so")
    said[1:1] = [
        {"type": "content_block_start", "index": 1, "content_block": {"type": "thinking", "thinking": ""}},
        delta(1, "thinking_delta", thinking="beca"),
        delta(1, "thinking_delta", thinking="use"),
        delta(1, "signature_delta", signature="s"),
        {
            "type": "content_block_start",
            "index": 2,
            "content_block": {"type": "tool_use", "id": "1", "name": "n", "input": {}},
        },
        delta(2, "input_json_delta", partial_json='{"a":'),
        delta(2, "input_json_delta", partial_json=" 1}"),
    ]
    stub.streams(*map(piece, said))
    made = call(stub, CLAUDE)
    assert (made.text, made.reasoning, made.tool_arguments) == ("so", "because", '{"a": 1}')


def test_gpts_kinds_of_pieces_are_told_apart(stub: Any, piece: Any) -> None:
    """Reasoning between tags is no part of the text, nor of what was shown when; tools are put together."""
    calls = [
        {"index": 0, "id": "1", "function": {"name": "n", "arguments": '{"a":'}},
        {"index": 0, "function": {"arguments": " 1}"}},
    ]
    said = gpt("<reasoning>beca", "use</reasoning>s", "o")
    said[4:4] = [{"choices": [{"index": 0, "delta": {"tool_calls": [each]}}]} for each in calls]
    stub.streams(*map(piece, said))
    made = call(stub, GPT)
    assert (made.text, made.reasoning, made.tool_arguments) == ("so", "because", '{"a": 1}')
    assert made.chunk_ends == (1, 2)
