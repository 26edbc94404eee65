"""Denied topics by vectors: how close a text comes by its meaning to a topic's own sentences."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence

import numpy as np

from evals.rehearsal.detectors.embedding import Vectors

Embed = Callable[[str], Vectors]
"""Gives the vectors of a text, one a row and of unit length."""

_FLOOR = 0.3
_OF_CLOSENESS = 0.5
"""A text is taken for one of a topic's sentences from a cosine of 0.3 and half the cosine that these
have among themselves: those of a narrow topic are alike, and so are those of its neighbours. Calibrated on
the training half of banking77, each intent being a topic, where 1.2 % of all others' requests reach it."""
_NARROW = 0.55
"""From such a cosine on among a topic's sentences it is narrow."""
_FOUND = 0.5
_BREAK = re.compile(r"(?<=[.!?])\s+|\n+")
_FEWEST_SPACES = 3
"""A sentence of under four words says too little by itself."""


class TopicVectors:
    """The sentences of several topics.

    Args:
        topics: By name, the definition, if there is one, and the examples.
        embed: Gives vectors.
    """

    def __init__(self, topics: Mapping[str, Sequence[str]], embed: Embed) -> None:
        self._embed = embed
        self._own = {
            name: np.concatenate([embed(text) for text in (name, *texts)]) for name, texts in topics.items()
        }
        closeness = {name: _closeness(own) for name, own in self._own.items()}
        self._least = {name: _FLOOR + _OF_CLOSENESS * one for name, one in closeness.items()}
        self.narrow = frozenset(name for name, one in closeness.items() if one >= _NARROW)
        """Topics whose sentences are so alike that a topic beside them would share their words."""

    def scores(self, text: str) -> dict[str, float]:
        """By topic, from 0 to 1; 0.5 where the closest part of a text is taken for one of its sentences."""
        vectors = self._parts(text)
        return {
            name: _scaled(float((vectors @ own.T).max()), self._least[name])
            for name, own in self._own.items()
        }

    def _parts(self, text: str) -> Vectors:
        """The vectors of a text as a whole and of each of its sentences, which a whole would drown."""
        sentences = [part.strip() for part in _BREAK.split(text)]
        parts = [part for part in sentences if part.count(" ") >= _FEWEST_SPACES]
        return np.concatenate([self._embed(part) for part in ([text, *parts] if len(parts) > 1 else [text])])


def _closeness(own: Vectors) -> float:
    """How close its closest companion comes to a sentence, on average."""
    if len(own) == 1:
        return 1.0
    among = own @ own.T
    np.fill_diagonal(among, -1.0)
    return float(among.max(axis=1).mean())


def _scaled(cosine: float, least: float) -> float:
    if cosine < least:
        return max(0.0, _FOUND * cosine / least)
    return min(1.0, _FOUND + (1.0 - _FOUND) * (cosine - least) / (1.0 - least))
