from collections.abc import Callable
from typing import Any

import pytest

from evals.rehearsal import models

OPUS = "us.anthropic.claude-opus-4-7"
GPT = "us.openai.gpt-5.5"


@pytest.fixture(params=[OPUS, GPT])
def model_id(request: pytest.FixtureRequest) -> str:
    """Each of the two stand-in models."""
    return str(request.param)


@pytest.fixture
def ask() -> Callable[..., models.Reply]:
    """Send one user message to a model."""

    def send(model_id: str, prompt: str, *, seed: int = 0, epoch: int = 1, **request: Any) -> models.Reply:
        return models.reply(
            model_id,
            messages=[{"role": "user", "content": [{"text": prompt}]}],
            system=request.get("system", []),
            inference=request.get("inference", {}),
            extra=request.get("extra", {}),
            seed=seed,
            epoch=epoch,
        )

    return send


@pytest.fixture
def text_of() -> Callable[[models.Reply], str]:
    """The text of a reply, without reasoning."""
    return lambda reply: "\n".join(block["text"] for block in reply.content if "text" in block)


@pytest.fixture
def reasoning_of() -> Callable[[models.Reply], str]:
    """The readable reasoning of a reply, empty where there is none."""
    return lambda reply: "\n".join(
        block["reasoningContent"].get("reasoningText", {}).get("text", "")
        for block in reply.content
        if "reasoningContent" in block
    )
