"""HTTP in, AWS-shaped HTTP out, for the unmodified boto3 clients of both services.

A plain ASGI application: routing and validation come from the service model, so there is nothing for
a framework to decide. Beside AWS's routes there is one of its own, `GET /rehearsal`, by which anyone
can tell that this is no AWS.
"""

from __future__ import annotations

import asyncio
import json
import logging
import uuid
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from starlette.requests import Request
from starlette.responses import Response, StreamingResponse
from starlette.types import Receive, Scope, Send

from evals.rehearsal.answers import Frames, Payload
from evals.rehearsal.apply import apply_guardrail
from evals.rehearsal.calls.stage import Stage
from evals.rehearsal.catalogue import list_foundation_models, list_inference_profiles
from evals.rehearsal.constraints import validate
from evals.rehearsal.converse import converse, converse_stream
from evals.rehearsal.errors import ServiceError
from evals.rehearsal.eventstream import CONTENT_TYPE
from evals.rehearsal.faults import Plants
from evals.rehearsal.guardrails import Guardrails
from evals.rehearsal.invoke import invoke_model, invoke_model_with_response_stream
from evals.rehearsal.routes import Routes, parameters
from evals.rehearsal.wire import Operation, load

_log = logging.getLogger(__name__)

_OWN_ROUTE = "/rehearsal"

Answered = dict[str, Any] | Payload | Frames
Handler = Callable[[dict[str, Any]], Answered]


@dataclass(frozen=True, kw_only=True)
class Settings:
    """What makes one rehearsal differ from another."""

    seed: int = 0
    plants: Plants = field(default_factory=Plants)
    latency_ms: float = 0.0
    """How long each Converse and ApplyGuardrail call is kept waiting."""


class Application:
    """The ASGI application; its guardrails live as long as it does."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._api = load()
        self._routes = Routes(self._api.operations.values())
        guardrails = Guardrails()
        stage = Stage(guardrails, settings.plants, settings.seed, settings.latency_ms)
        self._handlers: dict[str, Handler] = {
            "CreateGuardrail": guardrails.create,
            "GetGuardrail": guardrails.get,
            "UpdateGuardrail": guardrails.update,
            "CreateGuardrailVersion": guardrails.create_version,
            "ListGuardrails": guardrails.list_versions,
            "DeleteGuardrail": guardrails.delete,
            "ListFoundationModels": list_foundation_models,
            "ListInferenceProfiles": list_inference_profiles,
            "ApplyGuardrail": partial(apply_guardrail, guardrails=guardrails),
            "Converse": partial(converse, stage=stage),
            "ConverseStream": partial(converse_stream, stage=stage),
            "InvokeModel": partial(invoke_model, stage=stage),
            "InvokeModelWithResponseStream": partial(invoke_model_with_response_stream, stage=stage),
        }

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        request = Request(scope, receive)
        response = await self._respond(request)
        await response(scope, receive, send)

    async def _respond(self, request: Request) -> Response:
        try:
            if request.method == "GET" and request.scope["path"] == _OWN_ROUTE:
                return _json(200, self._about())
            status, answer = await self._serve(request)
        except ServiceError as error:
            return self._refusal(error)
        except Exception:  # noqa: BLE001 - a defect here is an answer too, as it is at AWS
            _log.exception("The rehearsal failed on %s %s", request.method, request.url.path)
            return self._refusal(
                ServiceError(
                    "InternalServerException", "The rehearsal has a defect; its log has the traceback."
                )
            )
        return _response(status, answer)

    async def _serve(self, request: Request) -> tuple[int, Answered]:
        body = await request.body()
        operation, labels = self._routes.match(request.method, request.scope["raw_path"].decode("latin-1"))
        handler = self._handlers.get(operation.name)
        if handler is None:
            raise self._unmodelled(operation)
        query = request.scope["query_string"].decode("latin-1")
        given = parameters(operation, labels, query, request.headers, body)
        validate(operation.input, given)
        if operation.service == "bedrock-runtime" and self._settings.latency_ms:
            await asyncio.sleep(self._settings.latency_ms / 1000)
        return operation.status, handler(given)

    def _unmodelled(self, operation: Operation) -> ServiceError:
        modelled = ", ".join(self._handlers)
        return ServiceError(
            "UnknownOperationException",
            f"The rehearsal does not model {operation.name} of {operation.service}. It models {modelled}.",
        )

    def _refusal(self, error: ServiceError) -> Response:
        return _json(self._api.statuses[error.code], {"message": error.message}, error.code)

    def _about(self) -> dict[str, Any]:
        return {
            "rehearsal": True,
            "seed": self._settings.seed,
            "plants": dict(self._settings.plants.rates),
            "latency_ms": self._settings.latency_ms,
        }


def _response(status: int, answer: Answered) -> Response:
    match answer:
        case Payload():
            headers = {**_identified(), **answer.headers}
            return Response(answer.body, status, headers, media_type="application/json")
        case Frames():
            headers = {**_identified(), **answer.headers}
            return StreamingResponse(_sent(answer), status, headers, media_type=CONTENT_TYPE)
    return _json(status, answer)


async def _sent(answer: Frames) -> AsyncIterator[bytes]:
    for frame in answer.frames:
        yield frame


def _json(status: int, document: dict[str, Any], error: str | None = None) -> Response:
    headers = _identified()
    if error is not None:
        headers["x-amzn-ErrorType"] = error
    body = json.dumps(document, separators=(",", ":")).encode()
    return Response(body, status, headers, media_type="application/json")


def _identified() -> dict[str, str]:
    return {"x-amzn-RequestId": str(uuid.uuid4())}
