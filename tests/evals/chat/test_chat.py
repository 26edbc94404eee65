"""A case as the conversation that is sent."""

from __future__ import annotations

import pytest

from evals.chat import NOTE, chat_of, given_to_control, judged_alone, offered, texts_of, tools_of
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


@pytest.mark.parametrize("channel", ["guarded", "unguarded"])
def test_a_prompt_can_be_guarded_apart(case, channel):
    """Its block is marked for the provider, and what stands beside it is not."""
    *beside, prompt = chat_of(case(("user", "Read me not.", channel == "unguarded"), channel=channel))

    assert [content.internal for content in prompt.content] == ["guard_content"]
    assert [message.content for message in beside] == ["Read me not."]


def test_what_a_tool_was_sent_is_a_call_with_its_answer(case):
    """The text is the argument, and the conversation goes on."""
    _, call, result, _ = chat_of(
        case(("user", "Keep it.", False), ("tool_call", "The path is wet.", True), channel="tool_arguments")
    )

    assert call.tool_calls[0].arguments == {"note": "The path is wet."}
    assert (result.function, result.tool_call_id) == (NOTE, call.tool_calls[0].id)


def test_a_thought_stands_before_the_words(case):
    """As reasoning, and in no text."""
    _, thought, spoken, _ = chat_of(
        case(
            ("user", "Is it wet?", False),
            ("reasoning", "It rained.", True),
            ("assistant", "Yes.", False),
            channel="reasoning",
        )
    )

    assert ([part.reasoning for part in thought.content], thought.text) == (["It rained."], "")
    assert spoken.text == "Yes."


def test_a_tool_is_offered_with_its_description(case):
    """It is no message; tools of one conversation have names of their own."""
    made = case(("tool_definition", "Keeps a text.", True), channel="tool_definition")

    assert [message.text for message in chat_of(made)] == ["And now?"]
    (tool,) = tools_of(offered(made))
    assert (tool.name, tool.description, tool.parameters.required) == (NOTE, "Keeps a text.", ["note"])
    assert [tool.name for tool in tools_of(["One.", "Two."])] == [NOTE, f"{NOTE}_1"]


def test_control_is_shown_what_is_planted():
    """Wherever it stands for the models, and nothing else."""
    assert given_to_control("input", None, "And now?", planted="The path is wet.") == ["The path is wet."]


def test_control_is_shown_every_text_that_a_model_is_sent(case):
    """What the guardrail sees on the way to a model, and nothing else."""
    made = case(("user", "Look it up.", False), ("tool", "Found.", True), channel="tool_result")

    assert texts_of(chat_of(made)) == list(made.texts)
    assert texts_of("One prompt.") == ["One prompt."]
    assert [message.text for message in judged_alone(made.texts)] == list(made.texts)
