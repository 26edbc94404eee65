"""A case as the conversation that is sent."""

from __future__ import annotations

import pytest

from evals.chat import chat_of, judged_alone, texts_of
from suites.case import Case

FACTS = {
    "id": "pii-x-00001",
    "template": "x",
    "category": "EMAIL",
    "expectation": "allow",
    "side": "input",
    "provenance": "Written for this test",
}


@pytest.fixture
def case():
    """An allow case with a conversation before its prompt."""

    def make(*before, channel="history"):
        turns = [{"role": role, "text": text, "subject": subject} for role, text, subject in before]
        return Case.model_validate(FACTS | {"before": turns, "prompt": "And now?", "channel": channel})

    return make


def test_a_prompt_alone_is_sent_as_a_text(case):
    """A log of single prompts stays as easy to read as it was."""
    assert chat_of(case(channel="user")) == "And now?"


def test_turns_keep_their_roles_and_their_order(case):
    """The system prompt first, the prompt last."""
    chat = chat_of(
        case(("system", "Be brief.", False), ("user", "Good day.", False), ("assistant", "Hello.", True))
    )

    assert [(message.role, message.text) for message in chat] == [
        ("system", "Be brief."),
        ("user", "Good day."),
        ("assistant", "Hello."),
        ("user", "And now?"),
    ]


def test_what_a_tool_returned_answers_a_call_to_it(case):
    """No model takes a tool's answer to a question that was never asked."""
    asked, call, result, prompt = chat_of(
        case(("user", "Look it up.", False), ("tool", "Found.", True), channel="tool_result")
    )

    assert [asked.role, call.role, result.role, prompt.role] == ["user", "assistant", "tool", "user"]
    assert result.tool_call_id == call.tool_calls[0].id
    assert result.function == call.tool_calls[0].function


def test_control_is_shown_every_text_that_a_model_is_sent(case):
    """What the guardrail sees on the way to a model, and nothing else."""
    made = case(("user", "Look it up.", False), ("tool", "Found.", True), channel="tool_result")

    assert texts_of(chat_of(made)) == list(made.texts)
    assert texts_of("One prompt.") == ["One prompt."]
    assert [message.text for message in judged_alone(made.texts)] == list(made.texts)
