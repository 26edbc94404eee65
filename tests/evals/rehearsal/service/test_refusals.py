"""What is wrong gets AWS's exception, with a message that names the culprit."""

from __future__ import annotations

import json

import pytest
from botocore.exceptions import ClientError

MESSAGES = {"blockedInputMessaging": "In.", "blockedOutputsMessaging": "Out."}
WORDS = {"wordPolicyConfig": {"wordsConfig": [{"text": "krakatoa"}]}}
GUARDRAIL = {"name": "refused", **MESSAGES, **WORDS}
ASKED = {"modelId": "us.openai.gpt-5.5", "messages": [{"role": "user", "content": [{"text": "Hello."}]}]}
APPLIED = {
    "guardrailIdentifier": "abc",
    "guardrailVersion": "DRAFT",
    "source": "INPUT",
    "content": [{"text": {"text": "Hello."}}],
}
ONE = "1 validation error detected: "
UNSATISFIED = "failed to satisfy constraint: "


def topic(name="Tides", **more):
    return {"name": name, "definition": "High water.", "type": "DENY"} | more


def content_filter(kind="HATE", **more):
    return {"type": kind, "inputStrength": "LOW", "outputStrength": "NONE"} | more


def regex(pattern, name="Ticket"):
    return {"name": name, "pattern": pattern, "action": "BLOCK"}


def created(**more):
    return {"name": "refused", **MESSAGES} | more


def with_topics(*topics):
    return created(topicPolicyConfig={"topicsConfig": list(topics)})


def with_filters(*filters):
    return created(contentPolicyConfig={"filtersConfig": list(filters)})


def with_sensitive(**lists):
    return created(sensitiveInformationPolicyConfig=lists)


CONTROL = {
    "no name": (
        "create_guardrail",
        MESSAGES | WORDS,
        ONE + "Value null at 'name' " + UNSATISFIED + "Member must not be null",
    ),
    "name with a space": (
        "create_guardrail",
        GUARDRAIL | {"name": "two words"},
        ONE
        + "Value at 'name' "
        + UNSATISFIED
        + "Member must satisfy regular expression pattern: [0-9a-zA-Z-_]+",
    ),
    "message too long": (
        "create_guardrail",
        GUARDRAIL | {"blockedInputMessaging": "x" * 501},
        ONE
        + "Value at 'blockedInputMessaging' "
        + UNSATISFIED
        + "Member must have length less than or equal to 500",
    ),
    "empty list": (
        "create_guardrail",
        with_topics(),
        "Value at 'topicPolicyConfig.topicsConfig' "
        + UNSATISFIED
        + "Member must have length greater than or equal to 1",
    ),
    "enum inside a list": (
        "create_guardrail",
        with_topics(topic(), topic("Moon", type="ALLOW")),
        "Value 'ALLOW' at 'topicPolicyConfig.topicsConfig.2.member.type' "
        + UNSATISFIED
        + "Member must satisfy enum value set: [DENY]",
    ),
    "two errors": (
        "create_guardrail",
        GUARDRAIL | {"name": "two words", "blockedOutputsMessaging": ""},
        "2 validation errors detected: Value at 'name'",
    ),
    "no policy": (
        "create_guardrail",
        created(),
        "A guardrail needs at least one policy with at least one rule",
    ),
    "policy without a rule": (
        "create_guardrail",
        created(wordPolicyConfig={}),
        "A guardrail needs at least one policy with at least one rule",
    ),
    "update without a policy": (
        "update_guardrail",
        created(),
        "A guardrail needs at least one policy with at least one rule",
    ),
    "prompt attack on output": (
        "create_guardrail",
        with_filters(content_filter("PROMPT_ATTACK", outputStrength="LOW")),
        "PROMPT_ATTACK looks at input only: its outputStrength must be NONE",
    ),
    "topic twice": (
        "create_guardrail",
        with_topics(topic(), topic()),
        "topicsConfig has 2 rules with the name 'Tides'; each may stand once",
    ),
    "filter twice": (
        "create_guardrail",
        with_filters(content_filter(), content_filter()),
        "filtersConfig has 2 rules with the type 'HATE'; each may stand once",
    ),
    "PII type twice": (
        "create_guardrail",
        with_sensitive(piiEntitiesConfig=[{"type": "EMAIL", "action": "BLOCK"}] * 2),
        "piiEntitiesConfig has 2 rules with the type 'EMAIL'; each may stand once",
    ),
    "regex name twice": (
        "create_guardrail",
        with_sensitive(regexesConfig=[regex("a"), regex("b")]),
        "regexesConfig has 2 rules with the name 'Ticket'; each may stand once",
    ),
    "regex that does not compile": (
        "create_guardrail",
        with_sensitive(regexesConfig=[regex("T-(")]),
        "The regex 'Ticket' is not a valid pattern (missing ), unterminated subpattern at position 2): T-(",
    ),
    "lookahead": (
        "create_guardrail",
        with_sensitive(regexesConfig=[regex(r"T(?=-\d)")]),
        r"The regex 'Ticket' uses lookaround, which guardrails do not support: T(?=-\d)",
    ),
    "lookbehind": (
        "create_guardrail",
        with_sensitive(regexesConfig=[regex(r"(?<!T)\d")]),
        "uses lookaround",
    ),
    "standard tier": (
        "create_guardrail",
        created(
            topicPolicyConfig={"topicsConfig": [topic()], "tierConfig": {"tierName": "STANDARD"}},
        ),
        "The rehearsal does not model the tier STANDARD of topicPolicyConfig",
    ),
    "images": (
        "create_guardrail",
        with_filters(content_filter(inputModalities=["TEXT", "IMAGE"])),
        "The rehearsal does not model content filters for images",
    ),
    "contextual grounding": (
        "create_guardrail",
        GUARDRAIL
        | {"contextualGroundingPolicyConfig": {"filtersConfig": [{"type": "GROUNDING", "threshold": 0.5}]}},
        "The rehearsal does not model contextualGroundingPolicyConfig of a guardrail",
    ),
    "encryption key": (
        "create_guardrail",
        GUARDRAIL | {"kmsKeyId": "alias/mine"},
        "The rehearsal does not model kmsKeyId of a guardrail",
    ),
    "page of nothing": (
        "list_guardrails",
        {"maxResults": 0},
        ONE
        + "Value '0' at 'maxResults' "
        + UNSATISFIED
        + "Member must have value greater than or equal to 1",
    ),
    "token from elsewhere": (
        "list_guardrails",
        {"nextToken": "elsewhere"},
        "nextToken 'elsewhere' was not given out by this operation",
    ),
    "version zero": (
        "get_guardrail",
        {"guardrailVersion": "0"},
        "Value '0' at 'guardrailVersion' " + UNSATISFIED + "Member must satisfy regular expression pattern",
    ),
    "deleting the draft": (
        "delete_guardrail",
        {"guardrailVersion": "DRAFT"},
        "Value 'DRAFT' at 'guardrailVersion' " + UNSATISFIED,
    ),
    "identifier in capitals": (
        "get_guardrail",
        {"guardrailIdentifier": "ABC"},
        "Value 'ABC' at 'guardrailIdentifier' " + UNSATISFIED,
    ),
    "kind of model": (
        "list_foundation_models",
        {"byOutputModality": "SMELL"},
        "Value 'SMELL' at 'byOutputModality' "
        + UNSATISFIED
        + "Member must satisfy enum value set: [TEXT, IMAGE, EMBEDDING]",
    ),
}


@pytest.mark.parametrize(("operation", "request_", "message"), CONTROL.values(), ids=CONTROL)
def test_control_plane_refuses(careless, operation, request_, message):
    """A wrong guardrail is a ValidationException that says where and what is allowed."""
    if operation in {"get_guardrail", "update_guardrail", "delete_guardrail"}:
        request_ = {"guardrailIdentifier": careless.guardrail()} | request_

    with pytest.raises(careless.control.exceptions.ValidationException) as caught:
        getattr(careless.control, operation)(**request_)

    assert message in caught.value.response["Error"]["Message"]
    assert caught.value.response["ResponseMetadata"]["HTTPStatusCode"] == 400


def asked(**more):
    return ASKED | more


def talk(*messages):
    return asked(
        messages=[{"role": role, "content": [{"text": text}] if text else []} for role, text in messages]
    )


def block(**content):
    return asked(messages=[{"role": "user", "content": [content]}])


CONVERSE = {
    "temperature out of range": (
        asked(inferenceConfig={"temperature": 1.5}),
        ONE
        + "Value '1.5' at 'inferenceConfig.temperature' "
        + UNSATISFIED
        + "Member must have value less than or equal to 1",
    ),
    "no tokens": (
        asked(inferenceConfig={"maxTokens": 0}),
        "Value '0' at 'inferenceConfig.maxTokens' " + UNSATISFIED,
    ),
    "role": (
        talk(("narrator", "Hello.")),
        "Value 'narrator' at 'messages.1.member.role' "
        + UNSATISFIED
        + "Member must satisfy enum value set: [user, assistant, system]",
    ),
    "two kinds in one block": (
        block(text="Hello.", cachePoint={"type": "default"}),
        "Value at 'messages.1.member.content.1.member' "
        + UNSATISFIED
        + "Exactly one member of ContentBlock must be set, found 2",
    ),
    "trace": (
        asked(guardrailConfig={"guardrailIdentifier": "a", "guardrailVersion": "1", "trace": "ENABLED"}),
        "Member must satisfy enum value set: [enabled, disabled, enabled_full]",
    ),
    "metadata value": (
        asked(requestMetadata={"epoch": "1;"}),
        "Value at 'requestMetadata.epoch.member' " + UNSATISFIED,
    ),
    "no messages": (asked(messages=[]), "A conversation must start with a user message."),
    "assistant first": (
        talk(("assistant", "Hello.")),
        "A conversation must start with a user message.",
    ),
    "assistant last": (
        talk(("user", "Hello."), ("assistant", "Well,")),
        "The conversation must end with a user message",
    ),
    "no content": (
        talk(("user", "")),
        "The content field in the Message object at messages.0 is empty.",
    ),
    "blank text": (
        talk(("user", "Hello."), ("assistant", "Yes?"), ("user", " \n")),
        "The text field in the ContentBlock object at messages.2.content.0 is blank.",
    ),
    "unknown model": (asked(modelId="us.openai.gpt-9"), "The provided model identifier is invalid."),
    "bare model": (
        asked(modelId="openai.gpt-5.5"),
        "Invocation of model ID openai.gpt-5.5 with on-demand throughput isn\u2019t supported.",
    ),
    "parameter the model does not take": (
        asked(modelId="us.anthropic.claude-opus-4-7", inferenceConfig={"temperature": 0.5}),
        "`temperature` is deprecated for this model.",
    ),
    "field that nobody models": (
        asked(additionalModelRequestFields={"verbosity": "low"}),
        "The rehearsal does not model verbosity of additionalModelRequestFields",
    ),
    "version without guardrail": (
        asked(guardrailConfig={"guardrailVersion": "1"}),
        "guardrailConfig needs both guardrailIdentifier and guardrailVersion",
    ),
    "guardrail without version": (
        asked(guardrailConfig={"guardrailIdentifier": "abc"}),
        "guardrailConfig needs both guardrailIdentifier and guardrailVersion",
    ),
    "unknown guardrail": (
        asked(guardrailConfig={"guardrailIdentifier": "abc", "guardrailVersion": "1"}),
        "The guardrail identifier or version provided in the request does not exist.",
    ),
    "epoch that is no number": (
        asked(requestMetadata={"epoch": "first"}),
        "The rehearsal reads requestMetadata.epoch as a whole number, not as 'first'",
    ),
    "tools": (
        asked(toolConfig={"tools": [{"toolSpec": {"name": "t", "inputSchema": {"json": {}}}}]}),
        "The rehearsal does not model toolConfig of Converse",
    ),
    "service tier": (
        asked(serviceTier={"type": "flex"}),
        "The rehearsal does not model serviceTier of Converse",
    ),
    "image": (
        block(image={"format": "png", "source": {"bytes": b"x"}}),
        "The rehearsal does not model image blocks in Converse",
    ),
    "document": (
        block(document={"name": "d", "source": {"text": "x"}}),
        "The rehearsal does not model document blocks in Converse",
    ),
    "guarded content": (
        block(guardContent={"text": {"text": "x"}}),
        "The rehearsal does not model guardContent blocks in Converse",
    ),
    "tool result": (
        block(toolResult={"toolUseId": "t", "content": [{"text": "x"}]}),
        "The rehearsal does not model toolResult blocks in Converse",
    ),
    "cache point in the system prompt": (
        asked(system=[{"text": "x"}, {"cachePoint": {"type": "default"}}]),
        "The rehearsal does not model cachePoint blocks in Converse",
    ),
}


@pytest.mark.parametrize(("request_", "message"), CONVERSE.values(), ids=CONVERSE)
def test_converse_refuses(careless, request_, message):
    """What AWS, the model or the stand-in does not take is a ValidationException, never ignored."""
    with pytest.raises(careless.runtime.exceptions.ValidationException) as caught:
        careless.runtime.converse(**request_)

    assert message in caught.value.response["Error"]["Message"]


APPLY = {
    "side": ({"source": "BOTH"}, "Value 'BOTH' at 'source' " + UNSATISFIED),
    "nothing to assess": ({"content": []}, "content must hold at least one block"),
    "image": (
        {"content": [{"image": {"format": "png", "source": {"bytes": b"x"}}}]},
        "The rehearsal does not model images in the content of ApplyGuardrail",
    ),
    "grounding": (
        {"content": [{"text": {"text": "x", "qualifiers": ["grounding_source"]}}]},
        "The rehearsal does not model the qualifier grounding_source (contextual grounding)",
    ),
    "version": (
        {"guardrailVersion": "latest"},
        "Value 'latest' at 'guardrailVersion' " + UNSATISFIED,
    ),
}


@pytest.mark.parametrize(("more", "message"), APPLY.values(), ids=APPLY)
def test_apply_guardrail_refuses(careless, more, message):
    """ApplyGuardrail keeps the same rules."""
    request = APPLIED | {"guardrailIdentifier": careless.guardrail()} | more

    with pytest.raises(careless.runtime.exceptions.ValidationException) as caught:
        careless.runtime.apply_guardrail(**request)

    assert message in caught.value.response["Error"]["Message"]


@pytest.mark.parametrize(
    ("operation", "more"),
    [
        ("get_guardrail", {}),
        ("get_guardrail", {"guardrailVersion": "7"}),
        ("update_guardrail", GUARDRAIL),
        ("create_guardrail_version", {}),
        ("delete_guardrail", {}),
        ("list_guardrails", {}),
    ],
)
def test_unknown_guardrail_is_not_found(aws, operation, more):
    """The control plane names the identifier that it does not know."""
    with pytest.raises(aws.control.exceptions.ResourceNotFoundException, match="'nosuchguard'") as caught:
        getattr(aws.control, operation)(guardrailIdentifier="nosuchguard", **more)

    assert caught.value.response["ResponseMetadata"]["HTTPStatusCode"] == 404


@pytest.mark.parametrize("operation", ["get_guardrail", "delete_guardrail"])
def test_unknown_version_is_not_found(aws, operation):
    """A guardrail that exists, in a version that does not."""
    with pytest.raises(aws.control.exceptions.ResourceNotFoundException, match="has no version '7'"):
        getattr(aws.control, operation)(guardrailIdentifier=aws.guardrail(), guardrailVersion="7")


@pytest.mark.parametrize("more", [{"guardrailIdentifier": "nosuchguard"}, {"guardrailVersion": "7"}])
def test_apply_guardrail_does_not_find_it(aws, more):
    """The runtime does not tell whether id or version was wrong, as AWS does not."""
    request = APPLIED | {"guardrailIdentifier": aws.guardrail()} | more

    with pytest.raises(aws.runtime.exceptions.ResourceNotFoundException, match="identifier or version"):
        aws.runtime.apply_guardrail(**request)


def test_lookaround_in_a_class_or_escaped_is_no_lookaround(aws):
    """Only the construct itself is refused, not characters that look like it."""
    identifier = aws.guardrail(
        sensitiveInformationPolicyConfig={"regexesConfig": [regex(r"\(?=|[(?=]x|(?:y)", name="Odd")]}
    )

    assert aws.apply(identifier, "a y b")["action"] == "GUARDRAIL_INTERVENED"


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
    body = {"messages": ASKED["messages"], "guardrailconfig": {}}

    status, _, answer = send("POST", "/model/us.openai.gpt-5.5/converse", json.dumps(body).encode())

    assert status == 400
    assert answer["message"] == (
        ONE + "Value at 'guardrailconfig' " + UNSATISFIED + "Member is not part of ConverseRequest"
    )


def test_null_member_is_an_absent_member(send):
    """JSON's null says nothing."""
    body = {"messages": ASKED["messages"], "guardrailConfig": None, "system": None}

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

    monkeypatch.setitem(application._handlers, "ListGuardrails", broken)
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
