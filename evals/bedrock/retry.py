"""Decides which failed calls are asked again, how often and after what wait.

Botocore's and Inspect's own retries are off: neither repeats a model's timeout (408) or error (424),
and two loops around one call would hide how often it was really made.
"""

from __future__ import annotations

import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

import anyio
import anyio.lowlevel
import anyio.to_thread
from botocore.exceptions import (
    BotoCoreError,
    ClientError,
    ConnectionError,  # noqa: A004 - botocore's own, which is not the built-in one
    HTTPClientError,
    IncompleteReadError,
)
from tenacity import AsyncRetrying, retry_if_exception, stop_after_attempt, stop_after_delay
from tenacity.wait import wait_random_exponential

from evals.bedrock.client import MAX_IN_FLIGHT, CredentialsMissing, refuses_credentials

_RETRIED_STATUS = frozenset({408, 424, 429})
_RETRIED_CODES = frozenset(
    {
        "InternalServerException",
        "ModelErrorException",
        "ModelNotReadyException",
        "ModelStreamErrorException",
        "ModelTimeoutException",
        "RequestLimitExceeded",
        "RequestTimeout",
        "RequestTimeoutException",
        "ServiceUnavailableException",
        "SlowDown",
        "Throttling",
        "ThrottlingException",
        "TooManyRequestsException",
    }
)
"""By name too: services have sent throttles and timeouts under status 400, and an exception inside a stream
has no status, and a name that begins small."""

_LONGEST_MESSAGE = 500


class UnreadableAnswerError(Exception):
    """The endpoint answered with success, and not with what the service's model promises."""


class BrokenStreamError(Exception):
    """An answer that came in pieces had no end; what came of it is no answer."""

    def __init__(self, message: str, response: dict[str, Any]) -> None:
        super().__init__(message)
        self.response = response
        """As a `ClientError` has it: the metadata of what was answered."""


SHOWN = "shown"
"""In the response of a stream's failure: the text that had been shown before it."""

_FAILURES = (ClientError, BotoCoreError, BrokenStreamError, UnreadableAnswerError)


@dataclass(frozen=True)
class Patience:
    """How long a failing call is worth waiting for."""

    attempts: int
    longest_wait_s: float
    """The cap of the exponential wait; each wait is drawn evenly between nothing and it."""
    give_up_after_s: float = 900.0
    sleep: Callable[[float], Awaitable[None]] = anyio.sleep


SERVICE = Patience(attempts=10, longest_wait_s=30.0)
"""For AWS, whose quotas are counted by the minute: the waits add up to more than one."""
LOCAL = Patience(attempts=5, longest_wait_s=0.5)
"""For a loopback endpoint, which has no quota and is gone when it does not answer."""


@dataclass(frozen=True, kw_only=True)
class Attempted:
    """What came of one call after all its attempts."""

    response: dict[str, Any] | None
    """None: no answer was had."""
    error: str | None
    """`<code>: <message>` of the last attempt, where there is no response."""
    retried: tuple[str, ...]
    """The code of every attempt that was repeated."""
    seconds: float
    """Duration of the last attempt, without waiting for a thread."""
    request_id: str | None
    broken: tuple[str, ...] = ()
    """What attempts that were repeated had shown of a stream before it broke."""

    @property
    def attempts(self) -> int:
        """How often the service was asked."""
        return len(self.retried) + 1


async def ask(
    call: Callable[[], dict[str, Any]],
    patience: Patience,
    admit: Callable[[], Awaitable[None]] | None = None,
) -> Attempted:
    """Make a call in a worker thread until it answers, its error is final, or patience ends.

    A cancelled caller does not wait for its thread.

    Args:
        call: Blocks until there is an answer.
        patience: How long a failing call is worth waiting for.
        admit: What each attempt waits for first, as a quota has it; the wait is no part of its duration.

    Raises:
        CredentialsMissing: The service does not know the caller; no other call would fare better.
    """
    failures: list[Exception] = []
    seconds = 0.0

    def timed() -> dict[str, Any]:
        nonlocal seconds
        started = time.perf_counter()
        try:
            return call()
        finally:
            seconds = time.perf_counter() - started

    async def once() -> dict[str, Any]:
        if admit is not None:
            await admit()
        try:
            return await anyio.to_thread.run_sync(timed, abandon_on_cancel=True, limiter=_threads())
        except _FAILURES as failure:
            failures.append(failure)
            raise
        except (AttributeError, LookupError, TypeError, ValueError) as failure:
            # Botocore's parsers take an answer of another shape for what they expect, and stumble.
            failures.append(UnreadableAnswerError(f"{type(failure).__name__}: {failure}"))
            raise failures[-1] from failure

    response: dict[str, Any] | None = None
    try:
        response = await AsyncRetrying(
            sleep=patience.sleep,
            stop=stop_after_attempt(patience.attempts) | stop_after_delay(patience.give_up_after_s),
            wait=wait_random_exponential(max=patience.longest_wait_s),
            retry=retry_if_exception(worth_repeating),
            reraise=True,
        )(once)
    except _FAILURES as failure:
        if refuses_credentials(failure):
            raise CredentialsMissing(
                f"The service refuses the credentials: {described(failure)}"
            ) from failure
        last: Exception | None = failure
        repeated = failures[:-1]
    else:
        last = None
        repeated = failures
    return Attempted(
        response=response,
        error=None if last is None else described(last),
        retried=tuple(code(failure) for failure in repeated),
        seconds=seconds,
        request_id=_request_id(response, last),
        broken=tuple(text for failure in repeated if (text := shown_before(failure))),
    )


def worth_repeating(failure: BaseException) -> bool:
    """Whether asking again may well help: throttles, timeouts, 5xx, the network, broken streams."""
    if isinstance(failure, ClientError):
        status = failure.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0)
        name = code(failure)
        named = name[:1].upper() + name[1:] in _RETRIED_CODES
        return named or status in _RETRIED_STATUS or status >= 500  # noqa: PLR2004 - HTTP's server errors
    return isinstance(failure, BrokenStreamError | HTTPClientError | ConnectionError | IncompleteReadError)


def code(failure: BaseException) -> str:
    """The service's exception code, or the name of the client's own exception."""
    if isinstance(failure, ClientError):
        return str(failure.response.get("Error", {}).get("Code") or "Unknown")
    return type(failure).__name__


def shown_before(failure: BaseException) -> str:
    """What a failed attempt had shown; nothing where it was no stream."""
    return str((getattr(failure, "response", None) or {}).get(SHOWN) or "")


def described(failure: BaseException) -> str:
    """`<code>: <message>`, cut to a length that a log's summary can hold."""
    message = str(failure)
    if isinstance(failure, ClientError):
        message = str(failure.response.get("Error", {}).get("Message") or message)
    return f"{code(failure)}: {message}"[:_LONGEST_MESSAGE]


def _request_id(response: dict[str, Any] | None, failure: Exception | None) -> str | None:
    answered = response or getattr(failure, "response", None) or {}
    request_id = answered.get("ResponseMetadata", {}).get("RequestId")
    return request_id and str(request_id)


_limiter: anyio.lowlevel.RunVar[anyio.CapacityLimiter] = anyio.lowlevel.RunVar("bedrock_threads")


def _threads() -> anyio.CapacityLimiter:
    """One limit per event loop; Inspect's own, of forty threads, would be the narrowest place."""
    try:
        return _limiter.get()
    except LookupError:
        limiter = anyio.CapacityLimiter(MAX_IN_FLIGHT)
        _limiter.set(limiter)
        return limiter
