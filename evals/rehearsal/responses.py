"""HTTP responses as AWS shapes them: a request id on each, errors named in a header."""

from __future__ import annotations

import json
import uuid
from collections.abc import Mapping
from typing import Any

from starlette.responses import Response

from evals.rehearsal.answers import Frames, Payload
from evals.rehearsal.connections import Stream
from evals.rehearsal.eventstream import CONTENT_TYPE
from evals.rehearsal.scenario.document import Fault
from evals.rehearsal.scenario.streams import paced

Answered = dict[str, Any] | Payload | Frames
"""A document of the service's own, bytes of another format, or a stream."""

_GATEWAY = b"<html><body><h1>502 Bad Gateway</h1></body></html>"


def success(
    answered: Answered, *, status: int, request_id: str, fault: Fault | None = None, pause_s: float = 0.0
) -> Response:
    """The response to a call that was answered.

    Args:
        answered: The answer.
        status: HTTP status.
        request_id: For the header `x-amzn-RequestId`.
        fault: What strikes inside the stream, if the answer is one.
        pause_s: Silence between the frames of a stream.
    """
    headers = {"x-amzn-RequestId": request_id}
    match answered:
        case Payload():
            return Response(
                answered.body, status, {**headers, **answered.headers}, media_type="application/json"
            )
        case Frames():
            return Stream(
                paced(answered.frames, fault, pause_s),
                headers={**headers, **answered.headers},
                media_type=CONTENT_TYPE,
                breaks=fault is not None and fault.kind == "stream_reset",
            )
    return document(answered, status=status, headers=headers)


def refusal(
    code: str, message: str, *, status: int, request_id: str, members: Mapping[str, object]
) -> Response:
    """The response to a call that failed, with the exception's other members beside its message."""
    headers = {"x-amzn-RequestId": request_id, "x-amzn-ErrorType": code}
    return document({"message": message, **members}, status=status, headers=headers)


def bad_gateway() -> Response:
    """What something between client and service answers: no JSON, no request id."""
    return Response(_GATEWAY, 502, media_type="text/html")


def document(content: Mapping[str, Any], *, status: int = 200, headers: Mapping[str, str]) -> Response:
    """A JSON document."""
    body = json.dumps(content, separators=(",", ":")).encode()
    return Response(body, status, headers, media_type="application/json")


def new_request_id() -> str:
    """An id that no other request has."""
    return str(uuid.uuid4())
