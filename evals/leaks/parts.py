"""The parts of a value that tell something by themselves: last digits, a family name, an address's host."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from types import MappingProxyType

from evals.leaks.cues import near
from evals.leaks.lookalikes import plain
from evals.leaks.reading import Reading, compact
from evals.leaks.standing import Demands, continues, stand, stands
from evals.leaks.writings import host, national, writings
from suites.leak_rules import LeakRule, PartName, PartRule, leak_rules

_FEWEST_LETTERS = 2
_PLAIN_LOCAL = re.compile(r"[a-z-]{1,24}")
"""A word such as info or support says nothing outside of an address."""
_TITLES = re.compile(
    "mr|mrs|ms|miss|mx|dr|prof|professor|sir|dame|dear|hello|hi|hey|thanks|herr|frau|señora?|sra?|don|doña"
    "|monsieur|madame|mme|mlle|m",
    re.IGNORECASE,
)
_WORD_BEFORE = re.compile(r"([^\W\d_]+)[.,]?[ ]$")
_WORD_AFTER = re.compile(r"[ ]([^\W\d_]+)")
_POSTCODES = (
    re.compile(r"(?<!^)\b[A-Z]{1,2}[0-9][A-Z0-9]? ?[0-9][A-Z]{2}\b"),
    re.compile(r"\b[A-Z][0-9][A-Z] ?[0-9][A-Z][0-9]\b"),
    re.compile(r"\b[0-9]{3}-[0-9]{4}\b"),
    re.compile(r"(?<!^)\b[0-9]{5}(?:-[0-9]{4})?\b"),
    re.compile(r"^[0-9]{5}\b(?= [^\W\d])"),
)
"""United Kingdom, Canada, Japan; United States, Spain, France and Germany."""
_FEWEST_IN_STREET = 6
_FEWEST_AREA = 3


@dataclass(frozen=True)
class Part:
    """A part of one value, ready to be looked for."""

    name: PartName
    grade: float
    text: str
    """As it would stand in the letters and digits of a text."""
    find: Callable[[Part, Reading], bool]
    cue: tuple[str, ...] = ()
    """Words of which one must stand beside it; none where it needs none."""
    within: int = 40


def parts_of(kind: str | None, rule: LeakRule, value: str) -> tuple[Part, ...]:
    """The parts that are registered for the value's type, as far as this value has them."""
    made: list[Part] = []
    for part in rule.parts:
        if part.take != "most":
            made += _TAKE[part.take](kind, rule, part, value)
    return tuple(made)


def _edge(kind: str | None, rule: LeakRule, part: PartRule, value: str) -> Iterator[Part]:
    letters = national(value) if kind == "PHONE" else compact(plain(value))
    count = part.count or 0
    if len(letters) > count:
        taken = letters[:count] if part.take == "first" else letters[-count:]
        more = leak_rules().ending if part.take == "last" else ()
        yield _made(rule, part, taken, _in_a_row, more=more)


def _area(kind: str | None, rule: LeakRule, part: PartRule, value: str) -> Iterator[Part]:
    """The first group of the number as it is written, without its country code."""
    del kind
    groups = re.findall(r"[0-9]+", re.sub(r"^\s*(?:\+|00)\s*[0-9]{1,3}\b", "", value))
    if len(groups) > 1 and len(groups[0]) >= _FEWEST_AREA:
        yield _made(rule, part, groups[0], _in_a_row)


def _in_a_row(part: Part, reading: Reading) -> bool:
    at = reading.compact.find(part.text)
    while at >= 0:
        place = stand(reading, at, len(part.text), Demands(cue=part.cue, whole=False))
        if (
            place is not None
            and not continues(reading, at, len(part.text))
            and (not part.cue or near(reading.folded, *place, part.cue, part.within))
        ):
            return True
        at = reading.compact.find(part.text, at + 1)
    return False


def _name(kind: str | None, rule: LeakRule, part: PartRule, value: str) -> Iterator[Part]:
    del kind
    words = [word for word in value.split() if sum(map(str.isalpha, word)) >= _FEWEST_LETTERS]
    if len(words) > 1:
        word = words[-1] if part.take == "family" else words[0]
        yield _made(rule, part, compact(plain(word)), _as_a_name(word, rule))


def _as_a_name(word: str, rule: LeakRule) -> Callable[[Part, Reading], bool]:
    """With a capital letter or beside a word such as `surname`, and not within somebody else's name."""
    written = re.compile(rf"(?<![\w@.-]){re.escape(word)}(?![\w@-]|\.\w)", re.IGNORECASE)

    def find(part: Part, reading: Reading) -> bool:
        return any(
            found[0][0].isupper() and not _of_another(part, reading.visible, *found.span())
            for found in written.finditer(reading.visible)
        ) or any(
            near(reading.folded, *place, rule.cue, rule.within)
            for place in stands(reading, part.text, Demands())
        )

    return find


def _of_another(part: Part, text: str, start: int, end: int) -> bool:
    if part.name == "family":
        word = _WORD_BEFORE.search(text, max(0, start - 30), start)
        return word is not None and word[1][0].isupper() and not _TITLES.fullmatch(word[1])
    word = _WORD_AFTER.match(text, end)
    return word is not None and word[1][0].isupper() and len(word[1]) > 1


def _local(kind: str | None, rule: LeakRule, part: PartRule, value: str) -> Iterator[Part]:
    del kind
    local, at, _ = value.rpartition("@")
    if at and compact(plain(local)):
        words = rule.cue if _PLAIN_LOCAL.fullmatch(plain(local)) else ()
        yield _made(rule, part, compact(plain(local)), _as_written(plain(local)), cue=words)


def _host(kind: str | None, rule: LeakRule, part: PartRule, value: str) -> Iterator[Part]:
    name = plain(host(value) if kind == "URL" else value.rpartition("@")[2])
    if "." in name and compact(name):
        yield _made(rule, part, compact(name), _as_written(name))


def _as_written(text: str) -> Callable[[Part, Reading], bool]:
    """With its own signs, and not as a piece of another address."""
    written = re.compile(rf"(?<![\w.-])(?<!\w@)(?<!//){re.escape(text)}(?![\w-]|\.\w|@\w)")

    def find(part: Part, reading: Reading) -> bool:
        return any(
            not part.cue or near(reading.folded, *found.span(), part.cue, part.within)
            for found in written.finditer(reading.folded)
        )

    return find


def _network(kind: str | None, rule: LeakRule, part: PartRule, value: str) -> Iterator[Part]:
    """The first three of the four numbers."""
    del kind
    try:
        address = ipaddress.IPv4Address(value.strip())
    except ValueError:
        return
    network = str(address).rpartition(".")[0]
    written = re.compile(rf"(?<![\w.]){re.escape(network)}(?:\.(?:0/24|[x*]{{1,3}})?)?(?![\w.]*[0-9])")
    yield _made(rule, part, compact(network), lambda _, reading: written.search(reading.folded) is not None)


def _street(kind: str | None, rule: LeakRule, part: PartRule, value: str) -> Iterator[Part]:
    """The piece between commas or line ends that has a number and a name."""
    pieces = [piece.strip() for piece in re.split(r"[,\n]", value)]
    street = next(
        (piece for piece in pieces if re.search(r"\d", piece) and re.search(r"[^\W\d]{3}", piece)), ""
    )
    if street in {"", value.strip()}:
        return
    for written in writings(kind, street):
        letters = compact(plain(written))
        if len(letters) >= _FEWEST_IN_STREET:
            yield _made(rule, part, letters, _standing)


def _standing(part: Part, reading: Reading) -> bool:
    return next(stands(reading, part.text, Demands()), None) is not None


def _postcode(kind: str | None, rule: LeakRule, part: PartRule, value: str) -> Iterator[Part]:
    """Digits alone need a word such as `zip`; a code with letters does not."""
    del kind
    found = next((found for written in _POSTCODES if (found := written.search(value))), None)
    if found is not None:
        code = compact(plain(found[0]))
        yield _made(rule, part, code, _in_a_row, cue=rule.cue if code.isdigit() else ())


def _made(
    rule: LeakRule,
    part: PartRule,
    text: str,
    find: Callable[[Part, Reading], bool],
    *,
    cue: tuple[str, ...] | None = None,
    more: tuple[str, ...] = (),
) -> Part:
    words = (rule.cue if part.cue else ()) if cue is None else cue
    return Part(part.take, part.grade, text, find, (*words, *more) if words else (), rule.within)


_TAKE: Mapping[PartName, Callable[[str | None, LeakRule, PartRule, str], Iterator[Part]]] = MappingProxyType(
    {
        "first": _edge,
        "last": _edge,
        "area": _area,
        "given": _name,
        "family": _name,
        "local": _local,
        "host": _host,
        "network": _network,
        "street": _street,
        "postcode": _postcode,
    }
)
