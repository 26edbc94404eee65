"""Pages of a list, by `maxResults` and `nextToken`."""

from __future__ import annotations

import base64
from collections.abc import Mapping, Sequence
from typing import Any

from evals.rehearsal.errors import invalid

_WHOLE = 1000


def page(everything: Sequence[Any], request: Mapping[str, Any]) -> tuple[list[Any], dict[str, str]]:
    """The entries asked for, and `{"nextToken": ...}` where more follow.

    Raises:
        ServiceError: `ValidationException`: the token was not given out here.
    """
    start = _place(request.get("nextToken"))
    stop = start + int(request.get("maxResults", _WHOLE))
    token = {"nextToken": _token(stop)} if stop < len(everything) else {}
    return list(everything[start:stop]), token


def _token(place: int) -> str:
    return base64.urlsafe_b64encode(f"from {place}".encode()).decode()


def _place(token: str | None) -> int:
    if token is None:
        return 0
    try:
        word, _, place = base64.urlsafe_b64decode(token.encode()).decode().partition(" ")
        if word == "from" and place.isdecimal():
            return int(place)
    except ValueError:
        pass
    raise invalid(f"nextToken '{token}' was not given out by this operation")
