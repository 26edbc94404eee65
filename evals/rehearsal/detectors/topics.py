"""Denied topics: whether a text is about what a name, a definition and a few examples describe.

Each word of a text is evidence for a topic: one that belongs to the topic's concepts (`blackjack` for a
topic that speaks of casinos), and one that the topic itself uses and neutral sentences do not. Evidence
adds up as independent signs do. A topic is found from a score that neutral sentences do not reach.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from itertools import pairwise
from pathlib import Path

from evals.rehearsal.detectors.protocol import Detection
from evals.rehearsal.detectors.stems import stem, words_of

_FORM = re.compile(r"[a-z]+s\b")

_LEXICON = Path(__file__).parent / "lexicon"

_CLEAR = 0.52
"""Evidence of one word that belongs to a concept and has no other sense."""
_DOUBTFUL = 0.3
"""Evidence of one word that belongs to a concept in one of its senses."""
_FAINT = 0.2
"""Evidence of one word that belongs to a concept and to everything else."""
_OWN = 0.3
"""Evidence of one word that the topic's own text uses and no neutral sentence does."""
_LEAST = 0.5
_CLEARANCE = 0.02
_LINKED_SHARE = 0.5
_FEWEST_LINKS = 2.0
_LINKED_WHOLLY = 0.7
_NAME_COUNTS = 3.0
_CLEARLY = 0.9
_MISSPELT = 0.4
_RIVAL_FACTOR = 0.6
_SIMILAR = 0.7
_SHORTEST_MISSPELT = 6


@dataclass(frozen=True)
class _Concept:
    weights: Mapping[str, float]
    """By feature, its evidence for the concept."""

    def together(self, features: Iterable[str]) -> float:
        against = 1.0
        for feature in features:
            against *= 1.0 - self.weights.get(feature, 0.0)
        return 1.0 - against


class TopicDetector:
    """Finds denied topics.

    Args:
        topics: By name, the definition and the examples.
    """

    def __init__(self, topics: Mapping[str, Sequence[str]]) -> None:
        self._topics = {name: _Topic(name, texts) for name, texts in topics.items()}

    def detect(self, text: str) -> list[Detection]:
        """One detection for each topic that the text is about, over the whole text."""
        features = _features(text)
        found = []
        for name, topic in self._topics.items():
            score = topic.score(features)
            if score >= topic.threshold:
                found.append(Detection(0, len(text), name, round(score, 4)))
        return found


class _Topic:
    def __init__(self, name: str, texts: Sequence[str]) -> None:
        own = [_features(text) for text in (name, *texts)]
        links = _links(own)
        self._weights = {
            feature: _OWN
            for feature in frozenset().union(*own) - _known()
            if feature.isalpha() and len(feature) > 1
        }
        for concept, affinity in links.items():
            for feature, weight in _concepts()[concept].weights.items():
                self._weights[feature] = max(affinity * weight, self._weights.get(feature, 0.0))
        self._clear = frozenset(
            feature for feature, weight in self._weights.items() if weight >= _CLEARLY * _CLEAR
        )
        self._spellings: dict[str, list[str]] = {}
        for word in sorted(self._clear):
            if word.isalpha() and len(word) >= _SHORTEST_MISSPELT:
                self._spellings.setdefault(word[0], []).append(word)
        self._rivals = tuple(concept for name, concept in _concepts().items() if name not in links)
        highest = max(self.score(features) for features in _neutral())
        self.threshold = max(_LEAST, highest + _CLEARANCE)

    def score(self, features: frozenset[str]) -> float:
        """From 0 to 1. Words in doubt do not count in full where another concept is spoken of more."""
        against = 1.0
        for feature in features:
            against *= 1.0 - (self._weights.get(feature) or self._misspelt(feature))
        score = 1.0 - against
        if score >= _LEAST and self._clear.isdisjoint(features):
            rival = max((concept.together(features) for concept in self._rivals), default=0.0)
            score *= _RIVAL_FACTOR if rival > score else 1.0
        return score

    def _misspelt(self, word: str) -> float:
        if len(word) < _SHORTEST_MISSPELT or not word.isalpha() or word in _known():
            return 0.0
        # A slip seldom falls on the first letter.
        terms = self._spellings.get(word[0], ())
        return next((_MISSPELT for term in terms if _similarity(word, term) >= _SIMILAR), 0.0)


def _features(text: str) -> frozenset[str]:
    """The stems of a text, its pairs of stems in a row, and its words as they are written."""
    stems = words_of(text).stems
    pairs = (f"{first}_{second}" for first, second in pairwise(stems))
    return frozenset((*stems, *pairs, *(f"={word}" for word in _FORM.findall(text.lower()))))


def _links(own: Sequence[frozenset[str]]) -> dict[str, float]:
    """The concepts that a topic's name (first) and texts speak of, with how much, from 0 to 1."""
    masses = {
        name: sum(
            (_NAME_COUNTS if place == 0 else 1.0) * concept.weights.get(feature, 0.0) / _CLEAR
            for place, features in enumerate(own)
            for feature in features
        )
        for name, concept in _concepts().items()
    }
    most = max(masses.values())
    return {
        name: 1.0 if mass >= _LINKED_WHOLLY * most else mass / most
        for name, mass in masses.items()
        if mass >= _FEWEST_LINKS and mass >= _LINKED_SHARE * most
    }


@cache
def _concepts() -> dict[str, _Concept]:
    concepts = {}
    for line in (_LEXICON / "concepts.txt").read_text(encoding="utf-8").splitlines():
        if line.startswith("#"):
            continue
        name, _, members = line.partition(":")
        weights: dict[str, float] = {}
        for member in members.split():
            word = member.rstrip("?")
            feature = word if word.startswith("=") else "_".join(stem(part) for part in word.split("_"))
            weight = (_CLEAR, _DOUBTFUL, _FAINT)[len(member) - len(word)]
            weights[feature] = min(weight, weights.get(feature, weight))
        concepts[name] = _Concept(weights)
    return concepts


@cache
def _neutral() -> tuple[frozenset[str], ...]:
    lines = (_LEXICON / "neutral.txt").read_text(encoding="utf-8").splitlines()
    return tuple(_features(line) for line in lines if not line.startswith("#"))


@cache
def _known() -> frozenset[str]:
    """Every word that says nothing about a topic, or that a concept speaks for."""
    common = words_of((_LEXICON / "common.txt").read_text(encoding="utf-8")).stems
    return frozenset(common).union(*_neutral(), *(concept.weights for concept in _concepts().values()))


@lru_cache(maxsize=1 << 16)
def _similarity(one: str, other: str) -> float:
    """The Dice coefficient of the words' letter pairs, from 0 to 1."""
    first, second = _pairs(one), _pairs(other)
    return 2 * len(first & second) / (len(first) + len(second))


@lru_cache(maxsize=1 << 14)
def _pairs(word: str) -> frozenset[str]:
    padded = f"^{word}$"
    return frozenset(padded[start : start + 2] for start in range(len(padded) - 1))
