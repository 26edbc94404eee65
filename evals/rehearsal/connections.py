"""Answers that are none: connections that break before, within or instead of an answer.

A server cannot break off by ASGI's own means, so the connection's transport travels with each request.
"""

from __future__ import annotations

import asyncio
import socket
import struct
from collections.abc import Iterator, Mapping
from typing import Any

from starlette.responses import Response
from starlette.types import Receive, Scope, Send
from uvicorn.protocols.http.h11_impl import H11Protocol

_AT_ONCE = struct.pack("ii", 1, 0)
"""SO_LINGER so that closing sends a reset, and nothing that is still waiting."""


class Protocol(H11Protocol):
    """uvicorn's HTTP, which gives each request the transport it came by."""

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Begin a connection."""
        self.app_state = {**self.app_state, "transport": transport}
        super().connection_made(transport)


class Reset(Response):
    """No answer: the connection is reset."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Break off."""
        del send
        transport: Any = scope["state"]["transport"]
        connection = transport.get_extra_info("socket")
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _AT_ONCE)
        await _close(scope, receive)


class Cut(Response):
    """An answer of which only the first half arrives."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send half of it and break off."""
        await send({"type": "http.response.start", "status": self.status_code, "headers": self.raw_headers})
        half = bytes(self.body)[: len(self.body) // 2]
        await send({"type": "http.response.body", "body": half, "more_body": True})
        await _close(scope, receive)


class Stream(Response):
    """Frames one after the other, with pauses between them.

    Args:
        frames: What is sent, each with the seconds of silence before it.
        breaks: The connection is closed after the last frame, in the middle of the answer.
    """

    def __init__(
        self,
        frames: Iterator[tuple[float, bytes]],
        *,
        headers: Mapping[str, str],
        media_type: str,
        breaks: bool,
        status_code: int = 200,
    ) -> None:
        super().__init__(None, status_code, headers, media_type)
        self._frames = frames
        self._breaks = breaks

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send all frames; those without a pause between them go together."""
        headers = [pair for pair in self.raw_headers if pair[0] != b"content-length"]
        await send({"type": "http.response.start", "status": self.status_code, "headers": headers})
        waiting = b""
        for pause_s, frame in self._frames:
            if pause_s:
                await send({"type": "http.response.body", "body": waiting, "more_body": True})
                waiting = b""
                await asyncio.sleep(pause_s)
            waiting += frame
        await send({"type": "http.response.body", "body": waiting, "more_body": self._breaks})
        if self._breaks:
            await _close(scope, receive)


async def _close(scope: Scope, receive: Receive) -> None:
    """Close the connection of a request, once what was sent is on its way, and wait until it is closed."""
    scope["state"]["transport"].close()
    while (await receive())["type"] != "http.disconnect":
        pass
