"""ConverseStream: Converse in pieces, joined to the answer that Converse would have given.

Shapes: botocore ConverseStreamRequest and ConverseStreamOutput. The stop reason comes with `messageStop`,
the guardrail's trace afterwards with `metadata`. What the user saw is every piece of text that was sent,
also where the guardrail's message comes behind it.
"""

from __future__ import annotations

import time
from collections.abc import Iterable, Mapping
from typing import Any

from evals.bedrock import converse
from evals.bedrock.pieces import Shown, arguments, everything
from evals.bedrock.question import Question
from evals.bedrock.record import CHUNKS
from evals.bedrock.stream import ended_early, events, keeping


def request(question: Question) -> dict[str, Any]:
    """The arguments of boto3's `converse_stream`."""
    built = converse.request(question)
    if "guardrailConfig" in built:
        built["guardrailConfig"]["streamProcessingMode"] = question.stream
    return built


def call(runtime: Any, request: Mapping[str, Any]) -> dict[str, Any]:
    """Make the call with a boto3 client and join the stream to Converse's answer; blocks.

    Raises:
        BrokenStreamError, botocore.exceptions.EventStreamError: It had no end.
    """
    started = time.perf_counter()
    response: dict[str, Any] = runtime.converse_stream(**request)
    came: list[tuple[int, Mapping[str, Any]]] = []
    with keeping(lambda: _everything(join(came, Shown()))):
        came.extend(events(response, "stream", started=started))
        joined = join(came, Shown())
        if "stopReason" not in joined:
            raise ended_early(response, "messageStop")
    return {**joined, "ResponseMetadata": response.get("ResponseMetadata", {})}


def _everything(joined: Mapping[str, Any]) -> str:
    return everything(joined[CHUNKS], joined["output"]["message"]["content"])


def join(stream: Iterable[tuple[int, Mapping[str, Any]]], shown: Shown) -> dict[str, Any]:
    """A Converse answer from the events of a stream, each with its milliseconds; texts go into `shown`.

    `stopReason` is absent where there was no `messageStop`, `trace` where there was no `metadata`.
    """
    blocks: dict[int, dict[str, Any]] = {}
    joined: dict[str, Any] = {}
    for ms, event in stream:
        if started := event.get("contentBlockStart"):
            _start(blocks, started)
        elif delta := event.get("contentBlockDelta"):
            shown.add(ms, _extend(blocks, delta), delta["contentBlockIndex"])
        elif stopped := event.get("messageStop"):
            joined["stopReason"] = stopped["stopReason"]
        elif metadata := event.get("metadata"):
            joined |= metadata
    content = [_whole(block) for _, block in sorted(blocks.items()) if block]
    return {**joined, "output": {"message": {"role": "assistant", "content": content}}, CHUNKS: shown.pieces}


def _start(blocks: dict[int, dict[str, Any]], started: Mapping[str, Any]) -> None:
    """What begins with an event of its own is a call of a tool, or something that is not read here."""
    for kind, value in started["start"].items():
        blocks[started["contentBlockIndex"]] = {kind: {**value, "input": ""}}


def _extend(blocks: dict[int, dict[str, Any]], delta: Mapping[str, Any]) -> str:
    """Add a piece to its block; returns the text that the user saw come, if any."""
    block = blocks.setdefault(delta["contentBlockIndex"], {})
    for kind, value in delta["delta"].items():
        if kind == "text":
            block["text"] = block.get("text", "") + value
            return str(value)
        if kind == "toolUse":
            block.setdefault("toolUse", {"input": ""})["input"] += value["input"]
        elif kind == "reasoningContent":
            reasoning = block.setdefault("reasoningContent", {})
            if "text" in value:
                said = reasoning.setdefault("reasoningText", {"text": ""})
                said["text"] += value["text"]
        elif kind != "citation":
            block[kind] = value
    return ""


def _whole(block: dict[str, Any]) -> dict[str, Any]:
    if "toolUse" not in block:
        return block
    return {"toolUse": {**block["toolUse"], "input": arguments(block["toolUse"]["input"])}}
