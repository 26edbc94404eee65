"""A stand-in as a child process, boto3 clients for it, and a watch over everything it answers."""

from __future__ import annotations

import http.client
import itertools
import json
import threading
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager
from dataclasses import dataclass
from typing import Any

import boto3
import pytest
import uvicorn
from botocore.config import Config

from evals.rehearsal import child, service, wire
from evals.rehearsal.application import Application, Settings
from evals.rehearsal.constraints import validate

_API = wire.load()
_NUMBERS = itertools.count(1)

WORD = {"wordsConfig": [{"text": "krakatoa"}]}
"""A policy that blocks one word."""
EMAIL = {"piiEntitiesConfig": [{"type": "EMAIL", "action": "ANONYMIZE"}]}
"""A policy that masks addresses."""


def _answers_like_aws(operation_model: Any, response_dict: dict[str, Any], **_: Any) -> None:
    """Every success that a test sees keeps the output shape of its operation."""
    if response_dict["status_code"] < 300:
        operation = _API.operations[operation_model.name]
        assert response_dict["status_code"] == operation.status
        if isinstance(response_dict["body"], bytes) and len(response_dict["body"]) < int(
            response_dict["headers"].get("content-length", 0)
        ):
            return  # cut on purpose
        if not (operation_model.has_streaming_output or operation_model.has_event_stream_output):
            validate(operation.output, json.loads(response_dict["body"]))


def _events(operation: str, stream: Any) -> list[dict[str, Any]]:
    """The events of a stream to its end, each in its shape."""
    output = _API.operations[operation].output
    shape = output.members["stream" if operation == "ConverseStream" else "body"]
    try:
        events = list(stream)
    finally:
        stream.close()
    for event in events:
        ((name, content),) = event.items()
        validate(shape.members[name], content)
    return events


@dataclass(frozen=True)
class Clients:
    """The two clients, as a stranger would make them."""

    endpoint_url: str
    control: Any
    """boto3's `bedrock`."""
    runtime: Any
    """boto3's `bedrock-runtime`."""

    def guardrail(self, **policies: Any) -> str:
        """Create a guardrail with a name of its own; blocks krakatoa unless told otherwise."""
        created = self.control.create_guardrail(
            name=f"guardrail-{next(_NUMBERS)}",
            blockedInputMessaging="Input stopped.",
            blockedOutputsMessaging="Output stopped.",
            **(policies or {"wordPolicyConfig": WORD}),
        )
        return str(created["guardrailId"])

    def converse(self, text: str, guardrail: str | None = None, **more: Any) -> dict[str, Any]:
        """Ask the candidate, traced, behind the DRAFT of a guardrail."""
        request: dict[str, Any] = {"modelId": "us.openai.gpt-5.5"} | more
        request.setdefault("messages", [{"role": "user", "content": [{"text": text}]}])
        if guardrail is not None:
            settings = {"guardrailIdentifier": guardrail, "guardrailVersion": "DRAFT", "trace": "enabled"}
            request.setdefault("guardrailConfig", settings)
        return dict(self.runtime.converse(**request))

    def stream(self, text: str, guardrail: str | None = None, **more: Any) -> list[dict[str, Any]]:
        """The same question to ConverseStream; `mode` is that of its guardrail."""
        mode = more.pop("mode", None)
        request: dict[str, Any] = {"modelId": "us.openai.gpt-5.5"} | more
        request.setdefault("messages", [{"role": "user", "content": [{"text": text}]}])
        if guardrail is not None:
            settings = {"guardrailIdentifier": guardrail, "guardrailVersion": "DRAFT", "trace": "enabled"}
            settings |= {"streamProcessingMode": mode} if mode else {}
            request.setdefault("guardrailConfig", settings)
        return _events("ConverseStream", self.runtime.converse_stream(**request)["stream"])

    def invoke(self, model: str, body: dict[str, Any], guardrail: str | None = None, **more: Any) -> Any:
        """What InvokeModel answers to a body, read."""
        answer = self.runtime.invoke_model(**self._invocation(model, body, guardrail, more))
        assert answer["contentType"] == "application/json"
        return json.loads(answer["body"].read())

    def invoke_stream(
        self, model: str, body: dict[str, Any], guardrail: str | None = None, **more: Any
    ) -> list[Any]:
        """The chunks of InvokeModelWithResponseStream, read."""
        answer = self.runtime.invoke_model_with_response_stream(
            **self._invocation(model, body, guardrail, more)
        )
        assert answer["contentType"] == "application/json"
        events = _events("InvokeModelWithResponseStream", answer["body"])
        return [json.loads(event["chunk"]["bytes"]) for event in events]

    def _invocation(
        self, model: str, body: dict[str, Any], guardrail: str | None, more: dict[str, Any]
    ) -> dict[str, Any]:
        request: dict[str, Any] = {"modelId": model, "body": json.dumps(body)}
        if guardrail is not None:
            request |= {"guardrailIdentifier": guardrail, "guardrailVersion": "DRAFT", "trace": "ENABLED"}
        return request | more

    def apply(self, guardrail: str, *texts: str, source: str = "INPUT", **more: Any) -> dict[str, Any]:
        """Put texts before the DRAFT of a guardrail, without a model."""
        content = [{"text": {"text": text}} for text in texts]
        request = {"guardrailIdentifier": guardrail, "guardrailVersion": "DRAFT", "source": source} | more
        return dict(self.runtime.apply_guardrail(content=content, **request))


@pytest.fixture(scope="session")
def clients_for() -> Iterator[Callable[..., Clients]]:
    """Makes clients for an endpoint; `validation=False` sends what boto3 itself would refuse.

    With `attempts=1` boto3 repeats nothing, as our own client does.
    """
    with ExitStack() as stack:
        session = boto3.Session(aws_access_key_id="any", aws_secret_access_key="any", region_name="us-east-1")

        def make(endpoint_url: str, *, validation: bool = True, attempts: int | None = None) -> Clients:
            retries = {"retries": {"total_max_attempts": attempts}} if attempts else {}
            config = Config(parameter_validation=validation, **retries)
            made = []
            for service in ("bedrock", "bedrock-runtime"):
                client = session.client(service, endpoint_url=endpoint_url, config=config)
                client.meta.events.register(f"before-parse.{service}", _answers_like_aws)
                stack.callback(client.close)
                made.append(client)
            return Clients(endpoint_url, *made)

        yield make


@contextmanager
def _hosted(settings: Settings) -> Iterator[str]:
    """A stand-in in a thread of this process, for tests that need many of them; gives its endpoint."""
    server = uvicorn.Server(service._config(Application(settings)))
    with service._listen(0) as listener:
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]})
        thread.start()
        try:
            yield f"http://127.0.0.1:{listener.getsockname()[1]}"
        finally:
            server.should_exit = True
            thread.join()


@pytest.fixture(scope="session")
def hosted() -> Callable[[Settings], AbstractContextManager[str]]:
    """Runs a stand-in in this process while its context lasts."""
    return _hosted


@pytest.fixture(scope="session")
def endpoint_url() -> Iterator[str]:
    """An undisturbed stand-in, shared by the tests that do not count its guardrails."""
    with child.start() as rehearsal:
        yield rehearsal.endpoint_url


@pytest.fixture(scope="session")
def aws(endpoint_url: str, clients_for: Callable[..., Clients]) -> Clients:
    """boto3 as everybody uses it."""
    return clients_for(endpoint_url)


@pytest.fixture(scope="session")
def careless(endpoint_url: str, clients_for: Callable[..., Clients]) -> Clients:
    """boto3 with its own validation off."""
    return clients_for(endpoint_url, validation=False)


@pytest.fixture
def fresh(clients_for: Callable[..., Clients]) -> Iterator[Clients]:
    """boto3 on a stand-in without any guardrail."""
    with child.start() as rehearsal:
        yield clients_for(rehearsal.endpoint_url)


@pytest.fixture
def send(endpoint_url: str) -> Iterator[Callable[..., tuple[int, dict[str, str], Any]]]:
    """Plain HTTP: gives status, headers and JSON body."""
    connection = http.client.HTTPConnection(endpoint_url.removeprefix("http://"), timeout=10)

    def request(method: str, path: str, body: bytes | None = None) -> tuple[int, dict[str, str], Any]:
        connection.request(method, path, body)
        response = connection.getresponse()
        headers = {name.lower(): value for name, value in response.getheaders()}
        return response.status, headers, json.loads(response.read())

    yield request
    connection.close()
