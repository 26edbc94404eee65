"""InvokeModel and InvokeModelWithResponseStream: a model's own format, with the guardrail's signs beside it.

The names differ from Converse's: headers name the guardrail, the enums are in upper case, the body may
carry `amazon-bedrock-guardrailConfig`, and what the guardrail did stands in `amazon-bedrock-guardrailAction`
and `amazon-bedrock-trace`, streamed on the last chunk alone.
"""

from __future__ import annotations

import base64
import json
import re
import time
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any, Literal

from pydantic import Field

from evals.rehearsal.answers import Frames, Payload
from evals.rehearsal.bodies.chat import ChatCompletions
from evals.rehearsal.bodies.claude import ClaudeMessages
from evals.rehearsal.bodies.protocol import Body, read_whole
from evals.rehearsal.bodies.reading import Closed, read_as
from evals.rehearsal.calls.call import Answer, answer, ask, profile_of
from evals.rehearsal.calls.guarding import TraceLevel
from evals.rehearsal.calls.request import Call, Wanted
from evals.rehearsal.calls.stage import Stage, spent_ms
from evals.rehearsal.calls.streaming import Mode, stream
from evals.rehearsal.channels import Conversation
from evals.rehearsal.converse import check_streams, told_of
from evals.rehearsal.errors import invalid, not_modelled
from evals.rehearsal.eventstream import event

ACTION = "amazon-bedrock-guardrailAction"
TRACE = "amazon-bedrock-trace"
METRICS = "amazon-bedrock-invocationMetrics"

_CONFIG = "amazon-bedrock-guardrailConfig"
_MODES: Mapping[str, Mode] = {"SYNCHRONOUS": "sync", "ASYNCHRONOUS": "async"}
LEVELS: Mapping[str, TraceLevel] = {
    "DISABLED": "disabled",
    "ENABLED": "enabled",
    "ENABLED_FULL": "enabled_full",
}
"""Converse's words for those of the header."""
_TAG = "amazon-bedrock-guardrails-guardContent_"


_BODIES: Mapping[str, Body] = {"Anthropic": ClaudeMessages(), "OpenAI": ChatCompletions()}
"""By provider."""


class _GuardrailConfig(Closed):
    tagSuffix: str = Field(default="", pattern=r"^[A-Za-z0-9]{0,20}$")  # noqa: N815 - as on the wire
    streamProcessingMode: Literal["SYNCHRONOUS", "ASYNCHRONOUS"] = "SYNCHRONOUS"  # noqa: N815 - as on the wire


def invoke_model(request: Mapping[str, Any], stage: Stage) -> Payload:
    """Answer InvokeModel.

    Raises:
        ServiceError: `ValidationException`: something AWS or the model refuses, a guardrail that does
            not exist, or a feature that the stand-in does not model.
    """
    started = time.perf_counter()
    call, body, _ = _read(request)
    given = answer(call, stage)
    document = body.write(given, call.model_id) | signs(given)
    return Payload(
        body=json.dumps(document, ensure_ascii=False, separators=(",", ":")).encode(),
        headers={
            "X-Amzn-Bedrock-Invocation-Latency": str(spent_ms(started, stage)),
            "X-Amzn-Bedrock-Input-Token-Count": str(given.usage["inputTokens"]),
            "X-Amzn-Bedrock-Output-Token-Count": str(given.usage["outputTokens"]),
        },
    )


def invoke_model_with_response_stream(request: Mapping[str, Any], stage: Stage) -> Frames:
    """Answer InvokeModelWithResponseStream: every chunk is a body in base64.

    Raises:
        ServiceError: As `invoke_model`; nothing is sent before the request is known to be good.
    """
    started = time.perf_counter()
    call, body, mode = _read(request)
    check_streams(call)
    sent, given = stream(ask(call, stage), mode, stage.pace(profile_of(call.model_id)))
    chunks = list(body.chunks(sent, given, call.model_id))
    spent = spent_ms(started, stage)
    chunks[-1] |= {
        METRICS: {
            "inputTokenCount": given.usage["inputTokens"],
            "outputTokenCount": given.usage["outputTokens"],
            "invocationLatency": spent,
            "firstByteLatency": spent,
        },
        **signs(given),
    }
    return Frames(
        frames=[event("chunk", {"bytes": _encoded(chunk)}) for chunk in chunks],
        headers={"X-Amzn-Bedrock-Content-Type": "application/json"},
    )


def _read(request: Mapping[str, Any]) -> tuple[Call, Body, Mode]:
    for name in ("performanceConfigLatency", "serviceTier"):
        if request.get(name) not in (None, "standard", "default"):
            raise not_modelled(f"{name} of InvokeModel")
    profile = profile_of(request["modelId"])
    document = _document(request.get("body", b""))
    settings = _settings(request, document.pop(_CONFIG, None))
    call = Call(
        model_id=request["modelId"],
        conversation=Conversation(messages=()),
        **told_of(_metadata(request.get("requestMetadata"))),
        wanted=_wanted(request),
    )
    body = _BODIES[profile.provider_name]
    call = read_whole(body, document, call)
    conversation, tagged = _with_guarded(call.conversation, settings.tagSuffix)
    # "If there are no tags, prompt attacks will not be filtered" (user guide, on tagging user input).
    call = replace(
        call,
        conversation=conversation,
        reads_attacks=tagged,
        tells_reasoning=profile.thinking.form == "plain",
    )
    return call, body, _MODES[settings.streamProcessingMode]


def _document(body: bytes) -> dict[str, Any]:
    try:
        document = json.loads(body)
    except (ValueError, RecursionError):
        document = None
    if not isinstance(document, dict):
        raise invalid("Malformed input request, please reformat your input and try again.")
    return document


def _settings(request: Mapping[str, Any], config: Any) -> _GuardrailConfig:
    named = request.get("guardrailIdentifier")
    if config is None:
        config = {}
    elif not named:
        raise invalid(f"{_CONFIG} stands in the body, and no header names a guardrail")
    if named and request.get("contentType", "application/json").partition(";")[0] != "application/json":
        raise invalid("A guardrail needs the content type application/json")
    return read_as(_GuardrailConfig, config, _CONFIG)


def _wanted(request: Mapping[str, Any]) -> Wanted:
    return Wanted(
        identifier=request.get("guardrailIdentifier"),
        version=request.get("guardrailVersion"),
        trace=LEVELS[request.get("trace", "DISABLED")],
    )


def _metadata(header: str | None) -> dict[str, str]:
    if header is None:
        return {}
    try:
        metadata = json.loads(header)
    except ValueError:
        metadata = None
    if not isinstance(metadata, dict) or not all(isinstance(value, str) for value in metadata.values()):
        raise invalid("X-Amzn-Bedrock-Request-Metadata must be a JSON object of texts")
    return metadata


def _with_guarded(conversation: Conversation, suffix: str) -> tuple[Conversation, bool]:
    """The conversation with tagged text in guardContent blocks, and whether there was any."""
    if not suffix:
        return conversation, False
    name = re.escape(_TAG + suffix)
    tag = re.compile(f"<{name}>(.*?)</{name}>", re.DOTALL)
    system = [part for block in conversation.system for part in _parts(block, tag)]
    messages = [
        {**message, "content": [part for block in message["content"] for part in _parts(block, tag)]}
        for message in conversation.messages
    ]
    blocks = [*system, *(block for message in messages for block in message["content"])]
    tagged = any("guardContent" in block for block in blocks)
    return replace(conversation, system=system, messages=messages), tagged


def _parts(block: Mapping[str, Any], tag: re.Pattern[str]) -> Iterator[Mapping[str, Any]]:
    if "text" not in block:
        yield block
        return
    for place, text in enumerate(tag.split(block["text"])):
        if place % 2:
            yield {"guardContent": {"text": {"text": text}}}
        elif text:
            yield {"text": text}


def signs(given: Answer) -> dict[str, Any]:
    """What the guardrail did, under this API's names."""
    if given.record is None:
        return {}
    signs: dict[str, Any] = {ACTION: "INTERVENED" if given.record.intervened else "NONE"}
    if (trace := given.record.trace()) is not None:
        outputs = trace.get("outputAssessments", {})
        renamed = {"input": trace["inputAssessment"], "actionReason": trace["actionReason"]}
        if "modelOutput" in trace:
            renamed["modelOutput"] = trace["modelOutput"]
            renamed["outputs"] = [
                {identifier: assessment}
                for identifier, assessments in outputs.items()
                for assessment in assessments
            ]
        signs[TRACE] = {"guardrail": renamed}
    return signs


def _encoded(chunk: dict[str, Any]) -> str:
    return base64.b64encode(json.dumps(chunk, ensure_ascii=False, separators=(",", ":")).encode()).decode()
