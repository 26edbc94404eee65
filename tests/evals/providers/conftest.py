"""A rehearsal with one small guardrail, and calls as Inspect's users make them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, ClassVar

import anyio
import pytest
from inspect_ai.model import GenerateConfig, ModelAPI, ModelOutput, ModelUsage, get_model, modelapi

from evals.bedrock import deployment
from evals.bedrock.client import close_clients
from evals.rehearsal import child
from suites.arms import GuardrailRef
from suites.policy import Policy
from suites.rules import PiiRule

POLICY = Policy(
    name="unit",
    blocked_input="Blocked on the way in.",
    blocked_output="Blocked on the way out.",
    pii=(
        PiiRule(type="EMAIL", action="mask"),
        PiiRule(type="US_SOCIAL_SECURITY_NUMBER", action="block"),
    ),
)


@pytest.fixture(scope="session")
def endpoint_url() -> Iterator[str]:
    """A rehearsal for all tests of this folder."""
    with child.start() as rehearsal:
        yield rehearsal.endpoint_url
    close_clients()


@pytest.fixture(scope="session")
def guardrail(endpoint_url: str) -> GuardrailRef:
    """The deployed policy."""
    return deployment.deploy(POLICY, "full", endpoint_url=endpoint_url, region="us-east-1").reference


@pytest.fixture(scope="session")
def on_output(endpoint_url: str) -> GuardrailRef:
    """The same policy on the way out alone, so that the model receives and emits what is to be caught."""
    return deployment.deploy(POLICY, "output", endpoint_url=endpoint_url, region="us-east-1").reference


@pytest.fixture
def route(endpoint_url: str, guardrail: GuardrailRef) -> dict[str, Any]:
    """What goes with each call."""
    return {
        "endpoint_url": endpoint_url,
        "region": "us-east-1",
        "guardrail": {"id": guardrail.id, "version": guardrail.version},
        "epoch": 1,
        "cut": "full",
    }


@pytest.fixture
def ask(route: dict[str, Any]) -> Callable[..., ModelOutput]:
    """Ask a model by its name, as a user of Inspect does."""

    def run(model: str, prompt: Any, *, change: dict[str, Any] | None = None, **config: Any) -> ModelOutput:
        settings = GenerateConfig(extra_body={"parity": {**route, **(change or {})}}, **config)

        async def generate() -> ModelOutput:
            return await get_model(model).generate(prompt, config=settings, cache=False)

        return anyio.run(generate)

    return run


class Foreign(ModelAPI):
    """A model of another provider: gives back what it was shown, after failing as often as it is told to."""

    shown: ClassVar[list[Any]] = []
    fails: ClassVar[list[Exception]] = []
    says: ClassVar[Callable[[list[Any]], ModelOutput] | None] = None

    async def generate(self, input, tools, tool_choice, config):  # noqa: A002, ARG002 - Inspect's names
        Foreign.shown.append((input, tools, config))
        if Foreign.fails:
            raise Foreign.fails.pop(0)
        if Foreign.says:
            return Foreign.says(input)
        output = ModelOutput.from_content(self.model_name, f"You wrote: {input[-1].text}")
        output.usage = ModelUsage(input_tokens=7, output_tokens=4, total_tokens=11)
        return output

    def should_retry(self, ex: BaseException) -> bool:
        return isinstance(ex, TimeoutError)

    def is_auth_failure(self, ex: Exception) -> bool:
        return isinstance(ex, PermissionError)


@modelapi(name="foreign")
def foreign_api() -> type[ModelAPI]:
    return Foreign


@pytest.fixture
def foreign() -> type[Foreign]:
    """The other provider, without any script yet."""
    Foreign.shown.clear()
    Foreign.fails.clear()
    Foreign.says = None
    return Foreign
