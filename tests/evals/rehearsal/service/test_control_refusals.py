"""A wrong guardrail gets AWS's exception, with a message that names the culprit."""

from __future__ import annotations

import pytest

MESSAGES = {"blockedInputMessaging": "In.", "blockedOutputsMessaging": "Out."}
WORDS = {"wordPolicyConfig": {"wordsConfig": [{"text": "krakatoa"}]}}
GUARDRAIL = {"name": "refused", **MESSAGES, **WORDS}
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
        "The tier STANDARD of topicPolicyConfig needs crossRegionConfig",
    ),
    "modality twice": (
        "create_guardrail",
        with_filters(content_filter(inputModalities=["IMAGE", "IMAGE"])),
        "The content filter HATE names a modality twice in inputModalities",
    ),
    "unknown modality": (
        "create_guardrail",
        with_filters(content_filter(outputModalities=["VIDEO"])),
        "1.member' failed to satisfy constraint: Member must satisfy enum value set: [TEXT, IMAGE]",
    ),
    "relevance twice": (
        "create_guardrail",
        GUARDRAIL
        | {
            "contextualGroundingPolicyConfig": {
                "filtersConfig": [{"type": "RELEVANCE", "threshold": 0.5}] * 2
            }
        },
        "filtersConfig has 2 rules with the type 'RELEVANCE'; each may stand once",
    ),
    "key of another account": (
        "create_guardrail",
        GUARDRAIL | {"kmsKeyId": "arn:aws:kms:us-east-1:999999999999:alias/mine"},
        "cannot be used: Key 'arn:aws:kms:us-east-1:999999999999:alias/mine' does not exist",
    ),
    "key of AWS's own": (
        "update_guardrail",
        GUARDRAIL | {"kmsKeyId": "alias/aws/bedrock"},
        "The KMS key 'alias/aws/bedrock' cannot be used: Alias alias/aws/bedrock is not found.",
    ),
    "key that is none": (
        "create_guardrail",
        GUARDRAIL | {"kmsKeyId": "mine"},
        "Value 'mine' at 'kmsKeyId' failed to satisfy constraint: Member must satisfy regular expression",
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


def test_lookaround_in_a_class_or_escaped_is_no_lookaround(aws):
    """Only the construct itself is refused, not characters that look like it."""
    identifier = aws.guardrail(
        sensitiveInformationPolicyConfig={"regexesConfig": [regex(r"\(?=|[(?=]x|(?:y)", name="Odd")]}
    )

    assert aws.apply(identifier, "a y b")["action"] == "GUARDRAIL_INTERVENED"
