"""A call to a model: input through the guardrail, the model, output through the guardrail.

The order is AWS's (user guide, "How Amazon Bedrock Guardrails works"): a blocked input never reaches
the model and costs no tokens.
"""

from __future__ import annotations

from dataclasses import dataclass, fields, replace
from typing import Any

from evals.rehearsal.calls.attaching import attach
from evals.rehearsal.calls.guarding import Record
from evals.rehearsal.calls.request import Call
from evals.rehearsal.calls.stage import Stage
from evals.rehearsal.channels import (
    passages,
    spoken,
    with_spoken,
    with_texts,
)
from evals.rehearsal.errors import ServiceError, not_modelled
from evals.rehearsal.models import Profile, RejectedRequest, Reply, reply, resolve
from evals.rehearsal.models.accepting import check_conversation, check_parameters, unknown_fields
from evals.rehearsal.models.straying import STEADY, Straying

INTERVENED = "guardrail_intervened"
FILTERED = "content_filtered"
"""Stopped by the model's provider, which is no guardrail."""


@dataclass(kw_only=True)
class Answer:
    """What the caller gets, in Converse's terms."""

    content: list[dict[str, Any]]
    stop_reason: str
    said: Reply | None = None
    """What the model said, None where it was never asked."""
    record: Record | None = None
    """None where no guardrail stood before the call."""

    @property
    def blocked(self) -> bool:
        """Whether the guardrail stopped input or output."""
        return self.record is not None and self.record.blocked

    @property
    def usage(self) -> dict[str, int]:
        """TokenUsage; a model that was not asked costs nothing."""
        taken, given = (self.said.input_tokens, self.said.output_tokens) if self.said else (0, 0)
        return {"inputTokens": taken, "outputTokens": given, "totalTokens": taken + given}


@dataclass(kw_only=True)
class Asked:
    """A call whose input has been judged."""

    record: Record | None
    """None where no guardrail stands before the call."""
    said: Reply | None
    """What the model said, None where the input was blocked."""


def ask(call: Call, stage: Stage) -> Asked:
    """Take a call up to the model's answer, before any guardrail has heard it.

    Raises:
        ServiceError: `ValidationException`: the model refuses the request, or the guardrail does not exist.
    """
    _check_model(call)
    found, watch = attach(call, stage)
    if watch is None:
        return Asked(record=None, said=_reply(call, stage))
    record = Record(watch=watch, asked=watch.judge("INPUT", found))
    if record.asked.canned is not None:
        return Asked(record=record, said=None)
    masked = with_texts(call.conversation, iter(record.asked.texts))
    said = _reply(replace(call, conversation=masked), stage)
    record.said = [passage.text for passage in spoken(said.content) if passage.channel == "answer"]
    return Asked(record=record, said=said)


def answer(call: Call, stage: Stage) -> Answer:
    """Answer a call whole.

    Raises:
        ServiceError: As `ask`.
    """
    asked = ask(call, stage)
    record, said = asked.record, asked.said
    if said is None or record is None:
        return unheard(asked)
    heard = record.watch.judge("OUTPUT", spoken(said.content))
    record.heard.append(heard)
    if heard.canned is not None:
        content: list[dict[str, Any]] = [{"text": heard.canned}]
    else:
        texts = iter(heard.texts)
        content = with_spoken(said.content, lambda _: next(texts))
    stop_reason = INTERVENED if record.intervened else said.stop_reason
    return Answer(content=content, stop_reason=stop_reason, said=said, record=record)


def unheard(asked: Asked) -> Answer:
    """The answer where no output meets a guardrail: none stands there, or it stopped the input."""
    if asked.said is not None:
        return Answer(content=asked.said.content, stop_reason=asked.said.stop_reason, said=asked.said)
    canned = asked.record.asked.canned if asked.record else None
    return Answer(content=[{"text": canned or ""}], stop_reason=INTERVENED, record=asked.record)


def profile_of(model_id: str) -> Profile:
    """The model that a request names.

    Raises:
        ServiceError: `ValidationException`: there is none, or it cannot be called by this id.
    """
    try:
        return resolve(model_id)
    except RejectedRequest as refusal:
        raise ServiceError(refusal.code, str(refusal)) from None


def _check_model(call: Call) -> None:
    given = call.conversation
    try:
        profile = resolve(call.model_id)
        check_parameters(profile, inference=call.inference, extra=call.extra)
        check_conversation(
            profile,
            messages=given.messages,
            system=given.system,
            tools=given.tools,
            tool_choice=call.tool_choice,
        )
    except RejectedRequest as refusal:
        raise ServiceError(refusal.code, str(refusal)) from None
    if unknown := unknown_fields(profile, call.extra):
        raise not_modelled(f"{unknown[0]} of additionalModelRequestFields")


def _reply(call: Call, stage: Stage) -> Reply:
    said = reply(
        call.model_id,
        messages=call.conversation.messages,
        system=call.conversation.system,
        tools=call.conversation.tools,
        tool_choice=call.tool_choice,
        inference=call.inference,
        extra=call.extra,
        seed=stage.seed,
        epoch=call.epoch,
        straying=_straying(call, stage),
    )
    if "filtered" in stage.struck:
        return replace(said, content=[], stop_reason=FILTERED)
    return _told(said) if call.tells_reasoning else said


def _straying(call: Call, stage: Stage) -> Straying:
    """Decide for every fault of the model whether it strikes this call."""
    if not stage.plants.rates:
        return STEADY
    prompt = "\n".join(passage.text for passage in passages(call.conversation))
    return Straying(
        **{
            field.name: stage.plants.hit(
                field.name,
                model_id=call.model_id,
                seed=stage.seed,
                epoch=call.epoch,
                prompt=prompt,
                proof=call.proof,
            )
            for field in fields(Straying)
        }
    )


def _told(said: Reply) -> Reply:
    """The reply with its reasoning in its text, so that whoever reads the text reads both."""
    if "reasoningText" not in said.content[0].get("reasoningContent", {}) or "text" not in said.content[-1]:
        return said
    reasoning = said.content[0]["reasoningContent"]["reasoningText"]["text"]
    text = f"<reasoning>{reasoning}</reasoning>{said.content[-1]['text']}"
    return replace(said, content=[{"text": text}])
