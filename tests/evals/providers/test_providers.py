from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from typing import Any

import anyio
import pytest
from inspect_ai.model import (
    ChatMessageSystem,
    ChatMessageTool,
    ChatMessageUser,
    ContentImage,
    GenerateConfig,
    ModelOutput,
    get_model,
)
from inspect_ai.tool import ToolInfo, ToolParam, ToolParams

from evals.bedrock.client import CredentialsMissing, EndpointSilentError
from evals.bedrock.trace import CallRecord
from evals.calls import record_of
from evals.providers.guarded import GuardedAPI
from evals.providers.output import model_output
from evals.providers.route import RouteError

pytestmark = pytest.mark.filterwarnings("ignore:The 'initial' parameter is deprecated:DeprecationWarning")

OPUS = "guarded/us.anthropic.claude-opus-4-7"
GPT = "guarded/us.openai.gpt-5.5"
CONTROL = "control/apply-guardrail"
Ask = Callable[..., ModelOutput]


def record(output: ModelOutput) -> CallRecord:
    assert output.metadata is not None
    return CallRecord.model_validate(output.metadata["call"])


@pytest.mark.parametrize("model", [OPUS, GPT])
def test_clean_prompt_is_answered(ask: Ask, model: str) -> None:
    """A model behind the guardrail answers, with tokens, trace and request id."""
    output = ask(model, "What is a good name for a cat?", max_tokens=200)
    call = record(output)
    assert output.stop_reason == "stop"
    assert output.completion == call.text != ""
    assert output.usage is not None
    assert output.usage.output_tokens == call.output_tokens > 0
    assert call.trace.doubt is None
    assert call.trace.sides == ("input", "output")
    assert output.response_id == call.request_id is not None


@pytest.mark.parametrize("model", [OPUS, GPT])
def test_blocked_input_costs_no_tokens(ask: Ask, model: str) -> None:
    """What is stopped on the way in is the guardrail's message, and no token is spent."""
    output = ask(model, "My social security number is 987-65-4320. Is it valid?")
    call = record(output)
    assert output.stop_reason == "content_filter"
    assert output.completion == "Blocked on the way in."
    assert [(finding.rule, finding.action) for finding in call.trace.findings] == [
        ("US_SOCIAL_SECURITY_NUMBER", "blocked")
    ]
    assert (call.input_tokens, call.output_tokens) == (0, 0)


def test_stop_reason_of_the_service_is_kept(ask: Ask) -> None:
    """Inspect knows one word for guardrail and provider filter; the service's own word stays beside it."""
    output = ask(OPUS, "My social security number is 987-65-4320. Is it valid?")
    details = output.choices[0].stop_details
    assert details is not None
    assert details.type == record(output).stop_reason == "guardrail_intervened"


@pytest.mark.parametrize("side", ["INPUT", "OUTPUT"])
def test_control_is_the_guardrail_alone(ask: Ask, side: str) -> None:
    """Control masks what the guardrail masks, on the side that it is asked about."""
    output = ask(CONTROL, "Write to jo@example.com please.", change={"side": side})
    call = record(output)
    assert call.operation == "ApplyGuardrail"
    assert output.completion == "Write to {EMAIL} please."
    assert [(finding.side, finding.action) for finding in call.trace.findings] == [(side.lower(), "masked")]
    assert call.trace.version == "1"


def test_control_lets_clean_text_pass(ask: Ask) -> None:
    """Where nothing is found the text is what was sent."""
    output = ask(CONTROL, "Good morning.", change={"side": "INPUT"})
    assert (output.completion, output.stop_reason) == ("Good morning.", "stop")
    assert record(output).trace.doubt is None


def test_short_answer_says_that_it_was_cut(ask: Ask) -> None:
    """A token limit reaches the model, and its stop reason comes back."""
    output = ask(OPUS, "Tell me about the history of tea in Europe.", max_tokens=5)
    assert output.stop_reason == "max_tokens"
    assert record(output).sent == {"maxTokens": 5}


def test_refused_parameter_is_an_error_of_the_call(ask: Ask) -> None:
    """What the model refuses is recorded, and does not end the run."""
    output = ask(OPUS, "Hello", temperature=0.5)
    call = record(output)
    assert call.error is not None
    assert call.error.startswith("ValidationException: ")
    assert "temperature" in call.error
    assert call.attempts == 1
    assert call.sent == {"temperature": 0.5}
    assert (output.stop_reason, output.completion, output.error) == ("unknown", "", call.error)


def test_unknown_model_is_an_error_of_the_call(ask: Ask) -> None:
    """A model that does not exist costs its pairs; the message is the service's."""
    assert str(record(ask("guarded/nobody.model-1", "Hello")).error).startswith("ValidationException: ")


def test_guardrail_that_does_not_exist_is_an_error_of_the_call(ask: Ask) -> None:
    """A wrong guardrail is never a pass."""
    call = record(ask(OPUS, "Hello", change={"guardrail": {"id": "nosuchguardrail", "version": "1"}}))
    assert call.error is not None
    assert not call.trace.present


def test_system_message_reaches_the_guardrail(ask: Ask) -> None:
    """A system message goes to `system`, which the guardrail assesses too."""
    chat = [ChatMessageSystem(content="SSN 987-65-4320"), ChatMessageUser(content="Hello")]
    assert record(ask(OPUS, chat)).stop_reason == "guardrail_intervened"


def test_epochs_reach_the_service(ask: Ask) -> None:
    """The same prompt is answered anew in another epoch, and alike in the same one."""
    prompt = "Please repeat this.\n<text>The ledger number is 20-441-7.</text>"
    answers = {
        epoch: [record(ask(GPT, prompt, change={"epoch": epoch})).text for _ in range(2)]
        for epoch in range(1, 13)
    }
    assert all(once == again for once, again in answers.values())
    assert len({once for once, _ in answers.values()}) > 1


@pytest.mark.parametrize("operation", ["converse", "converse_stream", "invoke", "invoke_stream"])
def test_run_arm_and_case_go_into_the_invocation_log(route: dict[str, Any], operation: str) -> None:
    """By them the account's own log can prove that no call was left out; the service takes 16 entries."""
    told = {"run": "0f3c", "arm": "candidate", "case": "pii-email-01"}
    config = GenerateConfig(extra_body={"parity": {**route, "route": operation, "metadata": told}})

    async def call() -> Any:
        return await get_model(GPT).api.generate([ChatMessageUser(content="Hello")], [], "none", config)

    _, made = anyio.run(call)
    sent = made.request["requestMetadata"]
    assert (json.loads(sent) if isinstance(sent, str) else sent) == {**told, "epoch": "1"}


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"guardrail": None}, "guardrail: "),
        ({"guardrail": {"id": "abc", "version": "DRAFT"}}, "guardrail.version: "),
        ({"epoch": 0}, "epoch: "),
        ({"cut": "half"}, "cut: "),
        ({"typo": 1}, "typo: "),
        ({"side": "input"}, "side: "),
    ],
)
def test_wrong_route_is_raised(ask: Ask, change: dict[str, Any], message: str) -> None:
    """A call that says the wrong thing is the run's fault; the message names the key."""
    with pytest.raises(RouteError, match=r'extra_body\["parity"\] is not valid: ' + message):
        ask(OPUS, "Hello", change=change)


@pytest.mark.parametrize("extra_body", [None, {}, {"other": 1}, {"parity": {}, "other": 1}])
def test_call_without_a_route_is_raised(extra_body: dict[str, Any] | None) -> None:
    """Called from elsewhere, a model says who fills in its route."""
    with pytest.raises(RouteError, match=r"tasks of evals/"):
        anyio.run(lambda: get_model(OPUS).generate("Hello", config=GenerateConfig(extra_body=extra_body)))


def test_control_needs_a_side(ask: Ask) -> None:
    """For the guardrail alone it matters whose words they are."""
    with pytest.raises(RouteError, match="control needs INPUT or OUTPUT"):
        ask(CONTROL, "Hello")


@pytest.mark.parametrize(
    ("name", "value"), [("seed", 1), ("top_k", 5), ("reasoning_effort", "high"), ("num_choices", 2)]
)
def test_parameter_that_is_not_sent_is_refused(ask: Ask, name: str, value: Any) -> None:
    """What would be logged as if it had been sent is refused by name."""
    with pytest.raises(RouteError, match=f"{name} cannot be sent.*max_tokens, temperature"):
        ask(OPUS, "Hello", **{name: value})


def test_tools_are_offered(route: dict[str, Any]) -> None:
    """A tool goes to the model as it is described, and what the model sends to it is recorded apart."""
    note = ToolParams(properties={"note": ToolParam(type="string")}, required=["note"])
    tool = ToolInfo(name="save_note", description="Keeps a text.", parameters=note)
    config = GenerateConfig(extra_body={"parity": route})
    prompt = "Call save_note with this text. <text>The path is wet.</text>"

    output = anyio.run(lambda: get_model(OPUS).generate(prompt, tools=[tool], config=config))

    call = record_of(output)
    assert (call.stop_reason, call.tool_arguments) == ("tool_use", '{"note": "The path is wet."}')


@pytest.mark.parametrize(
    "message",
    [
        ChatMessageTool(content="result", function="search"),
        ChatMessageUser(content=[ContentImage(image="data:image/png;base64,iVBORw0KGgo=")]),
    ],
)
def test_other_content_is_refused(ask: Ask, message: Any) -> None:
    """Only text is sent; anything else is refused by its kind."""
    with pytest.raises(RouteError, match="cannot be sent"):
        ask(OPUS, [message])


def test_silent_endpoint_is_raised(ask: Ask) -> None:
    """A run whose endpoint is not there cannot measure anything."""
    with pytest.raises(EndpointSilentError, match=r"Nothing answers at http://127\.0\.0\.1:9 "):
        ask(OPUS, "Hello", change={"endpoint_url": "http://127.0.0.1:9"})


def test_missing_credentials_are_raised(ask: Ask, monkeypatch: pytest.MonkeyPatch, tmp_path: Any) -> None:
    """Against AWS without an account the run ends with what is missing."""
    import os

    for name in [name for name in os.environ if name.startswith("AWS_") and name != "AWS_CA_BUNDLE"]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("AWS_CONFIG_FILE", str(tmp_path / "config"))
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(tmp_path / "credentials"))
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    with pytest.raises(CredentialsMissing, match="AWS_BEARER_TOKEN_BEDROCK"):
        ask(OPUS, "Hello", change={"endpoint_url": None, "region": "eu-west-3"})


def test_reasoning_is_shown_as_reasoning() -> None:
    """Inspect's viewer shows readable reasoning apart from the answer."""
    answered = CallRecord(operation="Converse", stop_reason="end_turn", text="so", reasoning="because")
    output = model_output("m", answered)
    assert output.completion == "so"
    assert [part.type for part in output.message.content if not isinstance(part, str)] == [
        "reasoning",
        "text",
    ]


def test_each_model_has_its_own_limit() -> None:
    """Quotas are counted per model, so one arm's connections do not count against the other's."""
    assert GuardedAPI("a").connection_key() != GuardedAPI("b").connection_key()


def test_many_calls_at_once_are_all_answered(route: dict[str, Any]) -> None:
    """A hundred calls in flight over three arms come back, each with its own trace."""
    config = GenerateConfig(extra_body={"parity": {**route, "side": "INPUT"}}, max_connections=100)

    async def run() -> list[CallRecord]:
        records: list[CallRecord] = []

        async def one(model: str, number: int) -> None:
            prompt = f"Message {number} to jo{number}@example.com"
            records.append(record(await get_model(model).generate(prompt, config=config, cache=False)))

        async with anyio.create_task_group() as group:
            for number in range(34):
                for model in (OPUS, GPT, CONTROL):
                    group.start_soon(one, model, number)
        return records

    records = anyio.run(run)
    assert len(records) == 102
    assert all(each.error is None and each.trace.doubt is None for each in records)


def test_registration_imports_no_boto3() -> None:
    """Inspect imports the registry on every start, so it has to be light."""
    program = (
        "import sys, evals._registry; sys.exit('boto3' in sys.modules or 'evals.bedrock' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", program]).returncode == 0
