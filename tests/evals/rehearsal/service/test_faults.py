"""Injected faults as boto3 meets them, and what the service says of its calls."""

from __future__ import annotations

import hashlib
import json
import time
import urllib.request
from contextlib import ExitStack
from itertools import pairwise

import pytest
import urllib3
from botocore import exceptions

from evals.rehearsal import child
from evals.rehearsal.application import Settings
from evals.rehearsal.scenario.document import Scenario

OPUS, GPT = "us.anthropic.claude-opus-4-7", "us.openai.gpt-5.5"
WAIT = "Too many requests, please wait before trying again."
BODY = {"messages": [{"role": "user", "content": "How does one plan a garden?"}]}


@pytest.fixture
def troubled(clients_for, hosted):
    """Clients, without retries, of a stand-in with a scenario of its own."""
    with ExitStack() as stack:

        def start(*, attempts=1, **scenario):
            settings = Settings(scenario=Scenario.model_validate(scenario))
            return clients_for(stack.enter_context(hosted(settings)), attempts=attempts)

        yield start


def in_turn(*kinds, **more):
    """A fault for each of the first calls, one after the other."""
    return [{"kind": kind, "after": place, "during": 1, **more} for place, kind in enumerate(kinds)]


def calls_of(clients):
    with urllib.request.urlopen(f"{clients.endpoint_url}/rehearsal/calls") as response:
        return json.load(response)["calls"]


ERRORS = {
    "throttled": ("ThrottlingException", 429, WAIT),
    "throttled_units": ("ThrottlingException", 429, "text units per second limit exceeded."),
    "not_ready": ("ModelNotReadyException", 429, "Model is not ready"),
    "unavailable": ("ServiceUnavailableException", 503, "unable to process"),
    "internal": ("InternalServerException", 500, "unexpected error"),
    "model_timeout": ("ModelTimeoutException", 408, "timed out"),
    "model_error": ("ModelErrorException", 424, "returned an error"),
    "access_denied": ("AccessDeniedException", 403, "You don't have access"),
    "expired": ("ExpiredTokenException", 403, "The security token included in the request is expired"),
    "quota": ("ServiceQuotaExceededException", 400, "exceeds a service quota"),
}


def test_errors_are_those_of_aws(troubled):
    """Code, status and text of each, with a request id; the next call is answered."""
    clients = troubled(faults=in_turn(*ERRORS))
    for code, status, text in ERRORS.values():
        with pytest.raises(exceptions.ClientError) as caught:
            clients.converse("Hello.")
        response = caught.value.response
        assert (response["Error"]["Code"], response["ResponseMetadata"]["HTTPStatusCode"]) == (code, status)
        assert text in response["Error"]["Message"]
        assert response["ResponseMetadata"]["RequestId"]
        if code == "ModelErrorException":
            assert (response["originalStatusCode"], response["resourceName"]) == (500, "model")

    assert clients.converse("Hello.")["stopReason"] == "end_turn"


def test_throttled_guardrail_has_a_text_of_its_own(troubled):
    """ApplyGuardrail's quota is the account's, and the text names both."""
    clients = troubled(faults=[{"kind": "throttled"}])

    with pytest.raises(clients.runtime.exceptions.ThrottlingException) as caught:
        clients.apply(clients.guardrail(), "Hello.")

    response = caught.value.response
    assert response["Error"]["Message"] == (
        f"ApplyGuardrail requestId: {response['ResponseMetadata']['RequestId']} got throttled for the "
        "accountId: 111122223333"
    )


def test_connections_break(troubled):
    """Before an answer, in the middle of one, or at a gateway that knows nothing of AWS."""
    clients = troubled(faults=in_turn("reset", "cut", "bad_gateway"))

    with pytest.raises(exceptions.ConnectionClosedError):
        clients.converse("Hello.")
    # botocore checks no lengths: half an answer is an answer without members to it.
    assert "output" not in clients.converse("Hello.")
    with pytest.raises(exceptions.ClientError) as caught:
        clients.converse("Hello.")
    assert caught.value.response["ResponseMetadata"]["HTTPStatusCode"] == 502
    assert clients.converse("Hello.")["stopReason"] == "end_turn"


def test_one_arm_is_denied_and_the_other_answers(troubled):
    """By model; a guardrail alone, which has none, is not met."""
    clients = troubled(faults=[{"kind": "access_denied", "models": ["openai.gpt-5.5"]}])

    assert clients.converse("Hello.", modelId=OPUS)["stopReason"] == "end_turn"
    assert clients.apply(clients.guardrail(), "Hello.")["action"] == "NONE"
    with pytest.raises(clients.runtime.exceptions.AccessDeniedException):
        clients.converse("Hello.")


def test_parameter_is_rejected_by_its_name(troubled):
    """Without the parameter the model answers."""
    clients = troubled(faults=[{"kind": "rejected", "parameter": "maxTokens"}])

    assert clients.converse("Hello.")["stopReason"] == "end_turn"
    with pytest.raises(clients.runtime.exceptions.ValidationException, match="'maxTokens' is not supported"):
        clients.converse("Hello.", inferenceConfig={"maxTokens": 50})


IN_STREAM = {
    "stream_throttled": "throttlingException",
    "stream_internal": "internalServerException",
    "stream_unavailable": "serviceUnavailableException",
    "stream_model_error": "modelStreamErrorException",
    "stream_invalid": "validationException",
}


def test_exceptions_come_inside_a_stream(troubled):
    """After some events, under the lower-case names of the stream's shape."""
    clients = troubled(faults=in_turn(*IN_STREAM, frames=3))
    for code in IN_STREAM.values():
        stream = clients.runtime.converse_stream(
            modelId=GPT, messages=[{"role": "user", "content": [{"text": "How does one plan a garden?"}]}]
        )["stream"]
        seen = []
        with pytest.raises(exceptions.EventStreamError) as caught:
            seen.extend(stream)
        stream.close()
        assert caught.value.response["Error"]["Code"] == code

    assert "messageStop" in clients.stream("Hello.")[-2]


def test_model_streams_time_out_too(troubled):
    """The one exception that InvokeModel's stream has alone."""
    clients = troubled(faults=[{"kind": "stream_timeout", "frames": 1}])

    with pytest.raises(exceptions.EventStreamError, match="modelTimeoutException"):
        clients.invoke_stream(GPT, BODY)


def test_streams_break_or_end_too_early(troubled):
    """A connection that closes is an error; frames that do not come are none, and the end is missing."""
    clients = troubled(faults=in_turn("stream_reset", "stream_short", frames=4))

    # botocore lets the error of the library below it through.
    with pytest.raises(urllib3.exceptions.ProtocolError):
        clients.stream("How does one plan a garden?")
    events = clients.stream("How does one plan a garden?")

    assert len(events) == 4
    assert not any("messageStop" in event for event in events)


def test_streams_stall_and_drag(troubled):
    """Nothing for a while, or a little at a time."""
    clients = troubled(
        faults=[{"kind": "stream_stalled", "ms": 300, "models": [OPUS]}],
        models={"openai.gpt-5.5": {"stream": {"pause_ms": 5, "piece": 10}}},
    )
    gaps = {}
    for model in (OPUS, GPT):
        answer = clients.runtime.converse_stream(
            modelId=model, messages=[{"role": "user", "content": [{"text": "How does one plan a garden?"}]}]
        )
        times = [time.perf_counter() for _ in answer["stream"]]
        gaps[model] = [after - before for before, after in pairwise(times)]

    assert max(gaps[OPUS]) > 0.25
    assert sum(gaps[GPT]) >= 0.005 * (len(gaps[GPT]) - 1)


def test_provider_filters_an_answer(troubled):
    """content_filtered is no guardrail's work, in each format."""
    clients = troubled(faults=[{"kind": "filtered"}])
    claude = {"anthropic_version": "bedrock-2023-05-31", "max_tokens": 50, **BODY}

    answer = clients.converse("Hello.", clients.guardrail())

    assert answer["stopReason"] == "content_filtered"
    assert answer["output"]["message"]["content"] == []
    assert answer["trace"]["guardrail"]["actionReason"] == "No action."
    assert clients.invoke(OPUS, claude)["stop_reason"] == "refusal"
    assert clients.invoke(GPT, BODY)["choices"][0]["finish_reason"] == "content_filter"
    assert clients.stream("Hello.")[-2]["messageStop"]["stopReason"] == "content_filtered"


def entries(assessment):
    return assessment.get("wordPolicy", {}).get("customWords")


def test_trace_is_told_badly(troubled):
    """Missing, without the optional member, without entries, without units: the block is the same."""
    kinds = ("no_trace", "no_detected", "no_entries", "no_units")
    clients = troubled(faults=in_turn(*kinds))
    identifier = clients.guardrail()

    answers = {kind: clients.converse("krakatoa", identifier) for kind in kinds}

    assert {answer["stopReason"] for answer in answers.values()} == {"guardrail_intervened"}
    assert "trace" not in answers.pop("no_trace")
    told = {
        kind: answer["trace"]["guardrail"]["inputAssessment"][identifier] for kind, answer in answers.items()
    }
    assert entries(told["no_detected"]) == [{"match": "krakatoa", "action": "BLOCKED"}]
    assert told["no_entries"] == {}
    assert set(told["no_units"]["invocationMetrics"]["usage"].values()) == {0}
    assert entries(told["no_units"])[0]["detected"] is True


def test_guardrail_alone_is_told_badly_too(troubled):
    """Assessments may be empty while the action says intervened."""
    clients = troubled(faults=in_turn("no_entries", "no_detected"))
    identifier = clients.guardrail()

    empty, undetected = (clients.apply(identifier, "krakatoa") for _ in range(2))

    assert (empty["action"], empty["assessments"]) == ("GUARDRAIL_INTERVENED", [])
    assert entries(undetected["assessments"][0]) == [{"match": "krakatoa", "action": "BLOCKED"}]


def test_channels_are_read_before_one_model_and_not_before_the_other(troubled):
    """The same tool result is stopped for Claude and passes for GPT; reasoning the other way round."""
    clients = troubled(
        models={
            "openai.gpt-5.5": {"reads": {"tool_result": False, "tool_arguments": True}},
            "anthropic.claude-opus-4-7": {"reads": {"system": False}},
        }
    )
    identifier = clients.guardrail()
    use = {"toolUse": {"toolUseId": "c", "name": "look", "input": {"q": "heron"}}}
    result = {"toolResult": {"toolUseId": "c", "content": [{"text": "krakatoa"}]}}
    config = {"tools": [{"toolSpec": {"name": "look", "inputSchema": {"json": {}}}}]}

    def stopped(model, use=use, result=result, **more):
        messages = [
            {"role": "user", "content": [{"text": "Look."}]},
            {"role": "assistant", "content": [use]},
            {"role": "user", "content": [result]},
        ]
        answer = clients.converse("", identifier, modelId=model, messages=messages, toolConfig=config, **more)
        return answer["stopReason"] == "guardrail_intervened"

    arguments = {"toolUse": use["toolUse"] | {"input": {"q": "krakatoa"}}}
    nothing = {"toolResult": {"toolUseId": "c", "content": [{"text": "Nothing."}]}}
    system = {"system": [{"text": "krakatoa"}]}
    assert (stopped(OPUS), stopped(GPT)) == (True, False)
    assert (stopped(OPUS, arguments, nothing), stopped(GPT, arguments, nothing)) == (False, True)
    assert (stopped(OPUS, use, nothing, **system), stopped(GPT, use, nothing, **system)) == (False, True)


def test_latency_of_one_model(troubled):
    """Its calls wait and say so; the other model's do not."""
    clients = troubled(latency=[{"ms": 200, "models": ["openai.gpt-5.5"]}])

    slow, quick = (
        [clients.converse("Hello.", modelId=model)["metrics"]["latencyMs"] for _ in range(3)]
        for model in (GPT, OPUS)
    )

    assert min(slow) >= 200 > min(quick)


def test_boto3_tries_again_and_the_service_counts(troubled):
    """What botocore repeats by itself is seen at the service alone: by model, metadata and outcome."""
    clients = troubled(attempts=5, faults=[{"kind": "throttled", "rate": 0.4, "models": [GPT]}])
    for number in range(12):
        clients.converse(f"Number {number}.", requestMetadata={"run": "one", "epoch": "1"})
    clients.converse("Hello.", modelId=OPUS, requestMetadata={"run": "two"})
    with pytest.raises(exceptions.ClientError):
        clients.converse("Hello.", modelId=OPUS, inferenceConfig={"temperature": 0.5})

    counted = {(call["model"], call["metadata"].get("run")): call for call in calls_of(clients)}

    one = counted[GPT, "one"]
    assert one["operation"] == "Converse"
    assert one["outcomes"]["answered"] == one["distinct"] == 12
    assert one["outcomes"]["ThrottlingException"] == one["count"] - 12 > 0
    assert one["most_repeated"] > 1
    assert counted[OPUS, "two"]["outcomes"] == {"answered": 1}
    assert counted[OPUS, None]["outcomes"] == {"ValidationException": 1}


def test_service_is_given_a_file_and_says_which(clients_for, tmp_path):
    """The file's digest is among the facts by which one rehearsal differs from another."""
    path = tmp_path / "faults.yaml"
    path.write_text("faults: [{kind: access_denied, models: [openai.gpt-5.5]}]")

    with child.start(faults=path) as rehearsal:
        clients = clients_for(rehearsal.endpoint_url)
        with urllib.request.urlopen(f"{clients.endpoint_url}/rehearsal") as response:
            assert json.load(response)["faults"] == hashlib.sha256(path.read_bytes()).hexdigest()
        with pytest.raises(clients.runtime.exceptions.AccessDeniedException):
            clients.converse("Hello.")


def test_wrong_file_is_refused_before_anything_starts(tmp_path):
    """The parent is told by key."""
    path = tmp_path / "faults.yaml"
    path.write_text("faults: [{kind: rain}]")

    with pytest.raises(ValueError, match=r"faults\.0\.kind"):
        child.start(faults=path)
