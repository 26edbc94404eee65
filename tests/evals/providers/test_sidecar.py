from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from inspect_ai.model import (
    ChatCompletionChoice,
    ChatMessageAssistant,
    ChatMessageSystem,
    ChatMessageTool,
    ChatMessageUser,
    ContentReasoning,
    ContentText,
    ModelOutput,
    get_model,
)
from inspect_ai.tool import ToolCall

from evals.bedrock.client import CredentialsMissing
from evals.bedrock.trace import CallRecord
from evals.providers.route import RouteError

pytestmark = pytest.mark.filterwarnings("ignore:The 'initial' parameter is deprecated:DeprecationWarning")

BARE = "sidecar/bare/us.openai.gpt-5.5"
FOREIGN = "sidecar/foreign/some-model"
SSN = "My social security number is 987-65-4320."
REPEAT = "Please repeat the following text exactly as it is.\n<text>{}</text>"
Ask = Callable[..., ModelOutput]


def record(output: ModelOutput) -> CallRecord:
    assert output.metadata is not None
    return CallRecord.model_validate(output.metadata["call"])


def findings(call: CallRecord) -> list[tuple[str, str]]:
    return [(each.side, each.action) for each in call.trace.findings]


def test_model_is_asked_between_two_assessments(ask: Ask, foreign: Any) -> None:
    """A clean prompt passes both times; both calls' evidence and the model's tokens make one record."""
    output = ask(FOREIGN, "Good morning.", max_tokens=50)
    call = record(output)
    assert (call.operation, call.text, call.stop_reason) == (
        "Sidecar",
        "You wrote: Good morning.",
        "end_turn",
    )
    assert call.trace.doubt is None
    assert call.trace.sides == ("input", "output")
    assert (call.trace.raw_outputs, call.trace.units) == ((call.text,), 2)
    assert (call.input_tokens, call.output_tokens, call.sent) == (7, 4, {"maxTokens": 50})
    assert str(call.request_id).count("+") == 1
    assert [config.max_tokens for _, _, config in foreign.shown] == [50]


def test_masked_input_is_masked_for_the_model(ask: Ask, foreign: Any) -> None:
    """Every text of the conversation goes through the guardrail, and the model gets what came out."""
    chat = [
        ChatMessageSystem(content="You work for kim@example.com."),
        ChatMessageUser(content=[ContentText(text="Look up "), ContentText(text="jo@example.com")]),
        ChatMessageAssistant(content="", tool_calls=[ToolCall(id="1", function="mail", arguments={"n": 1})]),
        ChatMessageTool(content="From lee@example.com", tool_call_id="1"),
        ChatMessageUser(content="So?"),
    ]
    call = record(ask(FOREIGN, chat))
    ((shown, tools, _),) = foreign.shown
    assert [message.text for message in shown] == [
        "You work for {EMAIL}.",
        "Look up \n{EMAIL}",
        "",
        "From {EMAIL}",
        "So?",
    ]
    assert shown[2].tool_calls[0].arguments == {"n": 1}
    assert [tool.name for tool in tools] == ["mail"]
    assert findings(call) == [("input", "masked")] * 3
    assert (call.stop_reason, call.native_stop) == ("guardrail_intervened", "end_turn")


def test_blocked_input_never_reaches_the_model(ask: Ask, foreign: Any) -> None:
    """The guardrail's message is the answer, and no model was asked."""
    call = record(ask(FOREIGN, SSN))
    assert (call.text, call.stop_reason) == ("Blocked on the way in.", "guardrail_intervened")
    assert foreign.shown == []
    assert call.trace.doubt is None
    assert (call.trace.sides, call.trace.raw_outputs) == (("input",), ())


@pytest.mark.parametrize(
    ("said", "text", "action"),
    [
        ("Ask jo@example.com.", "Ask {EMAIL}.", "masked"),
        (SSN, "Blocked on the way out.", "blocked"),
    ],
)
def test_answer_goes_through_the_guardrail(ask: Ask, foreign: Any, said: str, text: str, action: str) -> None:
    """What the model says is masked or stopped; its own words stay known, unseen reasoning unseen."""
    content = [ContentReasoning(reasoning="because"), ContentText(text=said)]
    message = ChatMessageAssistant(content=content, source="generate")
    choice = ChatCompletionChoice(message=message, stop_reason="max_tokens")
    foreign.says = lambda _: ModelOutput(model="m", choices=[choice])
    call = record(ask(FOREIGN, "Who?"))
    assert (call.text, call.stop_reason, call.native_stop) == (text, "guardrail_intervened", "max_tokens")
    assert call.trace.raw_outputs == (said,)
    assert findings(call) == [("output", action)]
    assert call.reasoning == ("because" if action == "masked" else "")


def test_models_own_filter_is_told_apart(ask: Ask, foreign: Any) -> None:
    """A provider's filter is no guardrail of ours, and an answer without words is not assessed."""
    message = ChatMessageAssistant(content="", source="generate")
    choice = ChatCompletionChoice(message=message, stop_reason="content_filter")
    foreign.says = lambda _: ModelOutput(model="m", choices=[choice])
    call = record(ask(FOREIGN, "Hello"))
    assert (call.stop_reason, call.trace.sides, call.trace.doubt) == ("content_filtered", ("input",), None)


def test_failing_model_is_asked_again(ask: Ask, foreign: Any) -> None:
    """The provider says which failures pass; every attempt is counted, and Inspect adds none."""
    foreign.fails[:] = [TimeoutError("slow"), TimeoutError("slow")]
    call = record(ask(FOREIGN, "Hello"))
    assert (call.error, call.attempts, call.retried) == (None, 5, ("TimeoutError", "TimeoutError"))
    assert len(foreign.shown) == 3


@pytest.mark.parametrize(
    ("failures", "error", "asked"),
    [
        ([ValueError("no such parameter")], "the model: ValueError: no such parameter", 1),
        ([TimeoutError("slow") for _ in range(9)], "the model: TimeoutError: slow", 5),
    ],
)
def test_model_that_does_not_answer_is_missing(
    ask: Ask, foreign: Any, failures: list[Exception], error: str, asked: int
) -> None:
    """What the provider calls final is asked once, what passes until patience ends; the pair is missing."""
    foreign.fails[:] = failures
    call = record(ask(FOREIGN, "Hello"))
    assert (call.error, len(foreign.shown)) == (error, asked)
    assert not call.trace.present


def test_unknown_caller_ends_the_run(ask: Ask, foreign: Any) -> None:
    """No other call would fare better where the provider does not know who asks."""
    foreign.fails[:] = [PermissionError("bad key")]
    with pytest.raises(CredentialsMissing, match="foreign/some-model cannot be asked: bad key"):
        ask(FOREIGN, "Hello")


def test_guardrail_that_does_not_exist_is_an_error(ask: Ask, foreign: Any) -> None:
    """A wrong guardrail is never a pass, and the model is not asked without one."""
    call = record(ask(FOREIGN, "Hello", change={"guardrail": {"id": "nosuchguardrail", "version": "1"}}))
    assert str(call.error).startswith("ApplyGuardrail INPUT: ")
    assert foreign.shown == []


@pytest.mark.parametrize(
    ("prompt", "text", "stop"),
    [
        ("What is a good name for a cat?", None, "end_turn"),
        (SSN, "Blocked on the way in.", "guardrail_intervened"),
        (REPEAT.format("Write to jo@example.com."), "Write to {EMAIL}.", "guardrail_intervened"),
    ],
)
def test_model_of_bedrock_is_guarded_beside(ask: Ask, prompt: str, text: str | None, stop: str) -> None:
    """A Bedrock model is asked without a guardrail in its request, and guarded from outside."""
    call = record(ask(BARE, prompt))
    assert (call.stop_reason, call.trace.doubt) == (stop, None)
    assert text is None or call.text == text


def test_bare_model_shows_no_guardrail(ask: Ask) -> None:
    """Asked alone it lets everything pass, and its record proves nothing."""
    call = record(ask("bare/us.openai.gpt-5.5", REPEAT.format("Write to jo@example.com.")))
    assert "jo@example.com" in call.text
    assert call.trace.doubt == "the answer carries no assessment by our guardrail"


@pytest.mark.parametrize("model", ["guarded/m", "control/apply-guardrail", "sidecar/bare/m"])
def test_guarded_model_is_not_guarded_again(model: str) -> None:
    """Two guardrails would be shown as one."""
    with pytest.raises(RouteError, match=r"would guard twice.*sidecar/bare/<model id>"):
        get_model(f"sidecar/{model}")


def test_model_that_does_not_exist_is_told() -> None:
    """Before the first call, with its name."""
    with pytest.raises(RouteError, match="The model nobody/x behind a sidecar cannot be asked"):
        get_model("sidecar/nobody/x")
