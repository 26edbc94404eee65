"""Every kind of fault that can be injected, and what a client meets where it strikes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Literal, get_args

Kind = Literal[
    "throttled",
    "throttled_units",
    "not_ready",
    "unavailable",
    "internal",
    "model_timeout",
    "model_error",
    "access_denied",
    "expired",
    "quota",
    "rejected",
    "reset",
    "cut",
    "bad_gateway",
    "stream_throttled",
    "stream_internal",
    "stream_unavailable",
    "stream_model_error",
    "stream_invalid",
    "stream_timeout",
    "stream_reset",
    "stream_short",
    "stream_stalled",
    "filtered",
    "no_trace",
    "no_detected",
    "no_entries",
    "no_units",
]
KINDS: tuple[Kind, ...] = get_args(Kind)

RUNTIME = ("Converse", "ConverseStream", "InvokeModel", "InvokeModelWithResponseStream", "ApplyGuardrail")
STREAMS = ("ConverseStream", "InvokeModelWithResponseStream")

_WAIT = "Too many requests, please wait before trying again."
_UNITS = (
    "Too many requests sent to ApplyGuardrail: On-demand ApplyGuardrail content filter policy (Classic tier) "
    "text units per second limit exceeded."
)
_RATE = "ApplyGuardrail requestId: {request_id} got throttled for the accountId: {account}"
_BUSY = "Bedrock is unable to process your request."
_STREAMED = "The system encountered an unexpected error during processing. Try your request again."


@dataclass(frozen=True, kw_only=True)
class Failure:
    """An error that a call ends with, before or inside its stream."""

    code: str
    """The exception; inside a stream as the stream's shape names it."""
    message: str
    members: Mapping[str, object] = field(default_factory=dict)
    """What the exception carries beside its message."""


FAILURES: Mapping[str, Failure] = MappingProxyType(
    {
        "throttled": Failure(code="ThrottlingException", message=_WAIT),
        "throttled_units": Failure(code="ThrottlingException", message=_UNITS),
        "not_ready": Failure(
            code="ModelNotReadyException", message="Model is not ready for inference. Wait and try again."
        ),
        "unavailable": Failure(code="ServiceUnavailableException", message=_BUSY),
        "internal": Failure(
            code="InternalServerException", message="The system encountered an unexpected error. Try again."
        ),
        "model_timeout": Failure(
            code="ModelTimeoutException", message="Model has timed out in processing the request. Try again."
        ),
        "model_error": Failure(
            code="ModelErrorException",
            message="The model returned an error while it processed the request.",
            members=MappingProxyType({"originalStatusCode": 500, "resourceName": "model"}),
        ),
        "access_denied": Failure(
            code="AccessDeniedException",
            message="You don't have access to the model with the specified model ID.",
        ),
        "expired": Failure(
            code="ExpiredTokenException", message="The security token included in the request is expired"
        ),
        "quota": Failure(
            code="ServiceQuotaExceededException",
            message="Your request exceeds a service quota of your account.",
        ),
        "rejected": Failure(
            code="ValidationException",
            message="The model returned the following errors: Unsupported parameter: '{parameter}' is not "
            "supported with this model.",
        ),
    }
)
"""By kind, the error that is answered at once."""

RATE_OF_APPLY = Failure(code="ThrottlingException", message=_RATE)
"""What `throttled` is in ApplyGuardrail, whose quota is counted by account."""

STREAMED: Mapping[str, Failure] = MappingProxyType(
    {
        "stream_throttled": Failure(code="throttlingException", message=_WAIT),
        "stream_internal": Failure(code="internalServerException", message=_STREAMED),
        "stream_unavailable": Failure(code="serviceUnavailableException", message=_BUSY),
        "stream_model_error": Failure(
            code="modelStreamErrorException",
            message="The model returned an error while it streamed its answer.",
            members=MappingProxyType({"originalStatusCode": 500, "originalMessage": "stream failed"}),
        ),
        "stream_invalid": Failure(code="validationException", message="The answer could not be read."),
        "stream_timeout": Failure(
            code="modelTimeoutException", message="Model has timed out in processing the request. Try again."
        ),
    }
)
"""By kind, the error that comes inside a stream that had begun."""

CONNECTIONS = frozenset({"reset", "cut", "bad_gateway"})
STREAM_KINDS = frozenset(kind for kind in KINDS if kind.startswith("stream_"))
ANSWER_KINDS = frozenset({"filtered", "no_trace", "no_detected", "no_entries", "no_units"})
"""The kinds that leave an answer, but not the one that should have come."""

POSSIBLE: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        **dict.fromkeys(STREAM_KINDS, STREAMS),
        # ConverseStream has no such exception.
        "stream_timeout": ("InvokeModelWithResponseStream",),
        **dict.fromkeys(ANSWER_KINDS, RUNTIME),
        # The rest of these are matters of models, and of traces that ApplyGuardrail has not got.
        "filtered": RUNTIME[:-1],
        "no_trace": RUNTIME[:-1],
    }
)
"""The operations on which a kind can strike; a kind that is not named can strike on all."""
