"""Converse behind a guardrail: what is blocked, masked, traced and charged."""

from __future__ import annotations

import pytest

from evals.rehearsal.calls import call as module
from evals.rehearsal.calls.stage import Stage
from evals.rehearsal.converse import converse
from evals.rehearsal.enforcement import Enforcement
from evals.rehearsal.faults import Plants
from evals.rehearsal.guardrails import Guardrails
from evals.rehearsal.models import Reply

OUTPUT_ONLY = {"inputEnabled": False, "outputEnabled": True}
BLOCK_OUTPUT = {"wordPolicyConfig": {"wordsConfig": [{"text": "krakatoa", **OUTPUT_ONLY}]}}
MASK_OUTPUT = {
    "sensitiveInformationPolicyConfig": {
        "piiEntitiesConfig": [{"type": "EMAIL", "action": "ANONYMIZE", **OUTPUT_ONLY}]
    }
}


def said(aws, guardrail, material, **more):
    """The first answer in which the model really said the material, before the guardrail."""
    for number in range(20):
        answer = aws.converse(f"Repeat number {number}: <text>{material}</text>", guardrail, **more)
        if material in "".join(answer["trace"]["guardrail"]["modelOutput"]):
            return answer
    raise AssertionError(f"the model never said {material!r}")


def test_without_guardrail_there_is_no_trace(aws):
    """A plain call answers as a model does and carries no sign of a guardrail."""
    answer = aws.converse("What makes a good list?")

    assert answer["stopReason"] == "end_turn"
    assert answer["output"]["message"]["content"][-1]["text"]
    assert answer["usage"]["totalTokens"] == sum(
        answer["usage"][side] for side in ("inputTokens", "outputTokens")
    )
    assert "trace" not in answer


def test_clean_call_is_traced_on_both_sides(aws):
    """A guardrail that found nothing still shows that it looked, and what the model said."""
    identifier = aws.guardrail()

    answer = aws.converse("What makes a good list?", identifier)

    trace = answer["trace"]["guardrail"]
    assert trace["actionReason"] == "No action."
    assert trace["modelOutput"] == [answer["output"]["message"]["content"][-1]["text"]]
    for assessment in (trace["inputAssessment"][identifier], trace["outputAssessments"][identifier][0]):
        assert assessment["appliedGuardrailDetails"]["guardrailVersion"] == "DRAFT"
        assert assessment["invocationMetrics"]["usage"]["wordPolicyUnits"] == 1
        assert "wordPolicy" not in assessment


def test_blocked_input_never_reaches_the_model(aws):
    """The canned message, no tokens, no output assessment."""
    identifier = aws.guardrail()

    answer = aws.converse("Tell me of krakatoa.", identifier)

    trace = answer["trace"]["guardrail"]
    assert answer["output"]["message"]["content"] == [{"text": "Input stopped."}]
    assert answer["stopReason"] == "guardrail_intervened"
    assert answer["usage"] == {"inputTokens": 0, "outputTokens": 0, "totalTokens": 0}
    assert trace["inputAssessment"][identifier]["wordPolicy"]["customWords"][0]["action"] == "BLOCKED"
    assert trace["actionReason"] == "Guardrail blocked."
    assert not {"outputAssessments", "modelOutput"} & set(trace)


def test_blocked_output_is_replaced_and_charged(aws):
    """The user sees the canned message alone; the trace keeps what the model said."""
    identifier = aws.guardrail(**BLOCK_OUTPUT)

    answer = said(aws, identifier, "krakatoa")

    assert answer["output"]["message"]["content"] == [{"text": "Output stopped."}]
    assert answer["stopReason"] == "guardrail_intervened"
    assert answer["usage"]["outputTokens"] > 0
    assert answer["trace"]["guardrail"]["actionReason"] == "Guardrail blocked."


def test_masked_output_intervenes_too(aws):
    """Masking shows the rest of the answer, under the same stop reason as blocking."""
    identifier = aws.guardrail(**MASK_OUTPUT)

    answer = said(aws, identifier, "ada@example.com")

    text = answer["output"]["message"]["content"][-1]["text"]
    assert "{EMAIL}" in text
    assert "ada@example.com" not in text
    assert answer["stopReason"] == "guardrail_intervened"
    assert answer["trace"]["guardrail"]["actionReason"] == "Guardrail masked."


def test_masked_input_is_what_the_model_gets(aws):
    """With masking on the way in, the model never sees the address and cannot repeat it."""
    identifier = aws.guardrail(
        sensitiveInformationPolicyConfig={
            "piiEntitiesConfig": [{"type": "EMAIL", "action": "ANONYMIZE", "outputEnabled": False}]
        }
    )

    answer = aws.converse("Repeat: <text>Write to ada@example.com today.</text>", identifier)

    trace = answer["trace"]["guardrail"]
    assert "ada@example.com" not in trace["modelOutput"][0]
    assert answer["stopReason"] == "guardrail_intervened"
    entity = trace["inputAssessment"][identifier]["sensitiveInformationPolicy"]["piiEntities"][0]
    assert (entity["match"], entity["action"]) == ("ada@example.com", "ANONYMIZED")


def test_disabled_side_shows_attachment_without_units(aws):
    """The output cut leaves the input alone, yet the trace shows which guardrail stood there."""
    identifier = aws.guardrail(**BLOCK_OUTPUT)

    answer = aws.converse("krakatoa, in your own words", identifier)

    assessment = answer["trace"]["guardrail"]["inputAssessment"][identifier]
    assert set(assessment["invocationMetrics"]["usage"].values()) == {0}
    assert assessment["appliedGuardrailDetails"]["guardrailId"] == identifier
    assert "wordPolicy" not in assessment


@pytest.mark.parametrize("settings", [{}, {"trace": "disabled"}])
def test_trace_is_given_only_when_asked_for(aws, settings):
    """The default is no trace, even for a blocked call."""
    guardrail = {"guardrailIdentifier": aws.guardrail(), "guardrailVersion": "DRAFT"}

    answer = aws.converse("krakatoa", guardrailConfig=guardrail | settings)

    assert answer["stopReason"] == "guardrail_intervened"
    assert "trace" not in answer


def test_full_trace_lists_what_was_not_found(aws):
    """enabled_full adds silent topics, as outputScope FULL does."""
    identifier = aws.guardrail(
        topicPolicyConfig={
            "topicsConfig": [{"name": "Tides", "definition": "Times of high water at sea.", "type": "DENY"}]
        }
    )
    settings = {"guardrailIdentifier": identifier, "guardrailVersion": "DRAFT", "trace": "enabled_full"}

    answer = aws.converse("Hello there.", guardrailConfig=settings)

    topics = answer["trace"]["guardrail"]["inputAssessment"][identifier]["topicPolicy"]["topics"]
    assert [(topic["name"], topic["detected"]) for topic in topics] == [("Tides", False)]


@pytest.mark.parametrize(
    "more",
    [
        {"system": [{"text": "You live on krakatoa."}]},
        {
            "messages": [
                {"role": "user", "content": [{"text": "krakatoa"}]},
                {"role": "assistant", "content": [{"text": "Pardon?"}]},
                {"role": "user", "content": [{"text": "Never mind."}]},
            ]
        },
        {
            "messages": [
                {"role": "user", "content": [{"text": "Hello."}]},
                {"role": "assistant", "content": [{"text": "Greetings from krakatoa."}]},
                {"role": "user", "content": [{"text": "Never mind."}]},
            ]
        },
        {"messages": [{"role": "user", "content": [{"text": "Hello."}, {"text": "krakatoa"}]}]},
    ],
    ids=["system prompt", "earlier user turn", "earlier assistant turn", "second block"],
)
def test_all_text_of_the_conversation_is_assessed(aws, more):
    """An old blocked turn, the system prompt and every block are read again on each call."""
    answer = aws.converse("Hello.", aws.guardrail(), **more)

    assert answer["stopReason"] == "guardrail_intervened"
    assert answer["usage"]["totalTokens"] == 0


def test_reasoning_is_neither_assessed_nor_masked(monkeypatch):
    """Reasoning content is not in AWS's list of what a guardrail reads; it passes as it is."""
    guardrails = Guardrails()
    created = guardrails.create(
        {
            "name": "n",
            "blockedInputMessaging": "i",
            "blockedOutputsMessaging": "o",
            "wordPolicyConfig": {"wordsConfig": [{"text": "krakatoa"}]},
        }
    )
    reasoning = {"reasoningContent": {"reasoningText": {"text": "They mean krakatoa."}}}
    said = Reply(
        content=[reasoning, {"text": "I see."}], stop_reason="end_turn", input_tokens=1, output_tokens=2
    )
    monkeypatch.setattr(module, "reply", lambda *_, **__: said)

    answer = converse(
        {
            "modelId": "us.openai.gpt-5.5",
            "messages": [{"role": "user", "content": [{"text": "Hello."}]}],
            "guardrailConfig": {
                "guardrailIdentifier": created["guardrailId"],
                "guardrailVersion": "DRAFT",
                "trace": "enabled",
            },
        },
        Stage(guardrails, Enforcement(guardrails), Plants(), seed=0),
    )

    assert answer["output"]["message"]["content"] == [reasoning, {"text": "I see."}]
    assert answer["stopReason"] == "end_turn"
    assert answer["trace"]["guardrail"]["modelOutput"] == ["I see."]


def test_answer_depends_on_epoch_and_nothing_else_that_changes(aws):
    """The same call gives the same answer; another epoch may give another one."""
    answers = [
        aws.converse("How does one plan a garden?", requestMetadata={"epoch": epoch})["output"]
        for epoch in ("1", "1", "2", "3", "4")
    ]

    assert answers[0] == answers[1]
    assert any(answer != answers[0] for answer in answers[2:])


def test_model_stops_where_it_is_told(aws):
    """The limit maxTokens cuts the answer and says so."""
    answer = aws.converse("How does one plan a garden?", inferenceConfig={"maxTokens": 3})

    assert answer["stopReason"] == "max_tokens"
    assert answer["usage"]["outputTokens"] <= 3


def test_latency_is_added_to_runtime_calls_only(clients_for):
    """A slow stand-in is slow where AWS is: in calls to model and guardrail."""
    import time

    from evals.rehearsal import child

    with child.start(latency_ms=150) as rehearsal:
        clients = clients_for(rehearsal.endpoint_url)
        identifier = clients.guardrail()
        times = []
        for call in (
            lambda: clients.converse("Hello."),
            lambda: clients.apply(identifier, "Hello."),
            clients.control.list_guardrails,
        ):
            started = time.perf_counter()
            answer = call()
            times.append(time.perf_counter() - started)
            if "metrics" in answer:
                assert answer["metrics"]["latencyMs"] >= 150

    assert min(times[:2]) >= 0.15
    assert times[2] < 0.15
