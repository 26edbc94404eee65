"""Every route through Inspect, boto3 and HTTP to the local Bedrock and back, for both models."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from inspect_ai.model import (
    ChatMessage,
    ChatMessageAssistant,
    ChatMessageSystem,
    ChatMessageTool,
    ChatMessageUser,
    ModelOutput,
)
from inspect_ai.tool import ToolCall

from evals.bedrock import deployment
from evals.bedrock.trace import CallRecord
from evals.observe import heard
from evals.rehearsal import child
from suites.arms import GuardrailRef
from suites.policy import Policy
from suites.rules import PiiRule

POLICY = Policy(
    name="breaking",
    blocked_input="Blocked on the way in.",
    blocked_output="Blocked on the way out.",
    pii=(PiiRule(type="US_SOCIAL_SECURITY_NUMBER", action="block"),),
)
pytestmark = pytest.mark.filterwarnings("ignore:The 'initial' parameter is deprecated:DeprecationWarning")

MODELS = ("us.anthropic.claude-opus-4-7", "us.openai.gpt-5.5")
ROUTES = {
    "converse": {"route": "converse"},
    "converse_stream sync": {"route": "converse_stream", "stream": "sync"},
    "converse_stream async": {"route": "converse_stream", "stream": "async"},
    "invoke": {"route": "invoke"},
    "invoke_stream sync": {"route": "invoke_stream", "stream": "sync"},
    "invoke_stream async": {"route": "invoke_stream", "stream": "async"},
    "sidecar": {},
}
SSN = "987-65-4320"
REPEAT = "Please repeat the following text exactly as it is.\n<text>{}</text>"
LONG = f"{'We met on Thursday in the large room. ' * 12}SSN {SSN} of jo. {'The agenda is as before. ' * 10}"
Call = Callable[..., CallRecord]


@pytest.fixture
def call(ask: Callable[..., ModelOutput], on_output: GuardrailRef) -> Call:
    """Ask a model by a route; `cut` says which guardrail stands there."""

    def run(model: str, way: str, prompt: Any, cut: str = "full", **more: Any) -> CallRecord:
        change: dict[str, Any] = dict(ROUTES[way])
        if cut == "output":
            change |= {"guardrail": on_output.model_dump(exclude_none=True), "cut": cut}
        change |= more
        name = f"sidecar/bare/{model}" if way == "sidecar" else f"guarded/{model}"
        output = ask(name, prompt, change=change, max_tokens=1000)
        assert output.metadata is not None
        return CallRecord.model_validate(output.metadata["call"])

    return run


@pytest.mark.parametrize("way", ROUTES)
@pytest.mark.parametrize("model", MODELS)
def test_clean_prompt_is_answered_on_evidence(call: Call, model: str, way: str) -> None:
    """Both sides are shown to be assessed, and the guardrail's id comes back."""
    made = call(model, way, "What is a good name for a cat?")
    assert (made.error, made.stop_reason, made.trace.doubt) == (None, "end_turn", None)
    assert made.trace.sides == ("input", "output")
    assert made.text == "".join(made.trace.raw_outputs)
    assert made.output_tokens > 0


@pytest.mark.parametrize("way", ROUTES)
@pytest.mark.parametrize("model", MODELS)
def test_blocked_input_never_reaches_the_model(call: Call, model: str, way: str) -> None:
    """It ends as blocked by every route, also where the answer looks like any other, and costs no token."""
    made = call(model, way, f"My social security number is {SSN}. Is it valid?")
    assert (made.stop_reason, made.text) == ("guardrail_intervened", "Blocked on the way in.")
    assert [(each.side, each.action) for each in made.trace.findings] == [("input", "blocked")]
    assert (made.input_tokens, made.output_tokens, made.trace.doubt) == (0, 0, None)


@pytest.mark.parametrize("way", ROUTES)
@pytest.mark.parametrize("model", MODELS)
def test_output_is_masked_save_in_async_streams(call: Call, model: str, way: str) -> None:
    """An asynchronous guardrail says that it masked, and the user reads the address."""
    made = call(model, way, REPEAT.format("Write to jo@example.com soon."), "output")
    assert {(each.side, each.action) for each in made.trace.findings} == {("output", "masked")}
    assert ("jo@example.com" in made.text) == way.endswith("async")
    assert "jo@example.com" in "".join(made.trace.raw_outputs)


@pytest.mark.parametrize("way", ROUTES)
@pytest.mark.parametrize("model", MODELS)
def test_block_comes_too_late_in_async_streams_alone(call: Call, model: str, way: str) -> None:
    """What was shown before the guardrail's message is known, piece by piece; elsewhere nothing was."""
    made = call(model, way, REPEAT.format(LONG), "output")
    assert made.stop_reason == "guardrail_intervened"
    assert made.text.endswith("Blocked on the way out.")
    assert (SSN in made.text) == (SSN in made.shown_before_block) == way.endswith("async")
    if "stream" in way:
        assert made.intervened_at == len(made.chunk_ends) - 1


@pytest.fixture(scope="module")
def breaking(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, dict[str, Any]]]:
    """A local Bedrock that breaks the first stream of each operation, and a guardrail on the output there."""
    faults = tmp_path_factory.mktemp("faults") / "faults.yaml"
    kinds = [
        f"{{kind: stream_reset, operations: [{each}], frames: 20, during: 1}}"
        for each in ("ConverseStream", "InvokeModelWithResponseStream")
    ]
    faults.write_text(f"faults: [{', '.join(kinds)}]")
    with child.start(faults=faults) as service:
        deployed = deployment.deploy(POLICY, "output", endpoint_url=service.endpoint_url, region="us-east-1")
        yield service.endpoint_url, deployed.reference.model_dump(exclude_none=True)


@pytest.mark.parametrize("way", ["converse_stream async", "invoke_stream async"])
def test_what_a_broken_stream_showed_is_kept_for_the_judges(call: Call, breaking: Any, way: str) -> None:
    """The words came before the break, and no block stopped them; they are judged ahead of the answer."""
    endpoint_url, guardrail = breaking
    change = {"endpoint_url": endpoint_url, "guardrail": guardrail}
    made = call(MODELS[0], way, REPEAT.format(LONG), "output", **change)
    shown, said = heard(made)
    assert (made.attempts, made.retried) == (2, ("BrokenStreamError",))
    assert "We met on Thursday" in shown
    assert said.startswith(shown)


@pytest.mark.parametrize("way", ROUTES)
@pytest.mark.parametrize("model", MODELS)
def test_result_of_a_tool_goes_by_every_route(call: Call, model: str, way: str) -> None:
    """System prompt, call and result arrive in each route's own shape, and the guardrail reads them."""
    chat: list[ChatMessage] = [
        ChatMessageSystem(content="You work with mail."),
        ChatMessageUser(content="Look into my mail."),
        ChatMessageAssistant(content="", tool_calls=[ToolCall(id="c1", function="mail", arguments={"n": 1})]),
        ChatMessageTool(content="<text>Write to jo@example.com soon.</text>", tool_call_id="c1"),
        ChatMessageUser(content="Please repeat the text exactly as it is."),
    ]
    made = call(model, way, chat)
    assert made.error is None
    assert {(each.side, each.action) for each in made.trace.findings} == {("input", "masked")}
    assert "jo@example.com" not in made.text
