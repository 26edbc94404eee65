"""From a request to its response: the operation is found, faults strike, the rest is answered."""

from __future__ import annotations

import asyncio
import hashlib
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from starlette.responses import Response

from evals.rehearsal.apply import apply_guardrail
from evals.rehearsal.calls.stage import Stage
from evals.rehearsal.catalogue import (
    get_foundation_model,
    get_inference_profile,
    list_foundation_models,
    list_inference_profiles,
)
from evals.rehearsal.compatible import Route, model_of, respond
from evals.rehearsal.connections import Cut, Reset
from evals.rehearsal.constraints import validate
from evals.rehearsal.converse import converse, converse_stream
from evals.rehearsal.counting import Calls
from evals.rehearsal.enforcement import Enforcement
from evals.rehearsal.errors import ServiceError
from evals.rehearsal.faults import Plants
from evals.rehearsal.guardrails import ACCOUNT, Guardrails
from evals.rehearsal.invoke import invoke_model, invoke_model_with_response_stream
from evals.rehearsal.operations import OPERATIONS
from evals.rehearsal.responses import Answered, bad_gateway, success
from evals.rehearsal.routes import Routes, parameters
from evals.rehearsal.scenario.document import Fault, Scenario
from evals.rehearsal.scenario.kinds import ANSWER_KINDS, CONNECTIONS, FAILURES, RATE_OF_APPLY
from evals.rehearsal.scenario.streams import in_stream
from evals.rehearsal.scenario.striking import Request, Striking
from evals.rehearsal.wire import Api, Operation

_ANSWERED = "answered"


@dataclass(frozen=True, kw_only=True)
class Settings:
    """What makes one rehearsal differ from another."""

    seed: int = 0
    plants: Plants = field(default_factory=Plants)
    latency_ms: float = 0.0
    """How long each call of the runtime is kept waiting, where the scenario says nothing else."""
    scenario: Scenario = field(default_factory=Scenario)
    scenario_sha256: str | None = None
    """Of the file that the scenario was read from."""


@dataclass(frozen=True, kw_only=True)
class Incoming:
    """An HTTP request."""

    method: str
    path: str
    """As sent, still percent-encoded."""
    query: str
    headers: Mapping[str, str]
    body: bytes
    request_id: str


@dataclass(frozen=True)
class _Met:
    """A request whose operation is known."""

    incoming: Incoming
    operation: Operation
    labels: dict[str, str]
    digest: str

    @property
    def model_id(self) -> str | None:
        return self.labels.get("modelId")


class Dispatcher:
    """Answers requests; its guardrails and counts live as long as it does."""

    def __init__(self, settings: Settings, api: Api) -> None:
        guardrails = Guardrails(overlooked=tuple(sorted(settings.scenario.detectors.overlooks.items())))
        self.calls = Calls()
        self._routes = Routes(api.operations.values())
        enforcement = Enforcement(guardrails)
        self._stage = Stage(
            guardrails, enforcement, settings.plants, settings.seed, settings.latency_ms, settings.scenario
        )
        self._scenario = settings.scenario
        self._striking = Striking(settings.scenario, seed=settings.seed, latency_ms=settings.latency_ms)
        self._control: Mapping[str, Callable[[dict[str, Any]], Answered]] = {
            "CreateGuardrail": guardrails.create,
            "GetGuardrail": guardrails.get,
            "UpdateGuardrail": guardrails.update,
            "CreateGuardrailVersion": guardrails.create_version,
            "ListGuardrails": guardrails.list_versions,
            "DeleteGuardrail": guardrails.delete,
            "ListTagsForResource": guardrails.tags,
            "TagResource": guardrails.tag,
            "UntagResource": guardrails.untag,
            "PutEnforcedGuardrailConfiguration": enforcement.put,
            "ListEnforcedGuardrailsConfiguration": enforcement.list_configurations,
            "DeleteEnforcedGuardrailConfiguration": enforcement.delete,
            "GetFoundationModel": get_foundation_model,
            "GetInferenceProfile": get_inference_profile,
            "ListFoundationModels": list_foundation_models,
            "ListInferenceProfiles": list_inference_profiles,
        }
        self._runtime: Mapping[str, Callable[[dict[str, Any], Stage], Answered]] = {
            "ApplyGuardrail": apply_guardrail,
            "Converse": converse,
            "ConverseStream": converse_stream,
            "InvokeModel": invoke_model,
            "InvokeModelWithResponseStream": invoke_model_with_response_stream,
        }

    async def respond(self, incoming: Incoming, route: Route | None = None) -> Response:
        """Answer a request, and count how it ended.

        Args:
            incoming: The request.
            route: The route of a vendor's SDK, where it came by one.

        Raises:
            ServiceError: What the caller is to be told instead of an answer.
        """
        if route is not None:
            return await self._respond_to_vendor(route, incoming)
        operation, labels = self._routes.match(incoming.method, incoming.path)
        met = _Met(incoming, operation, labels, _digest(operation, incoming))
        repetition = self.calls.came(met.digest)
        outcome = "defect"
        try:
            response, outcome = await self._answer(met, repetition)
        except ServiceError as error:
            outcome = error.code
            raise
        finally:
            self.calls.ended(operation.name, met.model_id, _metadata(incoming), met.digest, outcome)
        return response

    async def _respond_to_vendor(self, route: Route, incoming: Incoming) -> Response:
        """Injected faults do not strike here."""
        if self._stage.latency_ms:
            await asyncio.sleep(self._stage.latency_ms / 1000)
        digest = hashlib.sha256(incoming.path.encode() + incoming.body).hexdigest()[:16]
        self.calls.came(digest)
        outcome = "defect"
        try:
            response = respond(route, incoming.body, incoming.headers, self._stage)
            outcome = _ANSWERED
        except ServiceError as error:
            outcome = error.code
            raise
        finally:
            self.calls.ended(route.operation, model_of(incoming.body), {}, digest, outcome)
        return response

    async def _answer(self, met: _Met, repetition: int) -> tuple[Response, str]:
        """The response and a word for how it ended."""
        operation = met.operation
        if operation.name not in OPERATIONS:
            raise _unmodelled(operation)
        faults, waits_ms = self._weather(met, repetition)
        if waits_ms:
            await asyncio.sleep(waits_ms / 1000)
        for fault in faults:
            if fault.kind in FAILURES:
                raise _failure(fault, met)
            if fault.kind in CONNECTIONS:
                return self._broken(fault, met, waits_ms)
        struck = frozenset(fault.kind for fault in faults) & ANSWER_KINDS
        answered = self._handle(met, waits_ms, struck)
        inside = in_stream(faults)
        response = success(
            answered,
            status=operation.status,
            request_id=met.incoming.request_id,
            fault=inside,
            pause_s=self._pause_s(met.model_id),
        )
        return response, inside.kind if inside else _ANSWERED

    def _handle(self, met: _Met, waits_ms: float, struck: frozenset[str]) -> Answered:
        incoming, operation = met.incoming, met.operation
        given = parameters(operation, met.labels, incoming.query, incoming.headers, incoming.body)
        validate(operation.input, given)
        if operation.name in self._control:
            return self._control[operation.name](given)
        stage = self._stage
        if struck or waits_ms != stage.latency_ms:
            stage = replace(stage, latency_ms=waits_ms, struck=struck)
        return self._runtime[operation.name](given, stage)

    def _weather(self, met: _Met, repetition: int) -> tuple[list[Fault], float]:
        """The faults that strike a call, and how long it waits."""
        request = Request(
            operation=met.operation.name,
            model_id=met.model_id,
            digest=met.digest,
            repetition=repetition,
            body=met.incoming.body,
        )
        return self._striking.faults(request), self._striking.waits_ms(request)

    def _broken(self, fault: Fault, met: _Met, waits_ms: float) -> tuple[Response, str]:
        if fault.kind == "bad_gateway":
            return bad_gateway(), fault.kind
        if fault.kind == "reset":
            return Reset(), fault.kind
        whole = success(
            self._handle(met, waits_ms, frozenset()),
            status=met.operation.status,
            request_id=met.incoming.request_id,
        )
        return Cut(bytes(whole.body), whole.status_code, dict(whole.headers)), fault.kind

    def _pause_s(self, model_id: str | None) -> float:
        return 0.0 if model_id is None else self._scenario.pause_ms(model_id) / 1000


def _unmodelled(operation: Operation) -> ServiceError:
    return ServiceError(
        "UnknownOperationException",
        f"The rehearsal does not model {operation.name} of {operation.service}."
        f" It models {', '.join(OPERATIONS)}.",
    )


def _failure(fault: Fault, met: _Met) -> ServiceError:
    by_account = fault.kind == "throttled" and met.operation.name == "ApplyGuardrail"
    failure = RATE_OF_APPLY if by_account else FAILURES[fault.kind]
    message = (fault.message or failure.message).format(
        request_id=met.incoming.request_id, account=ACCOUNT, parameter=fault.parameter
    )
    return ServiceError(failure.code, message, failure.members)


def _digest(operation: Operation, incoming: Incoming) -> str:
    """Of everything in a request that can change its answer."""
    said = hashlib.sha256(f"{incoming.method} {incoming.path}?{incoming.query}".encode())
    for name in operation.input.headers:
        said.update(f"\n{name}: {incoming.headers.get(name, '')}".encode())
    said.update(b"\n" + incoming.body)
    return said.hexdigest()[:16]


def _metadata(incoming: Incoming) -> dict[str, str]:
    """The request's metadata, of any API; empty where it has none that can be read."""
    try:
        header = incoming.headers.get("x-amzn-bedrock-request-metadata")
        metadata = json.loads(header if header is not None else incoming.body or "{}")
        metadata = metadata if header is not None else metadata.get("requestMetadata")
    except (ValueError, AttributeError, RecursionError):
        return {}
    return {str(name): str(value) for name, value in metadata.items()} if isinstance(metadata, dict) else {}
