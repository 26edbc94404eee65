"""How a place in a text is recognised as personal data: a form, and what speaks for it.

The score of a form is its base, raised by a passing check digit and by a word nearby that names the
type. A failing check digit lowers nothing: reserved and fictional values fail theirs on purpose.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from evals.rehearsal.detectors.protocol import Detection

REPORTED = 0.5
"""A finding is reported from this score on."""

_DIGIT = re.compile(r"\d")
_BEFORE = 48
_AFTER = 20
_CUE_BONUS = 0.4
_NEARNESS_BONUS = 0.1
"""For a cue that stands directly before the value; so the nearest of two cues names it."""


@dataclass(frozen=True, kw_only=True)
class Recogniser:
    """One form of one type."""

    rule: str
    """Bedrock's name of the type."""
    pattern: re.Pattern[str]
    """The form; where it has a group `value`, that is what is personal."""
    base: float
    """The score of the bare form."""
    check: Callable[[str], bool] | None = None
    check_bonus: float = 0.4
    cue: re.Pattern[str] | None = None
    """Words that name the type, looked for within 48 characters before the value or 20 after it."""
    unless: re.Pattern[str] | None = None
    """Words directly before the value that make it something else."""

    numeric: bool = True
    """There is a digit in every value of this form, so that texts without one need no search."""

    def find(self, text: str) -> Iterator[Detection]:
        """Every place where this form is written and enough speaks for it."""
        if self.numeric and _DIGIT.search(text) is None:
            return
        group = "value" if "value" in self.pattern.groupindex else 0
        for match in self.pattern.finditer(text):
            start, end = match.span(group)
            score = self._score(text, start, end)
            if score >= REPORTED:
                yield Detection(start, end, self.rule, min(score, 1.0))

    def _score(self, text: str, start: int, end: int) -> float:
        before = text[max(0, start - _BEFORE) : start]
        if self.unless is not None and self.unless.search(before):
            return 0.0
        score = self.base
        if self.check is not None and self.check(text[start:end]):
            score += self.check_bonus
        return score + self._cue_bonus(before, text[end : end + _AFTER])

    def _cue_bonus(self, before: str, after: str) -> float:
        if self.cue is None:
            return 0.0
        nearest = max((cue.end() for cue in self.cue.finditer(before)), default=None)
        if nearest is not None:
            return _CUE_BONUS + _NEARNESS_BONUS * (1 - (len(before) - nearest) / _BEFORE)
        return _CUE_BONUS if self.cue.search(after) else 0.0


def words(*alternatives: str) -> re.Pattern[str]:
    """Any of these words or phrases (regular expressions), as whole words, in any case."""
    return re.compile(rf"(?<!\w)(?:{'|'.join(alternatives)})(?!\w)", re.IGNORECASE)


def form(pattern: str, flags: int = 0) -> re.Pattern[str]:
    """A form that neither begins nor ends inside a longer word or number; spaces in it are free."""
    return re.compile(rf"(?<![\w])(?:{pattern})(?![\w])", flags | re.VERBOSE)
