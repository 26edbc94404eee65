"""What is generally known about words: the concepts they belong to, and in which turns of phrase.

Everything is read from `lexicon/`: concepts and their words, sayings about them, a few in other languages,
and what says nothing about any topic.
"""

from __future__ import annotations

import re
from collections.abc import Container, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from itertools import pairwise
from pathlib import Path
from typing import NamedTuple

from evals.rehearsal.detectors.phrases import Hit, PhraseBook
from evals.rehearsal.detectors.stems import Words, stem, words_of

CLEAR = 0.52
"""Evidence of one word or saying that belongs to a concept and has no other sense."""
DOUBTFUL = 0.3
"""Evidence of one that belongs to a concept in one of its senses."""
FAINT = 0.2
"""Evidence of one word that belongs to a concept and to everything else."""

_ADVICE, _ASIDE, _ADVISORY = "advice", "aside", "advisory"
_FRAMES = frozenset({_ADVICE, _ASIDE, _ADVISORY})
"""Sections of sayings that belong to no concept."""
_LEXICON = Path(__file__).parent / "lexicon"
_INNOCENT = " no"
_PERHAPS = "?"
_FORM = re.compile(r"[a-z]+s\b")
_UNSPACED = re.compile(r"[\u3040-\u30ff\u4e00-\u9fff]")
_JAPANESE = " ja"


@dataclass(frozen=True)
class Concept:
    """Words and sayings that belong together, with their evidence by feature."""

    thing: Mapping[str, float]
    """Evidence for a topic that is the thing itself: naming it is enough."""
    advice: Mapping[str, float]
    """Evidence for a topic that is advice on the thing: naming it is not enough."""
    spoken: bool
    """Whether more than single words is known about it."""

    def together(self, features: Iterable[str]) -> float:
        """How much all features speak for it, from 0 to 1."""
        against = 1.0
        for feature in features:
            against *= 1.0 - self.advice.get(feature, 0.0)
        return 1.0 - against


class Features(NamedTuple):
    """What a text offers as evidence."""

    all: frozenset[str]
    """Its stems, its pairs of stems in a row, its words as they are written, and the sayings found in it."""
    advised: frozenset[str]
    """Those of the sentences that ask what to do, or say so."""
    aside: bool
    """Whether it only talks about something, such as its name, place or history."""
    advisory: bool
    """For a topic's own text: not the thing is denied, but advice on it."""


def features_of(text: str) -> Features:
    """The features of a text; words that a saying shows in another sense (`tennis court`) are left out."""
    words = words_of(text)
    hits = [hit for book in (_sayings(), _foreign()) for hit in book.hits(words)]
    innocent: dict[str, set[int]] = {_concept_of(hit.section): set() for hit in hits}
    for hit in hits:
        if hit.section.endswith(_INNOCENT):
            innocent[_concept_of(hit.section)].update(_of_weight(hit, words))
    left_out = set().union(*innocent.values())
    found = [
        *_spelt(text, {words.stems[place] for place in left_out}),
        *_words(words, left_out),
        *_said(hits, words, innocent),
    ]
    frames = {hit.section for hit in hits}
    advised = {words.sentences[hit.at[0]] for hit in hits if hit.section == _ADVICE}
    return Features(
        all=frozenset(feature for _, feature in found).union(_said_unspaced(text)),
        advised=frozenset(feature for sentence, feature in found if sentence in advised),
        aside=_ASIDE in frames,
        advisory=_ADVISORY in frames,
    )


def _words(words: Words, left_out: Container[int]) -> Iterator[tuple[int, str]]:
    """Stems and pairs of stems, each with the number of its sentence."""
    for place, found in enumerate(words.stems):
        if place not in left_out:
            yield words.sentences[place], found
    for first, second in pairwise(range(len(words.stems))):
        if first not in left_out and second not in left_out:
            yield words.sentences[first], f"{words.stems[first]}_{words.stems[second]}"


def _said(
    hits: Iterable[Hit], words: Words, innocent: Mapping[str, Container[int]]
) -> Iterator[tuple[int, str]]:
    """Sayings that hold no word in another sense."""
    for hit in hits:
        no_frame = hit.section not in _FRAMES and not hit.section.endswith(_INNOCENT)
        if no_frame and not any(place in innocent[_concept_of(hit.section)] for place in hit.at):
            yield words.sentences[hit.at[0]], _feature(hit.section, hit.phrase)


def _said_unspaced(text: str) -> Iterator[str]:
    if _UNSPACED.search(text):
        for section, row in _japanese():
            if all(part in text for part in row.split()):
                yield _feature(section, row)


def _spelt(text: str, dropped: Container[str]) -> Iterator[tuple[int, str]]:
    """Words in the very form that the text has them in, of no sentence in particular."""
    for word in _FORM.findall(text.lower()):
        if stem(word) not in dropped:
            yield -1, f"={word}"


@cache
def concepts() -> Mapping[str, Concept]:
    """All concepts by name."""
    things: dict[str, dict[str, float]] = {}
    advice: dict[str, dict[str, float]] = {}
    for name, member in _members():
        word = member.rstrip("?*")
        feature = word if word.startswith("=") else "_".join(stem(part) for part in word.split("_"))
        weight = (CLEAR, DOUBTFUL, FAINT)[member.count("?")]
        _lower(things.setdefault(name, {}), feature, weight)
        _lower(advice.setdefault(name, {}), feature, DOUBTFUL if member.endswith("*") else weight)
    spoken = set()
    rows = [*_sayings().rows, *_foreign().rows, *_japanese()]
    for section, row in rows:
        name = _concept_of(section)
        if name not in things or section.endswith(_INNOCENT):
            continue
        spoken.add(name)
        for weights in (things[name], advice[name]):
            weights[_feature(section, row)] = DOUBTFUL if _PERHAPS in section else CLEAR
    return {name: Concept(things[name], advice[name], name in spoken) for name in things}


@cache
def neutral() -> tuple[frozenset[str], ...]:
    """The features of sentences that are about nothing in particular."""
    lines = (_LEXICON / "neutral.txt").read_text(encoding="utf-8").splitlines()
    return tuple(features_of(line).all for line in lines if not line.startswith("#"))


@cache
def common() -> frozenset[str]:
    """The stems of words too frequent to say anything about a topic."""
    return frozenset(words_of((_LEXICON / "common.txt").read_text(encoding="utf-8")).stems)


@cache
def known() -> frozenset[str]:
    """Every feature that says nothing about a topic, or that a concept speaks for."""
    return common().union(*neutral(), *(concept.thing for concept in concepts().values()))


def _members() -> Iterable[tuple[str, str]]:
    for line in (_LEXICON / "concepts.txt").read_text(encoding="utf-8").splitlines():
        if not line.startswith("#"):
            name, _, members = line.partition(":")
            yield from ((name, member) for member in members.split())


def _lower(weights: dict[str, float], feature: str, weight: float) -> None:
    weights[feature] = min(weight, weights.get(feature, weight))


def _feature(section: str, phrase: str) -> str:
    return f"[{section}] {phrase}"


def _concept_of(section: str) -> str:
    return section.removesuffix(_INNOCENT).removesuffix(_JAPANESE).removesuffix(_PERHAPS)


def _of_weight(hit: Hit, words: Words) -> Iterable[int]:
    return (place for place in hit.at if words.stems[place] not in common())


@cache
def _sayings() -> PhraseBook:
    return PhraseBook(_LEXICON / "sayings.txt")


@cache
def _foreign() -> PhraseBook:
    return PhraseBook(_LEXICON / "foreign.txt")


@cache
def _japanese() -> tuple[tuple[str, str], ...]:
    return tuple((section, row) for section, row in _foreign().rows if section.endswith(_JAPANESE))
