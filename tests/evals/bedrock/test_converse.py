from __future__ import annotations

from typing import Any

import anyio
import pytest

from evals.bedrock import converse
from evals.bedrock.assessments import Wanted
from evals.bedrock.client import client
from evals.bedrock.question import Question
from evals.bedrock.record import record
from evals.bedrock.retry import Patience, ask
from evals.bedrock.trace import CallRecord

OURS = Wanted("abc123", "3")
HELLO = [{"role": "user", "content": [{"text": "hi"}]}]


def question(**more: Any) -> Question:
    return Question(**({"model": "m", "messages": HELLO, "wanted": OURS, "metadata": {"epoch": "4"}} | more))


def call(stub: Any, **inference: Any) -> CallRecord:
    """One call through boto3, HTTP and back."""
    runtime = client("bedrock-runtime", endpoint_url=stub.endpoint_url, region="us-east-1")
    asked = question(inference=inference)
    request = converse.request(asked)
    attempted = anyio.run(ask, lambda: converse.call(runtime, request), Patience(2, 0.0))
    return record(attempted, operation="Converse", sent=asked.given, wanted=OURS)


def answer(*content: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {
        "output": {"message": {"role": "assistant", "content": list(content)}},
        "stopReason": "end_turn",
        "usage": {"inputTokens": 3, "outputTokens": 2, "totalTokens": 5},
        "metrics": {"latencyMs": 1},
        **more,
    }


def test_guardrail_and_trace_are_asked_for(stub: Any) -> None:
    """Every request names the guardrail in its version and asks for its trace."""
    call(stub)
    assert stub.bodies[0]["guardrailConfig"] == {
        "guardrailIdentifier": "abc123",
        "guardrailVersion": "3",
        "trace": "enabled",
    }


def test_epoch_is_sent_as_metadata(stub: Any) -> None:
    """Which repetition it is stands in the service's own log."""
    call(stub)
    assert stub.bodies[0]["requestMetadata"] == {"epoch": "4"}


@pytest.mark.parametrize(
    ("given", "sent"),
    [
        ({}, None),
        ({"maxTokens": None, "temperature": None}, None),
        ({"maxTokens": 9, "temperature": None}, {"maxTokens": 9}),
        ({"temperature": 0.0}, {"temperature": 0.0}),
        ({"topP": 0.5, "stopSequences": ["x"]}, {"topP": 0.5, "stopSequences": ["x"]}),
    ],
)
def test_only_given_parameters_are_sent(
    stub: Any, given: dict[str, Any], sent: dict[str, Any] | None
) -> None:
    """A model that refuses a parameter must not be sent its default; what was sent is recorded."""
    made = call(stub, **given)
    assert stub.bodies[0].get("inferenceConfig") == sent
    assert made.sent == (sent or {})


def test_system_is_sent_only_if_there_is_one() -> None:
    """An empty system prompt is not sent."""
    assert "system" not in converse.request(question())
    assert converse.request(question(system=[{"text": "s"}]))["system"] == [{"text": "s"}]


def test_answer_is_recorded(stub: Any) -> None:
    """Text, stop reason, tokens, request id, attempts and time make up the record."""
    stub.says(answer({"text": "one"}, {"text": "two"}))
    made = call(stub)
    assert (made.text, made.stop_reason, made.error) == ("one\ntwo", "end_turn", None)
    assert (made.input_tokens, made.output_tokens) == (3, 2)
    assert made.request_id == "request-1"
    assert (made.attempts, made.retried) == (1, ())
    assert made.latency_ms > 0


def test_reasoning_is_kept_apart(stub: Any) -> None:
    """Readable reasoning is shown by many products and masked by no guardrail; redacted reasoning is not."""
    stub.says(
        answer(
            {"reasoningContent": {"reasoningText": {"text": "because"}}},
            {"reasoningContent": {"redactedContent": "AAAA"}},
            {"text": "so"},
        )
    )
    made = call(stub)
    assert (made.text, made.reasoning) == ("so", "because")


def test_cited_text_is_seen_by_the_user(stub: Any) -> None:
    """Text with citations is text."""
    stub.says(answer({"citationsContent": {"content": [{"text": "cited"}], "citations": []}}))
    assert call(stub).text == "cited"


def test_call_of_a_tool_is_kept_apart(stub: Any) -> None:
    """What a model sends to a tool leaves the guarded system, and no user reads it."""
    asked = {"toolUseId": "1", "name": "n", "input": {"mail": "jo@example.com"}}
    stub.says(answer({"text": "I look."}, {"toolUse": asked}, stopReason="tool_use"))
    made = call(stub)
    assert (made.text, made.stop_reason) == ("I look.", "tool_use")
    assert made.tool_arguments == '{"mail": "jo@example.com"}'


def test_bare_model_is_asked_without_a_guardrail() -> None:
    """A question that names no guardrail asks for none, and its answer is no evidence of any."""
    assert "guardrailConfig" not in converse.request(question(wanted=None))


@pytest.mark.parametrize(
    ("document", "error"),
    [
        ({}, "no stopReason in the response"),
        (b"<html>hello</html>", "no stopReason in the response"),
        ({"stopReason": "end_turn"}, "no output.message.content in the response"),
        (
            answer({"text": "see"}, {"image": {"format": "png", "source": {"bytes": "AAAA"}}}),
            "a content block of kind image",
        ),
    ],
)
def test_answer_that_is_not_understood_is_an_error(stub: Any, document: Any, error: str) -> None:
    """An answer that lacks what it must have, or holds what is not read, is missing and no pass."""
    stub.says(document)
    made = call(stub)
    assert made.error == f"UnreadableAnswerError: {error}"
    assert made.text == ""
    assert not made.trace.present


def test_failure_is_recorded_with_its_attempts(stub: Any) -> None:
    """A call that was never answered keeps its error, its attempts and what was sent."""
    stub.fails(429, "ThrottlingException", message="slow down", times=2)
    made = call(stub, maxTokens=5)
    assert made.error == "ThrottlingException: slow down"
    assert (made.attempts, made.retried) == (2, ("ThrottlingException",))
    assert made.sent == {"maxTokens": 5}
    assert made.request_id == "request-2"
    assert not made.trace.present


def test_trace_passes_through_boto3(stub: Any) -> None:
    """The guardrail's account survives boto3's own parsing."""
    assessment = {
        "wordPolicy": {"customWords": [{"match": "zqx", "action": "BLOCKED"}], "managedWordLists": []},
        "appliedGuardrailDetails": {
            "guardrailId": "abc123",
            "guardrailVersion": "3",
            "guardrailOrigin": ["REQUEST"],
        },
    }
    stub.says(
        answer(
            {"text": "no"},
            stopReason="guardrail_intervened",
            trace={"guardrail": {"inputAssessment": {"abc123": assessment}, "actionReason": "Blocked."}},
        )
    )
    trace = call(stub).trace
    assert trace.present
    assert trace.doubt is None
    assert [(finding.policy, finding.side, finding.action) for finding in trace.findings] == [
        ("word", "input", "blocked")
    ]
