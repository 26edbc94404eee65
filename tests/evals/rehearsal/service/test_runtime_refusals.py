"""A wrong call to model or guardrail gets AWS's exception, and nothing is ignored."""

from __future__ import annotations

import pytest

ASKED = {"modelId": "us.openai.gpt-5.5", "messages": [{"role": "user", "content": [{"text": "Hello."}]}]}
APPLIED = {
    "guardrailIdentifier": "abc",
    "guardrailVersion": "DRAFT",
    "source": "INPUT",
    "content": [{"text": {"text": "Hello."}}],
}
ONE = "1 validation error detected: "
UNSATISFIED = "failed to satisfy constraint: "


def asked(**more):
    return ASKED | more


def talk(*messages):
    return asked(
        messages=[{"role": role, "content": [{"text": text}] if text else []} for role, text in messages]
    )


def block(**content):
    return asked(messages=[{"role": "user", "content": [content]}])


IMAGE = {"format": "png", "source": {"bytes": b"x"}}
TOOL = {"toolSpec": {"name": "lookup", "inputSchema": {"json": {"type": "object"}}}}
USE = {"toolUseId": "t", "name": "lookup", "input": {}}
RESULT = {"toolResult": {"toolUseId": "t", "content": [{"text": "x"}]}}


def tools(*answer, uses=({"toolUse": USE},), **more):
    """A call of one tool, and what the user says to it."""
    messages = [
        {"role": "user", "content": [{"text": "Look it up."}]},
        {"role": "assistant", "content": list(uses)},
        {"role": "user", "content": list(answer) or [RESULT]},
    ]
    given = asked(messages=messages, toolConfig={"tools": [TOOL]}) | more
    return {name: value for name, value in given.items() if value is not None}


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
    "service tier": (
        asked(serviceTier={"type": "flex"}),
        "The rehearsal does not model serviceTier of Converse",
    ),
    "image in S3": (
        block(image={"format": "png", "source": {"s3Location": {"uri": "s3://bucket/key"}}}),
        "The rehearsal does not model images in S3",
    ),
    "image that the model does not read": (
        block(image=IMAGE),
        "This model doesn't support the image field for user messages. Remove image and try again.",
    ),
    "image by the assistant": (
        talk(("user", "Hello."))
        | {
            "messages": [
                *talk(("user", "Hello."))["messages"],
                {"role": "assistant", "content": [{"image": IMAGE}]},
                {"role": "user", "content": [{"text": "x"}]},
            ]
        },
        "A image block can only stand in a message of the role user",
    ),
    "document": (
        block(document={"name": "d", "source": {"text": "x"}}),
        "The rehearsal does not model document blocks in Converse",
    ),
    "image in a tool result": (
        tools({"toolResult": {"toolUseId": "t", "content": [{"image": IMAGE}]}}),
        "The rehearsal does not model image blocks in a toolResult",
    ),
    "guarded image": (
        block(guardContent={"image": IMAGE}),
        "The rehearsal does not model images in guardContent",
    ),
    "grounding in guarded text": (
        block(guardContent={"text": {"text": "x", "qualifiers": ["query"]}}),
        "The rehearsal does not model the qualifier query (contextual grounding)",
    ),
    "system tool": (
        asked(toolConfig={"tools": [{"systemTool": {"name": "web"}}]}),
        "The rehearsal does not model systemTool in toolConfig",
    ),
    "tool use of the server": (
        tools(uses=[{"toolUse": USE | {"type": "server_tool_use"}}]),
        "The rehearsal does not model toolUse of the type server_tool_use",
    ),
    "tool result without tools": (
        tools(RESULT, toolConfig=None),
        "The toolConfig field must be defined when using toolUse and toolResult content blocks.",
    ),
    "tool result that lacks": (
        tools({"text": "Well?"}),
        "Expected toolResult blocks at messages.2.content for the following Ids: t",
    ),
    "one tool result too many": (
        tools(RESULT, RESULT),
        "The number of toolResult blocks at messages.2.content exceeds the number of toolUse blocks",
    ),
    "tool result before any call": (
        tools(RESULT, uses=[{"text": "Hm."}]),
        "The number of toolResult blocks at messages.2.content exceeds the number of toolUse blocks",
    ),
    "tool use by the user": (
        block(toolUse=USE),
        "A toolUse block can only stand in a message of the role assistant: messages.0.content.0",
    ),
    "two tools of one name": (
        asked(toolConfig={"tools": [TOOL, TOOL]}),
        "toolConfig.tools holds the name 'lookup' more than once",
    ),
    "choice of no tool": (
        asked(toolConfig={"tools": [TOOL], "toolChoice": {"tool": {"name": "other"}}}),
        "toolChoice names the tool 'other', which toolConfig.tools does not hold",
    ),
    "cache point after reasoning": (
        asked(
            modelId="us.anthropic.claude-opus-4-7",
            messages=[
                {"role": "user", "content": [{"text": "Hello."}]},
                {
                    "role": "assistant",
                    "content": [
                        {"reasoningContent": {"reasoningText": {"text": "Hm.", "signature": "s"}}},
                        {"cachePoint": {"type": "default"}},
                        {"text": "Hello."},
                    ],
                },
                {"role": "user", "content": [{"text": "And?"}]},
            ],
        ),
        "A cache point cannot follow a reasoning block.",
    ),
    "reasoning sent back to a model that refuses it": (
        asked(
            modelId="openai.gpt-oss-120b-1:0",
            messages=[
                {"role": "user", "content": [{"text": "Hello."}]},
                {
                    "role": "assistant",
                    "content": [{"reasoningContent": {"reasoningText": {"text": "Hm."}}}, {"text": "Hello."}],
                },
                {"role": "user", "content": [{"text": "And?"}]},
            ],
        ),
        "This model doesn't support the reasoningContent field. Remove reasoningContent and try again.",
    ),
    "tool that the caller insists on": (
        asked(modelId="openai.gpt-oss-120b-1:0", toolConfig={"tools": [TOOL], "toolChoice": {"any": {}}}),
        "This model doesn't support the toolConfig.toolChoice.any field.",
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


@pytest.mark.parametrize("more", [{"guardrailIdentifier": "nosuchguard"}, {"guardrailVersion": "7"}])
def test_apply_guardrail_does_not_find_it(aws, more):
    """The runtime does not tell whether id or version was wrong, as AWS does not."""
    request = APPLIED | {"guardrailIdentifier": aws.guardrail()} | more

    with pytest.raises(aws.runtime.exceptions.ResourceNotFoundException, match="identifier or version"):
        aws.runtime.apply_guardrail(**request)
