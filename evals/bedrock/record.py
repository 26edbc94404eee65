"""Reads an answer in Converse's shape into a `CallRecord`, whatever operation it came by.

Operations that answer in another shape are brought into this one first (`evals.bedrock.operations`), so
that what counts as said, seen and acted on is decided in one place. An answer that is not understood whole
is an error, not an answer.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import accumulate
from typing import Any

from evals.bedrock.assessments import Wanted, read_converse
from evals.bedrock.retry import Attempted, UnreadableAnswerError, described
from evals.bedrock.trace import CallRecord, GuardTrace, OperationName

CHUNKS = "chunks"
"""Beside Converse's members, in an answer that was streamed: `{"text", "ms"}` of every piece of text, in the
order in which they were shown, `ms` counted from the call."""
NATIVE_STOP = "nativeStop"
"""Beside Converse's members: the model's own stop reason, where the guardrail's word does not replace it."""
LACKING = "lacking"
"""Beside Converse's members: what the guardrail's account has to hold in this operation, and does not."""


def record(
    attempted: Attempted,
    *,
    operation: OperationName,
    sent: Mapping[str, Any],
    wanted: Wanted | None,
) -> CallRecord:
    """The call in its normal form; `error` is set where no answer was had or none that can be read.

    Args:
        attempted: What came of the call; a response in Converse's shape.
        operation: By which operation it was made.
        sent: The inference parameters of the request.
        wanted: The guardrail that it named; None where it named none.
    """
    common: dict[str, Any] = {
        "operation": operation,
        "request_id": attempted.request_id,
        "attempts": attempted.attempts,
        "retried": attempted.retried,
        "broken": attempted.broken,
        "latency_ms": round(attempted.seconds * 1000, 1),
        "sent": dict(sent),
    }
    answer = attempted.response
    if answer is None:
        return CallRecord(**common, error=attempted.error)
    try:
        said = _Said.of(answer)
    except UnreadableAnswerError as failure:
        return CallRecord(**common, error=described(failure))
    usage = answer.get("usage") or {}
    trace = read_converse(answer, wanted) if wanted else GuardTrace(present=False)
    if lacking := answer.get(LACKING):
        trace = trace.model_copy(update={"lacking": tuple(lacking)})
    return CallRecord(
        **common,
        stop_reason=answer["stopReason"],
        native_stop=answer.get(NATIVE_STOP),
        text="\n".join(said.texts),
        reasoning="\n".join(said.reasoning),
        tool_arguments="\n".join(said.arguments),
        trace=trace,
        input_tokens=usage.get("inputTokens", 0),
        output_tokens=usage.get("outputTokens", 0),
        **_shown(answer.get(CHUNKS), trace),
    )


@dataclass
class _Said:
    """What the blocks of an answer hold, by who gets to see it."""

    texts: list[str] = field(default_factory=list)
    reasoning: list[str] = field(default_factory=list)
    arguments: list[str] = field(default_factory=list)
    """Of the tools that the model called, as JSON."""

    @classmethod
    def of(cls, answer: Mapping[str, Any]) -> _Said:
        """Raises UnreadableAnswerError for an answer that is none, or of which a part is not understood."""
        blocks = (answer.get("output") or {}).get("message", {}).get("content")
        if not answer.get("stopReason") or blocks is None:
            absent = "output.message.content" if answer.get("stopReason") else "stopReason"
            raise UnreadableAnswerError(f"no {absent} in the response")
        said = cls()
        for block in blocks:
            said._take(block)
        return said

    def _take(self, block: Mapping[str, Any]) -> None:
        if "text" in block:
            self.texts.append(block["text"])
        elif "reasoningContent" in block:
            # Redacted reasoning is encrypted: nobody sees it, and there is nothing to read.
            if readable := block["reasoningContent"].get("reasoningText", {}).get("text"):
                self.reasoning.append(readable)
        elif "citationsContent" in block:
            self.texts.extend(part.get("text", "") for part in block["citationsContent"].get("content", ()))
        elif "toolUse" in block:
            self.arguments.append(json.dumps(block["toolUse"].get("input"), ensure_ascii=False))
        else:
            raise UnreadableAnswerError(f"a content block of kind {next(iter(block), 'none')}")


def _shown(chunks: Sequence[Mapping[str, Any]] | None, trace: GuardTrace) -> dict[str, Any]:
    """When the user saw how much, of an answer that was streamed."""
    if chunks is None:
        return {}
    ends = tuple(accumulate(len(chunk["text"]) for chunk in chunks))
    return {
        "chunk_ends": ends,
        "chunk_ms": tuple(chunk["ms"] for chunk in chunks),
        "intervened_at": _intervened_at("".join(chunk["text"] for chunk in chunks), ends, trace),
    }


def _intervened_at(text: str, ends: Sequence[int], trace: GuardTrace) -> int | None:
    """The first chunk that is the guardrail's and not the model's, as far as the trace tells them apart."""
    blocked = {finding.side for finding in trace.findings if finding.action == "blocked"}
    if "input" in blocked:
        return 0
    if "output" not in blocked or not trace.raw_outputs:
        return None
    raw = "\n".join(trace.raw_outputs)
    return next((place for place, end in enumerate(ends) if not raw.startswith(text[:end])), len(ends))
