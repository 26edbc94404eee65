"""The protocol that every detector follows."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True, order=True)
class Detection:
    """A place in a text, `text[start:end]`, offsets in code points."""

    start: int
    end: int
    rule: str
    """PII type, filter type, topic name, regex name, word."""
    score: float
    """Confidence from 0 to 1."""


class Detector(Protocol):
    """Finds one kind of thing."""

    def detect(self, text: str) -> list[Detection]:
        """Everything found in `text`, ordered by place."""
        ...
