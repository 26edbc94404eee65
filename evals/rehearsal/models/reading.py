"""What a model makes of a conversation before it answers: what is asked, and of which material."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from evals.rehearsal.channels import result_texts

MATERIAL = re.compile(r"<text>(.*?)</text>", re.DOTALL)


@dataclass(frozen=True, kw_only=True)
class Reading:
    """A conversation as a model understands it."""

    request: str
    """What the user asked last."""
    material: str | None
    """The text that the request is about, as it was written between <text> and </text>."""
    everything: str
    """All that was read, for what depends on it and what it costs."""
    has_result: bool
    """The user's last turn brings what a tool returned."""


def read(messages: Sequence[Mapping[str, Any]], system: Sequence[Mapping[str, Any]]) -> Reading:
    """Read a Converse conversation.

    The material stands in the request. A request without any is about the latest material elsewhere: in
    what tools returned, in earlier turns, in the system prompt, in this order.
    """
    asked = [texts_of(message["content"]) for message in messages if message["role"] == "user"]
    spoken = [texts for texts in asked if texts]
    request = "\n".join(spoken[-1]) if spoken else ""
    last = messages[-1]["content"] if messages else ()
    material = MATERIAL.search(request) if texts_of(last) else None
    results = [text for message in messages for text in _results(message["content"])]
    if material is None:
        turns = [text for message in messages for text in texts_of(message["content"])]
        for place in (results, turns, texts_of(system)):
            if material := _latest(place):
                break
    return Reading(
        request=request,
        material=material.group(1) if material else None,
        everything="\n".join(
            [*texts_of(system), *(text for message in messages for text in _written(message["content"]))]
        ),
        has_result=any("toolResult" in block for block in last),
    )


def texts_of(blocks: Sequence[Mapping[str, Any]]) -> list[str]:
    """The texts in Converse content or system blocks, guarded ones included, tools' left out."""
    texts = []
    for block in blocks:
        if "text" in block:
            texts.append(str(block["text"]))
        elif "text" in block.get("guardContent", {}):
            texts.append(str(block["guardContent"]["text"]["text"]))
    return texts


def _results(blocks: Sequence[Mapping[str, Any]]) -> list[str]:
    return [
        text
        for block in blocks
        if "toolResult" in block
        for text in result_texts(block["toolResult"]["content"])
    ]


def _written(blocks: Sequence[Mapping[str, Any]]) -> Iterable[str]:
    for block in blocks:
        yield from texts_of((block,))
        yield from _results((block,))
        if "toolUse" in block:
            yield json.dumps(block["toolUse"]["input"], ensure_ascii=False)


def _latest(texts: Sequence[str]) -> re.Match[str] | None:
    for text in reversed(texts):
        found = list(MATERIAL.finditer(text))
        if found:
            return found[-1]
    return None
