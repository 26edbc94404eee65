"""ConverseStream: what goes out when, in both modes of the guardrail."""

from __future__ import annotations

import pytest

OPUS, GPT = "us.anthropic.claude-opus-4-7", "us.openai.gpt-5.5"
MODELS = pytest.mark.parametrize("model", [OPUS, GPT])
ON_OUTPUT = {"inputEnabled": False, "outputEnabled": True}
BLOCK = {"wordPolicyConfig": {"wordsConfig": [{"text": "krakatoa", **ON_OUTPUT}]}}
MASK = {
    "sensitiveInformationPolicyConfig": {
        "piiEntitiesConfig": [{"type": "EMAIL", "action": "ANONYMIZE", **ON_OUTPUT}]
    }
}
FILLER = "A heron stands in the reeds and waits for the tide to turn. "


def deltas(events):
    """The texts as they went out."""
    changes = [event["contentBlockDelta"]["delta"] for event in events if "contentBlockDelta" in event]
    return [delta["text"] for delta in changes if "text" in delta]


def text(events):
    return "".join(deltas(events))


def end(events):
    """Stop reason and trace, which come in two different events."""
    (stop,) = [event["messageStop"] for event in events if "messageStop" in event]
    (metadata,) = [event["metadata"] for event in events if "metadata" in event]
    return stop["stopReason"], metadata.get("trace", {}).get("guardrail"), metadata["usage"]


def said(aws, guardrail, material, **more):
    """The first stream in which the model really said the material, before the guardrail."""
    for number in range(20):
        events = aws.stream(f"Repeat number {number}: <text>{material}</text>", guardrail, **more)
        if material.strip() in "".join(end(events)[1]["modelOutput"]):
            return events
    raise AssertionError(f"the model never said {material!r}")


@MODELS
def test_stream_is_the_whole_answer_in_pieces(aws, model):
    """Put together, the pieces are what Converse answers; text needs no start event."""
    events = aws.stream("How does one plan a garden?", modelId=model)
    whole = aws.converse("How does one plan a garden?", modelId=model)

    kinds = [next(iter(event)) for event in events]
    assert kinds[0] == "messageStart"
    assert kinds[-2:] == ["messageStop", "metadata"]
    assert "contentBlockStart" not in kinds
    assert kinds.count("contentBlockStop") == len(whole["output"]["message"]["content"])
    assert text(events) == whole["output"]["message"]["content"][-1]["text"]
    assert end(events) == (whole["stopReason"], None, whole["usage"])


def test_models_stream_in_pieces_of_their_own_size(aws):
    """A guardrail's buffers begin and end elsewhere in front of another model."""
    sizes = {
        model: {len(piece) for piece in deltas(aws.stream("How does one plan a garden?", modelId=model))[:-1]}
        for model in (OPUS, GPT)
    }

    assert all(len(size) == 1 for size in sizes.values())
    assert sizes[OPUS] != sizes[GPT]


def test_blocked_input_is_answered_with_the_canned_text(aws):
    """The model is never asked; stop reason and trace come in their own events."""
    identifier = aws.guardrail()

    stop_reason, trace, usage = end(events := aws.stream("Tell me of krakatoa.", identifier))

    assert text(events) == "Input stopped."
    assert stop_reason == "guardrail_intervened"
    assert usage["totalTokens"] == 0
    assert trace["inputAssessment"][identifier]["wordPolicy"]["customWords"][0]["action"] == "BLOCKED"
    assert "outputAssessments" not in trace


@pytest.mark.parametrize("mode", [None, "sync"])
def test_buffered_text_is_masked_before_it_goes_out(aws, mode):
    """The default is to hold text back: nobody ever sees the address."""
    events = said(aws, aws.guardrail(**MASK), "ada@example.com", mode=mode)

    stop_reason, trace, _ = end(events)
    assert "{EMAIL}" in text(events)
    assert "ada@example.com" not in text(events)
    assert stop_reason == "guardrail_intervened"
    assert trace["actionReason"] == "Guardrail masked."


def test_buffered_text_is_blocked_before_it_goes_out(aws):
    """A short answer is replaced whole."""
    events = said(aws, aws.guardrail(**BLOCK), "krakatoa")

    assert text(events) == "Output stopped."
    assert end(events)[0] == "guardrail_intervened"


def test_earlier_buffers_have_gone_out_when_a_later_one_is_blocked(aws):
    """Only the buffer with the word is held back, and each buffer has an assessment of its own."""
    events = said(aws, aws.guardrail(**BLOCK), FILLER * 40 + "krakatoa " + FILLER * 40)

    (assessments,) = end(events)[1]["outputAssessments"].values()
    assert text(events).count(FILLER) > 10
    assert text(events).endswith("Output stopped.")
    assert "krakatoa" not in text(events)
    assert ["wordPolicy" in assessment for assessment in assessments] == [False, False, True]


def test_what_is_cut_by_a_buffers_end_passes(aws):
    """An address over the border of two buffers is whole for the user, and for no assessment."""
    identifier = aws.guardrail(**MASK)
    passed = []
    for length in range(940, 1010, 6):
        material = "x" * length + " ada.lovelace@example.com"
        events = said(aws, identifier, material)
        passed.append("ada.lovelace@example.com" in text(events))

    assert any(passed)
    assert not all(passed)


def test_unbuffered_text_has_gone_out_when_it_is_blocked(aws):
    """The verdict on a short answer comes after all of it: the user saw the word."""
    events = said(aws, aws.guardrail(**BLOCK), "krakatoa", mode="async")

    stop_reason, trace, _ = end(events)
    assert "krakatoa" in text(events)
    assert text(events).endswith("Output stopped.")
    assert stop_reason == "guardrail_intervened"
    assert trace["actionReason"] == "Guardrail blocked."


def test_what_comes_after_the_verdict_is_stopped(aws):
    """A long answer ends soon after the word, in the canned text."""
    events = said(aws, aws.guardrail(**BLOCK), "krakatoa " + FILLER * 20, mode="async")

    assert "krakatoa" in text(events)
    assert 100 < len(text(events)) < 400
    assert text(events).endswith("Output stopped.")


def test_unbuffered_text_is_never_masked(aws):
    """The trace says masked, and the user has the address."""
    events = said(aws, aws.guardrail(**MASK), "ada@example.com", mode="async")

    (assessments,) = end(events)[1]["outputAssessments"].values()
    (entity,) = assessments[0]["sensitiveInformationPolicy"]["piiEntities"]
    assert "ada@example.com" in text(events)
    assert entity["action"] == "ANONYMIZED"


@pytest.mark.parametrize("mode", ["sync", "async"])
def test_clean_stream_is_traced_on_both_sides(aws, mode):
    """A guardrail that found nothing still shows that it looked."""
    identifier = aws.guardrail()

    events = aws.stream("What makes a good list?", identifier, mode=mode)

    stop_reason, trace, _ = end(events)
    assert stop_reason == "end_turn"
    assert trace["modelOutput"] == [text(events)]
    for assessment in (trace["inputAssessment"][identifier], *trace["outputAssessments"][identifier]):
        assert assessment["invocationMetrics"]["usage"]["wordPolicyUnits"] == 1


def test_stream_without_trace_has_none(aws):
    """Even a blocked stream says nothing of the guardrail beside its stop reason."""
    settings = {"guardrailIdentifier": aws.guardrail(), "guardrailVersion": "DRAFT"}

    assert end(aws.stream("krakatoa", guardrailConfig=settings))[:2] == ("guardrail_intervened", None)


def test_tool_call_is_streamed_as_json(aws):
    """The call starts with a name and an identifier; its arguments come as text."""
    import json

    tool = {"name": "note", "inputSchema": {"json": {"properties": {"body": {"type": "string"}}}}}
    config = {"tools": [{"toolSpec": tool}], "toolChoice": {"any": {}}}
    for number in range(20):
        events = aws.stream(f"Number {number}: <text>heron</text>", aws.guardrail(), toolConfig=config)
        if end(events)[0] == "tool_use":
            break

    (start,) = [event["contentBlockStart"]["start"] for event in events if "contentBlockStart" in event]
    written = "".join(
        event["contentBlockDelta"]["delta"].get("toolUse", {}).get("input", "")
        for event in events
        if "contentBlockDelta" in event
    )
    assert start["toolUse"]["name"] == "note"
    assert json.loads(written) == {"body": "heron"}


def test_reasoning_is_streamed_before_the_answer(aws):
    """Readable reasoning is a block of its own, which no guardrail reads."""
    for number in range(60):
        events = aws.stream(f"Is {number} enough?", aws.guardrail(), modelId=OPUS)
        kinds = [
            next(iter(event["contentBlockDelta"]["delta"]))
            for event in events
            if "contentBlockDelta" in event
        ]
        if "reasoningContent" in kinds:
            break

    assert kinds[0] == "reasoningContent"
    assert kinds[-1] == "text"
    assert [
        event["contentBlockStop"]["contentBlockIndex"] for event in events if "contentBlockStop" in event
    ] == [
        0,
        1,
    ]


def test_bad_request_fails_before_the_stream(aws):
    """What is refused is an exception of the call, not of the stream."""
    with pytest.raises(aws.runtime.exceptions.ValidationException, match="does not exist"):
        aws.stream("Hello.", "nosuchguardrail")
