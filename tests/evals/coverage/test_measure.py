"""Which channels are read, by what the guardrail did: every route and both models at the local Bedrock."""

from __future__ import annotations

import pytest

READ = {
    ("input", "user"),
    ("input", "guarded"),
    ("input", "system"),
    ("input", "history"),
    ("input", "tool_result"),
    ("output", "output"),
}
UNREAD = {
    ("input", "unguarded"),
    ("input", "tool_definition"),
    ("input", "tool_arguments"),
    ("input", "reasoning"),
    ("output", "tool_arguments"),
    ("output", "reasoning"),
}
THOUGHT = ("input", "reasoning")
ENCRYPTED = ("output", "reasoning")


def states(measured):
    """By state, where it was found."""
    found = {}
    for place, each in measured.items():
        found.setdefault(each.coverage, set()).add(place)
    return found


@pytest.mark.parametrize("route", ["converse", "converse_stream"])
def test_converse_carries_every_channel(measured_at, undisturbed, claude, route):
    """What the local Bedrock reads is found to be read, what it does not is found not to be."""
    assert states(measured_at(undisturbed, claude(route))) == {"evaluated": READ, "not_evaluated": UNREAD}


def test_reasoning_that_nobody_can_read_shows_nothing(measured_at, undisturbed, gpt):
    """Encrypted reasoning may hold anything: neither read nor unread."""
    measured = measured_at(undisturbed, gpt())

    assert states(measured) == {
        "evaluated": READ,
        "not_evaluated": UNREAD - {ENCRYPTED},
        "unknown": {ENCRYPTED},
    }
    assert measured[ENCRYPTED].why == "the model thought nothing of it that can be read"


@pytest.mark.parametrize("route", ["invoke", "invoke_stream"])
def test_invoke_model_has_tags_and_no_place_for_reasoning(measured_at, undisturbed, claude, gpt, route):
    """Both bodies guard between tags; what they cannot say is not carried, and never a pass."""
    of_claude, of_gpt = measured_at(undisturbed, claude(route)), measured_at(undisturbed, gpt(route))

    assert states(of_claude) == {
        "evaluated": READ,
        "not_evaluated": UNREAD - {THOUGHT},
        "not_carried": {THOUGHT},
    }
    assert "signature" in of_claude[THOUGHT].why
    assert states(of_gpt)["not_carried"] == {THOUGHT}
    assert states(of_gpt)["evaluated"] == READ


def test_a_sidecar_reads_texts_and_knows_no_blocks(measured_at, undisturbed, gpt):
    """All texts are read beside the model, definitions and arguments are not, blocks are not carried."""
    measured = measured_at(undisturbed, gpt("sidecar"))

    blocks = {("input", "guarded"), ("input", "unguarded")}
    assert states(measured) == {
        "evaluated": READ - blocks,
        "not_evaluated": UNREAD - blocks - {ENCRYPTED},
        "not_carried": blocks,
        "unknown": {ENCRYPTED},
    }
    assert "knows no guardContent blocks" in measured["input", "guarded"].why


def test_a_guardrail_that_reads_otherwise_is_found_out(measured_at, local, tmp_path, claude, gpt):
    """Per model: what one guardrail reads and another does not, in each channel that can be switched."""
    faults = tmp_path / "faults.yaml"
    faults.write_text(
        "models:\n"
        "  openai.gpt-5.5: {reads: {system: false, tool_result: false, history: false}}\n"
        "  anthropic.claude-opus-4-7:\n"
        "    reads: {tool_definition: true, tool_arguments: true, reasoning: true}\n"
    )
    url = local(faults)

    of_claude, of_gpt = states(measured_at(url, claude())), states(measured_at(url, gpt()))

    assert of_claude == {
        "evaluated": READ | UNREAD - {("input", "unguarded")},
        "not_evaluated": {("input", "unguarded")},
    }
    assert {("input", "system"), ("input", "tool_result"), ("input", "history")} <= of_gpt["not_evaluated"]


def test_an_endpoint_that_ignores_the_guardrail_shows_nothing(measured_at, undisturbed, gpt):
    """Without its trace no channel is known, be it read or unread."""
    inert = gpt().model_copy(update={"model": "mantle.openai.gpt-5.5"})

    assert set(states(measured_at(undisturbed, inert))) == {"unknown"}
