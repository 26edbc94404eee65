"""Puts a sidecar's calls together: ApplyGuardrail on the input, a model, ApplyGuardrail on the output."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from evals.bedrock import apply
from evals.bedrock.assessments import INTERVENED, Wanted
from evals.bedrock.retry import Attempted
from evals.bedrock.trace import CallRecord, GuardTrace


@dataclass(frozen=True)
class Assessed:
    """What the guardrail made of the texts of one side."""

    record: CallRecord
    texts: tuple[str, ...]
    """As the guardrail left them; its message alone where it blocked."""

    @classmethod
    def of(cls, attempted: Attempted, *, request: Mapping[str, Any], wanted: Wanted) -> Assessed:
        """Read it from an ApplyGuardrail call.

        Masked texts come back in the order in which they were sent, and untouched ones not at all.
        """
        record = apply.record(attempted, request=request, wanted=wanted)
        given = tuple(block["text"]["text"] for block in request["content"])
        outputs = (attempted.response or {}).get("outputs") or ()
        left = tuple(str(output.get("text", "")) for output in outputs) or given
        assessed = cls(record, left)
        if not assessed.ends and len(left) != len(given):
            error = f"UnreadableAnswerError: {len(left)} texts came back for {len(given)}"
            return replace(assessed, record=record.model_copy(update={"error": error}))
        return assessed

    @property
    def ends(self) -> bool:
        """Whether nothing may follow: there is no answer, or the guardrail did more than mask."""
        trace = self.record.trace
        masked = trace.acted and all(finding.action != "blocked" for finding in trace.findings)
        return self.record.error is not None or (trace.intervened and not masked)


def record(
    asked: Assessed, said: CallRecord | None, heard: Assessed | None, *, sent: Mapping[str, Any]
) -> CallRecord:
    """The two or three calls as the one that a user made.

    Args:
        asked: What the guardrail made of the input.
        said: What the model said; None where it was not asked.
        heard: What the guardrail made of that; None where it was not asked, since there was nothing to hear.
        sent: The inference parameters of the model's request.
    """
    named = (
        ("ApplyGuardrail INPUT", asked.record),
        ("the model", said),
        ("ApplyGuardrail OUTPUT", heard.record if heard else None),
    )
    parts = [(name, part) for name, part in named if part is not None]
    common: dict[str, Any] = {
        "operation": "Sidecar",
        "request_id": "+".join(part.request_id for _, part in parts if part.request_id) or None,
        "attempts": sum(part.attempts for _, part in parts),
        "retried": tuple(code for _, part in parts for code in part.retried),
        "latency_ms": round(sum(part.latency_ms for _, part in parts), 1),
        "sent": dict(sent),
    }
    if errors := [f"{name}: {part.error}" for name, part in parts if part.error]:
        return CallRecord(**common, error=errors[0])
    trace = _trace(asked.record.trace, said, heard.record.trace if heard else None)
    stopped = next((each for each in (asked, heard) if each and each.ends), None)
    if said is None or stopped is not None:
        shown = {"text": "\n".join((stopped or asked).texts)}
    else:
        shown = {
            "text": "\n".join(heard.texts) if heard else said.text,
            "reasoning": said.reasoning,
            "tool_arguments": said.tool_arguments,
        }
    return CallRecord(
        **common,
        **shown,
        stop_reason=INTERVENED if trace.intervened or said is None else said.stop_reason,
        native_stop=said.stop_reason if said and trace.intervened else None,
        trace=trace,
        input_tokens=said.input_tokens if said else 0,
        output_tokens=said.output_tokens if said else 0,
    )


def _trace(asked: GuardTrace, said: CallRecord | None, heard: GuardTrace | None) -> GuardTrace:
    """Both sides' evidence as one; what the model said is known here without any trace."""
    both: Sequence[GuardTrace] = (asked, heard) if heard else (asked,)
    present = all(each.present for each in both)
    reasons = [each.action_reason for each in both if each.action_reason]
    return GuardTrace(
        present=present,
        guardrail=asked.guardrail if present else None,
        version=asked.version if present else None,
        findings=tuple(finding for each in both for finding in each.findings),
        intervened=any(each.intervened for each in both),
        action_reason=" ".join(dict.fromkeys(reasons)) or None,
        sides=tuple(side for each in both for side in each.sides),
        units=sum(each.units for each in both),
        charged=dict(sum((Counter(each.charged or {}) for each in both), Counter())),
        raw_outputs=(said.text,) if said and said.text else (),
        others=tuple(dict.fromkeys(other for each in both for other in each.others)),
        unread=tuple(dict.fromkeys(thing for each in both for thing in each.unread)),
    )
