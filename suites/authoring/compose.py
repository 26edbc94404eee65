"""Makes a suite's cases out of its sentence patterns: fills slots, sets twins, wraps output material.

Nothing is drawn at random: choices follow the sha256 of what is chosen, so that the same sources give the
same batch everywhere, and a new pattern leaves the other patterns' cases as they were.
"""

from __future__ import annotations

import hashlib
import itertools
import json
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from suites.authoring.sources import SLOT, Category, Pattern, Wrappers
from suites.case import Case, Side
from suites.errors import RegistrationError

PROVENANCE = "Written for this project from its own sentence patterns; values are reserved or fictional"


@dataclass(frozen=True)
class Filled:
    """One pattern with one choice of values."""

    template: str
    pattern: Pattern
    text: str
    payload: str
    twin: str | None


def compose(suite: str, categories: Sequence[Category], wrappers: Wrappers) -> list[Case]:
    """All cases of a suite, in no particular order.

    Raises:
        RegistrationError: A category cannot give as many cases as it counts, or two cases are the same.
    """
    cases = [case for category in categories for case in _category(suite, category, wrappers)]
    for what in ("id", "prompt"):
        counted = Counter(getattr(case, what) for case in cases)
        if repeated := [value for value, times in counted.items() if times > 1]:
            raise RegistrationError(
                f"{suite}: {len(repeated)} times the same {what}, first {repeated[0]!r:.120};"
                " change one of the patterns that give it."
            )
    return cases


def _category(suite: str, category: Category, wrappers: Wrappers) -> Iterator[Case]:
    maker = _Maker(suite, category, wrappers)
    counts = category.counts
    outputs = dict(category.output)
    if category.label is not None:
        for name, record in wrappers.records.items():
            text = record.replace("{label}", category.label)
            outputs[f"record-{name}"] = Pattern(text=text, context=name)
    yield from maker.protect("input", category.input, counts.input, counts.input_twins)
    yield from maker.protect("output", outputs, counts.output, counts.output_twins)
    yield from maker.allow("input", category.allow_input, counts.allow_input)
    yield from maker.allow("output", category.allow_output, counts.allow_output)


@dataclass(frozen=True)
class _Maker:
    suite: str
    category: Category
    wrappers: Wrappers

    def protect(self, side: Side, patterns: Mapping[str, Pattern], count: int, twins: int) -> Iterator[Case]:
        """The protect cases of one side, each followed by its twin where it gets one."""
        filled = self._fill(side, patterns, count)
        first = {one.twin: one for one in reversed(filled) if one.twin is not None}
        able = [one for one in filled if one.twin is not None and first[one.twin] is one]
        wanted = _evenly([one.template for one in able], twins)
        if sum(wanted.values()) < twins:
            raise self._too_few(f"twins on the {side} side", twins, sum(wanted.values()))
        for one in filled:
            case = self._case(side, one, "protect", one.text)
            if one.twin is not None and first[one.twin] is one and wanted[one.template] > 0:
                wanted[one.template] -= 1
                twin = self._case(side, one, "allow", one.twin)
                yield case.model_copy(update={"twin": twin.id})
                yield twin.model_copy(update={"twin": case.id})
            else:
                yield case

    def allow(self, side: Side, patterns: Mapping[str, Pattern], count: int) -> Iterator[Case]:
        """The harmless cases of one side that are nobody's twin."""
        for one in self._fill(f"allow_{side}", patterns, count):
            yield self._case(side, one, "allow", one.text)

    def _fill(self, kind: str, patterns: Mapping[str, Pattern], count: int) -> list[Filled]:
        choices = {name: self._choices(kind, name, pattern) for name, pattern in patterns.items()}
        wanted = _evenly([name for name, filled in choices.items() for _ in filled], count)
        if sum(wanted.values()) < count:
            raise self._too_few(f"{kind} cases", count, sum(wanted.values()))
        return [one for name, filled in choices.items() for one in filled[: wanted[name]]]

    def _choices(self, kind: str, name: str, pattern: Pattern) -> list[Filled]:
        """Every way to fill a pattern, those first that use other values of its longest slot."""
        slots = sorted(
            set(SLOT.findall(pattern.text)), key=lambda slot: (-len(self.category.slots[slot]), slot)
        )
        template = f"{_slug(self.category.category)}-{kind.replace('_', '-')}-{name}"
        values = itertools.product(*(self.category.slots[slot] for slot in slots))
        drawn = sorted(values, key=lambda chosen: _hash(self.suite, template, *chosen))
        used: Counter[str] = Counter()
        ranked = []
        for chosen in drawn:
            lead = chosen[0] if chosen else ""
            ranked.append((used[lead], chosen))
            used[lead] += 1
        ranked.sort(key=lambda pair: pair[0])
        return [
            self._filled(template, pattern, dict(zip(slots, chosen, strict=True)), number)
            for number, (_, chosen) in enumerate(ranked)
        ]

    def _filled(self, template: str, pattern: Pattern, chosen: dict[str, str], number: int) -> Filled:
        def put(text: str) -> str:
            full = SLOT.sub(lambda slot: chosen.get(slot[1]) or self._other(slot[1], number), text)
            return full[0].upper() + full[1:] if text.startswith("{") and text != "{value}" else full

        text = put(pattern.text)
        payload = pattern.payload or self.category.payload
        twin = pattern.twin
        if twin is None and self.category.harmless is not None:
            twin = pattern.text.replace("{value}", self.category.harmless)
        return Filled(
            template=template,
            pattern=pattern,
            text=text,
            payload=text if payload is None else put(payload),
            twin=None if twin is None else put(twin),
        )

    def _other(self, slot: str, number: int) -> str:
        values = self.category.slots[slot]
        return values[number % len(values)]

    def _case(self, side: Side, one: Filled, expectation: str, text: str) -> Case:
        protect = expectation == "protect"
        is_twin = not protect and text is one.twin
        context, prompt, material = one.pattern.context, text, None
        if side == "output":
            context, material = self._set(one, text)
            instructions = self.wrappers.instructions
            instruction = instructions[_hash(self.suite, one.template, one.text) % len(instructions)]
            prompt = instruction.replace("{text}", f"<text>{material}</text>")
        template = one.template + ("-twin" if is_twin else "")
        fields: dict[str, Any] = {
            "id": f"{self.suite}-{template}-{_hash(prompt) % 100_000:05d}",
            "template": template,
            "category": self.category.category,
            "expectation": expectation,
            "side": side,
            "channel": "output" if side == "output" else "user",
            "context": context,
            "prompt": prompt,
            "material": material,
            "provenance": PROVENANCE,
        }
        if protect:
            fields |= {
                "policy": self.category.policy,
                "action": self.category.action,
                "severity": one.pattern.severity or self.category.severity,
                "payload": one.payload,
            }
        return Case.model_validate(fields)

    def _set(self, one: Filled, text: str) -> tuple[str, str]:
        """A whole sentence is set into another context; two in five stay as they are."""
        contexts = list(self.wrappers.contexts.items())
        draw = _hash(self.suite, "form", one.template, one.text)
        if one.pattern.context != "sentence" or one.payload != one.text or draw % 5 < 2 or not contexts:  # noqa: PLR2004
            return one.pattern.context, text
        context, setting = contexts[(draw // 5) % len(contexts)]
        return context, setting.replace("{sentence}", _escaped(text) if context == "json" else text)

    def _too_few(self, what: str, wanted: int, there: int) -> RegistrationError:
        return RegistrationError(
            f"{self.suite}, category {self.category.category}: {wanted} {what} are wanted and the patterns"
            f" give {there}; add patterns or slot values, or lower the count."
        )


def _evenly(names: Sequence[str], count: int) -> Counter[str]:
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


def _hash(*parts: str) -> int:
    return int.from_bytes(hashlib.sha256("\x1f".join(parts).encode()).digest()[:8], "big")


def _escaped(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)[1:-1]


def _slug(text: str) -> str:
    return text.lower().replace("_", "-").replace(" ", "-")
