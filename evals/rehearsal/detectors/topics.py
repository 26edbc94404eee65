"""Denied topics: whether a text is about what a name, a definition and a few examples describe.

Each word and saying of a text is evidence for a topic: what belongs to the topic's concepts (`blackjack` for
a topic that speaks of casinos), and words that the topic itself uses and neutral sentences do not. Evidence
adds up as independent signs do. Where a topic is advice on something, a text that only talks about that thing
counts for less. A topic of which little is known is also compared with its own sentences: by their vectors,
where there are such, else by their words. It is found from a score that neutral sentences do not reach.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import TYPE_CHECKING

from evals.rehearsal.detectors.concepts import (
    CLEAR,
    FAINT,
    Features,
    common,
    concepts,
    features_of,
    known,
    neutral,
)
from evals.rehearsal.detectors.protocol import Detection
from evals.rehearsal.detectors.stems import words_of

if TYPE_CHECKING:
    from evals.rehearsal.detectors.vectors import Embed, TopicVectors

_OWN = 0.3
"""Evidence of one word that the topic's own text uses and no neutral sentence does; where sayings about its
concepts are known, such words are faint."""
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
_ADVISED = 0.25
"""Further evidence of a text that asks what to do, for a topic that is advice."""
_SOME = 0.28
"""The least evidence that advice adds to: advice on anything is not yet advice on this."""
_ASIDE_FACTOR = 0.5
_ALIKE = 0.55
"""The likeness from which a text is taken for one of the topic's own sentences."""
_NARROW = 0.45
"""How like each other the sentences of a narrow topic are; a wide one is only known by its words."""
_NARROW_SHARE = 0.2
"""What evidence adds to likeness for a narrow topic: its words alone are also those of its neighbours."""
_COMMON_WEIGHT = 0.3
_NEUTRAL_WEIGHT = 0.7


class TopicDetector:
    """Finds denied topics.

    Args:
        topics: By name, the definition and the examples.
        embed: Gives the vectors of a text; None where only words can be compared.
    """

    def __init__(self, topics: Mapping[str, Sequence[str]], embed: Embed | None = None) -> None:
        self._topics = {name: _Topic(name, texts) for name, texts in topics.items()}
        self._vectors: TopicVectors | None = None
        if embed is not None:
            from evals.rehearsal.detectors.vectors import TopicVectors  # noqa: PLC0415 - it needs numpy

            self._vectors = TopicVectors(topics, embed)

    def detect(self, text: str) -> list[Detection]:
        """One detection for each topic that the text is about, over the whole text."""
        return [
            Detection(0, len(text), name, round(score, 4))
            for name, score in self.scores(text).items()
            if score >= self.threshold(name)
        ]

    def threshold(self, name: str) -> float:
        """From which score on the topic is found."""
        return self._topics[name].threshold

    def scores(self, text: str) -> dict[str, float]:
        """By topic, from 0 to 1, how much the text is about it."""
        features, words = features_of(text), frozenset(words_of(text).stems)
        if self._vectors is None:
            return {name: topic.score(features, words) for name, topic in self._topics.items()}
        closeness = self._vectors.scores(text)
        return {
            name: topic.score_beside(features, closeness[name], narrow=name in self._vectors.narrow)
            for name, topic in self._topics.items()
        }


class _Topic:
    def __init__(self, name: str, texts: Sequence[str]) -> None:
        whole = [features_of(text) for text in (name, *texts)]
        own = [features.all for features in whole]
        links = _links(own)
        advisory = any(features.advisory for features in whole[:2])
        self._advisory = advisory
        spoken = any(concepts()[name_of].spoken for name_of in links)
        self._weights = {
            feature: FAINT if spoken else _OWN
            for feature in frozenset().union(*own) - known()
            if feature.isalpha() and len(feature) > 1
        }
        for name_of, affinity in links.items():
            concept = concepts()[name_of]
            for feature, weight in (concept.advice if advisory else concept.thing).items():
                self._weights[feature] = max(affinity * weight, self._weights.get(feature, 0.0))
        self._clear = frozenset(
            feature for feature, weight in self._weights.items() if weight >= _CLEARLY * CLEAR
        )
        self._spellings: dict[str, list[str]] = {}
        for word in sorted(self._clear):
            if word.isalpha() and len(word) >= _SHORTEST_MISSPELT:
                self._spellings.setdefault(word[0], []).append(word)
        self._rivals = tuple(concept for name_of, concept in concepts().items() if name_of not in links)
        self._sentences = tuple(frozenset(words_of(text).stems) for text in (name, *texts))
        self._narrow = not spoken and _closeness(self._sentences) >= _NARROW
        self._compared = not spoken
        highest = max(self._together(features) for features in neutral())
        self.threshold = max(_LEAST, highest + _CLEARANCE)

    def score(self, features: Features, words: frozenset[str]) -> float:
        """From 0 to 1."""
        evidence = self._evidence(features)
        if not self._compared:
            return evidence
        likeness = max(_cosine(words, sentence) for sentence in self._sentences)
        if self._narrow:
            return _scaled(likeness + _NARROW_SHARE * evidence)
        return max(evidence, _scaled(likeness))

    def score_beside(self, features: Features, closeness: float, *, narrow: bool) -> float:
        """From 0 to 1, where it is known how close the text comes to the topic by its meaning.

        Vectors hardly tell advice on a thing from talk about it, so there words decide; words tell nothing of
        a narrow topic and its neighbours, so there vectors do.
        """
        if self._compared and narrow:
            return closeness
        evidence = self._evidence(features)
        if self._advisory and features.aside and self._together(features.advised) < _SOME:
            return evidence
        return max(evidence, closeness)

    def _evidence(self, features: Features) -> float:
        score = self._together(features.all)
        if self._advisory:
            advised = self._together(features.advised)
            if advised >= _SOME:
                score = max(score, 1.0 - (1.0 - advised) * (1.0 - _ADVISED))
            elif features.aside:
                score *= _ASIDE_FACTOR
        if score >= _LEAST and self._clear.isdisjoint(features.all):
            rival = max((concept.together(features.all) for concept in self._rivals), default=0.0)
            # Words in doubt do not count in full where another concept is spoken of more.
            score *= _RIVAL_FACTOR if rival > score else 1.0
        return score

    def _together(self, features: frozenset[str]) -> float:
        """All evidence, from 0 to 1. Faint words alone never add up to a topic."""
        against, strongest = 1.0, 0.0
        for feature in features:
            weight = self._weights.get(feature) or self._misspelt(feature)
            against *= 1.0 - weight
            strongest = max(weight, strongest)
        return 1.0 - against if strongest > FAINT else min(1.0 - against, FAINT)

    def _misspelt(self, word: str) -> float:
        if len(word) < _SHORTEST_MISSPELT or not word.isalpha() or word in known():
            return 0.0
        # A slip seldom falls on the first letter.
        terms = self._spellings.get(word[0], ())
        return next((_MISSPELT for term in terms if _similarity(word, term) >= _SIMILAR), 0.0)


def _links(own: Sequence[frozenset[str]]) -> dict[str, float]:
    """The concepts that a topic's name (first) and texts speak of, with how much, from 0 to 1."""
    masses = {
        name: sum(
            (_NAME_COUNTS if place == 0 else 1.0) * concept.thing.get(feature, 0.0) / CLEAR
            for place, features in enumerate(own)
            for feature in features
        )
        for name, concept in concepts().items()
    }
    most = max(masses.values())
    return {
        name: 1.0 if mass >= _LINKED_WHOLLY * most else mass / most
        for name, mass in masses.items()
        if mass >= _FEWEST_LINKS and mass >= _LINKED_SHARE * most
    }


def _scaled(likeness: float) -> float:
    """A likeness as a score: 0.5 where a text is taken for one of the topic's sentences, never over 1."""
    if likeness < _ALIKE:
        return _LEAST * likeness / _ALIKE
    return min(1.0, _LEAST + (1.0 - _LEAST) * (likeness - _ALIKE) / (1.0 - _ALIKE))


def _closeness(sentences: Sequence[frozenset[str]]) -> float:
    """How like its closest companion a sentence is, on average."""
    closest = [
        max((_cosine(one, other) for other in sentences if other is not one), default=0.0)
        for one in sentences
    ]
    return sum(closest) / len(closest)


def _cosine(one: frozenset[str], other: frozenset[str]) -> float:
    both = sum(_weight(word) for word in one & other)
    return both / math.sqrt(_norm(one) * _norm(other)) if both else 0.0


@lru_cache(maxsize=1 << 12)
def _norm(words: frozenset[str]) -> float:
    return sum(_weight(word) for word in words)


@lru_cache(maxsize=1 << 14)
def _weight(word: str) -> float:
    """What sharing this word says: the square of its weight in either text."""
    if word in common():
        return _COMMON_WEIGHT**2
    return _NEUTRAL_WEIGHT**2 if any(word in sentence for sentence in neutral()) else 1.0


@lru_cache(maxsize=1 << 16)
def _similarity(one: str, other: str) -> float:
    """The Dice coefficient of the words' letter pairs, from 0 to 1."""
    first, second = _pairs(one), _pairs(other)
    return 2 * len(first & second) / (len(first) + len(second))


@lru_cache(maxsize=1 << 14)
def _pairs(word: str) -> frozenset[str]:
    padded = f"^{word}$"
    return frozenset(padded[start : start + 2] for start in range(len(padded) - 1))
