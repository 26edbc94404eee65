"""Names of people: a gazetteer of given and family names, and the words that introduce a name."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Sequence
from functools import cache, lru_cache
from pathlib import Path

from evals.rehearsal.detectors.pii.languages import INTRODUCTIONS, TITLES
from evals.rehearsal.detectors.pii.recogniser import REPORTED
from evals.rehearsal.detectors.protocol import Detection

_GAZETTEER = Path(__file__).parent.parent / "gazetteer"


def _words_in(block: str) -> frozenset[str]:
    return frozenset(block.split())


_APOSTROPHES = "'\N{RIGHT SINGLE QUOTATION MARK}"
_WORD = rf"[^\W\d_a-z][^\W\d_]*(?:[{_APOSTROPHES}-][^\W\d_]+)*"
_CAPITALISED = re.compile(_WORD)
_PARTICLES = "de|da|dos|del|della|di|la|le|van|von|der|den|bin|al|el|ter|y"
_RUN = re.compile(
    rf"(?<![\w@./-]){_WORD}"
    rf"(?:(?:(?:(?<=\b\w)\.)?[ ]|-)(?:(?:{_PARTICLES})[ ])*{_WORD})*"
    r"(?![\w@/]|\.\w|-\d)"
)
_TITLED = re.compile(rf"\b(?:mr|mrs|ms|miss|mx|dr|prof|professor|sir|dame|{TITLES})\.?\s$", re.IGNORECASE)
_BELONGS_TO_PERSON = re.compile(
    r"(?:\bmy (?:full |last |first |maiden )?name(?:'s| is)|\bmaiden name|\bsurname|\bforename"
    r"|\bcard ?holder|\bbeneficiary|\bpayee"
    r"|\bpassenger|\b(?:full|first|last|given|family|customer|patient|client|contact|employee|tenant|guest"
    rf"|card ?holder)[ _]name|{INTRODUCTIONS})(?: is| was| es| est| ist)?"
    r"(?:\W{1,5}(?:value|valor|valeur|wert))?\W{0,5}$",
    re.IGNORECASE,
)
_MAY_BELONG_TO_PERSON = re.compile(
    r"\b(?:i am|i'm|this is|it's me|dear|hi|hello|thanks|cheers|regards|wishes|sincerely|yours|named?"
    r"|signed(?: by)?|called|author|attn|attention|patient|customer|client|tenant|applicant|recipient|sender"
    r"|colleague|neighbou?r|friend|brother|sister|cousin|uncle|aunt|nurse|teacher|doctor|driver|buyer|owner"
    r"|contact|to|from|for|by|with)(?: is| was)?\W{0,5}$",
    re.IGNORECASE,
)
_NAMED_BEFORE = re.compile(
    r"(?:\b(?:says|said|by|named|called|including|not|starring|featuring|add|remove|brother|sister|cousin|uncle"
    r"|aunt|kid|son|daughter|wife|husband|mother|father|neighbou?r|colleague|friend|assistant to|tribute to"
    r"|verses from|singer|songwriter|author|actor|actress|director|directed by:|user:|to:|from:)\s{1,5}"
    r"|\byour name\?\s|\bunder my [^.\n]{0,20}name\s|(?:^|\n)\W{0,3}name\s?:\s{0,5})$",
    re.IGNORECASE,
)
"""Words before somebody's name; they do for names of two words or more that no list knows."""
_NAMED_AFTER = re.compile(
    r"(?:\s(?:lives?|lived|had given|gave|is from|was born|said|says|asked|told|wrote|replied|moved|works"
    r"|spent|sang|plays|played|employs|as (?:a |an |the )?(?:guardian|beneficiary|owner|trustee))\b"
    r"|['\u2019]s (?:mother|father|wife|husband|brother|sister|son|daughter|phone|address|card|account"
    r"|will)\b)"
)
"""What only people do or have; it does for a single word too."""
_ADDRESS_BELOW = re.compile(
    r"[ ]{0,4}\n[\s>?]{0,8}(?:(?:[^\n\d]{2,40}\n[\s>?]{0,8}){0,2}(?:\d{1,6}\b|unit \d)"
    r"|[^\n:]{2,40}\n[\s>?]{0,8}[^\n:]{2,40}(?:\n|$))",
    re.IGNORECASE,
)
"""Lines of an address, or other short lines, as on an envelope or in a signature."""
_LINE_BEFORE = re.compile(r"(?:^|\n)[ >?]{0,6}$")
_BEFORE = 40
_AFTER = 100
_MOST_WORDS = 4
_NO_PERSON_AFTER = _words_in(
    """
    street st avenue ave road rd lane drive boulevard square court place way park bridge station
    airport river lake island county city university college school academy institute hospital
    clinic church library museum theatre bank group inc ltd llc plc gmbh company corporation corp
    association foundation prize award effect theorem law act hotel inn cafe restaurant bar stadium
    cup league division union club direct plus day
    """
)
_NO_NAME = _words_in(
    """
    a an and are as at be best but by can dear do does did email for from hello hi how i if in is it
    its last let my new no not of on or our please regards she he so tell thank thanks that the
    their then there they this to was we were what when where which who whom why will with write yes
    you your name customer client patient user mr mrs ms dr call ask give show send meet contact
    monday tuesday wednesday thursday friday saturday sunday january february march april may june
    july august september october november december english french german spanish italian american
    british european african asian indian chinese japanese christian jewish muslim christmas easter
    north south east west street road avenue united states kingdom europe africa asia america
    internet java python json copy translate read repeat return put correct complete continue fix
    spell say list table phone card iban ssn pin account order ticket invoice address full first sir
    madam dame lord lady miss mx prof professor herr frau senor senora team manager
    """
)


@cache
def _names(file: str) -> tuple[frozenset[str], frozenset[str]]:
    """Names of a list: those that are nothing else, and those that are also everyday words."""
    plain: list[str] = []
    double: list[str] = []
    chosen = plain
    for line in (_GAZETTEER / file).read_text(encoding="utf-8").splitlines():
        if line.startswith("#"):
            continue
        if line.startswith("?"):
            chosen = double
        chosen.extend(line.removeprefix("?").split())
    return frozenset(plain) - frozenset(double), frozenset(double)


@lru_cache(maxsize=1 << 14)
def _key(word: str) -> str:
    decomposed = unicodedata.normalize("NFKD", word.casefold())
    return "".join(character for character in decomposed if character.isalpha())


class NameRecogniser:
    """Finds runs of capitalised words that are a person's name."""

    rule = "NAME"

    def find(self, text: str) -> Iterator[Detection]:
        """Every name without title, with 0.5 or more speaking for it."""
        for run in _RUN.finditer(text):
            words = [(match.start(), match.end()) for match in _CAPITALISED.finditer(text, *run.span())]
            yield from self._within(text, words)

    def _within(self, text: str, words: Sequence[tuple[int, int]]) -> Iterator[Detection]:
        at = 0
        while at < len(words):
            length, score = self._longest(text, words[at : at + _MOST_WORDS + 1])
            if length:
                yield Detection(words[at][0], words[at + length - 1][1], self.rule, score)
            at += max(length, 1)

    def _longest(self, text: str, words: Sequence[tuple[int, int]]) -> tuple[int, float]:
        """How many of the words are one name beginning with the first, and how sure that is."""
        keys = [_key(text[start:end]) for start, end in words]
        if keys[0] in _NO_NAME:
            return 0, 0.0
        before = text[max(0, words[0][0] - _BEFORE) : words[0][0]]
        known = _TITLED.search(before) is not None or _BELONGS_TO_PERSON.search(before) is not None
        maybe = known or _MAY_BELONG_TO_PERSON.search(before) is not None
        length = 1
        while length < min(len(keys), _MOST_WORDS) and keys[length] not in _NO_NAME:
            length += 1
        for end in range(length, 0, -1):
            if keys[end - 1] in _NO_PERSON_AFTER or (end < len(keys) and keys[end] in _NO_PERSON_AFTER):
                continue
            score = 0.85 if known else _score(keys[0], keys[end - 1] if end > 1 else None, introduced=maybe)
            if score < REPORTED and end == length:
                score = _by_surroundings(before, text[words[end - 1][1] : words[end - 1][1] + _AFTER], end)
            if score >= REPORTED:
                return end, score
        return 0, 0.0


def _by_surroundings(before: str, after: str, length: int) -> float:
    """How sure a run of words that no list knows is a name, from what stands around it."""
    if _NAMED_AFTER.match(after) and (length > 1 or before[-1:] in {"", "\n", ">"} or before.endswith(". ")):
        return 0.55
    if length > 1 and (
        _NAMED_BEFORE.search(before) or (_LINE_BEFORE.search(before) and _ADDRESS_BELOW.match(after))
    ):
        return 0.5
    return 0.0


def _score(first: str, last: str | None, *, introduced: bool) -> float:
    given, double_given = _names("given.txt")
    family, double_family = _names("surnames.txt")
    if last is None:
        if first in given:
            return 0.6
        return 0.55 if introduced and first in double_given else 0.0
    if first in given:
        return 0.9 if last in family else 0.7
    if first in double_given and (last in family or last in double_family):
        return 0.75 if last in family or introduced else 0.55
    # An initial, or a given name that no list knows.
    if last in family and (len(first) == 1 or introduced):
        return 0.6
    return 0.0
