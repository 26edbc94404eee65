"""Converse: builds the request and makes the call; its answer is what all others are brought into.

Shapes: botocore ConverseRequest and ConverseResponse. A parameter that was not given is not sent.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from evals.bedrock.question import Question, Tool


def request(question: Question) -> dict[str, Any]:
    """The arguments of boto3's `converse`."""
    wanted = question.wanted
    optional = {
        "system": list(question.system),
        "inferenceConfig": question.given,
        "toolConfig": {"tools": [_declared(tool) for tool in question.tools]} if question.tools else None,
        "guardrailConfig": wanted
        and {
            "guardrailIdentifier": wanted.guardrail,
            "guardrailVersion": wanted.version,
            "trace": "enabled",
        },
        "requestMetadata": dict(question.metadata),
        "serviceTier": {"type": question.service_tier} if question.service_tier else None,
    }
    return {
        "modelId": question.model,
        "messages": list(question.messages),
        **{name: value for name, value in optional.items() if value},
    }


def call(runtime: Any, request: Mapping[str, Any]) -> dict[str, Any]:
    """Make the call with a boto3 client; blocks."""
    response: dict[str, Any] = runtime.converse(**request)
    return response


def _declared(tool: Tool) -> dict[str, Any]:
    described = {"description": tool.description} if tool.description else {}
    return {"toolSpec": {"name": tool.name, **described, "inputSchema": {"json": dict(tool.schema)}}}
