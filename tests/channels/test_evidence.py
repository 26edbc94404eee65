"""Channels in which the guardrail acts and the answer tells it badly, late, in other words or not at all."""

from __future__ import annotations

import json
import urllib.request

import pandas as pd
import pytest
from botocore.exceptions import ClientError

from analysis.costs import compare as costs
from suites.outcomes import Outcome

CLAUDE, GPT = "us.anthropic.claude-opus-4-7", "us.openai.gpt-5.5"
NO_TRACE, NO_DETECTED, NO_ENTRIES, FILTERED = (
    f"{scope}.anthropic.claude-opus-4-7" for scope in ("eu", "jp", "au", "global")
)
FORBIDDEN = "Greetings from krakatoa."
MASKED = {"policy": "pii", "action": "mask", "payload": "ada@example.com", "side": "output"}


@pytest.mark.parametrize(("model", "stop"), [(CLAUDE, "end_turn"), (GPT, "stop")])
def test_a_block_that_looks_like_an_answer(bedrock, ask, judged, model, stop):
    """C3: InvokeModel ends a blocked call as any other; the guardrail's own word decides."""
    answer = bedrock.invoke(model, FORBIDDEN)
    ended = answer["stop_reason"] if model == CLAUDE else answer["choices"][0]["finish_reason"]
    assert (ended, answer["amazon-bedrock-guardrailAction"]) == (stop, "INTERVENED")

    seen = judged(bedrock, ask(bedrock, model, FORBIDDEN, route="invoke"))

    assert (seen.outcome, seen.facts.acted) == (Outcome.BLOCKED_INPUT, True)


def test_a_stream_that_loses_its_trace(bedrock, ask, judged):
    """C5: the stop reason alone is no evidence of our guardrail: the pair is missing, not blocked."""
    stream = bedrock.runtime.converse_stream(
        modelId=NO_TRACE,
        messages=[{"role": "user", "content": [{"text": FORBIDDEN}]}],
        guardrailConfig=bedrock.settings(),
    )["stream"]
    events = list(stream)
    assert events[-2]["messageStop"]["stopReason"] == "guardrail_intervened"
    assert "trace" not in events[-1]["metadata"]

    seen = judged(bedrock, ask(bedrock, NO_TRACE, FORBIDDEN, route="converse_stream"))

    assert seen.missing == "the answer carries no assessment by our guardrail"
    assert seen.facts.acted is None


def test_stop_reason_and_trace_in_two_events(bedrock, ask, judged):
    """C6: both are joined to what Converse says at once; an answer that says nothing of it is no hit."""
    stream = bedrock.runtime.converse_stream(
        modelId=CLAUDE,
        messages=[{"role": "user", "content": [{"text": FORBIDDEN}]}],
        guardrailConfig=bedrock.settings(),
    )["stream"]
    events = {name: event[name] for event in stream for name in event}
    assert set(events["messageStop"]) == {"stopReason"}
    assert "guardrail" in events["metadata"]["trace"]

    whole, streamed = (
        judged(bedrock, ask(bedrock, CLAUDE, FORBIDDEN, route=route))
        for route in ("converse", "converse_stream")
    )
    silent = ask(bedrock, "mantle.openai.gpt-5.5", FORBIDDEN, route="invoke")

    assert (whole.outcome, whole.facts) == (streamed.outcome, streamed.facts)
    assert judged(bedrock, silent).missing is not None
    assert silent.trace.lacking == ("amazon-bedrock-guardrailAction",)


def test_a_trace_that_was_not_asked_for(bedrock, ask, judged):
    """C7: without `trace` the same mask leaves no sign; every request of ours asks for it."""
    prompt = "Repeat: <text>Write to ada@example.com.</text>"
    silent = bedrock.converse(CLAUDE, prompt, guardrailConfig=bedrock.settings(trace="disabled"))
    assert (silent["stopReason"], "trace" in silent) == ("guardrail_intervened", False)

    for route in ("converse", "converse_stream", "invoke", "invoke_stream"):
        call = ask(bedrock, CLAUDE, prompt, cut="output", route=route)
        assert judged(bedrock, call, cut="output", **MASKED).missing is None, route


def test_a_finding_without_detected(bedrock, ask, judged):
    """C8: the optional member is lacking, and the action decides."""
    answer = bedrock.converse(NO_DETECTED, FORBIDDEN)
    (assessment,) = answer["trace"]["guardrail"]["inputAssessment"].values()
    assert assessment["wordPolicy"]["customWords"] == [{"match": "krakatoa", "action": "BLOCKED"}]

    assert judged(bedrock, ask(bedrock, NO_DETECTED, FORBIDDEN)).outcome is Outcome.BLOCKED_INPUT


def test_an_intervention_without_any_entry(bedrock, ask, judged):
    """C11: stopped, and nothing says by which rule: neither a hit nor a miss of ours."""
    answer = bedrock.converse(NO_ENTRIES, FORBIDDEN)
    (assessment,) = answer["trace"]["guardrail"]["inputAssessment"].values()
    assert (answer["stopReason"], "wordPolicy" in assessment) == ("guardrail_intervened", False)

    seen = judged(bedrock, ask(bedrock, NO_ENTRIES, FORBIDDEN))

    assert "an intervention that no finding of our guardrail explains" in seen.missing


@pytest.mark.parametrize("stream", ["sync", "async"])
def test_claudes_stream_behind_a_guardrail(bedrock, ask, judged, stream):
    """C18: message_delta and the guardrail's last chunk are read together, blocked and masked."""
    blocked = ask(bedrock, CLAUDE, FORBIDDEN, route="invoke_stream", stream=stream)
    prompt = "Repeat: <text>Write to ada@example.com.</text>"
    masked = ask(bedrock, CLAUDE, prompt, cut="output", route="invoke_stream", stream=stream)

    assert judged(bedrock, blocked).outcome is Outcome.BLOCKED_INPUT
    assert blocked.native_stop == "end_turn"
    seen = judged(bedrock, masked, cut="output", **MASKED)
    # What the trace calls masked had gone out before, where nothing waits for the guardrail.
    assert (seen.outcome, seen.facts.exposed) == (Outcome.MASKED, stream == "async")


def test_the_providers_own_filter(bedrock, ask, judged):
    """C24: `content_filtered` is an outcome of its own, and no action of the guardrail."""
    assert bedrock.converse(FILTERED, "Hello.")["stopReason"] == "content_filtered"

    for route in ("converse", "invoke"):
        seen = judged(bedrock, ask(bedrock, FILTERED, "Hello.", route=route))
        assert (seen.outcome, seen.facts.acted, seen.facts.guarded) == (Outcome.FILTERED, False, False)


def test_a_blocked_call_of_which_no_log_has_the_trace(bedrock, ask, judged):
    """C28: it is missing here; run, arm and case travel with it, so that the account can find the call."""
    mark = {"run": "c28", "arm": "candidate", "case": "one"}

    call = ask(bedrock, NO_TRACE, FORBIDDEN, metadata=mark)

    assert judged(bedrock, call).missing is not None
    assert call.request_id
    with urllib.request.urlopen(f"{bedrock.url}/rehearsal/calls") as response:
        calls = json.load(response)["calls"]
    assert [each["count"] for each in calls if each["metadata"].get("run") == "c28"] == [1]


def test_a_blocked_call_without_tokens(bedrock, ask):
    """C30: no tokens are told; the observation stands, and costs leave the pair out instead of counting 0."""
    assert bedrock.converse(GPT, FORBIDDEN)["usage"]["totalTokens"] == 0

    call = ask(bedrock, GPT, FORBIDDEN)
    assert (call.trace.acted, call.input_tokens, call.output_tokens) == (True, 0, 0)

    told = [
        {"latency_ms": 5, "tokens": tokens} for tokens in ([7, 9], [call.input_tokens, call.output_tokens])
    ]
    table = pd.DataFrame({"reference_evidence": told[:1] * 2, "candidate_evidence": told})
    by_quantity = {cost.quantity: cost for cost in costs(table, rehearsed=True)}
    for quantity in ("input_tokens", "output_tokens"):
        assert (by_quantity[quantity].pairs, by_quantity[quantity].unusable) == (1, 1)


def test_an_enum_in_the_wrong_case(bedrock, ask):
    """C31: each API has its own spelling and refuses the other's; each route of ours writes its own."""
    with pytest.raises(ClientError, match="ENABLED"):
        bedrock.converse(CLAUDE, "Hello.", guardrailConfig=bedrock.settings(trace="ENABLED"))
    with pytest.raises(ClientError, match="enabled"):
        bedrock.invoke(CLAUDE, "Hello.", trace="enabled")

    for route in ("converse", "converse_stream", "invoke", "invoke_stream"):
        call = ask(bedrock, CLAUDE, "Hello.", route=route)
        assert (call.error, call.trace.present) == (None, True), route
