from __future__ import annotations

import os
import threading
import time
from collections.abc import Iterator
from typing import Any

import pytest

from evals.bedrock import client as subject
from evals.bedrock.client import (
    CredentialsMissing,
    EndpointSilentError,
    client,
    close_clients,
    require_credentials,
    service_facts,
)
from evals.bedrock.retry import MAX_IN_FLIGHT


@pytest.fixture(autouse=True)
def _anew() -> Iterator[None]:
    """How a client is built is the point here, so none is left over or left behind."""
    close_clients()
    yield
    close_clients()


HELLO: dict[str, Any] = {"modelId": "m", "messages": [{"role": "user", "content": [{"text": "hi"}]}]}


def runtime(stub: Any) -> Any:
    return client("bedrock-runtime", endpoint_url=stub.endpoint_url, region="us-east-1")


def authorization(stub: Any) -> str | None:
    """What the last request signed with."""
    headers: dict[str, str] = stub.requests[-1][1]
    return headers.get("Authorization")


def test_missing_credentials_are_explained_quickly() -> None:
    """Without an account the message says what is missing and every way to give it, in under two seconds."""
    started = time.perf_counter()
    with pytest.raises(CredentialsMissing) as caught:
        require_credentials(region="eu-west-1")
    assert time.perf_counter() - started < 2
    message = str(caught.value)
    assert message.startswith("No AWS credentials were found to call bedrock-runtime in eu-west-1.")
    for way in ("AWS_BEARER_TOKEN_BEDROCK", "AWS_PROFILE", "AWS_ACCESS_KEY_ID", "parity rehearse"):
        assert way in message


def test_unknown_profile_is_explained(monkeypatch: pytest.MonkeyPatch) -> None:
    """A profile that does not exist is credentials missing, not a traceback of botocore's."""
    monkeypatch.setenv("AWS_PROFILE", "nobody")
    with pytest.raises(CredentialsMissing, match="nobody"):
        require_credentials(region="us-east-1")


def test_half_a_key_is_explained(monkeypatch: pytest.MonkeyPatch) -> None:
    """A key id without its secret is credentials missing."""
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "AKIAIOSFODNN7EXAMPLE")
    with pytest.raises(CredentialsMissing, match="AWS_SECRET_ACCESS_KEY"):
        require_credentials(region="us-east-1")


@pytest.mark.parametrize(
    "given",
    [
        {"AWS_BEARER_TOKEN_BEDROCK": "secret-token"},
        {"AWS_ACCESS_KEY_ID": "AKIAIOSFODNN7EXAMPLE", "AWS_SECRET_ACCESS_KEY": "x"},
    ],
)
def test_given_credentials_suffice(monkeypatch: pytest.MonkeyPatch, given: dict[str, str]) -> None:
    """A bearer token or a pair of keys is enough."""
    for name, value in given.items():
        monkeypatch.setenv(name, value)
    require_credentials(region="us-east-1")


def test_bearer_token_is_sent(stub: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """An endpoint that is no rehearsal gets the bearer token, as boto3 sends it."""
    stub.rehearsal = False
    monkeypatch.setenv("AWS_BEARER_TOKEN_BEDROCK", "secret-token")
    runtime(stub).converse(**HELLO)
    assert authorization(stub) == "Bearer secret-token"


def test_keys_sign(stub: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """An endpoint that is no rehearsal gets SigV4 where there are keys."""
    stub.rehearsal = False
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "AKIAIOSFODNN7EXAMPLE")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "x")
    runtime(stub).converse(**HELLO)
    assert str(authorization(stub)).startswith("AWS4-HMAC-SHA256 Credential=AKIAIOSFODNN7EXAMPLE/")


def test_loopback_endpoint_needs_no_credentials(stub: Any) -> None:
    """A stranger's local endpoint is called unsigned where there are no credentials."""
    stub.rehearsal = False
    runtime(stub).converse(**HELLO)
    assert authorization(stub) is None


def test_rehearsal_is_never_sent_credentials(stub: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """Neither token nor keys leave for a stand-in."""
    monkeypatch.setenv("AWS_BEARER_TOKEN_BEDROCK", "secret-token")
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "AKIAIOSFODNN7EXAMPLE")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "x")
    runtime(stub).converse(**HELLO)
    assert authorization(stub) is None


def test_rehearsal_is_spared_a_broken_configuration(stub: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """A profile that does not exist and a proxy that nobody serves do not disturb a rehearsal."""
    monkeypatch.setenv("AWS_PROFILE", "nobody")
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:9")
    assert runtime(stub).converse(**HELLO)["stopReason"] == "end_turn"


def test_environment_is_left_as_it_was(stub: Any) -> None:
    """Calling a stand-in sets no variable for others to find."""
    before = dict(os.environ)
    runtime(stub).converse(**HELLO)
    assert dict(os.environ) == before


def test_rehearsal_is_known_by_its_answer(stub: Any) -> None:
    """The facts are what the endpoint says of itself."""
    assert service_facts(stub.endpoint_url) == {
        "rehearsal": True,
        "seed": 7,
        "plants": {},
        "latency_ms": 0,
    }


def test_other_loopback_endpoints_have_no_facts(stub: Any) -> None:
    """An endpoint that does not call itself a rehearsal is none."""
    stub.rehearsal = False
    assert service_facts(stub.endpoint_url) is None


def test_rehearsal_in_the_environment_is_known_as_one(stub: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """AWS_ENDPOINT_URL_BEDROCK_RUNTIME cannot pass a stand-in off as AWS."""
    monkeypatch.setenv("AWS_ENDPOINT_URL_BEDROCK_RUNTIME", stub.endpoint_url)
    facts = service_facts(None)
    assert facts is not None
    assert facts["seed"] == 7


def test_aws_has_no_facts(monkeypatch: pytest.MonkeyPatch) -> None:
    """Only this machine is asked whether it rehearses."""
    monkeypatch.setenv("AWS_BEARER_TOKEN_BEDROCK", "secret-token")
    assert service_facts(None) is None
    assert service_facts("https://bedrock-runtime.us-east-1.amazonaws.com") is None


def test_silent_endpoint_is_named(leaving_stub: Any) -> None:
    """Where nothing answers the message names the address and how to start the stand-in."""
    leaving_stub.stops()
    with pytest.raises(EndpointSilentError) as caught:
        service_facts(leaving_stub.endpoint_url)
    assert f"Nothing answers at {leaving_stub.endpoint_url}" in str(caught.value)
    assert "parity serve --port" in str(caught.value)


@pytest.mark.parametrize(
    ("url", "local"),
    [
        ("http://127.0.0.1:80", True),
        ("http://127.8.9.1", True),
        ("http://localhost:8080", True),
        ("http://[::1]:8080", True),
        ("https://bedrock-runtime.us-east-1.amazonaws.com", False),
        ("http://10.0.0.1", False),
        ("http://localhost.example.com", False),
        (None, False),
    ],
)
def test_loopback_is_recognised(url: str | None, local: bool) -> None:
    """This machine's addresses, and no name that merely looks like one."""
    assert subject.is_loopback(url) is local


def test_threads_share_one_client(stub: Any) -> None:
    """Twenty threads that ask at once get the same client."""
    found: list[Any] = []
    start = threading.Barrier(20)

    def take() -> None:
        start.wait()
        found.append(runtime(stub))

    threads = [threading.Thread(target=take) for _ in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len({id(each) for each in found}) == 1


def test_connections_are_kept(stub: Any) -> None:
    """Ten calls in a row need one connection."""
    made = runtime(stub)
    asked = stub.connections
    for _ in range(10):
        made.converse(**HELLO)
    assert stub.connections - asked == 1


def test_pool_holds_all_calls_in_flight(stub: Any) -> None:
    """No connection is thrown away because the pool is smaller than the number of calls."""
    assert runtime(stub).meta.config.max_pool_connections == MAX_IN_FLIGHT
