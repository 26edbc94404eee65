"""The same call, answered piece by piece.

In the mode `sync` the guardrail holds text back until it has read a buffer of it; in the mode `async`
text goes out at once, the guardrail reads behind it, what comes after its verdict is stopped, and nothing
is masked (user guide, "Configure streaming response behavior"). AWS says neither how large its buffers
are nor how far behind it reads.
"""

from __future__ import annotations

import json
from collections import deque
from collections.abc import Generator, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from evals.rehearsal.calls.call import INTERVENED, Answer, Asked, unheard
from evals.rehearsal.calls.guarding import Judgement, Record
from evals.rehearsal.calls.pace import Pace
from evals.rehearsal.channels import Channel, Passage, spoken
from evals.rehearsal.models import Reply

Mode = Literal["sync", "async"]
Kind = Literal["text", "reasoning", "signature", "redacted", "tool", "tool_input"]


@dataclass(frozen=True)
class Piece:
    """A part of an answer that goes out at once."""

    index: int
    """Of the content block."""
    kind: Kind
    text: str
    """Of a tool, the identifier of its call."""
    name: str = ""
    """Of a tool."""


def stream(asked: Asked, mode: Mode, pace: Pace) -> tuple[list[Piece], Answer]:
    """What goes out, in order, and the end of it: stop reason, usage and record, without content."""
    record, said = asked.record, asked.said
    if said is None or record is None:
        whole = unheard(asked)
        return [piece for part in _parts(whole.content) for piece in part.pieces(pace.piece)], whole
    sent = list(_Guarded(record, mode, pace).pieces(said))
    stop_reason = INTERVENED if record.intervened else said.stop_reason
    return sent, Answer(content=[], stop_reason=stop_reason, said=said, record=record)


@dataclass(frozen=True)
class _Part:
    """A content block: what opens it, its text, what closes it."""

    index: int
    kind: Kind
    channel: Channel
    text: str
    opening: tuple[Piece, ...] = ()
    closing: tuple[Piece, ...] = ()

    def pieces(self, size: int) -> Iterator[Piece]:
        """All of it, read by nobody."""
        yield from self.opening
        yield from self.cut(self.text, size)
        yield from self.closing

    def cut(self, text: str, size: int) -> list[Piece]:
        return [
            Piece(self.index, self.kind, text[start : start + size]) for start in range(0, len(text), size)
        ]


class _Guarded:
    """One stream under the eyes of guardrails."""

    def __init__(self, record: Record, mode: Mode, pace: Pace) -> None:
        self._watch = record.watch
        self._record = record
        self._pace = pace
        self._read = self._before if mode == "sync" else self._behind

    def pieces(self, said: Reply) -> Iterator[Piece]:
        for part in _parts(said.content):
            if not self._watch.evaluated[part.channel]:
                yield from part.pieces(self._pace.piece)
                continue
            canned = yield from self._read(part)
            if canned is not None:
                # It needs a block of text, which another kind's block is not.
                yield Piece(part.index + (part.kind != "text"), "text", canned)
                return
        if not self._record.heard:
            self._record.heard.append(self._watch.judge("OUTPUT", spoken(said.content)))

    def _before(self, part: _Part) -> Generator[Piece, None, str | None]:
        """Text goes out when it has been read; gives what is said instead, if anything is."""
        yield from part.opening
        for buffer in _gathered(part.cut(part.text, self._pace.piece), self._pace.buffer):
            judged = self._judge(part, buffer)
            if judged.canned is not None:
                return judged.canned
            yield from part.cut(judged.texts[0], self._pace.piece)
        yield from part.closing
        return None

    def _behind(self, part: _Part) -> Generator[Piece, None, str | None]:
        """Text goes out and is read behind; gives what is said after it, if anything is."""
        yield from part.opening
        pending: deque[tuple[int, Judgement]] = deque()
        for window in _gathered(part.cut(part.text, self._pace.piece), self._pace.window):
            for piece in part.cut(window, self._pace.piece):
                pending = deque((left - 1, judged) for left, judged in pending)
                while pending and pending[0][0] < 0:
                    if (canned := pending.popleft()[1].canned) is not None:
                        return canned
                yield piece
            pending.append((self._pace.behind, self._judge(part, window)))
        yield from part.closing
        return next((judged.canned for _, judged in pending if judged.canned is not None), None)

    def _judge(self, part: _Part, text: str) -> Judgement:
        judged = self._watch.judge("OUTPUT", [Passage(part.channel, text, "messages", guarded=False)])
        self._record.heard.append(judged)
        return judged


def _gathered(cut: Iterable[Piece], size: int) -> Iterator[str]:
    """Whole pieces put together until they reach a size."""
    gathered = ""
    for piece in cut:
        gathered += piece.text
        if len(gathered) >= size:
            yield gathered
            gathered = ""
    if gathered:
        yield gathered


def _parts(content: Sequence[Mapping[str, Any]]) -> Iterator[_Part]:
    for index, block in enumerate(content):
        if "toolUse" in block:
            use = block["toolUse"]
            written = json.dumps(use["input"], ensure_ascii=False)
            opening = (Piece(index, "tool", use["toolUseId"], use["name"]),)
            yield _Part(index, "tool_input", "tool_arguments", written, opening=opening)
        elif "reasoningContent" in block:
            yield _reasoning(index, block["reasoningContent"])
        else:
            yield _Part(index, "text", "answer", block["text"])


def _reasoning(index: int, block: Mapping[str, Any]) -> _Part:
    if "redactedContent" in block:
        sealed = Piece(index, "redacted", block["redactedContent"])
        return _Part(index, "reasoning", "reasoning", "", closing=(sealed,))
    reasoning = block["reasoningText"]
    signed = reasoning.get("signature")
    closing = (Piece(index, "signature", signed),) if signed else ()
    return _Part(index, "reasoning", "reasoning", reasoning["text"], closing=closing)
