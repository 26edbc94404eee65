"""Content filters: how sure it is that a text is hateful, insulting, sexual, violent, criminal or an attack.

Lexicon and cues say it by words. Where the extra `semantic` is installed, hate and misconduct are judged by
meaning too. The report on a rehearsal says how good either is.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Literal

from evals.rehearsal.detectors.embedding import embedder
from evals.rehearsal.detectors.heads import heads, pieces
from evals.rehearsal.detectors.lexical import CATEGORIES, english_scores, foreign_scores
from evals.rehearsal.detectors.protocol import Detection

__all__ = ["CATEGORIES", "LEVELS", "ContentDetector", "blocks", "confidence"]

LEVELS = ("NONE", "LOW", "MEDIUM", "HIGH")

_LEAST_SCORE = {"HIGH": 0.8, "MEDIUM": 0.55, "LOW": 0.3}
_STOPS_FROM = {"LOW": "HIGH", "MEDIUM": "MEDIUM", "HIGH": "LOW"}


class ContentDetector:
    """Finds content of some of the six categories."""

    def __init__(self, categories: Iterable[str], side: Literal["INPUT", "OUTPUT"] = "INPUT") -> None:
        self._categories = tuple(categories)
        self._heads = {
            category: head
            for category, head in heads().items()
            if category in self._categories and side in head.sides
        }

    def detect(self, text: str) -> list[Detection]:
        """One detection for each category with any sign of it, over the whole text."""
        scores = self._with_meaning(text, english_scores(text, self._categories))
        for category, score in foreign_scores(text, self._categories).items():
            scores[category] = max(score, scores.get(category, 0.0))
        return [Detection(0, len(text), category, score) for category, score in scores.items()]

    def _with_meaning(self, text: str, by_words: dict[str, float]) -> dict[str, float]:
        """The scores by words, blended with the heads that there are; without letters there is no meaning."""
        embed = embedder() if self._heads and any(map(str.isalpha, text)) else None
        if embed is None:
            return by_words
        import numpy as np  # noqa: PLC0415 - without the extra the service does without

        vectors = np.concatenate([embed(piece) for piece in pieces(text)])
        begins = (_LEAST_SCORE["LOW"], _LEAST_SCORE["MEDIUM"], _LEAST_SCORE["HIGH"])
        blended = {
            category: head.score(vectors, by_words.get(category, 0.0), begins)
            for category, head in self._heads.items()
        }
        return by_words | {
            category: score
            for category, score in blended.items()
            if category in by_words or confidence(score) != "NONE"
        }


def confidence(score: float) -> str:
    """Bedrock's word for a score from 0 to 1."""
    return next((level for level, least in _LEAST_SCORE.items() if score >= least), "NONE")


def blocks(strength: str, level: str) -> bool:
    """Whether a filter of this strength stops content of this confidence.

    LOW stops what is HIGH, MEDIUM also what is MEDIUM, HIGH anything from LOW on.
    """
    return strength in _STOPS_FROM and LEVELS.index(level) >= LEVELS.index(_STOPS_FROM[strength])
