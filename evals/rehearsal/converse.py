"""Converse: input through the guardrail, the model, output through the guardrail.

The order is AWS's (user guide, "How Amazon Bedrock Guardrails works"): a blocked input never reaches
the model and costs no tokens. Which texts of the conversation are assessed, `channels` says.
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from evals.rehearsal.apply import NO_ACTION
from evals.rehearsal.channels import (
    EVALUATED,
    Conversation,
    Passage,
    passages,
    readable,
    spoken,
    with_spoken,
    with_texts,
)
from evals.rehearsal.disturbance import Disturbance, disturbed, strike
from evals.rehearsal.engine import Assessment
from evals.rehearsal.errors import NO_SUCH_GUARDRAIL, invalid, not_modelled
from evals.rehearsal.faults import Plants
from evals.rehearsal.guardrails import Configuration, Guardrails
from evals.rehearsal.models import RejectedRequest, Reply, reply, resolve
from evals.rehearsal.models.answering import check_parameters
from evals.rehearsal.requests import check_conversation, check_modelled
from evals.rehearsal.rules import Side

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
    check_modelled(request)
    check_conversation(request)
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
        tools = request.get("toolConfig") or {}
        self._tool_choice = tools.get("toolChoice") or {}
        self._conversation = Conversation(
            messages=request["messages"], system=request.get("system") or (), tools=tools.get("tools") or ()
        )
        self._passages: list[Passage] = []
        self._disturbance = Disturbance()
        if self._configuration is not None:
            self._passages = passages(self._conversation)
            self._disturbance = strike(
                stage.plants,
                model_id=request["modelId"],
                seed=stage.seed,
                epoch=epoch,
                prompt="\n".join(passage.text for passage in self._passages),
            )
            if self._disturbance.inert:
                self._configuration = None

    def answer(self) -> dict[str, Any]:
        if self._configuration is None:
            said = self._ask_model(self._conversation)
            return _response(said.content, said.stop_reason, said)
        return self._guarded(self._configuration)

    def _guarded(self, configuration: Configuration) -> dict[str, Any]:
        read = readable(self._passages, EVALUATED)
        asked = self._assess(configuration, "INPUT", self._passages, read)
        if asked.blocked:
            content = [{"text": asked.texts[0]}]
            return _response(content, _INTERVENED, None) | self._trace(configuration, asked)
        said = self._ask_model(with_texts(self._conversation, _merged(self._passages, read, asked.texts)))
        raw = spoken(said.content)
        heard_of = [EVALUATED[passage.channel] for passage in raw]
        heard = self._assess(configuration, "OUTPUT", raw, heard_of)
        if heard.blocked:
            shown: list[dict[str, Any]] = [{"text": heard.texts[0]}]
        else:
            texts = _merged(raw, heard_of, heard.texts)
            shown = with_spoken(said.content, lambda _: next(texts))
        intervened = "GUARDRAIL_INTERVENED" in {asked.action, heard.action}
        answered = [passage.text for passage in raw if passage.channel == "answer"]
        return _response(shown, _INTERVENED if intervened else said.stop_reason, said) | self._trace(
            configuration, asked, heard, answered
        )

    def _assess(
        self, configuration: Configuration, side: Side, found: Sequence[Passage], read: Sequence[bool]
    ) -> Assessment:
        texts = [passage.text for passage, is_read in zip(found, read, strict=True) if is_read]
        return disturbed(
            configuration,
            side,
            texts,
            unread=sum(len(passage.text) for passage in found) - sum(map(len, texts)),
            full=self._trace_level == "enabled_full",
            disturbance=self._disturbance,
        )

    def _ask_model(self, conversation: Conversation) -> Reply:
        return reply(
            self._request["modelId"],
            messages=conversation.messages,
            system=conversation.system,
            tools=conversation.tools,
            tool_choice=self._tool_choice,
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


def _merged(found: Sequence[Passage], read: Sequence[bool], judged: Sequence[str]) -> Iterator[str]:
    """All texts in their order, those that were read as the guardrail left them."""
    texts = iter(judged)
    return iter(
        [next(texts) if is_read else passage.text for passage, is_read in zip(found, read, strict=True)]
    )


def _signed(assessment: Assessment, configuration: Configuration) -> dict[str, Any]:
    return {**assessment.document, "appliedGuardrailDetails": configuration.applied}


def _reason(asked: Assessment, heard: Assessment | None) -> str:
    """The weightier of both sides' reasons: blocked before masked before nothing."""
    acted = [side for side in (asked, heard) if side is not None and side.action != "NONE"]
    acted.sort(key=lambda side: not side.blocked)
    return (acted[0].reason if acted else None) or NO_ACTION


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
