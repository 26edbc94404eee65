"""One local Bedrock whose profiles go wrong in different ways, asked by boto3 and by our own providers."""

from __future__ import annotations

import itertools
import json
from contextlib import ExitStack
from dataclasses import dataclass
from typing import Any

import anyio
import boto3
import pytest
from botocore.config import Config
from inspect_ai.model import GenerateConfig, get_model

from evals.bedrock import deployment
from evals.bedrock.client import close_clients
from evals.calls import record_of
from evals.observe import observe
from evals.rehearsal import child
from evals.subject import Subject
from suites.case import CUTS
from suites.policy import Policy
from suites.rules import PiiRule

POLICY = Policy(
    name="plays",
    blocked_input="Stopped on the way in.",
    blocked_output="Stopped on the way out.",
    pii=(PiiRule(type="EMAIL", action="mask"),),
    words=("krakatoa",),
)
FAULTS = """
faults:
  - {kind: no_trace, models: [eu.anthropic.claude-opus-4-7]}
  - {kind: no_detected, models: [jp.anthropic.claude-opus-4-7]}
  - {kind: no_entries, models: [au.anthropic.claude-opus-4-7]}
  - {kind: filtered, models: [global.anthropic.claude-opus-4-7]}
  - {kind: no_units, models: [global.openai.gpt-5.5]}
"""
"""By inference profile, so that one service goes wrong in all these ways at once."""


@dataclass(frozen=True)
class Bedrock:
    """A local Bedrock and the three cuts of a small policy there."""

    url: str
    runtime: Any
    """boto3's client, without repetitions, as anybody makes one."""
    guardrails: dict[str, Any]

    def settings(self, cut: str = "full", trace: str = "enabled") -> dict[str, str]:
        """Converse's guardrailConfig."""
        named = self.guardrails[cut]
        return {"guardrailIdentifier": named.id, "guardrailVersion": named.version, "trace": trace}

    def headers(self, cut: str = "full") -> dict[str, str]:
        """InvokeModel's."""
        return self.settings(cut) | {"trace": "ENABLED"}

    @staticmethod
    def said(*blocks: Any, role: str = "user") -> dict[str, Any]:
        """A message of Converse's."""
        content = [{"text": each} if isinstance(each, str) else each for each in blocks]
        return {"role": role, "content": content}

    def converse(self, model: str, text: str, **more: Any) -> dict[str, Any]:
        """Bare boto3; behind the full cut unless `guardrailConfig` says otherwise."""
        request = {"messages": [self.said(text)], "guardrailConfig": self.settings()} | more
        return dict(self.runtime.converse(modelId=model, **request))

    def invoke(self, model: str, text: str, **more: Any) -> dict[str, Any]:
        """Bare boto3 in the language of the model's family."""
        body: dict[str, Any] = {"messages": [{"role": "user", "content": text}]}
        if "claude" in model:
            body |= {"anthropic_version": "bedrock-2023-05-31", "max_tokens": 500}
        answer = self.runtime.invoke_model(modelId=model, body=json.dumps(body), **(self.headers() | more))
        return dict(json.loads(answer["body"].read()))


@pytest.fixture(scope="session")
def policy():
    """What the guardrails here are told to do."""
    return POLICY


@pytest.fixture(scope="session")
def started():
    """Starts a local Bedrock with a file of faults, and deploys the policy there."""
    numbers = itertools.count()
    with ExitStack() as stack:

        def start(faults, folder):
            path = folder / f"faults-{next(numbers)}.yaml"
            path.write_text(faults)
            url = stack.enter_context(child.start(faults=path)).endpoint_url
            made = {
                cut: deployment.deploy(POLICY, cut, endpoint_url=url, region="us-east-1").reference
                for cut in CUTS
            }
            session = boto3.Session(
                aws_access_key_id="any", aws_secret_access_key="any", region_name="us-east-1"
            )
            once = Config(retries={"total_max_attempts": 1})
            runtime = session.client("bedrock-runtime", endpoint_url=url, config=once)
            stack.callback(runtime.close)
            return Bedrock(url, runtime, made)

        yield start
    close_clients()


@pytest.fixture(scope="session")
def bedrock(started, tmp_path_factory):
    """The one with the profiles that go wrong."""
    return started(FAULTS, tmp_path_factory.mktemp("faults"))


@pytest.fixture(scope="session")
def ask():
    """Ask a model as an arm does; gives the record of the call."""

    def run(bedrock, model, prompt, *, cut="full", cache=False, config=None, route=None, **change):
        named = bedrock.guardrails[cut]
        settings = {
            "endpoint_url": bedrock.url,
            "region": "us-east-1",
            "guardrail": {"id": named.id, "version": named.version},
            "epoch": 1,
            "cut": cut,
            **({"route": route} if route else {}),
            **change,
        }
        asked = GenerateConfig(extra_body={"parity": settings}, **({"max_tokens": 500} | (config or {})))
        provider = model if "/" in model else f"guarded/{model}"

        async def generate():
            return await get_model(provider).generate(prompt, config=asked, cache=cache)

        return record_of(anyio.run(generate))

    return run


@pytest.fixture(scope="session")
def judged():
    """What a call is taken for, about a case that says what had to happen."""

    def see(bedrock, call, *, cut="full", **facts):
        case = {
            "expectation": "protect",
            "side": "input",
            "policy": "word",
            "action": "block",
            "payload": "krakatoa",
        } | facts
        return observe(Subject(**case), call, bedrock.guardrails[cut])

    return see
