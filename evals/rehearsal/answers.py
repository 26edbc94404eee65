"""What an operation answers with beside a JSON document: bytes of a format of its own, or a stream."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field


@dataclass(frozen=True, kw_only=True)
class Payload:
    """A body that is no document of the service's own."""

    body: bytes
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class Frames:
    """A stream of event-stream frames."""

    frames: Sequence[bytes]
    headers: Mapping[str, str] = field(default_factory=dict)
