"""Numbers in words, from nought to 999, in English, Spanish, French and German, without accents.

The languages share one table, since no phrase means different numbers in two of them.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from itertools import product

Words = tuple[str, ...]

REPEATED = {"double": 2, "triple": 3, "doble": 2, "doppel": 2, "doppelt": 2}
"""Words that say how often the next digit stands there."""
THOUSANDS = frozenset({"thousand", "mil", "mille", "tausend"})
"""Words that put three digits behind the number before them."""

LONGEST_NUMBER = 3
"""So many digits has the largest number of the table."""


def _words(text: str) -> list[str]:
    return text.split()


_ENGLISH = _words(
    "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen"
    " seventeen eighteen nineteen"
)
_ENGLISH_TENS = _words("twenty thirty forty fifty sixty seventy eighty ninety")
_SPANISH = _words(
    "cero uno dos tres cuatro cinco seis siete ocho nueve diez once doce trece catorce quince dieciseis"
    " diecisiete dieciocho diecinueve veinte veintiuno veintidos veintitres veinticuatro veinticinco"
    " veintiseis veintisiete veintiocho veintinueve"
)
_SPANISH_TENS = _words("treinta cuarenta cincuenta sesenta setenta ochenta noventa")
_SPANISH_HUNDREDS = _words(
    "ciento doscientos trescientos cuatrocientos quinientos seiscientos setecientos ochocientos novecientos"
)
_FRENCH = _words(
    "zero un deux trois quatre cinq six sept huit neuf dix onze douze treize quatorze quinze seize"
)
_FRENCH_TENS = _words("vingt trente quarante cinquante soixante")
_FRENCH_ELSEWHERE = {70: "septante", 80: "huitante", 90: "nonante"}
_GERMAN = _words(
    "null eins zwei drei vier funf sechs sieben acht neun zehn elf zwolf dreizehn vierzehn funfzehn sechzehn"
    " siebzehn achtzehn neunzehn"
)
_GERMAN_TENS = _words("zwanzig dreissig vierzig funfzig sechzig siebzig achtzig neunzig")
_BESIDE: dict[Words, str] = {
    ("oh",): "0", ("nought",): "0", ("naught",): "0", ("fourty",): "40", ("une",): "1", ("una",): "1",
    ("ein",): "1", ("eine",): "1", ("zwo",): "2", ("fuenf",): "5", ("zwoelf",): "12", ("cien",): "100",
    ("hundert",): "100",
}  # fmt: skip


@cache
def numerals() -> dict[Words, str]:
    """By phrase, the digits that it stands for."""
    languages = (_english(), _spanish(), _french(), _german())
    table = {phrase: str(number) for language in languages for phrase, number in language}
    umlauts = {
        tuple(word.replace("funf", "fuenf").replace("zwolf", "zwoelf") for word in phrase): digits
        for phrase, digits in table.items()
    }
    return umlauts | table | _BESIDE


@cache
def number_words() -> frozenset[str]:
    """Every word that can begin a number of its own."""
    return frozenset({phrase[0] for phrase in numerals()} | set(REPEATED) | THOUSANDS)


def words_at_the_edge(number: str, *, first: bool) -> frozenset[str]:
    """The words with which saying these digits can begin, or end, however they are grouped."""
    pieces = [number[:size] if first else number[-size:] for size in range(1, LONGEST_NUMBER + 1)]
    words = {phrase[0 if first else -1] for piece in pieces for phrase in _by_digits().get(piece, ())}
    if first and number[:1] * 2 == number[:2]:
        words |= set(REPEATED)
    if number.startswith("1") if first else number.endswith("000"):
        words |= THOUSANDS
    if number[0 if first else -1] == "0":
        words.add("o")
    return frozenset(words)


@cache
def _by_digits() -> dict[str, list[Words]]:
    table: dict[str, list[Words]] = {}
    for phrase, digits in numerals().items():
        table.setdefault(digits, []).append(phrase)
    return table


def _english() -> Iterator[tuple[Words, int]]:
    small: dict[int, Words] = {number: (word,) for number, word in enumerate(_ENGLISH)}
    for (ten, tens), unit in product(enumerate(_ENGLISH_TENS, 2), range(10)):
        small[10 * ten + unit] = (tens, _ENGLISH[unit]) if unit else (tens,)
    for number, words in small.items():
        yield words, number
    for hundreds, (rest, words) in product(range(1, 10), small.items()):
        for between in ((), ("and",)) if rest else ((),):
            yield (_ENGLISH[hundreds], "hundred", *between, *(words if rest else ())), 100 * hundreds + rest


def _spanish() -> Iterator[tuple[Words, int]]:
    small: dict[int, Words] = {number: (word,) for number, word in enumerate(_SPANISH)}
    for (ten, tens), unit in product(enumerate(_SPANISH_TENS, 3), range(10)):
        small[10 * ten + unit] = (tens, "y", _SPANISH[unit]) if unit else (tens,)
    for number, words in small.items():
        yield words, number
    for (hundreds, word), (rest, words) in product(enumerate(_SPANISH_HUNDREDS, 1), small.items()):
        yield (word, *(words if rest else ())), 100 * hundreds + rest


def _french() -> Iterator[tuple[Words, int]]:
    """As in France, and with `septante` and `nonante` as in Belgium and Switzerland."""
    small: dict[int, Words] = {number: (word,) for number, word in enumerate(_FRENCH)}
    small |= {10 + unit: ("dix", _FRENCH[unit]) for unit in (7, 8, 9)}
    for ten, tens in enumerate(_FRENCH_TENS, 2):
        for unit in range(20 if tens == "soixante" else 10):
            between = ("et",) if unit in {1, 11} else ()
            small[10 * ten + unit] = (tens, *between, *small[unit]) if unit else (tens,)
    small |= {80 + unit: ("quatre", "vingt", *small[unit]) for unit in range(1, 20)}
    small[80] = ("quatre", "vingts")
    for number, words in small.items():
        yield words, number
    for (number, word), unit in product(_FRENCH_ELSEWHERE.items(), range(10)):
        between = ("et",) if unit == 1 else ()
        yield (word, *between, *(small[unit] if unit else ())), number + unit
    for hundreds, (rest, words) in product(range(1, 10), small.items()):
        for cent in ("cent", "cents"):
            ahead = (cent,) if hundreds == 1 else (_FRENCH[hundreds], cent)
            yield (*ahead, *(words if rest else ())), 100 * hundreds + rest


def _german() -> Iterator[tuple[Words, int]]:
    small = dict(enumerate(_GERMAN))
    ahead = ["", "ein", *_GERMAN[2:10]]
    for (ten, tens), unit in product(enumerate(_GERMAN_TENS, 2), range(10)):
        small[10 * ten + unit] = f"{ahead[unit]}und{tens}" if unit else tens
    for number, word in small.items():
        yield (word,), number
    for hundreds, (rest, word) in product(range(1, 10), small.items()):
        yield (f"{ahead[hundreds]}hundert{word if rest else ''}",), 100 * hundreds + rest
        if hundreds == 1:
            yield (f"hundert{word if rest else ''}",), 100 + rest
