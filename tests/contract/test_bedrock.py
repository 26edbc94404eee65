"""What this project takes for granted about Bedrock, asked of the stand-in and, on request, of AWS."""

from __future__ import annotations

import json

import pytest

BLOCKED = "zqxcanary"
MASKED = "ada.lovelace@example.com"
SAY = "Repeat this word for word, and nothing else: <text>{}</text>"


def user(*texts):
    return {"role": "user", "content": [{"text": text} for text in texts]}


def claude(text):
    """A body of InvokeModel."""
    turn = {"role": "user", "content": text}
    return {"anthropic_version": "bedrock-2023-05-31", "max_tokens": 300, "messages": [turn]}


def text_of(answer):
    return "".join(block.get("text", "") for block in answer["output"]["message"]["content"])


def assessed(answer, guardrail, side="inputAssessment"):
    """The assessment by a guardrail; of output the first."""
    found = answer["trace"]["guardrail"][side][guardrail.id]
    return found[0] if isinstance(found, list) else found


def said(ask, holds):
    """The first of some answers that fits: models decline now and then."""
    for number in range(8):
        answer = ask(number)
        if holds(answer):
            return answer
    raise AssertionError("no answer fits")


def test_blocked_input_is_answered_by_the_guardrail(account, blocking, model):
    """Canned text, no tokens of the model, and a finding of ours in the trace."""
    answer = account.converse(model, f"What is {BLOCKED}?", blocking)

    assessment = assessed(answer, blocking)
    assert answer["stopReason"] == "guardrail_intervened"
    assert text_of(answer) == "Input stopped."
    assert answer["usage"]["outputTokens"] == 0
    assert assessment["wordPolicy"]["customWords"][0]["action"] == "BLOCKED"
    assert assessment["appliedGuardrailDetails"]["guardrailVersion"] == blocking.version
    assert "REQUEST" in assessment["appliedGuardrailDetails"]["guardrailOrigin"]


def test_clean_call_shows_the_guardrail_on_both_sides(account, blocking, model):
    """Nothing found, and still units charged: the evidence that it was there."""
    answer = account.converse(model, "Name one colour.", blocking)

    assert answer["stopReason"] in {"end_turn", "max_tokens"}
    for side in ("inputAssessment", "outputAssessments"):
        assert assessed(answer, blocking, side)["invocationMetrics"]["usage"]["wordPolicyUnits"] >= 1


def test_blocked_output_is_replaced(account, blocking_output, model):
    """The model was asked and charged; the user sees the canned text alone."""
    answer = said(
        lambda number: account.converse(model, SAY.format(f"{BLOCKED} {number}"), blocking_output),
        lambda answer: answer["stopReason"] == "guardrail_intervened",
    )

    assert text_of(answer) == "Output stopped."
    assert answer["usage"]["outputTokens"] > 0


def test_masking_intervenes_without_blocking(account, masking, model):
    """The model never gets the address; the stop reason is that of a block."""
    answer = account.converse(model, SAY.format(f"Write to {MASKED} today."), masking)

    (entity,) = assessed(answer, masking)["sensitiveInformationPolicy"]["piiEntities"]
    assert (entity["action"], entity["match"]) == ("ANONYMIZED", MASKED)
    assert answer["stopReason"] == "guardrail_intervened"
    assert MASKED not in text_of(answer)
    assert text_of(answer) != "Input stopped."


def test_same_request_without_the_guardrail_is_answered(account, model):
    """The word itself stops nothing: the negative control of every block."""
    answer = account.converse(model, f"What is {BLOCKED}?")

    assert answer["stopReason"] in {"end_turn", "max_tokens"}
    assert "trace" not in answer


@pytest.mark.parametrize("place", ["system", "history", "tool result", "second block"])
def test_guardrail_reads_there(account, blocking, place):
    """Where AWS's pages contradict what was seen, what was seen is expected."""
    tools = {"tools": [{"toolSpec": {"name": "look", "inputSchema": {"json": {"type": "object"}}}}]}
    use = {"toolUse": {"toolUseId": "call1", "name": "look", "input": {}}}
    result = {"toolResult": {"toolUseId": "call1", "content": [{"text": f"It says {BLOCKED}."}]}}
    more = {
        "system": {"system": [{"text": f"The word is {BLOCKED}."}]},
        "history": {
            "messages": [
                user(f"The word is {BLOCKED}."),
                {"role": "assistant", "content": [{"text": "I see."}]},
                user("Name one colour."),
            ]
        },
        "tool result": {
            "messages": [
                user("Look."),
                {"role": "assistant", "content": [use]},
                {"role": "user", "content": [result]},
            ],
            "toolConfig": tools,
        },
        "second block": {"messages": [user("Hello.", f"The word is {BLOCKED}.")]},
    }[place]

    assert (
        account.converse(account.claude, "Name one colour.", blocking, **more)["stopReason"]
        == "guardrail_intervened"
    )


def test_guarded_blocks_narrow_what_is_read(account, blocking):
    """Text beside a guardContent block is not read."""
    guarded = {"guardContent": {"text": {"text": "Name one colour."}}}
    content = [{"text": f"Never say {BLOCKED}."}, guarded]

    answer = account.converse(account.claude, "", blocking, messages=[{"role": "user", "content": content}])

    assert "wordPolicy" not in assessed(answer, blocking)


@pytest.mark.parametrize("mode", ["sync", "async"])
def test_stream_tells_reason_and_trace_in_two_events(account, blocking, model, mode):
    """A stopped input is streamed as the canned text; the trace comes after the stop reason."""
    events = account.stream(model, f"What is {BLOCKED}?", blocking, streamProcessingMode=mode)

    deltas = [event["contentBlockDelta"]["delta"] for event in events if "contentBlockDelta" in event]
    (stop,) = [event["messageStop"] for event in events if "messageStop" in event]
    (metadata,) = [event["metadata"] for event in events if "metadata" in event]
    assert "".join(delta.get("text", "") for delta in deltas) == "Input stopped."
    assert stop["stopReason"] == "guardrail_intervened"
    assert blocking.id in metadata["trace"]["guardrail"]["inputAssessment"]
    assert list(events[-1]) == ["metadata"]


def test_unbuffered_stream_has_shown_what_it_blocks(account, blocking_output):
    """In the mode async the text is out when the verdict comes; in sync it never is."""
    seen = {}
    for mode in ("sync", "async"):
        events = said(
            lambda number, mode=mode: account.stream(
                account.claude, SAY.format(f"{BLOCKED} {number}"), blocking_output, streamProcessingMode=mode
            ),
            lambda events: any(
                event.get("messageStop", {}).get("stopReason") == "guardrail_intervened" for event in events
            ),
        )
        deltas = [event["contentBlockDelta"]["delta"] for event in events if "contentBlockDelta" in event]
        seen[mode] = "".join(delta.get("text", "") for delta in deltas)

    assert BLOCKED not in seen["sync"]
    assert BLOCKED in seen["async"]


def test_invoke_model_hides_a_block_in_an_ordinary_answer(account, blocking):
    """Only the action tells; its trace has names of its own."""
    answer = account.invoke(claude(f"What is {BLOCKED}?"), blocking)

    assert answer["stop_reason"] == "end_turn"
    assert answer["content"] == [{"type": "text", "text": "Input stopped."}]
    assert answer["amazon-bedrock-guardrailAction"] == "INTERVENED"
    assert blocking.id in answer["amazon-bedrock-trace"]["guardrail"]["input"]


def test_invoke_model_stream_tells_on_its_last_chunk(account, blocking):
    """No earlier chunk has a trace."""
    body = json.dumps(claude("Name one colour."))
    stream = account.runtime.invoke_model_with_response_stream(
        modelId=account.claude, body=body, trace="ENABLED", **blocking.named
    )["body"]
    chunks = [json.loads(event["chunk"]["bytes"]) for event in stream]
    stream.close()

    assert blocking.id in chunks[-1]["amazon-bedrock-trace"]["guardrail"]["input"]
    assert not any("amazon-bedrock-trace" in chunk for chunk in chunks[:-1])


def test_guardrail_alone_tells_nothing_from_masked_from_blocked(account, blocking, masking):
    """NONE has no outputs; masked text comes back masked, blocked text as the canned one."""
    clean = account.apply(blocking, "Name one colour.")
    masked = account.apply(masking, f"Write to {MASKED}.", "OUTPUT")
    blocked = account.apply(blocking, f"Say {BLOCKED}.", "OUTPUT")

    assert (clean["action"], clean["outputs"]) == ("NONE", [])
    assert (masked["action"], masked["outputs"]) == (
        "GUARDRAIL_INTERVENED",
        [{"text": "Write to {EMAIL}."}],
    )
    assert (blocked["action"], blocked["outputs"]) == ("GUARDRAIL_INTERVENED", [{"text": "Output stopped."}])
    assert clean["usage"]["wordPolicyUnits"] == 1


def test_unknown_guardrail_is_refused_by_model_and_guardrail(account, nobody):
    """Converse calls it invalid, ApplyGuardrail not found; nobody answers unguarded."""
    with pytest.raises(account.runtime.exceptions.ValidationException):
        account.converse(account.claude, "Hello.", nobody)
    with pytest.raises(account.runtime.exceptions.ResourceNotFoundException):
        account.apply(nobody, "Hello.")


def test_model_needs_an_inference_profile(account, model):
    """The bare id is refused in words that name the way out."""
    with pytest.raises(account.runtime.exceptions.ValidationException, match="on-demand throughput"):
        account.converse(model.partition(".")[2], "Hello.")


def test_model_takes_no_temperature_of_zero(account, model):
    """Neither model can be made to answer the same twice."""
    with pytest.raises(account.runtime.exceptions.ValidationException, match="temperature"):
        account.converse(model, "Hello.", inferenceConfig={"temperature": 0.0})


def test_one_model_refuses_images(account):
    """The pair is unequal before any guardrail has looked."""
    pixel = bytes.fromhex(
        "89504e470d0a1a0a0000000d4948445200000001000000010802000000907753de"
        "0000000c49444154789c63f8cfc000000301010018dd8db00000000049454e44ae426082"
    )
    content = [{"image": {"format": "png", "source": {"bytes": pixel}}}, {"text": "What is this?"}]
    messages = [{"role": "user", "content": content}]

    assert account.converse(account.claude, "", messages=messages)["output"]["message"]["content"]
    with pytest.raises(account.runtime.exceptions.ValidationException, match="image"):
        account.converse(account.gpt, "", messages=messages)


def test_numbered_version_keeps_what_the_draft_loses(account):
    """A version's configuration does not change under a run."""
    guardrail = account.guardrail(wordPolicyConfig={"wordsConfig": [{"text": BLOCKED}]})
    account.control.update_guardrail(
        guardrailIdentifier=guardrail.id,
        name=f"{guardrail.id}-changed",
        blockedInputMessaging="Other.",
        blockedOutputsMessaging="Other.",
        wordPolicyConfig={"wordsConfig": [{"text": "somethingelse"}]},
    )

    kept = account.control.get_guardrail(guardrailIdentifier=guardrail.id, guardrailVersion=guardrail.version)

    assert [word["text"] for word in kept["wordPolicy"]["words"]] == [BLOCKED]
    assert account.apply(guardrail, f"Say {BLOCKED}.")["action"] == "GUARDRAIL_INTERVENED"


def test_profiles_of_both_models_are_listed(account):
    """What a doctor looks for first."""
    pages = account.control.get_paginator("list_inference_profiles").paginate(typeEquals="SYSTEM_DEFINED")
    listed = {
        profile["inferenceProfileId"] for page in pages for profile in page["inferenceProfileSummaries"]
    }

    assert {account.claude, account.gpt} <= listed
