"""What becomes of a stream's frames under the faults that strike it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from evals.rehearsal.eventstream import exception
from evals.rehearsal.scenario.document import Fault
from evals.rehearsal.scenario.kinds import STREAM_KINDS, STREAMED


def in_stream(faults: Sequence[Fault]) -> Fault | None:
    """The fault that strikes inside the stream: the first in the file."""
    return next((fault for fault in faults if fault.kind in STREAM_KINDS), None)


def paced(frames: Sequence[bytes], fault: Fault | None, pause_s: float) -> Iterator[tuple[float, bytes]]:
    """The frames that go out, each with the seconds of silence before it."""
    for place, frame in enumerate(frames):
        silence = pause_s if place else 0.0
        if fault is not None and place == min(fault.frames, len(frames) - 1):
            if fault.kind in STREAMED:
                failure = STREAMED[fault.kind]
                members = {"message": fault.message or failure.message, **failure.members}
                yield silence, exception(failure.code, members)
            if fault.kind != "stream_stalled":
                return
            silence += fault.ms / 1000
        yield silence, frame
