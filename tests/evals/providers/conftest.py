"""A rehearsal with one small guardrail, and calls as Inspect's users make them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import anyio
import pytest
from inspect_ai.model import GenerateConfig, ModelOutput, get_model

from evals.bedrock import guardrails
from evals.bedrock.client import close_clients
from evals.rehearsal import child
from suites.arms import GuardrailRef
from suites.policy import PiiRule, Policy

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
    return guardrails.deploy(POLICY, "full", endpoint_url=endpoint_url, region="us-east-1")


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
