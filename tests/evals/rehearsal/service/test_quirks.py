"""What differs between models behind one and the same guardrail."""

from __future__ import annotations

import pytest

OPUS, GPT, GPT_OSS = "us.anthropic.claude-opus-4-7", "us.openai.gpt-5.5", "openai.gpt-oss-120b-1:0"
CACHED = {"system": [{"text": "Be brief."}, {"cachePoint": {"type": "default"}}]}
PIXEL = {"image": {"format": "png", "source": {"bytes": b"not looked at"}}}


@pytest.mark.parametrize("model", ["mantle.openai.gpt-5.5", "mantle.anthropic.claude-opus-4-7"])
def test_inert_profile_takes_a_guardrail_and_ignores_it(aws, model):
    """The word passes, nothing is traced, and not even a guardrail that does not exist is missed."""
    for identifier in (aws.guardrail(), "nosuchguardrail"):
        answer = aws.converse("Repeat: <text>krakatoa</text>", identifier, modelId=model)
        events = aws.stream("Repeat: <text>krakatoa</text>", identifier, modelId=model)

        assert answer["stopReason"] == "end_turn"
        assert "trace" not in answer
        assert "trace" not in events[-1]["metadata"]


def test_inert_profile_ignores_the_headers_too(aws):
    """InvokeModel shows no sign of the guardrail either."""
    body = {"messages": [{"role": "user", "content": "Tell me of krakatoa."}]}

    answer = aws.invoke("mantle.openai.gpt-5.5", body, aws.guardrail())

    assert not {"amazon-bedrock-guardrailAction", "amazon-bedrock-trace"} & set(answer)


def test_encrypted_reasoning_can_be_sent_back(aws):
    """GPT's reasoning is bytes to everybody, whole or streamed, and a later turn may hold them."""
    for number in range(20):
        answer = aws.converse(f"Is {number} enough?")
        content = answer["output"]["message"]["content"]
        if "reasoningContent" in content[0]:
            break
    events = aws.stream(f"Is {number} enough?")
    deltas = [event["contentBlockDelta"]["delta"] for event in events if "contentBlockDelta" in event]

    assert isinstance(content[0]["reasoningContent"]["redactedContent"], bytes)
    assert deltas[0] == content[0]
    turns = [answer["output"]["message"], {"role": "user", "content": [{"text": "And?"}]}]
    again = aws.converse(
        "", messages=[{"role": "user", "content": [{"text": f"Is {number} enough?"}]}, *turns]
    )
    assert again["stopReason"] == "end_turn"


def test_one_model_reads_images_and_no_guardrail_does(aws):
    """Claude takes a picture, which a guardrail without image filters does not see."""
    content = [PIXEL, {"text": "What is this?"}]

    answer = aws.converse("", aws.guardrail(), modelId=OPUS, messages=[{"role": "user", "content": content}])

    (assessment,) = answer["trace"]["guardrail"]["inputAssessment"].values()
    characters = assessment["invocationMetrics"]["guardrailCoverage"]["textCharacters"]
    assert answer["stopReason"] == "end_turn"
    assert characters == {"guarded": len("What is this?"), "total": len("What is this?")}


def test_one_model_takes_cache_points(aws):
    """The other one says that the caller has no access."""
    assert aws.converse("Hello.", modelId=OPUS, **CACHED)["stopReason"] == "end_turn"
    with pytest.raises(aws.runtime.exceptions.AccessDeniedException, match="did not allow prompt caching"):
        aws.converse("Hello.", modelId=GPT, **CACHED)


def test_one_model_cannot_stream_behind_a_guardrail(aws):
    """gpt-oss answers behind one, streams without one, and refuses both together."""
    identifier = aws.guardrail()

    assert aws.converse("krakatoa", identifier, modelId=GPT_OSS)["stopReason"] == "guardrail_intervened"
    assert aws.stream("Hello.", modelId=GPT_OSS)
    with pytest.raises(aws.runtime.exceptions.ValidationException, match="The model returned the following"):
        aws.stream("Hello.", identifier, modelId=GPT_OSS)


def test_one_model_takes_a_temperature(aws):
    """What is refused by two models is nothing to the third."""
    answer = aws.converse("Hello.", modelId=GPT_OSS, inferenceConfig={"temperature": 0.2})

    assert answer["stopReason"] == "end_turn"


def test_reasoning_stands_in_the_text_of_one_format(aws):
    """InvokeModel of gpt-oss begins its text with the reasoning, where a guardrail's reader finds it."""
    for number in range(20):
        body = {"messages": [{"role": "user", "content": f"Is {number} enough?"}]}
        text = aws.invoke(GPT_OSS, body)["choices"][0]["message"]["content"]
        if "reasoning" in text:
            break

    assert text.startswith("<reasoning>")
    assert "</reasoning>" in text
