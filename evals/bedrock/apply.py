"""Builds an ApplyGuardrail request, the guardrail alone, and reads what came of it.

Shapes: botocore ApplyGuardrailRequest and ApplyGuardrailResponse.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from evals.bedrock.assessments import Wanted, read_apply
from evals.bedrock.retry import Attempted
from evals.bedrock.trace import CallRecord
from suites.case import Side

OPERATION = "ApplyGuardrail"


def request(*, texts: Sequence[str], side: Side, wanted: Wanted) -> dict[str, Any]:
    """The arguments of boto3's `apply_guardrail`.

    Args:
        texts: What is assessed, one content block each.
        side: Whether the guardrail is to take it for a user's or a model's words.
        wanted: The guardrail.
    """
    return {
        "guardrailIdentifier": wanted.guardrail,
        "guardrailVersion": wanted.version,
        "source": side.upper(),
        "content": [{"text": {"text": text}} for text in texts],
    }


def record(attempted: Attempted, *, request: Mapping[str, Any], wanted: Wanted) -> CallRecord:
    """The call in its normal form; `error` is set where no answer was had or none that can be read.

    `text` is what a user would see: the outputs where the guardrail intervened, else what was sent,
    which the service does not repeat.
    """
    common: dict[str, Any] = {
        "operation": OPERATION,
        "request_id": attempted.request_id,
        "attempts": attempted.attempts,
        "retried": attempted.retried,
        "latency_ms": round(attempted.seconds * 1000, 1),
    }
    if attempted.response is None:
        return CallRecord(**common, error=attempted.error)
    response = attempted.response
    action = response.get("action")
    if not action:
        return CallRecord(**common, error="UnreadableAnswerError: no action in the response")
    outputs = [output.get("text", "") for output in response.get("outputs") or ()]
    passed = [block["text"]["text"] for block in request["content"]] if action == "NONE" else []
    side: Side = "input" if request["source"] == "INPUT" else "output"
    return CallRecord(
        **common,
        stop_reason=action,
        text="\n".join(outputs or passed),
        trace=read_apply(response, wanted, side),
    )
