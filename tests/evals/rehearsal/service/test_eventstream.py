"""Frames of streams, read by botocore's own decoder."""

from __future__ import annotations

import pytest
from botocore.eventstream import ChecksumMismatch, EventStreamBuffer
from hypothesis import given
from hypothesis import strategies as st

from evals.rehearsal.eventstream import event, exception

TEXTS = st.text(st.characters(exclude_categories=("Cs",)), max_size=40)


@given(st.lists(TEXTS, min_size=1, max_size=4), st.integers(min_value=1, max_value=50))
def test_botocore_reads_every_frame_whatever_way_it_is_cut(texts, size):
    """All text survives, however the bytes are split on their way."""
    import json

    stream = b"".join(event("contentBlockDelta", {"text": text}) for text in texts)
    buffer = EventStreamBuffer()
    read = []
    for start in range(0, len(stream), size):
        buffer.add_data(stream[start : start + size])
        read += list(buffer)

    assert [json.loads(message.payload)["text"] for message in read] == texts
    assert {message.headers[":event-type"] for message in read} == {"contentBlockDelta"}


def test_exception_is_told_from_an_event():
    """Another message type, and its kind under another header."""
    buffer = EventStreamBuffer()
    buffer.add_data(exception("throttlingException", {"message": "Slow down."}))

    (message,) = buffer

    assert message.headers[":message-type"] == "exception"
    assert message.headers[":exception-type"] == "throttlingException"


def test_damaged_frame_is_noticed():
    """The checksums are true ones: a flipped bit does not pass."""
    frame = bytearray(event("chunk", {"bytes": "aGVyb24="}))
    frame[-8] ^= 1
    buffer = EventStreamBuffer()
    buffer.add_data(bytes(frame))

    with pytest.raises(ChecksumMismatch):
        list(buffer)
