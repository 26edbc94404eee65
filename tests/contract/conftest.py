"""One account under contract: the local stand-in, and AWS where somebody asks for it.

    PARITY_CONTRACT_AWS=us-east-1 pytest tests/contract

creates guardrails in that region of the account that boto3 finds, calls both models some fifty times, and
deletes what it made. It costs a few cents and is never done unasked. PARITY_CONTRACT_MODELS names other
models, separated by a comma: a Claude, then a GPT.
"""

from __future__ import annotations

import json
import os
import time
import uuid
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from typing import Any

import boto3
import pytest

from evals.rehearsal import child

AWS_REGION = os.environ.get("PARITY_CONTRACT_AWS")
MODELS = os.environ.get("PARITY_CONTRACT_MODELS", "us.anthropic.claude-opus-4-7,us.openai.gpt-5.5").split(",")
BLOCKED = "zqxcanary"
"""A word that no model says unasked."""
CANNED = {"blockedInputMessaging": "Input stopped.", "blockedOutputsMessaging": "Output stopped."}
_READY_WITHIN_S = 60
_KEYS = {"aws_access_key_id": "any", "aws_secret_access_key": "any"}


def _user(text: str) -> dict[str, Any]:
    return {"role": "user", "content": [{"text": text}]}


@dataclass(frozen=True)
class Guardrail:
    """A published guardrail."""

    id: str
    version: str = "1"

    @property
    def named(self) -> dict[str, str]:
        """How requests name it."""
        return {"guardrailIdentifier": self.id, "guardrailVersion": self.version}

    @property
    def traced(self) -> dict[str, str]:
        """The guardrailConfig of Converse, with a trace."""
        return {**self.named, "trace": "enabled"}


@dataclass
class Account:
    """An account with Bedrock in it."""

    local: bool
    claude: str
    """The Claude under contract."""
    gpt: str
    control: Any
    runtime: Any
    _made: list[str] = field(default_factory=list)

    def guardrail(self, **policies: Any) -> Guardrail:
        """Create and publish a guardrail, and wait until it can be used."""
        name = f"contract-{uuid.uuid4().hex[:12]}"
        identifier = self.control.create_guardrail(name=name, **CANNED, **policies)["guardrailId"]
        self._made.append(identifier)
        self._wait(identifier)
        version = self.control.create_guardrail_version(guardrailIdentifier=identifier)["version"]
        self._wait(identifier, guardrailVersion=version)
        return Guardrail(identifier, version)

    def _wait(self, identifier: str, **version: str) -> None:
        until = time.monotonic() + _READY_WITHIN_S
        while self.control.get_guardrail(guardrailIdentifier=identifier, **version)["status"] != "READY":
            assert time.monotonic() < until, f"guardrail {identifier} is not ready"
            time.sleep(1)

    def clean(self) -> None:
        """Delete every guardrail that was made here."""
        for identifier in self._made:
            self.control.delete_guardrail(guardrailIdentifier=identifier)

    def converse(self, model: str, text: str, guardrail: Guardrail | None = None, **more: Any) -> Any:
        """One call of Converse."""
        request = {"modelId": model, "messages": [_user(text)]} | more
        if guardrail:
            request.setdefault("guardrailConfig", guardrail.traced)
        return self.runtime.converse(**request)

    def stream(self, model: str, text: str, guardrail: Guardrail, **more: Any) -> list[dict[str, Any]]:
        """The events of one call of ConverseStream."""
        stream = self.runtime.converse_stream(
            modelId=model, messages=[_user(text)], guardrailConfig={**guardrail.traced, **more}
        )["stream"]
        try:
            return list(stream)
        finally:
            stream.close()

    def invoke(self, body: dict[str, Any], guardrail: Guardrail | None = None, **more: Any) -> Any:
        """One call of InvokeModel, of the Claude."""
        named = {**guardrail.named, "trace": "ENABLED"} if guardrail else {}
        answer = self.runtime.invoke_model(modelId=self.claude, body=json.dumps(body), **named, **more)
        return json.loads(answer["body"].read())

    def apply(self, guardrail: Guardrail, text: str, source: str = "INPUT") -> Any:
        """One call of ApplyGuardrail."""
        return self.runtime.apply_guardrail(
            **guardrail.named, source=source, content=[{"text": {"text": text}}]
        )


@pytest.fixture(scope="session", params=["rehearsal", "aws"])
def account(request: pytest.FixtureRequest) -> Iterator[Account]:
    """Each account in its turn; AWS only where it is asked for."""
    with ExitStack() as stack:
        if request.param == "aws":
            if not AWS_REGION:
                pytest.skip("PARITY_CONTRACT_AWS names no region: AWS is not asked")
            where: dict[str, Any] = {"region_name": AWS_REGION}
        else:
            local = stack.enter_context(child.start())
            where = {"region_name": "us-east-1", "endpoint_url": local.endpoint_url, **_KEYS}
        clients = [boto3.client(service, **where) for service in ("bedrock", "bedrock-runtime")]
        for client in clients:
            stack.callback(client.close)
        made = Account(request.param == "rehearsal", *MODELS, *clients)
        stack.callback(made.clean)
        yield made


@pytest.fixture(scope="session")
def blocking(account: Account) -> Guardrail:
    """Blocks one word, both ways."""
    return account.guardrail(wordPolicyConfig={"wordsConfig": [{"text": BLOCKED}]})


@pytest.fixture(scope="session")
def blocking_output(account: Account) -> Guardrail:
    """Blocks the word in answers alone."""
    word = {"text": BLOCKED, "inputEnabled": False, "outputEnabled": True}
    return account.guardrail(wordPolicyConfig={"wordsConfig": [word]})


@pytest.fixture(scope="session")
def masking(account: Account) -> Guardrail:
    """Masks addresses, both ways."""
    entity = {"type": "EMAIL", "action": "ANONYMIZE"}
    return account.guardrail(sensitiveInformationPolicyConfig={"piiEntitiesConfig": [entity]})


@pytest.fixture(scope="session")
def local(account: Account) -> Account:
    """The stand-in alone, for clients that are not to be tried on AWS."""
    if not account.local:
        pytest.skip("other projects' clients are tried on the stand-in alone")
    return account


@pytest.fixture(scope="session")
def nobody() -> Guardrail:
    """A guardrail that does not exist."""
    return Guardrail("nosuchguard0")


@pytest.fixture(params=["claude", "gpt"])
def model(request: pytest.FixtureRequest, account: Account) -> str:
    """Each of the two models in its turn."""
    return str(getattr(account, request.param))
