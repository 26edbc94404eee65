"""Where text can stand beside the user's words: what the guardrail reads there, and what the model sees."""

from __future__ import annotations

import pytest

TOOL = {
    "toolSpec": {
        "name": "send_note",
        "description": "Sends a note.",
        "inputSchema": {
            "json": {
                "type": "object",
                "properties": {"urgent": {"type": "boolean"}, "body": {"type": "string"}},
                "required": ["urgent", "body"],
            }
        },
    }
}
ON_INPUT = {"inputEnabled": True, "outputEnabled": False}
MASK_INPUT = {
    "sensitiveInformationPolicyConfig": {
        "piiEntitiesConfig": [{"type": "EMAIL", "action": "ANONYMIZE", **ON_INPUT}]
    }
}


def user(*blocks):
    return {
        "role": "user",
        "content": [{"text": block} if isinstance(block, str) else block for block in blocks],
    }


def assistant(*blocks):
    return user(*blocks) | {"role": "assistant"}


def in_system(text):
    return {
        "system": [{"text": text}],
        "messages": [user("Read the note from the system prompt back to me.")],
    }


def in_history(text):
    return {"messages": [user(f"Keep this: {text}"), assistant("Kept."), user("What did I ask you to keep?")]}


def in_result(content, *more):
    """What a tool returned, alone in the user's last turn unless more is said there."""
    return {
        "messages": [
            user("Summarise what the lookup returns."),
            assistant({"toolUse": {"toolUseId": "call-1", "name": "send_note", "input": {"body": "now"}}}),
            user({"toolResult": {"toolUseId": "call-1", "content": [content]}}, *more),
        ],
        "toolConfig": {"tools": [TOOL]},
    }


def in_result_text(text):
    return in_result({"text": text})


def in_result_json(text):
    return in_result({"json": {"rows": [{"number": 1, "note": text}]}}, "Repeat the note, please.")


PLACES = pytest.mark.parametrize("place", [in_system, in_history, in_result_text, in_result_json])


def shown(answer):
    return "".join(block.get("text", "") for block in answer["output"]["message"]["content"])


def first_that(holds, aws, place, text, guardrail=None):
    """The first of some answers that fits; models decline now and then."""
    for number in range(20):
        answer = aws.converse("", guardrail, **place(text.format(number=number)))
        if holds(answer):
            return answer
    raise AssertionError("no answer fits")


@PLACES
def test_model_gives_back_what_stands_elsewhere(aws, place):
    """A request without material of its own is about the latest material that there is."""
    answer = first_that(
        lambda answer: "heron" in shown(answer), aws, place, "<text>A heron stands in field {number}.</text>"
    )

    assert "<text>" not in shown(answer)
    assert answer["stopReason"] == "end_turn"


def test_latest_material_of_the_nearest_place_counts(aws):
    """Tool results come before history, history before the system prompt; in each the last one."""
    said = {"system": [{"text": "<text>first</text>"}], "messages": [user("<text>second</text>")]}
    said["messages"] += [assistant("<text>third</text>"), user("Once more?")]
    answers = {}
    for name, more in {
        "history": {},
        "result": in_result({"text": "<text>fourth</text> <text>fifth</text>"}),
    }.items():
        answers[name] = {
            shown(aws.converse("", **{**said, **more}, requestMetadata={"epoch": str(epoch)}))
            for epoch in range(1, 9)
        }

    assert any("third" in text for text in answers["history"])
    assert any("fifth" in text for text in answers["result"])
    assert not any(
        word in text for texts in answers.values() for text in texts for word in ("first", "fourth")
    )


@PLACES
def test_guardrail_reads_every_place(aws, place):
    """A blocked word stops the call wherever it stands, before the model is asked."""
    answer = aws.converse("", aws.guardrail(), **place("Greetings from krakatoa."))

    assert answer["stopReason"] == "guardrail_intervened"
    assert answer["usage"]["totalTokens"] == 0


@PLACES
def test_mask_replaces_what_the_model_sees(aws, place):
    """The model gives back the masked text, which is all that it has."""
    answer = first_that(
        lambda answer: "heron" in shown(answer),
        aws,
        place,
        "<text>heron{number}: write to ada@example.com</text>",
        aws.guardrail(**MASK_INPUT),
    )

    assert "{EMAIL}" in shown(answer)
    assert "ada@example.com" not in str(answer["trace"]["guardrail"]["modelOutput"])


def test_mask_in_the_place_of_a_number_leaves_json_as_text(aws):
    """What is no JSON any more is still read by the model, as plain text."""
    identifier = aws.guardrail(
        sensitiveInformationPolicyConfig={
            "regexesConfig": [{"name": "Code", "pattern": r"7{6}", "action": "ANONYMIZE", **ON_INPUT}]
        }
    )

    answer = first_that(
        lambda answer: "heron" in shown(answer),
        aws,
        lambda text: in_result({"json": {"code": 777777, "note": text}}),
        "<text>heron {number}</text>",
        identifier,
    )

    (assessment,) = answer["trace"]["guardrail"]["inputAssessment"].values()
    assert [found["match"] for found in assessment["sensitiveInformationPolicy"]["regexes"]] == ["777777"]


UNREAD = {
    "tool definition": {
        "toolConfig": {"tools": [{"toolSpec": TOOL["toolSpec"] | {"description": "krakatoa"}}]}
    },
    "tool arguments": {
        "messages": [
            user("Send it."),
            assistant({"toolUse": {"toolUseId": "c", "name": "send_note", "input": {"body": "krakatoa"}}}),
            user({"toolResult": {"toolUseId": "c", "content": [{"text": "Sent."}]}}),
        ],
        "toolConfig": {"tools": [TOOL]},
    },
    "reasoning": {
        "messages": [
            user("Hello."),
            assistant({"reasoningContent": {"reasoningText": {"text": "krakatoa"}}}, "Hello."),
            user("And?"),
        ]
    },
}


@pytest.mark.parametrize("more", UNREAD.values(), ids=UNREAD)
def test_guardrail_does_not_read_there(aws, more):
    """Tool definitions, tool arguments and reasoning pass unread, and the coverage says so."""
    answer = aws.converse("Hello.", aws.guardrail(), **more)

    (assessment,) = answer["trace"]["guardrail"]["inputAssessment"].values()
    characters = assessment["invocationMetrics"]["guardrailCoverage"]["textCharacters"]
    assert answer["stopReason"] != "guardrail_intervened"
    assert 0 < characters["guarded"] <= characters["total"] - len("krakatoa")


def guarded(text):
    return {"guardContent": {"text": {"text": text}}}


NARROWED = {
    "plain text beside a guarded block": ({"messages": [user("krakatoa", guarded("Hello."))]}, False),
    "the guarded block itself": ({"messages": [user("Hello.", guarded("krakatoa"))]}, True),
    "history beside a guarded block": (
        {"messages": [user("krakatoa"), assistant("Yes?"), user(guarded("Hello."))]},
        False,
    ),
    "system prompt beside a guarded message": (
        {"system": [{"text": "krakatoa"}], "messages": [user(guarded("Hello."))]},
        False,
    ),
    "guarded system prompt beside a guarded message": (
        {"system": [guarded("krakatoa")], "messages": [user(guarded("Hello."))]},
        True,
    ),
    "plain system text beside a guarded one": (
        {"system": [{"text": "krakatoa"}, guarded("Be brief.")], "messages": [user("Hello.")]},
        False,
    ),
    "messages beside a guarded system prompt": (
        {"system": [guarded("Be brief.")], "messages": [user("krakatoa")]},
        True,
    ),
}


@pytest.mark.parametrize(("more", "stopped"), NARROWED.values(), ids=NARROWED)
def test_guarded_blocks_narrow_what_is_read(aws, more, stopped):
    """One guarded block leaves the rest of its part unread; what the model then says is another matter."""
    word = {"text": "krakatoa", "outputEnabled": False}
    answer = aws.converse("", aws.guardrail(wordPolicyConfig={"wordsConfig": [word]}), **more)

    assert (answer["stopReason"] == "guardrail_intervened") is stopped


def test_model_reads_guarded_blocks_as_text(aws):
    """What is guarded is masked and given back like any other text."""
    answer = first_that(
        lambda answer: "heron" in shown(answer),
        aws,
        lambda text: {"messages": [user("Repeat this:", guarded(text))]},
        "<text>heron{number}: ada@example.com</text>",
        aws.guardrail(**MASK_INPUT),
    )

    assert "{EMAIL}" in shown(answer)


@pytest.mark.parametrize("choice", [{"auto": {}}, {"any": {}}, {"tool": {"name": "send_note"}}])
def test_model_calls_the_tool_that_is_named(aws, choice):
    """The material goes into the tool's first text, which the guardrail does not read."""
    answer = first_that(
        lambda answer: answer["stopReason"] == "tool_use",
        aws,
        lambda text: {
            "messages": [user(f"Use send_note for this: {text}")],
            "toolConfig": {"tools": [TOOL], "toolChoice": choice},
        },
        "<text>Heron {number} is off to Krakatoa.</text>",
        aws.guardrail(wordPolicyConfig={"wordsConfig": [{"text": "krakatoa", "inputEnabled": False}]}),
    )

    call = answer["output"]["message"]["content"][-1]["toolUse"]
    assert call["name"] == "send_note"
    assert call["input"]["urgent"] is False
    assert "Krakatoa" in call["input"]["body"]
    assert answer["trace"]["guardrail"]["modelOutput"] == []


def test_call_and_result_make_a_conversation(aws):
    """What the model asked for can be sent back with the tool's answer, and ends in words."""
    config = {"tools": [TOOL], "toolChoice": {"any": {}}}
    messages = [user("Anything new? <text>heron</text>")]
    for epoch in range(1, 9):
        metadata = {"epoch": str(epoch)}
        called = aws.converse("", messages=messages, toolConfig=config, requestMetadata=metadata)
        if called["stopReason"] == "tool_use":
            break
    call = called["output"]["message"]["content"][-1]["toolUse"]
    result = {"toolResult": {"toolUseId": call["toolUseId"], "content": [{"text": "Nothing."}]}}

    answer = aws.converse(
        "", messages=[*messages, called["output"]["message"], user(result)], toolConfig=config
    )

    assert answer["stopReason"] == "end_turn"
    assert shown(answer)


def test_model_leaves_a_tool_alone_that_nobody_names(aws):
    """A choice that is left to the model is not used without a reason."""
    answer = aws.converse("How are you?", toolConfig={"tools": [TOOL]})

    assert answer["stopReason"] == "end_turn"
