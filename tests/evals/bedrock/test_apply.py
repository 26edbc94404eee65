from __future__ import annotations

from typing import Any, Literal

import anyio
import pytest

from evals.bedrock import apply
from evals.bedrock.assessments import Wanted
from evals.bedrock.client import client
from evals.bedrock.retry import Patience, ask
from evals.bedrock.trace import CallRecord

OURS = Wanted("abc123", "3")
USAGE = {
    "topicPolicyUnits": 0,
    "contentPolicyUnits": 1,
    "wordPolicyUnits": 0,
    "sensitiveInformationPolicyUnits": 1,
    "sensitiveInformationPolicyFreeUnits": 1,
    "contextualGroundingPolicyUnits": 0,
}


def call(stub: Any, side: Literal["input", "output"] = "input") -> CallRecord:
    """One call through boto3, HTTP and back."""
    runtime = client("bedrock-runtime", endpoint_url=stub.endpoint_url, region="us-east-1")
    request = apply.request(texts=["one", "two"], side=side, wanted=OURS)
    attempted = anyio.run(ask, lambda: runtime.apply_guardrail(**request), Patience(2, 0.0))
    return apply.record(attempted, request=request, wanted=OURS)


def answer(action: str, *outputs: str, **more: Any) -> dict[str, Any]:
    return {
        "usage": USAGE,
        "action": action,
        "outputs": [{"text": text} for text in outputs],
        "assessments": [{}],
        **more,
    }


@pytest.mark.parametrize("side", ["input", "output"])
def test_request_says_whose_words_they_are(stub: Any, side: Literal["input", "output"]) -> None:
    """The guardrail, its version, the side and every text are on the wire."""
    stub.says(answer("NONE"))
    call(stub, side)
    path, _, body = stub.requests[0]
    assert path == "/guardrail/abc123/version/3/apply"
    assert body == {"source": side.upper(), "content": [{"text": {"text": "one"}}, {"text": {"text": "two"}}]}


def test_passed_text_is_what_was_sent(stub: Any) -> None:
    """Where the guardrail lets a text pass it returns none; the user sees it as it was."""
    stub.says(answer("NONE"))
    record = call(stub)
    assert (record.text, record.stop_reason, record.trace.units) == ("one\ntwo", "NONE", 2)


def test_masked_text_is_what_came_back(stub: Any) -> None:
    """Where it masks, the user sees the outputs."""
    stub.says(answer("GUARDRAIL_INTERVENED", "{NAME}", "two"))
    assert call(stub).text == "{NAME}\ntwo"


def test_intervention_without_outputs_shows_nothing(stub: Any) -> None:
    """An intervention is never read as if the text had passed."""
    stub.says(answer("GUARDRAIL_INTERVENED"))
    record = call(stub)
    assert record.text == ""
    assert record.trace.doubt is not None


def test_sides_come_from_the_request(stub: Any) -> None:
    """ApplyGuardrail's assessment belongs to the side that was asked about."""
    stub.says(answer("NONE"))
    assert call(stub, "output").trace.sides == ("output",)


def test_empty_answer_is_an_error(stub: Any) -> None:
    """An endpoint that says nothing has not let anything pass."""
    stub.says({})
    record = call(stub)
    assert record.error == "UnreadableAnswerError: no action in the response"
    assert record.text == ""


def test_failure_is_recorded(stub: Any) -> None:
    """A guardrail that does not exist is an error of this call."""
    stub.fails(404, "ResourceNotFoundException", message="gone")
    assert call(stub).error == "ResourceNotFoundException: gone"
