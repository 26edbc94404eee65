"""Denied topics: whether a text is about what a definition and its examples describe.

thin
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from evals.rehearsal.detectors.protocol import Detection

_WORD = re.compile(r"[a-z]{4,}")


def _stems(text: str) -> set[str]:
    return {word[:5] for word in _WORD.findall(text.lower())}


class TopicDetector:
    """Finds denied topics by shared words."""

    def __init__(self, topics: Mapping[str, Sequence[str]]) -> None:
        self._topics = {name: [_stems(name + " " + text) for text in texts] for name, texts in topics.items()}

    def detect(self, text: str) -> list[Detection]:
        """One detection for each topic that the text is about, over the whole text."""
        stems = _stems(text)
        found = []
        for name, phrases in self._topics.items():
            score = max((len(stems & phrase) / (1 + len(stems)) for phrase in phrases), default=0.0)
            if score >= 0.35:
                found.append(Detection(0, len(text), name, score))
        return found
