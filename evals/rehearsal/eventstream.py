"""Frames of `application/vnd.amazon.eventstream`, the encoding of every streamed answer.

A frame is: its length, its headers' length, a checksum of these two, the headers, the payload, a checksum
of everything before; numbers are big-endian and 32 bits wide, checksums are CRC-32.
"""

from __future__ import annotations

import json
import struct
import zlib
from collections.abc import Mapping
from typing import Any

CONTENT_TYPE = "application/vnd.amazon.eventstream"

_NUMBER = struct.Struct("!I")
_TEXT_HEADER = 7
_CHECKSUM_LENGTH = 4
_PRELUDE_LENGTH = 3 * _CHECKSUM_LENGTH


def event(kind: str, document: Mapping[str, Any]) -> bytes:
    """The frame of an event."""
    return _frame(
        {":event-type": kind, ":content-type": "application/json", ":message-type": "event"}, document
    )


def exception(kind: str, document: Mapping[str, Any]) -> bytes:
    """The frame of an error inside a stream, after which nothing follows."""
    headers = {":exception-type": kind, ":content-type": "application/json", ":message-type": "exception"}
    return _frame(headers, document)


def _frame(headers: Mapping[str, str], document: Mapping[str, Any]) -> bytes:
    head = b"".join(_header(name, value) for name, value in headers.items())
    payload = json.dumps(document, ensure_ascii=False, separators=(",", ":")).encode()
    length = _PRELUDE_LENGTH + len(head) + len(payload) + _CHECKSUM_LENGTH
    prelude = _NUMBER.pack(length) + _NUMBER.pack(len(head))
    frame = prelude + _NUMBER.pack(zlib.crc32(prelude)) + head + payload
    return frame + _NUMBER.pack(zlib.crc32(frame))


def _header(name: str, value: str) -> bytes:
    key, text = name.encode(), value.encode()
    return bytes((len(key),)) + key + bytes((_TEXT_HEADER,)) + struct.pack("!H", len(text)) + text
