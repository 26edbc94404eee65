"""Reads an event stream to its end, or says that it had none.

A stream may break in ways that botocore does not turn into its own errors, and a connection that ends
between two events looks like the end of the answer. None of that is an answer.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from botocore.eventstream import ParserError
from botocore.exceptions import EventStreamError
from urllib3.exceptions import HTTPError

from evals.bedrock.retry import SHOWN, BrokenStreamError

_LONGEST_S = 900.0
"""From call to end. The client's read timeout counts from event to event, and a trickle never meets it."""


def events(response: Mapping[str, Any], member: str, *, started: float) -> Iterator[tuple[int, Any]]:
    """The events of a response, each with the milliseconds since `started`, a `time.perf_counter()`.

    Raises:
        EventStreamError: The service sent an exception; it gets the request id of the response.
        BrokenStreamError: The connection broke, a frame was damaged, or it took too long.
    """
    answered = {"ResponseMetadata": {"RequestId": request_id(response)}}
    stream = response[member]
    try:
        for event in stream:
            seconds = time.perf_counter() - started
            if seconds > _LONGEST_S:
                raise BrokenStreamError(f"the stream had no end after {_LONGEST_S:g} s", answered)
            yield round(seconds * 1000), event
    except EventStreamError as failure:
        failure.response.update(answered)
        raise
    except (HTTPError, ParserError) as failure:
        raise BrokenStreamError(f"{type(failure).__name__}: {failure}", answered) from failure
    finally:
        stream.close()


@contextmanager
def keeping(shown: Callable[[], str]) -> Iterator[None]:
    """Keep with a stream's failure what had been shown before it: asking again does not take it back."""
    try:
        yield
    except (EventStreamError, BrokenStreamError) as failure:
        failure.response[SHOWN] = shown()
        raise


def ended_early(response: Mapping[str, Any], lacking: str) -> BrokenStreamError:
    """The error for a stream whose last event is not the last one of an answer."""
    answered = {"ResponseMetadata": {"RequestId": request_id(response)}}
    return BrokenStreamError(f"the stream ended without {lacking}", answered)


def request_id(response: Mapping[str, Any]) -> str | None:
    """The request id of a response's headers."""
    found = (response.get("ResponseMetadata") or {}).get("RequestId")
    return found and str(found)
