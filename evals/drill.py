"""Plants a regression in a recorded call, on the way back from the service, and judges it anew.

For a drill: the service has answered and is left alone, whichever it is, and what its guardrail did is undone
in our record of the answer. The record says so. It is judged by the same rules as any other.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, get_args

from inspect_ai.log import EvalSample, read_eval_log_samples

from evals.bedrock.trace import CallRecord, Finding, GuardTrace
from evals.calls import kept
from evals.observe import observe
from evals.subject import Subject
from suites.case import PolicyKind
from suites.coverage import PROBE

Kind = Literal["masking", "blocking", "overblock"]
KINDS: tuple[Kind, ...] = get_args(Kind)
"""Masks undone; blocks removed; a block where nothing was found."""
MARK = "planted by a drill"
"""In a planted record, where the service gives its reason."""

_INTERVENED = "guardrail_intervened"
_UNDONE = {"masking": "masked", "blocking": "blocked"}
_SCORER = "parity"


@dataclass(frozen=True)
class Planted:
    """What one arm would have been seen to do with one case."""

    case: str
    epoch: int
    kind: Kind
    outcome: str
    facts: Mapping[str, float]
    """By `<arm>_<fact>`, as in a score."""


def plant(call: CallRecord, kind: Kind, *, own: PolicyKind | None = None) -> CallRecord | None:
    """The call as it would have come back under the fault; None where there is nothing for it to change.

    A mask or a block of the model's words can only be undone where the trace holds them. Where the input was
    blocked no model spoke, and nobody knows what it would have said: the input passes, the answer is empty.

    Args:
        call: As recorded.
        kind: Of the fault.
        own: The policy that the case is about, which is not the one that blocks where nothing was found.
    """
    if call.error or call.trace.doubt:
        return None
    return _blocked(call, own) if kind == "overblock" else _undone(call, _UNDONE[kind])


def planted(path: Path, *, arm: str = "candidate") -> Iterator[Planted]:
    """For each sample of a log and each kind of fault what would have been seen, where it changes anything.

    Raises:
        Exception: Whatever a damaged log makes Inspect raise.
    """
    for sample in read_eval_log_samples(str(path), all_samples_required=False):
        if PROBE not in sample.metadata and (found := kept(sample.store, arm)) is not None:
            call, guardrail = found
            subject = Subject.of(sample.metadata)
            for kind in KINDS:
                if (changed := plant(call, kind, own=subject.policy)) is not None:
                    seen = observe(subject, changed, guardrail, said=_said(sample, arm))
                    facts = seen.facts.as_value(arm)
                    yield Planted(str(sample.id), sample.epoch, kind, str(seen.outcome), facts)


def _undone(call: CallRecord, action: str) -> CallRecord | None:
    findings, trace = call.trace.findings, call.trace
    undone = {each.side for each in findings if each.action == action}
    if not undone or ("output" in undone and not trace.raw_outputs):
        return None
    left = tuple(each for each in findings if each.action != action)
    acted = any(each.action != "none" for each in left)
    text = "\n".join(trace.raw_outputs) if "output" in undone else call.text
    if undone == {"input"} and action == "blocked":
        text = ""
    return call.model_copy(
        update={
            "text": text,
            "chunk_ends": (),
            "chunk_ms": (),
            "intervened_at": None,
            "stop_reason": call.stop_reason if acted else _own_stop(call),
            "trace": _trace(trace, findings=left, intervened=trace.intervened and acted),
        }
    )


def _own_stop(call: CallRecord) -> str | None:
    """The model's own stop reason, where the guardrail's stood."""
    return call.native_stop or "end_turn" if call.stop_reason == _INTERVENED else call.stop_reason


def _blocked(call: CallRecord, own: PolicyKind | None) -> CallRecord | None:
    if call.trace.acted or call.trace.intervened or not call.text.strip():
        return None
    # Of a policy that is no case's own: it stops what nothing was registered to stop.
    policy: PolicyKind = "topic" if own == "word" else "word"
    invented = Finding(policy=policy, side="output", rule="CUSTOM", action="blocked")
    sides = tuple(dict.fromkeys((*call.trace.sides, "output")))
    trace = _trace(call.trace, findings=(*call.trace.findings, invented), intervened=True)
    return call.model_copy(
        update={
            "text": f"({MARK})",
            "chunk_ends": (),
            "chunk_ms": (),
            "stop_reason": _INTERVENED,
            "native_stop": call.stop_reason,
            "trace": trace.model_copy(update={"raw_outputs": (call.text,), "sides": sides}),
        }
    )


def _trace(trace: GuardTrace, *, findings: tuple[Finding, ...], intervened: bool) -> GuardTrace:
    return trace.model_copy(update={"findings": findings, "intervened": intervened, "action_reason": MARK})


def _said(sample: EvalSample, arm: str) -> bool | None:
    """The word on what the model said that counted: people's, else the grader's, else the local judge's."""
    score = (sample.scores or {}).get(_SCORER)
    told: Any = ((score.metadata or {}).get(arm) or {}).get("judge") if score is not None else None
    if not isinstance(told, Mapping):
        return None
    word = next((told[name] for name in ("settled", "grader", "local") if name in told), None)
    return None if word is None else bool(word)
