"""Converse: input through the guardrail, the model, output through the guardrail.

The order is AWS's (user guide, "How Amazon Bedrock Guardrails works"): a blocked input never reaches
the model and costs no tokens. All text of the conversation and of the system prompt is assessed;
reasoning content is not.
"""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from evals.rehearsal.apply import NO_ACTION
from evals.rehearsal.disturbance import Disturbance, disturbed, strike
from evals.rehearsal.engine import Assessment
from evals.rehearsal.errors import NO_SUCH_GUARDRAIL, invalid, not_modelled
from evals.rehearsal.faults import Plants
from evals.rehearsal.guardrails import Configuration, Guardrails
from evals.rehearsal.models import RejectedRequest, Reply, reply, resolve
from evals.rehearsal.models.answering import check_parameters
from evals.rehearsal.rules import Side

_MODELLED = {
    "modelId",
    "messages",
    "system",
    "inferenceConfig",
    "guardrailConfig",
    "additionalModelRequestFields",
    "requestMetadata",
}
_INTERVENED = "guardrail_intervened"


@dataclass(frozen=True)
class Stage:
    """Everything that Converse depends on beside its request."""

    guardrails: Guardrails
    plants: Plants
    seed: int
    latency_ms: float = 0.0
    """What the caller was kept waiting on purpose; it counts as the model's time."""


def converse(request: Mapping[str, Any], stage: Stage) -> dict[str, Any]:
    """Answer Converse.

    Raises:
        ServiceError: `ValidationException`: something AWS or the model refuses, a guardrail that does
            not exist, or a feature that the stand-in does not model.
    """
    started = time.perf_counter()
    _check_modelled(request)
    _check_conversation(request)
    epoch = _epoch(request)
    try:
        _check_model(request)
        answer = _Call(request, stage, epoch).answer()
    except RejectedRequest as refusal:
        raise invalid(str(refusal)) from None
    spent_ms = (time.perf_counter() - started) * 1000 + stage.latency_ms
    answer["metrics"] = {"latencyMs": round(spent_ms)}
    return answer


class _Call:
    """One Converse call that has passed validation."""

    def __init__(self, request: Mapping[str, Any], stage: Stage, epoch: int) -> None:
        self._request = request
        self._stage = stage
        self._epoch = epoch
        settings = request.get("guardrailConfig") or {}
        self._configuration = _configuration(settings, stage.guardrails)
        self._trace_level = settings.get("trace", "disabled")
        self._disturbance = Disturbance()
        if self._configuration is not None:
            self._disturbance = strike(
                stage.plants,
                model_id=request["modelId"],
                seed=stage.seed,
                epoch=epoch,
                prompt=_prompt(request["messages"]),
            )
            if self._disturbance.inert:
                self._configuration = None

    def answer(self) -> dict[str, Any]:
        messages, system = self._request["messages"], self._request.get("system") or []
        if self._configuration is None:
            said = self._ask_model(messages, system)
            return _response(said.content, said.stop_reason, said)
        return self._guarded(self._configuration, messages, system)

    def _guarded(
        self,
        configuration: Configuration,
        messages: Sequence[Mapping[str, Any]],
        system: Sequence[Mapping[str, Any]],
    ) -> dict[str, Any]:
        texts = [block["text"] for block in _blocks(system, messages)]
        asked = self._assess(configuration, "INPUT", texts)
        if asked.blocked:
            content = [{"text": asked.texts[0]}]
            return _response(content, _INTERVENED, None) | self._trace(configuration, asked)
        masked = iter(asked.texts)
        system = [{**block, "text": next(masked)} for block in system]
        messages = [
            {**message, "content": [{**block, "text": next(masked)} for block in message["content"]]}
            for message in messages
        ]
        said = self._ask_model(messages, system)
        raw = [block["text"] for block in said.content if "text" in block]
        heard = self._assess(configuration, "OUTPUT", raw)
        intervened = "GUARDRAIL_INTERVENED" in {asked.action, heard.action}
        return _response(
            _shown(said.content, heard), _INTERVENED if intervened else said.stop_reason, said
        ) | self._trace(configuration, asked, heard, raw)

    def _assess(self, configuration: Configuration, side: Side, texts: list[str]) -> Assessment:
        return disturbed(
            configuration,
            side,
            texts,
            full=self._trace_level == "enabled_full",
            disturbance=self._disturbance,
        )

    def _ask_model(self, messages: Sequence[Mapping[str, Any]], system: Sequence[Mapping[str, Any]]) -> Reply:
        return reply(
            self._request["modelId"],
            messages=messages,
            system=system,
            inference=self._request.get("inferenceConfig") or {},
            extra=self._request.get("additionalModelRequestFields") or {},
            seed=self._stage.seed,
            epoch=self._epoch,
        )

    def _trace(
        self,
        configuration: Configuration,
        asked: Assessment,
        heard: Assessment | None = None,
        raw: Sequence[str] = (),
    ) -> dict[str, Any]:
        """The `trace` member, if the caller asked for one."""
        if self._trace_level == "disabled":
            return {}
        guardrail: dict[str, Any] = {
            "inputAssessment": {configuration.guardrail: _signed(asked, configuration)}
        }
        if heard is not None:
            guardrail["modelOutput"] = list(raw)
            guardrail["outputAssessments"] = {configuration.guardrail: [_signed(heard, configuration)]}
        guardrail["actionReason"] = _reason(asked, heard)
        return {"trace": {"guardrail": guardrail}}


def _response(content: list[dict[str, Any]], stop_reason: str, said: Reply | None) -> dict[str, Any]:
    """The response; `said` is None where the model was never asked."""
    taken, given = (said.input_tokens, said.output_tokens) if said else (0, 0)
    return {
        "output": {"message": {"role": "assistant", "content": content}},
        "stopReason": stop_reason,
        "usage": {"inputTokens": taken, "outputTokens": given, "totalTokens": taken + given},
    }


def _shown(content: list[dict[str, Any]], heard: Assessment) -> list[dict[str, Any]]:
    """What the user sees of the model's answer."""
    if heard.blocked:
        return [{"text": heard.texts[0]}]
    masked = iter(heard.texts)
    return [{**block, "text": next(masked)} if "text" in block else block for block in content]


def _signed(assessment: Assessment, configuration: Configuration) -> dict[str, Any]:
    return {**assessment.document, "appliedGuardrailDetails": configuration.applied}


def _reason(asked: Assessment, heard: Assessment | None) -> str:
    """The weightier of both sides' reasons: blocked before masked before nothing."""
    acted = [side for side in (asked, heard) if side is not None and side.action != "NONE"]
    acted.sort(key=lambda side: not side.blocked)
    return (acted[0].reason if acted else None) or NO_ACTION


def _blocks(
    system: Sequence[Mapping[str, Any]], messages: Sequence[Mapping[str, Any]]
) -> list[Mapping[str, Any]]:
    return [*system, *(block for message in messages for block in message["content"])]


def _prompt(messages: Sequence[Mapping[str, Any]]) -> str:
    """What the user wrote; plants are drawn from it."""
    return "\n".join(
        block["text"] for message in messages if message["role"] == "user" for block in message["content"]
    )


def _check_modelled(request: Mapping[str, Any]) -> None:
    for name, value in request.items():
        # An empty one asks for nothing; some clients send every member there is.
        if name not in _MODELLED and value not in (None, [], {}):
            raise not_modelled(f"{name} of Converse")
    messages = request.get("messages") or []
    for block in _blocks(request.get("system") or [], messages):
        for kind in block:
            if kind != "text":
                raise not_modelled(f"{kind} blocks in Converse")


def _check_conversation(request: Mapping[str, Any]) -> None:
    messages = request.get("messages") or []
    if not messages or messages[0]["role"] != "user":
        raise invalid(
            "A conversation must start with a user message. "
            "Try again with a conversation that starts with a user message."
        )
    if messages[-1]["role"] != "user":
        raise invalid("The conversation must end with a user message; no model here continues its own words.")
    for place, message in enumerate(messages):
        if not message["content"]:
            raise invalid(f"The content field in the Message object at messages.{place} is empty.")
        for block_place, block in enumerate(message["content"]):
            if not block["text"].strip():
                where = f"messages.{place}.content.{block_place}"
                raise invalid(f"The text field in the ContentBlock object at {where} is blank.")


def _check_model(request: Mapping[str, Any]) -> None:
    profile = resolve(request["modelId"])
    extra = request.get("additionalModelRequestFields") or {}
    check_parameters(profile, inference=request.get("inferenceConfig") or {}, extra=extra)
    for name in extra:
        if name not in profile.fixed_parameters:
            raise not_modelled(f"{name} of additionalModelRequestFields")


def _configuration(settings: Mapping[str, Any], guardrails: Guardrails) -> Configuration | None:
    """The guardrail a request names; None where it names none."""
    identifier, version = settings.get("guardrailIdentifier"), settings.get("guardrailVersion")
    if not settings:
        return None
    if not identifier or not version:
        raise invalid("guardrailConfig needs both guardrailIdentifier and guardrailVersion")
    configuration = guardrails.find(identifier, version)
    if configuration is None:
        raise invalid(NO_SUCH_GUARDRAIL)
    return configuration


def _epoch(request: Mapping[str, Any]) -> int:
    text = (request.get("requestMetadata") or {}).get("epoch", "1")
    if not text.isdecimal():
        raise invalid(f"The rehearsal reads requestMetadata.epoch as a whole number, not as '{text}'")
    return int(text)
