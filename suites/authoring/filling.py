"""Fills the slots of sentence patterns.

Nothing is drawn at random: choices follow the sha256 of what is chosen, so that the same sources give the
same batch everywhere, and a new pattern leaves the other patterns' cases as they were.
"""

from __future__ import annotations

import hashlib
import itertools
import math
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from suites.authoring.forms import Form, disguised
from suites.authoring.sources import Category, Pattern, Values
from suites.authoring.text import SLOT, Marked, Piece

_FEW = 2_000
"""Up to so many combinations are all looked at; of more, as many as are needed are drawn one by one."""


@dataclass(frozen=True)
class Filled:
    """One pattern with one choice of values."""

    template: str
    pattern: Pattern
    text: Marked
    payload: str
    value: str | None
    """What fills `{value}`, where the pattern has that slot."""
    twin: Marked | None
    before: tuple[str, ...] = ()
    """The filled texts of the earlier turns."""

    def disguised(self, form: Form) -> Marked | None:
        """The text with its value in disguise; None where the form does not suit value or text.

        In a record a line break would end the record, and a payload that is more than the value can be
        found in base64 no more.
        """
        if self.value is None or (form == "split" and self.pattern.context != "sentence"):
            return None
        if form == "base64" and self.payload != self.value:
            return None
        hidden = disguised(form, self.value)
        if hidden is None:
            return None
        return self.text.each(lambda piece: hidden if piece.type and piece.text == self.value else piece.text)


class Filler:
    """Fills the patterns of one category."""

    def __init__(self, suite: str, category: Category, values: Values, most: int | None) -> None:
        self._suite = suite
        self._category = category
        self._values = values
        self._most = most

    def choices(self, kind: str, name: str, pattern: Pattern) -> list[Filled]:
        """The ways to fill a pattern, those first that use other values of its longest slot."""
        template = f"{self._category.stem}-{kind.replace('_', '-')}-{name}"
        slots = sorted(
            pattern.slots - self._payload_only(pattern), key=lambda slot: (-len(self._values[slot]), slot)
        )
        filled = (
            self._filled(template, pattern, dict(zip(slots, chosen, strict=True)), number)
            for number, chosen in enumerate(self._chosen(template, slots))
        )
        return list(filled if self._most is None else itertools.islice(filled, self._most))

    @staticmethod
    def _payload_only(pattern: Pattern) -> set[str]:
        texts = (pattern.text, *(turn.text for turn in pattern.before))
        return pattern.slots - {slot for text in texts for slot in SLOT.findall(text)}

    def _chosen(self, template: str, slots: Sequence[str]) -> Iterator[tuple[str, ...]]:
        pools = [self._values[slot] for slot in slots]
        drawn = (
            self._all(template, pools) if math.prod(map(len, pools)) <= _FEW else self._some(template, pools)
        )
        typed = [self._values.typed(slot) for slot in slots]
        for chosen in drawn:
            personal = [value for value, is_typed in zip(chosen, typed, strict=True) if is_typed]
            if not _overlapping(personal):
                yield chosen

    def _all(self, template: str, pools: Sequence[Sequence[str]]) -> Iterator[tuple[str, ...]]:
        drawn = sorted(
            itertools.product(*pools), key=lambda chosen: number_of(self._suite, template, *chosen)
        )
        used: Counter[str] = Counter()
        ranked = []
        for chosen in drawn:
            lead = chosen[0] if chosen else ""
            ranked.append((used[lead], chosen))
            used[lead] += 1
        ranked.sort(key=lambda pair: pair[0])
        yield from (chosen for _, chosen in ranked)

    def _some(self, template: str, pools: Sequence[Sequence[str]]) -> Iterator[tuple[str, ...]]:
        lead = sorted(pools[0], key=lambda value: number_of(self._suite, template, value))
        seen: set[tuple[str, ...]] = set()
        for number in range(_FEW):
            rest = (
                pool[number_of(self._suite, template, str(place), str(number)) % len(pool)]
                for place, pool in enumerate(pools[1:])
            )
            chosen = (lead[number % len(lead)], *rest)
            if chosen not in seen:
                seen.add(chosen)
                yield chosen

    def _filled(self, template: str, pattern: Pattern, chosen: dict[str, str], number: int) -> Filled:
        def piece(slot: str) -> Piece:
            values = self._values[slot]
            return self._values.piece(slot, chosen.get(slot) or values[number % len(values)])

        def put(text: str) -> Marked:
            full = Marked.filled(text, piece)
            return full.capitalised() if text.startswith("{") and text != "{value}" else full

        category = self._category
        text = put(pattern.text)
        wanted = pattern.payload or category.payload or ("{value}" if category.personal else None)
        twin = pattern.twin
        if twin is None and category.harmless is not None:
            twin = pattern.text.replace(category.shown, category.harmless)
            if any(map(self._values.typed, SLOT.findall(twin))):
                twin = None
        return Filled(
            template=template,
            pattern=pattern,
            text=text,
            payload=text.text if wanted is None else put(wanted).text,
            value=chosen.get("value"),
            twin=None if twin is None else put(twin),
            before=tuple(put(turn.text).text for turn in pattern.before),
        )


def _overlapping(values: Sequence[str]) -> bool:
    """Whether one value stands in another: the text would then hold it twice."""
    return any(one in other for one, other in itertools.permutations(values, 2))


def number_of(*parts: str) -> int:
    """A number that depends on the texts alone, the same everywhere."""
    return int.from_bytes(hashlib.sha256("\x1f".join(parts).encode()).digest()[:8], "big")


def evenly(names: Sequence[str], count: int) -> Counter[str]:
    """Spread `count` over the names, as evenly as each name's number of occurrences allows."""
    there = Counter(names)
    wanted: Counter[str] = Counter()
    while sum(wanted.values()) < count:
        open_names = [name for name in there if wanted[name] < there[name]]
        if not open_names:
            break
        for name in open_names[: count - sum(wanted.values())]:
            wanted[name] += 1
    return wanted
