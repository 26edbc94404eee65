"""The guardrail's trace in one normal form, whatever operation it came back from.

`evals.bedrock.assessments` reads it out of the service's answers. The `match` texts in those are the
original personal data and are never kept.
"""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, ConfigDict

from suites.case import PolicyKind, Side

OperationName = Literal[
    "Converse", "ConverseStream", "InvokeModel", "InvokeModelWithResponseStream", "ApplyGuardrail", "Sidecar"
]
"""botocore's names; a sidecar is ApplyGuardrail, a model of whatever provider, and ApplyGuardrail again."""


class _Closed(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Finding(_Closed):
    """One thing one policy found."""

    policy: PolicyKind
    side: Side
    rule: str
    """PII type, filter type, topic name, regex name; a word finding says only CUSTOM or PROFANITY."""
    action: Literal["blocked", "masked", "none"]
    """`none`: detected and, by configuration, not acted on."""
    confidence: str | None = None


class GuardTrace(_Closed):
    """What the guardrail did during one call.

    `present` False means that the answer shows no sign of any guardrail: it is no observation.
    """

    present: bool
    guardrail: str | None = None
    """The id alone, also where an ARN was asked for."""
    version: str | None = None
    """As asked for; an assessment that names another version is not ours."""
    findings: tuple[Finding, ...] = ()
    intervened: bool = False
    """The service's own summary: stop reason or action says guardrail_intervened."""
    action_reason: str | None = None
    sides: tuple[Side, ...] = ()
    """The sides that carry an assessment of our guardrail."""
    units: int = 0
    """Text units charged, all policies together."""
    charged: dict[str, int] | None = None
    """The same by policy, in the words of the price list; None in records from before it was kept."""
    raw_outputs: tuple[str, ...] = ()
    """What the model said before the guardrail, where the trace holds it (`modelOutput`)."""
    others: tuple[str, ...] = ()
    """Guardrails that assessed this call beside ours: `<id> version <n> (<origin>)`. Their findings are
    not ours and are not kept."""
    lacking: tuple[str, ...] = ()
    """What the operation has to say of the guardrail, and this answer does not."""
    unread: tuple[str, ...] = ()
    """What our guardrail did that has no place in a `Finding`: a policy or an action unknown here."""

    @property
    def acted(self) -> bool:
        """Whether our guardrail blocked or masked anything."""
        return any(finding.action != "none" for finding in self.findings)

    @property
    def doubt(self) -> str | None:
        """Why this trace is no observation of our guardrail; None where it is one.

        Stop reason and actions have to tell the same story: a block that nothing explains may be
        another guardrail's, and a block that did not stop the answer is no block.
        """
        beside = f" (there were: {', '.join(self.others)})" if self.others else ""
        if not self.present:
            return f"the answer carries no assessment by our guardrail{beside}"
        if self.lacking:
            return f"the answer lacks {', '.join(self.lacking)}"
        if self.unread:
            return f"the trace holds {', '.join(self.unread)}, which is not understood here"
        if self.intervened and not self.acted:
            return f"the service reports an intervention that no finding of our guardrail explains{beside}"
        if not self.intervened and any(finding.action == "blocked" for finding in self.findings):
            return "a finding says blocked, and the service reports no intervention"
        return None


class CallRecord(_Closed):
    """One call to the service as an arm made it; stored in the model output's metadata as `call`.

    `error` set means that no answer was had after all attempts; then everything else may be empty.
    """

    operation: OperationName
    stop_reason: str | None = None
    """In Converse's words; ApplyGuardrail's action."""
    native_stop: str | None = None
    """The model's own stop reason, in Converse's words, where it is told beside the guardrail's."""
    text: str = ""
    """What the user sees, all text blocks joined by newlines; of a stream, all that was shown, also before a
    block came. For a guardrail without a model that let the text pass, the text itself."""
    chunk_ends: tuple[int, ...] = ()
    """Of a stream: how many characters of `text` had been shown after each piece of it."""
    chunk_ms: tuple[int, ...] = ()
    """Of a stream: when each piece was shown, in milliseconds from the call."""
    intervened_at: int | None = None
    """Of a stream that was blocked: the first piece, from 0, that is the guardrail's message and not the
    model's words, or their number where no message came; None where the trace does not hold the words."""
    reasoning: str = ""
    """Readable reasoning content, which users of many products see too."""
    tool_arguments: str = ""
    """What the model sent to tools, as JSON, one call a line; tools are not part of what users see."""
    trace: GuardTrace = GuardTrace(present=False)
    request_id: str | None = None
    """Of a sidecar, the ids of all its calls, joined by `+`."""
    attempts: int = 1
    retried: tuple[str, ...] = ()
    """The error code of each attempt that was repeated, in order."""
    broken: tuple[str, ...] = ()
    """What a user had been shown of streams that broke and were asked for again."""
    latency_ms: float = 0.0
    """Of the last attempt alone, without the waits before it."""
    input_tokens: int = 0
    output_tokens: int = 0
    sent: dict[str, object] = {}
    """The effective inference parameters of the request."""
    error: str | None = None
    """`<ExceptionCode>: <message>` of the last attempt."""

    @property
    def shown_before_block(self) -> str:
        """Of a stream that was blocked, what the user had read of the model's words until then."""
        return self.text[: self.chunk_ends[self.intervened_at - 1]] if self.intervened_at else ""
