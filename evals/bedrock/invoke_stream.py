"""InvokeModelWithResponseStream: InvokeModel in pieces, joined to the answer that it would have given.

Shapes: botocore InvokeModelWithResponseStreamRequest and ResponseStream. The guardrail's action and trace
come with one of the last pieces, beside the model's own.
"""

from __future__ import annotations

import json
import time
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from evals.bedrock import invoke
from evals.bedrock.bodies import chat, claude
from evals.bedrock.bodies.tagging import SETTINGS
from evals.bedrock.pieces import everything
from evals.bedrock.question import Question
from evals.bedrock.stream import ended_early, events, keeping

_MODES = {"sync": "SYNCHRONOUS", "async": "ASYNCHRONOUS"}
"""Converse's words, and what they are called here."""
_OURS = "amazon-bedrock-"


def request(question: Question) -> dict[str, Any]:
    """The arguments of boto3's `invoke_model_with_response_stream`."""
    body = invoke.body(question)
    if question.wanted:
        body[SETTINGS] = {**body.get(SETTINGS, {}), "streamProcessingMode": _MODES[question.stream]}
    return invoke.arguments(question, body)


def call(runtime: Any, request: Mapping[str, Any]) -> dict[str, Any]:
    """Make the call with a boto3 client and bring the stream into Converse's shape; blocks.

    Raises:
        BrokenStreamError, botocore.exceptions.EventStreamError: It had no end.
        UnreadableAnswerError: It is not understood.
    """
    started = time.perf_counter()
    response = runtime.invoke_model_with_response_stream(**request)
    gathered: list[tuple[int, Mapping[str, Any]]] = []
    with keeping(lambda: _everything(gathered)):
        gathered.extend(_pieces(response, started))
        document, chunks, ended = join(gathered)
        if not ended:
            raise ended_early(response, "its last piece")
    answer = invoke.brought(document, chunks)
    return {**answer, "body": document, "ResponseMetadata": response.get("ResponseMetadata", {})}


def _everything(gathered: Sequence[tuple[int, Mapping[str, Any]]]) -> str:
    document, chunks, _ = join(gathered)
    return everything(chunks, invoke.brought(document, chunks)["output"]["message"]["content"])


def join(
    gathered: Sequence[tuple[int, Mapping[str, Any]]],
) -> tuple[dict[str, Any], list[dict[str, Any]], bool]:
    """A whole body from its pieces, what was shown when, and whether the end was among them.

    The guardrail's account is part of the last piece, so that there it ends, whatever the model says.
    """
    account: dict[str, Any] = {}
    for _, piece in gathered:
        account |= {name: value for name, value in piece.items() if name.startswith(_OURS)}
    family = chat if any("choices" in piece for _, piece in gathered) else claude
    document, chunks, ended = family.join(gathered)
    return document | account, chunks, ended or invoke.ACTION in account


def _pieces(response: Mapping[str, Any], started: float) -> Iterator[tuple[int, Mapping[str, Any]]]:
    for ms, event in events(response, "body", started=started):
        if chunk := event.get("chunk"):
            piece = json.loads(chunk["bytes"])
            if "error" in piece:
                raise ended_early(response, f"an answer, but with {piece['error']}")
            yield ms, piece
