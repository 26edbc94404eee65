"""Routes for the SDKs of OpenAI and Anthropic: where GPT-5.5 lives first, and where guardrails do nothing.

They take the headers that name a guardrail and ignore them, as AWS's endpoint for these SDKs was seen to
do. One model is guarded on the route of chat completions, as AWS documents it: gpt-oss, by the id that it
has on bedrock-runtime.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, Literal

from starlette.responses import Response

from evals.rehearsal.bodies.chat import ChatCompletions
from evals.rehearsal.bodies.claude import ClaudeMessages
from evals.rehearsal.bodies.protocol import Body, read_whole
from evals.rehearsal.bodies.responses import Responses
from evals.rehearsal.calls.call import answer, ask, profile_of
from evals.rehearsal.calls.request import Call, Wanted
from evals.rehearsal.calls.stage import Stage
from evals.rehearsal.calls.streaming import stream
from evals.rehearsal.channels import Conversation
from evals.rehearsal.connections import Stream
from evals.rehearsal.errors import ServiceError, invalid
from evals.rehearsal.invoke import LEVELS, signs
from evals.rehearsal.models import MODELS, Profile
from evals.rehearsal.responses import document as json_response

Vendor = Literal["openai", "anthropic"]

_GUARDED = "openai.gpt-oss-120b-1:0"
_ALIASES = MappingProxyType({"openai.gpt-oss-120b": _GUARDED})
"""Ids that a model has on these routes alone."""
_INERT = "mantle"
_PREFIX = "x-amzn-bedrock-"


@dataclass(frozen=True)
class Route:
    """One route of a vendor's SDK."""

    vendor: Vendor
    operation: str
    """The name under which it is counted."""
    body: Body
    provider: str | None = None
    """Whose models alone can be called; None is everybody's."""


ROUTES: Mapping[str, Route] = MappingProxyType(
    {
        **dict.fromkeys(
            ("/openai/v1/chat/completions", "/v1/chat/completions"),
            Route("openai", "ChatCompletions", ChatCompletions()),
        ),
        **dict.fromkeys(
            ("/openai/v1/responses", "/v1/responses"), Route("openai", "Responses", Responses(), "OpenAI")
        ),
        "/anthropic/v1/messages": Route("anthropic", "Messages", ClaudeMessages(sent=True), "Anthropic"),
    }
)
"""By path; all are POST."""


def respond(route: Route, body: bytes, headers: Mapping[str, str], stage: Stage) -> Response:
    """Answer a request of a vendor's SDK.

    Raises:
        ServiceError: What the caller is to be told instead of an answer, as AWS calls it.
    """
    document = _document(body)
    model = str(document.get("model", ""))
    call = _call(route, document, headers)
    if document.get("stream"):
        sent, given = stream(ask(call, stage), "sync", stage.pace(profile_of(call.model_id)))
        chunks = list(route.body.chunks(sent, given, model))
        if route.operation == "ChatCompletions" and not _wants_usage(document):
            del chunks[-1]
        chunks[-1] |= signs(given)
        return Stream(_events(route, chunks), headers={}, media_type="text/event-stream", breaks=False)
    given = answer(call, stage)
    return json_response(route.body.write(given, model) | signs(given), headers={})


def refusal(route: Route, error: ServiceError, status: int) -> Response:
    """An error in the vendor's own shape."""
    kind = "invalid_request_error" if status < 500 else "api_error"  # noqa: PLR2004 - whose fault it is
    if route.vendor == "anthropic":
        content = {"type": "error", "error": {"type": kind, "message": error.message}}
    else:
        content = {"error": {"message": error.message, "type": kind, "code": error.code, "param": None}}
    return json_response(content, status=status, headers={})


def _wants_usage(document: Mapping[str, Any]) -> bool:
    """Whether the chunk with the usage, which has no choices, is wanted at the end."""
    return (document.get("stream_options") or {}).get("include_usage") is True


def model_of(body: bytes) -> str | None:
    """The model that a body names, None where it names none that can be read."""
    try:
        return str(_document(body)["model"])
    except ServiceError:
        return None


def _document(body: bytes) -> dict[str, Any]:
    try:
        document = json.loads(body)
    except (ValueError, RecursionError):
        document = None
    if not isinstance(document, dict) or not isinstance(document.get("model"), str):
        raise invalid("The request body must be a JSON object that names a model.")
    return document


def _call(route: Route, document: dict[str, Any], headers: Mapping[str, str]) -> Call:
    profile = _profile(document["model"])
    if route.provider not in {None, profile.provider_name}:
        raise invalid(f"The model '{document['model']}' is not served on this route.")
    guarded = route.operation == "ChatCompletions" and document["model"] == _GUARDED
    wanted = Wanted(
        identifier=headers.get(f"{_PREFIX}guardrailidentifier"),
        version=headers.get(f"{_PREFIX}guardrailversion"),
        trace=LEVELS.get(headers.get(f"{_PREFIX}trace", ""), "disabled"),
    )
    call = Call(
        model_id=_GUARDED if guarded else f"{_INERT}.{profile.base_id}",
        conversation=Conversation(messages=()),
        wanted=wanted if guarded else Wanted(),
    )
    return read_whole(route.body, document, call)


def _profile(model: str) -> Profile:
    """The model by the bare id that it has on these routes, or by any id that bedrock-runtime knows."""
    name = _ALIASES.get(model, model)
    return MODELS[name] if name in MODELS else profile_of(name)


def _events(route: Route, chunks: list[dict[str, Any]]) -> Iterator[tuple[float, bytes]]:
    """Server-sent events; the type of each is told where the format has types."""
    for chunk in chunks:
        kind = f"event: {chunk['type']}\n" if "type" in chunk else ""
        yield 0.0, f"{kind}data: {json.dumps(chunk, ensure_ascii=False)}\n\n".encode()
    if route.operation == "ChatCompletions":
        yield 0.0, b"data: [DONE]\n\n"
