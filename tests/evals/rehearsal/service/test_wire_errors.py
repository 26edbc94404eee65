"""Requests that are no requests, and what every answer carries."""

from __future__ import annotations

import json

import pytest
from botocore.exceptions import ClientError

MESSAGES = [{"role": "user", "content": [{"text": "Hello."}]}]
ONE = "1 validation error detected: "
UNSATISFIED = "failed to satisfy constraint: "


@pytest.mark.parametrize(
    ("body", "message"),
    [
        (b"{", "The request body is not JSON"),
        (b"[1]", "The request body must be a JSON object"),
        (b'{"messages": "hello"}', "'messages' must be a JSON list, not str"),
        (b'{"messages": [{"role": "user", "content": [{"text": 5}]}]}', "must be a JSON string, not int"),
        (b'{"inferenceConfig": {"maxTokens": true}}', "must be a JSON integer, not bool"),
        (b'{"inferenceConfig": {"temperature": NaN}}', "NaN is no JSON number"),
        (b'{"messages": [{"role": "user", "content": [{"text": "\\ud800"}]}]}', "is not JSON"),
        (b'{"a":' * 100_000, "The request body is not JSON"),
    ],
)
def test_body_of_the_wrong_type_does_not_deserialise(send, body, message):
    """What is no JSON, or JSON of other types, is a SerializationException."""
    status, headers, answer = send("POST", "/model/us.openai.gpt-5.5/converse", body)

    assert (status, headers["x-amzn-errortype"]) == (400, "SerializationException")
    assert message in answer["message"]


@pytest.mark.parametrize(
    ("path", "message"),
    [
        ("/guardrails?maxResults=many", "'maxResults' must be a whole number, not 'many'"),
        ("/guardrails?colour=blue", "ListGuardrails has no query parameter 'colour'"),
    ],
)
def test_wrong_query_does_not_deserialise(send, path, message):
    """The query string is held to the model as well."""
    status, headers, answer = send("GET", path)

    assert (status, headers["x-amzn-errortype"]) == (400, "SerializationException")
    assert answer["message"] == message


def test_member_that_does_not_exist_is_refused(send):
    """AWS forgets what it does not know; a misspelt guardrailConfig must not be forgotten here."""
    body = {"messages": MESSAGES, "guardrailconfig": {}}

    status, _, answer = send("POST", "/model/us.openai.gpt-5.5/converse", json.dumps(body).encode())

    assert status == 400
    assert answer["message"] == (
        ONE + "Value at 'guardrailconfig' " + UNSATISFIED + "Member is not part of ConverseRequest"
    )


def test_null_member_is_an_absent_member(send):
    """JSON's null says nothing."""
    body = {"messages": MESSAGES, "guardrailConfig": None, "system": None}

    status, _, answer = send("POST", "/model/us.openai.gpt-5.5/converse", json.dumps(body).encode())

    assert (status, answer["stopReason"]) == (200, "end_turn")


def test_every_answer_has_a_request_id_of_its_own(aws):
    """boto3 shows it for successes and errors alike: it is the key of the evidence."""
    seen = {aws.control.list_guardrails()["ResponseMetadata"]["RequestId"] for _ in range(3)}
    with pytest.raises(ClientError) as caught:
        aws.control.get_guardrail(guardrailIdentifier="nosuchguard")
    seen.add(caught.value.response["ResponseMetadata"]["RequestId"])

    assert len(seen) == 4
    assert all(seen)


def test_defect_is_an_internal_error_and_not_a_success(monkeypatch):
    """When the stand-in itself fails, the caller gets a 500 without its inner text."""
    import asyncio

    from starlette.requests import Request

    from evals.rehearsal.application import Application, Settings

    application = Application(Settings())

    def broken(_request):
        raise KeyError("secret")

    monkeypatch.setitem(application._dispatcher._control, "ListGuardrails", broken)
    scope = {
        "type": "http",
        "method": "GET",
        "path": "/guardrails",
        "raw_path": b"/guardrails",
        "query_string": b"",
        "headers": [],
    }

    async def receive():
        return {"type": "http.request", "body": b"", "more_body": False}

    response = asyncio.run(application._respond(Request(scope, receive)))

    assert (response.status_code, response.headers["x-amzn-ErrorType"]) == (500, "InternalServerException")
    assert b"secret" not in response.body
