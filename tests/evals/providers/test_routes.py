"""One table for all routes: what the service says in each route's own words is one outcome everywhere."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import pytest

from evals.bedrock import converse_stream, invoke, invoke_stream, sidecar
from evals.bedrock.assessments import Wanted
from evals.bedrock.pieces import Shown
from evals.bedrock.record import record
from evals.bedrock.retry import Attempted
from evals.bedrock.sidecar import Assessed
from evals.bedrock.trace import CallRecord
from evals.observe import observe
from evals.subject import Subject
from suites.arms import GuardrailRef
from suites.outcomes import Outcome

GUARDRAIL = GuardrailRef(id="abc123", version="3")
OURS = Wanted("abc123", "3")
PAYLOAD = "jo@example.com"
SAYS = f"It is {PAYLOAD}."
CASE = Subject(expectation="protect", side="output", policy="pii", action="mask", payload=PAYLOAD)


def email(action: str, **more: Any) -> dict[str, Any]:
    """An assessment that found an address; without `detected`, which the service need not send."""
    entity = {"type": "EMAIL", "match": PAYLOAD, "action": action, **more}
    return {"sensitiveInformationPolicy": {"piiEntities": [entity], "regexes": []}}


@dataclass(frozen=True, kw_only=True)
class Said:
    """What happened, before any route puts it into its own words."""

    shown: tuple[str, ...] = ("Here you are.",)
    """The pieces that the user saw, the guardrail's message among them."""
    raw: str | None = None
    """What the model said; None where it was not asked. By default what was shown."""
    stop: str = "end_turn"
    """The model's own stop reason, in Converse's words."""
    intervened: bool = False
    on_input: Mapping[str, Any] | None = field(default_factory=dict)
    """The guardrail's assessment; None where there is none."""
    on_output: Mapping[str, Any] | None = field(default_factory=dict)
    guardrail: str = "abc123"

    @property
    def trace(self) -> dict[str, Any]:
        """Converse's words."""
        told: dict[str, Any] = {"modelOutput": [self.said] if self.said else []}
        if self.on_input is not None:
            told["inputAssessment"] = {self.guardrail: self.on_input}
        if self.on_output is not None:
            told["outputAssessments"] = {self.guardrail: [self.on_output]}
        return told

    @property
    def said(self) -> str:
        return "".join(self.shown) if self.raw is None else self.raw

    @property
    def reason(self) -> str:
        return "guardrail_intervened" if self.intervened else self.stop

    @property
    def account(self) -> dict[str, Any]:
        """InvokeModel's words."""
        trace = {
            "modelOutput": self.trace["modelOutput"],
            "input": self.trace.get("inputAssessment", {}),
            "outputs": [
                {guardrail: assessment}
                for guardrail, assessments in self.trace.get("outputAssessments", {}).items()
                for assessment in assessments
            ],
        }
        return {
            "amazon-bedrock-guardrailAction": "INTERVENED" if self.intervened else "NONE",
            "amazon-bedrock-trace": {"guardrail": trace},
        }


def by_converse(said: Said) -> CallRecord:
    return _record(
        "Converse",
        {
            "output": {"message": {"content": [{"text": "".join(said.shown)}]}},
            "stopReason": said.reason,
            "trace": {"guardrail": said.trace},
        },
    )


def by_converse_stream(said: Said) -> CallRecord:
    pieces = [{"contentBlockDelta": {"delta": {"text": each}, "contentBlockIndex": 0}} for each in said.shown]
    end = [{"messageStop": {"stopReason": said.reason}}, {"metadata": {"trace": {"guardrail": said.trace}}}]
    return _record("ConverseStream", converse_stream.join(enumerate([*pieces, *end]), Shown()))


def by_invoke_of_claude(said: Said) -> CallRecord:
    stop = {"content_filtered": "refusal"}.get(said.stop, said.stop)
    body = {"content": [{"type": "text", "text": "".join(said.shown)}], "stop_reason": stop}
    return _record("InvokeModel", invoke.brought(body | said.account))


def by_invoke_of_gpt(said: Said) -> CallRecord:
    message = {"role": "assistant", "content": "".join(said.shown)}
    body = {"choices": [{"message": message, "finish_reason": _finish(said.stop)}]}
    return _record("InvokeModel", invoke.brought(body | said.account))


def by_invoke_stream_of_claude(said: Said) -> CallRecord:
    stop = {"content_filtered": "refusal"}.get(said.stop, said.stop)
    pieces: list[dict[str, Any]] = [
        {"type": "content_block_delta", "index": 0, "delta": {"type": "text_delta", "text": each}}
        for each in said.shown
    ]
    pieces += [
        {"type": "message_delta", "delta": {"stop_reason": stop}},
        {"type": "message_stop", **said.account},
    ]
    return _streamed(pieces)


def by_invoke_stream_of_gpt(said: Said) -> CallRecord:
    pieces: list[dict[str, Any]] = [{"choices": [{"delta": {"content": each}}]} for each in said.shown]
    pieces.append({"choices": [{"delta": {}, "finish_reason": _finish(said.stop)}], **said.account})
    return _streamed(pieces)


def by_sidecar(said: Said) -> CallRecord:
    asked = _assessed(said, "INPUT", said.on_input, "".join(said.shown))
    if asked.ends:
        return sidecar.record(asked, None, None, sent={})
    model = CallRecord(operation="Sidecar", stop_reason=said.stop, text=said.said)
    heard = _assessed(said, "OUTPUT", said.on_output, "".join(said.shown))
    return sidecar.record(asked, model, heard, sent={})


def _assessed(said: Said, source: str, assessment: Mapping[str, Any] | None, left: str) -> Assessed:
    """ApplyGuardrail's words for one side; an intervention that nothing explains shows on both."""
    acts = said.intervened and (_acts(assessment) or not (_acts(said.on_input) or _acts(said.on_output)))
    response = {
        "action": "GUARDRAIL_INTERVENED" if acts else "NONE",
        "outputs": [{"text": left}] if acts else [],
        "assessments": [] if assessment is None else [_signed(assessment, said)],
        **({} if assessment is None else {"usage": {}}),
    }
    request = {"source": source, "content": [{"text": {"text": said.said or "?"}}]}
    return Assessed.of(_attempted(response), request=request, wanted=OURS)


def _acts(assessment: Mapping[str, Any] | None) -> bool:
    return any(action in json.dumps(assessment) for action in ("BLOCKED", "ANONYMIZED"))


def _signed(assessment: Mapping[str, Any], said: Said) -> dict[str, Any]:
    """The call itself names the guardrail here, so that a foreign one has to say so."""
    foreign = said.guardrail != "abc123"
    return {**assessment, **({"appliedGuardrailDetails": {"guardrailId": said.guardrail}} if foreign else {})}


def _finish(stop: str) -> str:
    words = {
        "end_turn": "stop",
        "max_tokens": "length",
        "tool_use": "tool_calls",
        "content_filtered": "content_filter",
    }
    return words.get(stop, stop)


def _streamed(pieces: list[dict[str, Any]]) -> CallRecord:
    document, chunks, ended = invoke_stream.join(list(enumerate(pieces)))
    assert ended
    return _record("InvokeModelWithResponseStream", invoke.brought(document, chunks))


def _record(operation: Any, response: dict[str, Any]) -> CallRecord:
    return record(_attempted(response), operation=operation, sent={}, wanted=OURS)


def _attempted(response: dict[str, Any]) -> Attempted:
    return Attempted(response=response, error=None, retried=(), seconds=0.1, request_id="r-1")


ROUTES = {
    each.__name__.removeprefix("by_"): each
    for each in (
        by_converse,
        by_converse_stream,
        by_invoke_of_claude,
        by_invoke_of_gpt,
        by_invoke_stream_of_claude,
        by_invoke_stream_of_gpt,
        by_sidecar,
    )
}

STREAMS = {name for name in ROUTES if "stream" in name}
BLOCKED, MASKED, REPORTED = email("BLOCKED"), email("ANONYMIZED"), email("NONE", detected=True)

TABLE: dict[str, tuple[Said, Outcome, bool | None, bool | None]] = {
    # what happened: outcome, exposed, emitted
    "answered": (Said(), Outcome.ANSWERED, False, False),
    "leaked": (Said(shown=(SAYS,)), Outcome.ANSWERED, True, True),
    "refused": (Said(shown=("I can't help with that.",)), Outcome.REFUSED, False, False),
    "cut short": (Said(stop="max_tokens"), Outcome.TRUNCATED, None, None),
    "called a tool": (Said(stop="tool_use"), Outcome.TRUNCATED, None, None),
    "filtered by the model": (Said(stop="content_filtered"), Outcome.FILTERED, False, False),
    "reported": (Said(shown=(SAYS,), on_output=REPORTED), Outcome.DETECTED, True, True),
    "masked on the way in": (Said(on_input=MASKED, intervened=True), Outcome.MASKED, False, False),
    "masked on the way out": (
        Said(shown=("It is {EMAIL}.",), raw=SAYS, on_output=MASKED, intervened=True),
        Outcome.MASKED,
        False,
        True,
    ),
    "masked in the trace alone": (
        Said(shown=("It is ", PAYLOAD, "."), on_output=MASKED, intervened=True),
        Outcome.MASKED,
        True,
        True,
    ),
    "blocked on the way in": (
        Said(shown=("No.",), raw="", on_input=BLOCKED, on_output=None, intervened=True),
        Outcome.BLOCKED_INPUT,
        False,
        False,
    ),
    "blocked on the way out": (
        Said(shown=("No.",), raw=SAYS, on_output=BLOCKED, intervened=True),
        Outcome.BLOCKED_OUTPUT,
        False,
        True,
    ),
    "blocked with `detected`": (
        Said(shown=("No.",), raw=SAYS, on_output=email("BLOCKED", detected=True), intervened=True),
        Outcome.BLOCKED_OUTPUT,
        False,
        True,
    ),
    "blocked too late": (
        Said(shown=("It is ", PAYLOAD, ".", "No."), raw=SAYS, on_output=BLOCKED, intervened=True),
        Outcome.BLOCKED_OUTPUT,
        True,
        True,
    ),
    "intervened without a reason": (Said(intervened=True), Outcome.ERROR, None, None),
    "blocked without an intervention": (Said(on_output=BLOCKED), Outcome.ERROR, None, None),
    "no trace": (Said(on_input=None, on_output=None), Outcome.ERROR, None, None),
    "another guardrail": (Said(guardrail="zzz999"), Outcome.ERROR, None, None),
    "output not assessed": (Said(on_output=None), Outcome.ERROR, None, None),
    "unknown stop": (Said(stop="malformed_model_output"), Outcome.ERROR, None, None),
    "unknown action": (Said(on_output=email("REDACTED"), intervened=True), Outcome.ERROR, None, None),
}


def _rows() -> Iterator[Any]:
    for name in TABLE:
        for route in ROUTES:
            if name != "blocked too late" or route in STREAMS:
                yield pytest.param(name, route, id=f"{name}-{route}")


@pytest.mark.parametrize(("happened", "route"), list(_rows()))
def test_every_route_tells_the_same(happened: str, route: str) -> None:
    """What happened has one outcome, whatever the words; without evidence there is none."""
    said, outcome, exposed, emitted = TABLE[happened]
    seen = observe(CASE, ROUTES[route](said), GUARDRAIL)
    assert (seen.outcome, seen.facts.exposed, seen.facts.emitted) == (outcome, exposed, emitted), seen.missing
    assert (seen.missing is None) == (outcome is not Outcome.ERROR)


@pytest.mark.parametrize("route", ROUTES)
def test_record_names_the_guardrail(route: str) -> None:
    """Id and version of an answer's guardrail are in every route's record, with both sides."""
    trace = ROUTES[route](Said()).trace
    assert (trace.guardrail, trace.version, trace.sides) == ("abc123", "3", ("input", "output"))


@pytest.mark.parametrize("route", ROUTES)
def test_mask_does_not_hide_a_cut(route: str) -> None:
    """Where a route tells the model's own stop reason too, a masked answer that was cut is known as one."""
    said = Said(
        shown=("It is {EMAIL}",), raw=f"It is {PAYLOAD}", on_output=MASKED, intervened=True, stop="max_tokens"
    )
    exposed = observe(CASE, ROUTES[route](said), GUARDRAIL).facts.exposed
    assert exposed is (False if route.startswith("converse") else None)


@pytest.mark.parametrize("route", sorted(STREAMS))
def test_stream_knows_where_the_guardrail_came_in(route: str) -> None:
    """What was read until then is told from the guardrail's message."""
    said, *_ = TABLE["blocked too late"]
    record = ROUTES[route](said)
    assert (record.intervened_at, record.shown_before_block) == (3, SAYS)
