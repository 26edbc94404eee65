"""The ASGI application: routes of AWS and of vendors' SDKs, and two of the stand-in's own.

`GET /rehearsal` tells anyone that this is no AWS, and what is broken here on purpose; `GET
/rehearsal/calls` tells what was asked.
"""

from __future__ import annotations

import logging
from typing import Any

from starlette import requests
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from evals.rehearsal import neighbours
from evals.rehearsal.compatible import ROUTES, Route
from evals.rehearsal.compatible import refusal as vendor_refusal
from evals.rehearsal.dispatch import Dispatcher, Incoming, Settings
from evals.rehearsal.errors import ServiceError
from evals.rehearsal.responses import document, new_request_id, refusal
from evals.rehearsal.wire import load

__all__ = ["Application", "Settings"]

_log = logging.getLogger(__name__)


class Application:
    """Routing and validation come from the service model: there is nothing for a framework to decide."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._api = load()
        self._dispatcher = Dispatcher(settings, self._api)
        self._own = {"/rehearsal": self._about, "/rehearsal/calls": self._dispatcher.calls.document}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request; a caller who is gone before it has asked gets none."""
        try:
            response = await self._respond(requests.Request(scope, receive))
        except requests.ClientDisconnect:
            return
        await response(scope, receive, send)

    async def _respond(self, request: requests.Request) -> Response:
        request_id = new_request_id()
        if request.method == "GET" and (own := self._own.get(request.scope["path"])):
            return document(own(), headers={"x-amzn-RequestId": request_id})
        incoming = Incoming(
            method=request.method,
            path=request.scope["raw_path"].decode("latin-1"),
            query=request.scope["query_string"].decode("latin-1"),
            headers=request.headers,
            body=await request.body(),
            request_id=request_id,
        )
        if request.method == "POST" and incoming.path == "/":
            return neighbours.respond(incoming.body, incoming.headers, request_id)
        route = ROUTES.get(incoming.path) if request.method == "POST" else None
        try:
            return await self._dispatcher.respond(incoming, route)
        except ServiceError as error:
            return self._refusal(error, request_id, route)
        except Exception:  # noqa: BLE001 - a defect here is an answer too, as it is at AWS
            _log.exception("The rehearsal failed on %s %s", request.method, request.url.path)
            said = "The rehearsal has a defect; its log has the traceback."
            return self._refusal(ServiceError("InternalServerException", said), request_id, route)

    def _refusal(self, error: ServiceError, request_id: str, route: Route | None) -> Response:
        status = self._api.statuses[error.code]
        if route is not None:
            return vendor_refusal(route, error, status)
        return refusal(
            error.code,
            error.message,
            status=status,
            request_id=request_id,
            members=error.members,
        )

    def _about(self) -> dict[str, Any]:
        settings = self._settings
        about = {
            "rehearsal": True,
            "seed": settings.seed,
            "plants": dict(settings.plants.rates),
            "latency_ms": settings.latency_ms,
        }
        if later := settings.plants.after_proof:
            about["plants_after_proof"] = sorted(later)
        return about | ({"faults": settings.scenario_sha256} if settings.scenario_sha256 else {})
