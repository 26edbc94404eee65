"""What the lexicon and the cues make of a text: how sure each content category is by its words.

A category's phrases say how sure each makes it. A phrase in an innocent sense (`kill the process`), a
negated one, and one that a text talks about in order to moderate, answer, study or prevent it, count for
less. Words alone are weak where wording is mild.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from functools import cache
from pathlib import Path

from evals.rehearsal.detectors.cues import cue_books, folded
from evals.rehearsal.detectors.phrases import Hit, PhraseBook
from evals.rehearsal.detectors.stems import Words, words_of

CATEGORIES = ("HATE", "INSULTS", "SEXUAL", "VIOLENCE", "MISCONDUCT", "PROMPT_ATTACK")

_SCORES = {"high": 0.9, "medium": 0.65, "low": 0.4}
_EACH_FURTHER = 0.1
_MOST = 0.98
_TALKED_ABOUT = frozenset({"HATE", "INSULTS", "SEXUAL", "VIOLENCE"})
_DISCOUNTS: Mapping[str, tuple[float, frozenset[str]]] = {
    "moderation": (0.3, _TALKED_ABOUT),
    "counter": (0.3, _TALKED_ABOUT),
    "fiction": (0.3, frozenset({"VIOLENCE", "MISCONDUCT"})),
    "study": (0.3, frozenset(CATEGORIES)),
    "prevention": (0.3, frozenset(CATEGORIES)),
}
"""By section of the file of contexts, what remains of a score, and in which categories."""
_NEGATED = 0.3
_NEGATION_REACH = 4

_LEXICON = Path(__file__).parent / "lexicon"
_FUNCTION_GROUPS = ("@you", "@i", "@is", "@a", "@not", "@will")


def english_scores(text: str, categories: Collection[str]) -> dict[str, float]:
    """By category with any sign of it, how sure the English lexicon is, from 0 to 1."""
    words = words_of(text)
    found = {category: _meant(_book(category), words) for category in categories}
    if not any(found.values()):
        return {}
    contexts = {hit.section for hit in _context().hits(words)}
    return {
        category: _score(hits, words) * _remaining(category, contexts)
        for category, hits in found.items()
        if hits
    }


def foreign_scores(text: str, categories: Collection[str]) -> dict[str, float]:
    """By category with any sign of it, the surest cue of any language but English, from 0 to 1."""
    ready = folded(text)
    scores: dict[str, float] = {}
    for book in cue_books():
        for category, level in book.hits(ready):
            if category in categories:
                scores[category] = max(_SCORES[level], scores.get(category, 0.0))
    return scores


def _remaining(category: str, contexts: Iterable[str]) -> float:
    discounts = (_DISCOUNTS[context] for context in contexts)
    return min((factor for factor, categories in discounts if category in categories), default=1.0)


@cache
def _shared() -> PhraseBook:
    return PhraseBook(_LEXICON / "shared.txt")


@cache
def _book(category: str) -> PhraseBook:
    return PhraseBook(_LEXICON / f"{category.lower()}.txt", _shared().groups)


@cache
def _context() -> PhraseBook:
    return PhraseBook(_LEXICON / "context.txt", _shared().groups)


@cache
def _function_words() -> frozenset[str]:
    return frozenset().union(*(_shared().groups[group] for group in _FUNCTION_GROUPS))


def _meant(book: PhraseBook, words: Words) -> list[Hit]:
    """The hits that share no word of weight with an innocent phrase."""
    hits = book.hits(words)
    innocent = {
        place
        for hit in hits
        if hit.section == "not"
        for place in hit.at
        if words.stems[place] not in _function_words()
    }
    return [hit for hit in hits if hit.section != "not" and innocent.isdisjoint(hit.at)]


def _score(hits: Iterable[Hit], words: Words) -> float:
    """The surest hit, raised by each further phrase that is meant and begins at another word."""
    scores: dict[int, float] = {}
    meant: set[int] = set()
    for hit in hits:
        negated = _negated(hit, words)
        score = _SCORES[hit.section] * (_NEGATED if negated else 1.0)
        scores[hit.at[-1]] = max(score, scores.get(hit.at[-1], 0.0))
        if not negated:
            meant.add(hit.at[-1])
    surest = max(scores.values())
    return max(surest, min(_MOST, surest + _EACH_FURTHER * (len(meant) - 1)))


def _negated(hit: Hit, words: Words) -> bool:
    negations = _shared().groups["@not"]
    first = hit.at[0]
    return any(
        words.stems[place] in negations and words.sentences[place] == words.sentences[first]
        for place in range(max(0, first - _NEGATION_REACH), hit.at[-1])
        if place not in hit.at
    )
