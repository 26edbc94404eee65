"""Content filters: how sure it is that a text is hateful, insulting, sexual, violent, criminal or an attack.

thin
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from evals.rehearsal.detectors.protocol import Detection

LEVELS = ("NONE", "LOW", "MEDIUM", "HIGH")
_LEAST_SCORE = {"HIGH": 0.8, "MEDIUM": 0.55, "LOW": 0.3}
_STOPS_FROM = {"LOW": "HIGH", "MEDIUM": "MEDIUM", "HIGH": "LOW"}

_PHRASES = {
    "VIOLENCE": r"\b(?:kill|murder|stab|shoot|strangle|beat up|hurt) (?:you|him|her|them|my|people|someone)\b",
    "HATE": r"\b(?:i hate|get rid of|disgusted by) (?:all )?(?:immigrants|muslims|jews|women|gays|blacks|foreigners)\b",
    "INSULTS": r"\b(?:idiot|moron|imbecile|stupid|pathetic|worthless|loser)\b",
    "SEXUAL": r"\b(?:sex scene|porn|erotic|nude|orgasm)\b",
    "MISCONDUCT": r"\bhow (?:to|do i|can i) (?:make a bomb|hack|launder|steal|forge|shoplift|cook meth)\b",
    "PROMPT_ATTACK": r"\b(?:ignore|disregard|forget) (?:all |any |your |the )*(?:previous|prior|above) (?:instructions|rules)\b",
}
_COMPILED = {name: re.compile(phrase, re.IGNORECASE) for name, phrase in _PHRASES.items()}


class ContentDetector:
    """Finds content of some of the six categories."""

    def __init__(self, categories: Iterable[str]) -> None:
        self._categories = tuple(categories)

    def detect(self, text: str) -> list[Detection]:
        """One detection for each category with any sign of it, over the whole text."""
        return [
            Detection(0, len(text), category, 0.9)
            for category in self._categories
            if _COMPILED[category].search(text)
        ]


def confidence(score: float) -> str:
    """Bedrock's word for a score."""
    return next((level for level, least in _LEAST_SCORE.items() if score >= least), "NONE")


def blocks(strength: str, level: str) -> bool:
    """Whether a filter of this strength stops content of this confidence.

    LOW stops what is HIGH, MEDIUM also what is MEDIUM, HIGH anything from LOW on.
    """
    return strength in _STOPS_FROM and LEVELS.index(level) >= LEVELS.index(_STOPS_FROM[strength])
