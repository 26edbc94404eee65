from __future__ import annotations

from collections.abc import Callable
from typing import Any

import anyio
import pytest
from inspect_ai.model import ChatMessageSystem, ChatMessageUser, GenerateConfig, ModelOutput, get_model

from evals.providers import admission

pytestmark = pytest.mark.filterwarnings("ignore:The 'initial' parameter is deprecated:DeprecationWarning")

GPT = "guarded/us.openai.gpt-5.5"
CONTROL = "control/apply-guardrail"
RATES = {"quotas": {"requests": 4, "apply_guardrail": 5, "text_units": 6}}
REPEAT = "Please repeat the following text exactly as it is.\n<text>{}</text>"
Ask = Callable[..., ModelOutput]


@pytest.fixture
def taken(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, float, float]]:
    """What was taken of which quota, at which rate, instead of any waiting."""
    seen: list[tuple[str, float, float]] = []

    class Recorded:
        def __init__(self, name: str, rate: float) -> None:
            self.name, self.rate = name.rpartition("|")[2], rate

        def take(self, cost: float) -> None:
            seen.append((self.name, self.rate, cost))

        async def wait(self, cost: float) -> None:
            self.take(cost)

    monkeypatch.setattr(admission, "_quota", Recorded)
    return seen


def test_model_call_takes_a_request_and_its_units(ask: Ask, taken: list[Any]) -> None:
    """One request of the model's, what the guardrail reads on the way in, and afterwards what it heard."""
    chat = [
        ChatMessageSystem(content="x" * 900),
        ChatMessageUser(content=REPEAT.format("We meet on Thursday. " * 60)),
    ]
    ask(GPT, chat, change=RATES)
    assert taken == [("us.openai.gpt-5.5", 4, 1), ("text-units", 6, 3), ("text-units", 6, 2)]


def test_control_takes_from_the_guardrails_own_quota(ask: Ask, taken: list[Any]) -> None:
    """ApplyGuardrail is counted apart from any model, its units together with theirs."""
    ask(CONTROL, "x" * 1001, change={"side": "INPUT", **RATES})
    assert taken == [("apply-guardrail", 5, 1), ("text-units", 6, 2)]


def test_sidecar_takes_from_all(ask: Ask, taken: list[Any], foreign: Any) -> None:
    """Twice the guardrail, and the model between, with no units of its own; each attempt counts."""
    foreign.fails[:] = [TimeoutError("slow")]
    ask("sidecar/foreign/m", "Hello", change=RATES)
    assert [name for name, _, _ in taken] == [
        "apply-guardrail",
        "text-units",
        "foreign/m",
        "foreign/m",
        "apply-guardrail",
        "text-units",
    ]


def test_bare_model_costs_no_units(ask: Ask, taken: list[Any]) -> None:
    """No guardrail reads what it is asked by its own request."""
    ask("bare/us.openai.gpt-5.5", "Hello", change=RATES)
    assert taken == [("us.openai.gpt-5.5", 4, 1)]


@pytest.mark.parametrize("quotas", [None, {"apply_guardrail": 5}])
def test_nothing_is_taken_where_no_rate_is_set(ask: Ask, taken: list[Any], quotas: Any) -> None:
    """Without a rate in the arms file a call waits for nothing."""
    ask(GPT, "Hello", change={"quotas": quotas})
    assert taken == []


def test_quota_is_waited_for(route: dict[str, Any]) -> None:
    """Against a real clock: three calls at ten a second take two tenths, whatever else they take."""
    settings = GenerateConfig(extra_body={"parity": {**route, "quotas": {"requests": 10}}})

    async def three() -> float:
        model = get_model("bare/us.openai.gpt-5.5")
        begun = anyio.current_time()
        async with anyio.create_task_group() as group:
            for number in range(3):
                group.start_soon(lambda n: model.generate(f"Hello {n}", config=settings, cache=False), number)
        return anyio.current_time() - begun

    assert anyio.run(three) >= 0.2
