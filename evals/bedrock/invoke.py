"""InvokeModel: the guardrail in headers, the model's own body, and an answer that can hide a block.

Shapes: botocore InvokeModelRequest and InvokeModelResponse; AWS, "Use a guardrail with InvokeModel". A
blocked answer looks like any other, stop reason included: only `amazon-bedrock-guardrailAction` tells. Where
that or the trace is not there, nothing is known of the guardrail.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from evals.bedrock.assessments import INTERVENED
from evals.bedrock.bodies import chat, claude
from evals.bedrock.question import Question
from evals.bedrock.record import CHUNKS, LACKING, NATIVE_STOP
from evals.bedrock.retry import UnreadableAnswerError
from suites.routes import Family, family_of

ACTION = "amazon-bedrock-guardrailAction"
TRACE = "amazon-bedrock-trace"
"""Members of a body that are Bedrock's and not the model's."""

_LANGUAGES: Mapping[Family, Callable[[Question], dict[str, Any]]] = {
    "anthropic": claude.body,
    "openai": chat.body,
}
_ACTIONS = {"INTERVENED": True, "NONE": False}


def request(question: Question) -> dict[str, Any]:
    """The arguments of boto3's `invoke_model`."""
    return arguments(question, body(question))


def call(runtime: Any, request: Mapping[str, Any]) -> dict[str, Any]:
    """Make the call with a boto3 client and bring its answer into Converse's shape; blocks.

    Raises:
        UnreadableAnswerError: It is not understood.
    """
    response = runtime.invoke_model(**request)
    document = json.loads(response["body"].read())
    return {**brought(document), "body": document, "ResponseMetadata": response.get("ResponseMetadata", {})}


def body(question: Question) -> dict[str, Any]:
    """The body in the language of the model's family.

    Raises:
        ValueError: Neither the question nor the model's name tells which it is.
    """
    family = question.family or family_of(question.model)
    if family is None:
        raise ValueError(
            f"Nothing tells in which language {question.model} takes its requests over InvokeModel. Give the"
            f" arm a `family`: one of {', '.join(_LANGUAGES)}."
        )
    return _LANGUAGES[family](question)


def arguments(question: Question, body: Mapping[str, Any]) -> dict[str, Any]:
    """What both operations are given beside the body; unlike Converse's, these enums are written large."""
    built: dict[str, Any] = {
        "modelId": question.model,
        "contentType": "application/json",
        "accept": "application/json",
        "body": json.dumps(body, ensure_ascii=False),
    }
    if question.metadata:
        built["requestMetadata"] = json.dumps(question.metadata)
    if question.service_tier:
        built["serviceTier"] = question.service_tier
    if question.wanted:
        built |= {
            "guardrailIdentifier": question.wanted.guardrail,
            "guardrailVersion": question.wanted.version,
            "trace": "ENABLED",
        }
    return built


def brought(document: Mapping[str, Any], chunks: Sequence[Mapping[str, Any]] | None = None) -> dict[str, Any]:
    """An answer's body in Converse's shape, with what it lacks of the guardrail's account.

    Raises:
        UnreadableAnswerError: It is in no language that is spoken here.
    """
    if "choices" in document:
        answer = chat.read(document)
    elif "content" in document:
        answer = claude.read(document)
    else:
        raise UnreadableAnswerError(f"a body of {', '.join(sorted(document)) or 'nothing'}")
    action = document.get(ACTION)
    intervened = _ACTIONS.get(str(action))
    if intervened is None:
        answer[LACKING] = (ACTION if action is None else f"an {ACTION} that is known (it is {action})",)
    if intervened:
        answer |= {"stopReason": INTERVENED, NATIVE_STOP: answer["stopReason"]}
    if chunks is not None:
        answer[CHUNKS] = list(chunks)
    return {**answer, "trace": {"guardrail": _account(document)}}


def _account(document: Mapping[str, Any]) -> dict[str, Any]:
    """The trace under Converse's names; AWS's own pages have it under two."""
    trace = document.get(TRACE) or {}
    told = trace.get("guardrail") or trace.get("guardrails") or {}
    outputs: dict[str, list[Any]] = {}
    for output in told.get("outputs") or ():
        for guardrail, assessment in output.items():
            outputs.setdefault(guardrail, []).append(assessment)
    return {
        "modelOutput": told.get("modelOutput"),
        "inputAssessment": told.get("input"),
        "outputAssessments": outputs,
        "actionReason": told.get("actionReason"),
    }
