from __future__ import annotations

from collections.abc import Callable
from typing import Any

import anyio
import pytest

from evals.bedrock import converse_stream
from evals.bedrock.assessments import Wanted
from evals.bedrock.client import client
from evals.bedrock.question import Question
from evals.bedrock.record import record
from evals.bedrock.retry import Patience, ask
from evals.bedrock.trace import CallRecord

OURS = Wanted("abc123", "3")
Event = Callable[[str, Any], bytes]
SAID = "It is jo@example.com."
BLOCKED = {"topicPolicy": {"topics": [{"name": "Mail", "type": "DENY", "action": "BLOCKED"}]}}


def call(stub: Any, *, stream: Any = "sync", attempts: int = 2) -> CallRecord:
    """One call through boto3, HTTP, event stream and back."""
    runtime = client("bedrock-runtime", endpoint_url=stub.endpoint_url, region="us-east-1")
    messages = [{"role": "user", "content": [{"text": "hi"}]}]
    question = Question(model="m", messages=messages, wanted=OURS, stream=stream)
    request = converse_stream.request(question)
    attempted = anyio.run(ask, lambda: converse_stream.call(runtime, request), Patience(attempts, 0.0))
    return record(attempted, operation="ConverseStream", sent=question.given, wanted=OURS)


@pytest.fixture
def text(event: Event) -> Callable[..., bytes]:
    """A piece of text."""
    return lambda piece, index=0: event(
        "contentBlockDelta", {"delta": {"text": piece}, "contentBlockIndex": index}
    )


@pytest.fixture
def end(event: Event) -> Callable[..., tuple[bytes, bytes]]:
    """The last two events: why it stopped, and the guardrail's account."""

    def build(stop: str = "end_turn", **guardrail: Any) -> tuple[bytes, bytes]:
        trace = {"inputAssessment": {"abc123": {}}, "outputAssessments": {"abc123": [{}]}} | guardrail
        usage = {"inputTokens": 3, "outputTokens": 2, "totalTokens": 5}
        told = {"usage": usage, "metrics": {"latencyMs": 1}, "trace": {"guardrail": trace}}
        return event("messageStop", {"stopReason": stop}), event("metadata", told)

    return build


@pytest.mark.parametrize("stream", ["sync", "async"])
def test_mode_is_asked_for(stub: Any, text: Any, end: Any, stream: str) -> None:
    """Which of both modes was meant is always said, whatever the service's default."""
    stub.streams(text("Hello."), *end())
    call(stub, stream=stream)
    path, _, body = stub.requests[0]
    assert path == "/model/m/converse-stream"
    assert body["guardrailConfig"] == {
        "guardrailIdentifier": "abc123",
        "guardrailVersion": "3",
        "trace": "enabled",
        "streamProcessingMode": stream,
    }


def test_stop_reason_and_trace_are_joined(stub: Any, event: Event, text: Any, end: Any) -> None:
    """They come in different events, and belong to one answer."""
    stub.streams(event("messageStart", {"role": "assistant"}), text("Good "), text("day."), *end())
    made = call(stub)
    assert (made.operation, made.stop_reason, made.text, made.error) == (
        "ConverseStream",
        "end_turn",
        "Good day.",
        None,
    )
    assert made.trace.doubt is None
    assert made.trace.sides == ("input", "output")
    assert (made.input_tokens, made.output_tokens) == (3, 2)
    assert (made.request_id, made.attempts) == ("request-1", 1)


def test_time_of_each_piece_is_kept(stub: Any, text: Any, end: Any) -> None:
    """What was to be read at which moment can be told afterwards."""
    stub.streams(text("One, "), text("two, "), text("three."), *end(), pause_s=0.05)
    made = call(stub)
    assert [made.text[:shown] for shown in made.chunk_ends] == ["One, ", "One, two, ", "One, two, three."]
    first, second, third = made.chunk_ms
    assert second - first >= 45
    assert third - second >= 45
    assert made.latency_ms >= third
    assert made.intervened_at is None


def test_text_before_the_block_was_seen(stub: Any, text: Any, end: Any) -> None:
    """Where the guardrail came too late, the record holds what was read, and where its message begins."""
    stub.streams(
        text("It is "),
        text("jo@example.com."),
        text("That was blocked."),
        *end("guardrail_intervened", outputAssessments={"abc123": [BLOCKED]}, modelOutput=[SAID]),
    )
    made = call(stub, stream="async")
    assert made.text == "It is jo@example.com.That was blocked."
    assert made.intervened_at == 2
    assert made.text[: made.chunk_ends[1]] == SAID


@pytest.mark.parametrize(
    ("guardrail", "place"),
    [
        ({"inputAssessment": {"abc123": BLOCKED}}, 0),
        ({"outputAssessments": {"abc123": [BLOCKED]}, "modelOutput": [SAID]}, 0),
        ({"outputAssessments": {"abc123": [BLOCKED]}}, None),
    ],
)
def test_message_alone_begins_at_the_first_piece(
    stub: Any, text: Any, end: Any, guardrail: dict[str, Any], place: int | None
) -> None:
    """Blocked in time, there is nothing before the message; without the model's words it is not known."""
    stub.streams(text("That was "), text("blocked."), *end("guardrail_intervened", **guardrail))
    assert call(stub).intervened_at == place


def test_blocks_are_joined_as_in_a_whole_answer(stub: Any, event: Event, text: Any, end: Any) -> None:
    """Text blocks by lines, readable reasoning and the arguments of tools apart."""

    def delta(index: int, **what: Any) -> bytes:
        return event("contentBlockDelta", {"delta": what, "contentBlockIndex": index})

    stub.streams(
        delta(0, reasoningContent={"text": "becau"}),
        delta(0, reasoningContent={"text": "se"}),
        delta(0, reasoningContent={"signature": "s"}),
        event("contentBlockStop", {"contentBlockIndex": 0}),
        text("", 1),
        text("one", 1),
        text("two", 2),
        event(
            "contentBlockStart",
            {"start": {"toolUse": {"toolUseId": "1", "name": "n"}}, "contentBlockIndex": 3},
        ),
        delta(3, toolUse={"input": '{"mail": '}),
        delta(3, toolUse={"input": '"jo"}'}),
        *end("tool_use"),
    )
    made = call(stub)
    assert (made.text, made.reasoning, made.tool_arguments) == ("one\ntwo", "because", '{"mail": "jo"}')
    assert made.chunk_ends == (3, 7)


def test_piece_that_is_not_understood_is_an_error(stub: Any, event: Event, end: Any) -> None:
    """What cannot be read may have been read by a user."""
    image = {"delta": {"image": {"source": {"bytes": "AAAA"}}}, "contentBlockIndex": 0}
    stub.streams(event("contentBlockDelta", image), *end())
    assert call(stub).error == "UnreadableAnswerError: a content block of kind image"


def test_stream_without_metadata_is_no_evidence(stub: Any, text: Any, end: Any) -> None:
    """An answer that ended, without the guardrail's account, shows no guardrail."""
    stub.streams(text("Hello."), end()[0])
    made = call(stub)
    assert (made.error, made.attempts) == (None, 1)
    assert made.trace.doubt == "the answer carries no assessment by our guardrail"


@pytest.mark.parametrize(
    "name",
    [
        "internalServerException",
        "modelStreamErrorException",
        "serviceUnavailableException",
        "throttlingException",
    ],
)
def test_exception_inside_a_stream_is_repeated(
    stub: Any, exception: Any, text: Any, end: Any, name: str
) -> None:
    """Botocore asks none of these again; the answer is the second one's alone, and both attempts are told."""
    stub.streams(text("Half an ans"), exception(name, "slow down"))
    stub.streams(text("Whole."), *end())
    made = call(stub)
    assert (made.text, made.error) == ("Whole.", None)
    assert (made.attempts, made.retried, made.request_id) == (2, (name,), "request-2")
    assert made.broken == ("Half an ans",)


def test_all_that_a_broken_stream_had_shown_is_kept(
    stub: Any, event: Event, exception: Any, text: Any, end: Any
) -> None:
    """Reasoning is read by people, and a tool has been sent what it has been sent."""
    deltas = ({"reasoningContent": {"text": "I muse."}}, {"toolUse": {"input": '{"to": "jo'}})
    stub.streams(
        text("Half"),
        *(
            event("contentBlockDelta", {"contentBlockIndex": place, "delta": each})
            for place, each in enumerate(deltas, 1)
        ),
        exception("throttlingException", "slow down"),
    )
    stub.streams(text("Whole."), *end())
    assert call(stub).broken == ('Half\nI muse.\n{"to": "jo',)


def test_exception_inside_a_stream_ends_as_an_error(stub: Any, exception: Any, text: Any) -> None:
    """When patience ends there is an error with its request, and no text that could pass for an answer."""
    for _ in range(2):
        stub.streams(text("Half an ans"), exception("throttlingException", "slow down"))
    made = call(stub)
    assert made.error == "throttlingException: slow down"
    assert (made.text, made.stop_reason, made.request_id) == ("", None, "request-2")
    assert not made.trace.present


def test_refusal_inside_a_stream_is_final(stub: Any, exception: Any) -> None:
    """What the model will refuse again is not asked again."""
    stub.streams(exception("validationException", "no"))
    made = call(stub)
    assert (made.error, made.attempts) == ("validationException: no", 1)


@pytest.mark.parametrize("kind", ["cut off", "ended", "damaged"])
def test_broken_stream_is_no_answer(stub: Any, text: Any, end: Any, kind: str) -> None:
    """A connection that closes, a stream that ends before its end and a damaged frame are asked again."""
    whole = (text("Whole."), *end())
    if kind == "cut off":
        stub.streams(whole[0], whole[1][:20], whole=False)
    elif kind == "ended":
        stub.streams(whole[0])
    else:
        stub.streams(whole[0], whole[1][:-1] + b"x", whole[2])
    stub.streams(*whole)
    made = call(stub)
    assert (made.text, made.error, made.retried) == ("Whole.", None, ("BrokenStreamError",))
    assert made.broken == ("Whole.",)


def test_connection_is_used_again(leaving_stub: Any, text: Any, end: Any) -> None:
    """Streams that were read to their end give their connection back."""
    stub = leaving_stub  # no other test has left a connection to it
    stub.streams(text("Hello."), *end())
    call(stub)  # a new client asks the endpoint what it is, over a connection of its own
    before = stub.connections
    for _ in range(4):
        stub.streams(text("Hello."), *end())
        call(stub)
    assert stub.connections == before


@pytest.mark.parametrize(("status", "code"), [(408, "ModelTimeoutException"), (424, "ModelErrorException")])
def test_refusal_before_the_stream_is_repeated(
    stub: Any, text: Any, end: Any, status: int, code: str
) -> None:
    """A model's timeout and error come before any event too, and botocore repeats neither."""
    stub.fails(status, code)
    stub.streams(text("Hello."), *end())
    assert call(stub).retried == (code,)
