"""Converse and ConverseStream: their requests read, their answers written."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, TypedDict

from evals.rehearsal.answers import Frames
from evals.rehearsal.calls.call import Answer, answer, ask, profile_of
from evals.rehearsal.calls.request import Call, Wanted
from evals.rehearsal.calls.stage import Stage, spent_ms
from evals.rehearsal.calls.streaming import Piece, stream
from evals.rehearsal.channels import Conversation
from evals.rehearsal.errors import NO_SUCH_GUARDRAIL, invalid
from evals.rehearsal.eventstream import event
from evals.rehearsal.requests import check_conversation, check_modelled
from suites.registered import CANARY

Event = tuple[str, dict[str, Any]]
"""The name of a member of ConverseStreamOutput, and its content."""


def converse(request: Mapping[str, Any], stage: Stage) -> dict[str, Any]:
    """Answer Converse.

    Raises:
        ServiceError: `ValidationException`: something AWS or the model refuses, a guardrail that does
            not exist, or a feature that the stand-in does not model.
    """
    started = time.perf_counter()
    given = answer(read_call(request), stage)
    return {
        "output": {"message": {"role": "assistant", "content": given.content}},
        "stopReason": given.stop_reason,
        "usage": given.usage,
        **traced(given),
        "metrics": {"latencyMs": spent_ms(started, stage)},
    }


def converse_stream(request: Mapping[str, Any], stage: Stage) -> Frames:
    """Answer ConverseStream.

    Raises:
        ServiceError: As `converse`; nothing is sent before the request is known to be good.
    """
    started = time.perf_counter()
    call = read_call(request)
    check_streams(call)
    mode = (request.get("guardrailConfig") or {}).get("streamProcessingMode", "sync")
    sent, given = stream(ask(call, stage), mode, stage.pace(profile_of(call.model_id)))
    frames = [event(kind, document) for kind, document in events(sent, given.stop_reason)]
    metadata = {
        "usage": given.usage,
        "metrics": {"latencyMs": spent_ms(started, stage)},
        **traced(given),
    }
    return Frames(frames=[*frames, event("metadata", metadata)])


def read_call(request: Mapping[str, Any]) -> Call:
    """The call that a request of Converse or ConverseStream asks for."""
    check_modelled(request)
    check_conversation(request)
    tools = request.get("toolConfig") or {}
    settings = request.get("guardrailConfig") or {}
    return Call(
        model_id=request["modelId"],
        conversation=Conversation(
            messages=request["messages"], system=request.get("system") or (), tools=tools.get("tools") or ()
        ),
        tool_choice=tools.get("toolChoice") or {},
        inference=request.get("inferenceConfig") or {},
        extra=request.get("additionalModelRequestFields") or {},
        **told_of(request.get("requestMetadata") or {}),
        wanted=Wanted(
            identifier=settings.get("guardrailIdentifier"),
            version=settings.get("guardrailVersion"),
            trace=settings.get("trace", "disabled"),
        ),
    )


def check_streams(call: Call) -> None:
    """Refuse a guardrail on a stream of a model that does not stream behind one.

    Raises:
        ServiceError: `ValidationException`, with the words seen at AWS.
    """
    if call.wanted.identifier and not profile_of(call.model_id).guards_streams:
        raise invalid(f"The model returned the following errors: {NO_SUCH_GUARDRAIL}")


class Told(TypedDict):
    """What the metadata of a request tell of a call."""

    epoch: int
    proof: bool


def told_of(metadata: Mapping[str, str]) -> Told:
    """Which repetition a call is, and whether it asks a canary, by its request metadata.

    Raises:
        ServiceError: `ValidationException`: the epoch is no number.
    """
    text = metadata.get("epoch", "1")
    if not text.isdecimal():
        raise invalid(f"The rehearsal reads requestMetadata.epoch as a whole number, not as '{text}'")
    return Told(epoch=int(text), proof=metadata.get("case", "").startswith(CANARY))


def traced(given: Answer) -> dict[str, Any]:
    """The `trace` member, if there is a trace."""
    trace = given.record.trace() if given.record else None
    return {"trace": {"guardrail": trace}} if trace is not None else {}


def events(sent: Sequence[Piece], stop_reason: str) -> Iterator[Event]:
    """The events of ConverseStream up to messageStop; a block of text or reasoning has no start event."""
    yield "messageStart", {"role": "assistant"}
    open_block: int | None = None
    for piece in sent:
        if open_block is not None and piece.index != open_block:
            yield "contentBlockStop", {"contentBlockIndex": open_block}
        open_block = piece.index
        where = {"contentBlockIndex": piece.index}
        if piece.kind == "tool":
            yield (
                "contentBlockStart",
                {
                    "start": {"toolUse": {"toolUseId": piece.text, "name": piece.name}},
                    **where,
                },
            )
        else:
            yield "contentBlockDelta", {"delta": _delta(piece), **where}
    if open_block is not None:
        yield "contentBlockStop", {"contentBlockIndex": open_block}
    yield "messageStop", {"stopReason": stop_reason}


def _delta(piece: Piece) -> dict[str, Any]:
    match piece.kind:
        case "reasoning":
            return {"reasoningContent": {"text": piece.text}}
        case "signature":
            return {"reasoningContent": {"signature": piece.text}}
        case "redacted":
            return {"reasoningContent": {"redactedContent": piece.text}}
        case "tool_input":
            return {"toolUse": {"input": piece.text}}
    return {"text": piece.text}
