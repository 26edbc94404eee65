from __future__ import annotations

import threading
import time
from collections.abc import Callable
from typing import Any

import anyio
import pytest

from evals.bedrock.client import CredentialsMissing, client
from evals.bedrock.retry import Attempted, Patience, ask

QUICK = Patience(attempts=4, longest_wait_s=0.0)


@pytest.fixture
def attempt(stub: Any) -> Callable[..., Attempted]:
    """Ask the stub, with boto3, through `ask`."""
    return asking(stub)


def asking(stub: Any) -> Callable[..., Attempted]:
    runtime = client("bedrock-runtime", endpoint_url=stub.endpoint_url, region="us-east-1")

    def converse() -> dict[str, Any]:
        answer: dict[str, Any] = runtime.converse(
            modelId="m", messages=[{"role": "user", "content": [{"text": "hi"}]}]
        )
        return answer

    def run(patience: Patience = QUICK) -> Attempted:
        return anyio.run(ask, converse, patience)

    return run


REPEATED = [
    (429, "ThrottlingException"),
    (400, "ThrottlingException"),
    (429, "ModelNotReadyException"),
    (408, "ModelTimeoutException"),
    (424, "ModelErrorException"),
    (500, "InternalServerException"),
    (502, "BadGateway"),
    (503, "ServiceUnavailableException"),
]
FINAL = [
    (400, "ValidationException"),
    (400, "ServiceQuotaExceededException"),
    (403, "AccessDeniedException"),
    (404, "ResourceNotFoundException"),
    (409, "ConflictException"),
]


@pytest.mark.parametrize(("status", "code"), REPEATED)
def test_passing_failures_are_repeated(
    stub: Any, attempt: Callable[..., Attempted], status: int, code: str
) -> None:
    """Throttles, timeouts and server errors are asked again, and each attempt is told."""
    stub.fails(status, code, times=2)
    answered = attempt()
    assert answered.response is not None
    assert answered.attempts == 3
    assert answered.retried == (code, code)
    assert len(stub.requests) == 3


@pytest.mark.parametrize(("status", "code"), REPEATED)
def test_patience_ends(stub: Any, attempt: Callable[..., Attempted], status: int, code: str) -> None:
    """After the last attempt there is an error and no answer."""
    stub.fails(status, code, message="busy", times=10)
    answered = attempt()
    assert answered.response is None
    assert answered.error == f"{code}: busy"
    assert answered.attempts == 4
    assert len(stub.requests) == 4


@pytest.mark.parametrize(("status", "code"), FINAL)
def test_lasting_failures_are_not_repeated(
    stub: Any, attempt: Callable[..., Attempted], status: int, code: str
) -> None:
    """What the same request will meet again is asked once."""
    stub.fails(status, code, message="never")
    answered = attempt()
    assert (answered.error, answered.attempts, len(stub.requests)) == (f"{code}: never", 1, 1)


def test_botocore_does_not_repeat_beneath(stub: Any, attempt: Callable[..., Attempted]) -> None:
    """One attempt is one request on the wire."""
    stub.fails(503, "ServiceUnavailableException", times=5)
    attempt(Patience(attempts=1, longest_wait_s=0.0))
    assert len(stub.requests) == 1


def test_environment_cannot_switch_repeats_on(leaving_stub: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """AWS_MAX_ATTEMPTS and AWS_RETRY_MODE do not reach the measured calls."""
    monkeypatch.setenv("AWS_MAX_ATTEMPTS", "7")
    monkeypatch.setenv("AWS_RETRY_MODE", "adaptive")
    leaving_stub.fails(503, "ServiceUnavailableException", times=9)
    asking(leaving_stub)(Patience(attempts=1, longest_wait_s=0.0))
    assert len(leaving_stub.requests) == 1


def test_closed_connection_is_repeated(stub: Any, attempt: Callable[..., Attempted]) -> None:
    """A request that met a closed connection is asked again."""
    stub.hangs_up(times=2)
    answered = attempt()
    assert answered.response is not None
    assert answered.retried == ("ConnectionClosedError", "ConnectionClosedError")


def test_kept_connection_closed_in_between(stub: Any, attempt: Callable[..., Attempted]) -> None:
    """A pooled connection that the server closed meanwhile costs at most an attempt, never the call."""
    attempt()
    before = stub.connections
    stub.closes_after_answering()
    assert attempt().response is not None
    time.sleep(0.05)
    answered = attempt()
    assert answered.response is not None
    assert set(answered.retried) <= {"ConnectionClosedError"}
    assert stub.connections == before + 1


def test_nobody_listening_is_an_error_after_all_attempts(leaving_stub: Any) -> None:
    """A refused connection is repeated, then told with its address."""
    attempt = asking(leaving_stub)
    leaving_stub.stops()
    answered = attempt()
    assert answered.attempts == 4
    assert str(answered.error).startswith("EndpointConnectionError: Could not connect")


@pytest.mark.parametrize(
    "body",
    [b"\xff\xfe", b"[]", b"3", {"usage": "x"}, {"output": {"message": {"content": [3]}}}],
)
def test_answer_of_another_shape_is_an_error(stub: Any, attempt: Callable[..., Attempted], body: Any) -> None:
    """What boto3 stumbles over costs this call alone, and is not asked again."""
    stub.says(body)
    answered = attempt()
    assert answered.response is None
    assert str(answered.error).startswith("UnreadableAnswerError: ")
    assert answered.attempts == 1


def test_request_that_boto3_refuses_is_an_error(stub: Any) -> None:
    """What boto3 will not send costs this call alone."""
    runtime = client("bedrock-runtime", endpoint_url=stub.endpoint_url, region="us-east-1")
    answered = anyio.run(ask, lambda: runtime.converse(modelId="m", messages="hi"), QUICK)
    assert str(answered.error).startswith("ParamValidationError:")
    assert stub.requests == []


@pytest.mark.parametrize(
    ("status", "code", "message"),
    [
        (403, "UnrecognizedClientException", "The security token included in the request is invalid."),
        (403, "ExpiredTokenException", "The security token included in the request is expired"),
        (403, "InvalidSignatureException", "The request signature does not match"),
        (403, "AccessDeniedException", "Authentication failed: Please make sure your API Key is valid."),
    ],
)
def test_refused_credentials_end_the_run(
    stub: Any, attempt: Callable[..., Attempted], status: int, code: str, message: str
) -> None:
    """Where the caller is not known no pair could be measured, so it is raised at once."""
    stub.fails(status, code, message=message, times=5)
    with pytest.raises(CredentialsMissing, match=f"refuses the credentials: {code}"):
        attempt()
    assert len(stub.requests) == 1


def test_waits_are_drawn_and_capped(stub: Any, attempt: Callable[..., Attempted]) -> None:
    """Waits grow, differ from each other and never exceed the cap."""
    waits: list[float] = []

    async def sleep(seconds: float) -> None:
        waits.append(seconds)

    stub.fails(429, "ThrottlingException", times=30)
    attempt(Patience(attempts=20, longest_wait_s=3.0, sleep=sleep))
    assert len(waits) == 19
    assert max(waits) <= 3.0
    assert len(set(waits)) > 10


def test_duration_is_the_last_attempts(stub: Any, attempt: Callable[..., Attempted]) -> None:
    """Waiting for a throttle to pass is not the service's latency."""
    stub.fails(429, "ThrottlingException")

    async def sleep(_: float) -> None:
        await anyio.sleep(0.3)

    answered = attempt(Patience(attempts=2, longest_wait_s=1.0, sleep=sleep))
    assert answered.attempts == 2
    assert answered.seconds < 0.25


def test_long_message_is_cut(stub: Any, attempt: Callable[..., Attempted]) -> None:
    """An error fits into a log's summary."""
    stub.fails(400, "ValidationException", message="x" * 5000)
    assert len(str(attempt().error)) == 500


def test_more_calls_than_inspects_threads_run_at_once() -> None:
    """Eighty calls in flight are eighty threads, not the forty of the event loop's default."""
    together = threading.Barrier(80, timeout=20)

    def call() -> dict[str, Any]:
        together.wait()
        return {}

    async def run() -> None:
        async with anyio.create_task_group() as group:
            for _ in range(80):
                group.start_soon(ask, call, QUICK)

    anyio.run(run)
    assert not together.broken


def test_cancelled_caller_does_not_wait_for_its_thread() -> None:
    """Ctrl-C leaves a slow call behind."""
    release = threading.Event()

    async def run() -> float:
        started = time.perf_counter()
        with anyio.move_on_after(0.05):
            await ask(lambda: {str(release.wait(10)): None}, QUICK)
        spent = time.perf_counter() - started
        release.set()
        return spent

    assert anyio.run(run) < 5
