"""Makes a suite's cases out of its filled patterns: channels, forms, twins, contexts, instructions."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal

from pydantic import ValidationError

from suites.authoring.filling import Filled, Filler, evenly, number_of
from suites.authoring.forms import FORMS, Form
from suites.authoring.sources import Category, Pattern, Pool, Values
from suites.authoring.text import Marked
from suites.authoring.wrappers import Placed, Placing, Wrappers, in_language
from suites.case import Case, Side, Turn
from suites.errors import RegistrationError, malformed

PROVENANCE = "Written for this project from its own sentence patterns; values are reserved or fictional"
_PLACED: tuple[Placed, ...] = ("system", "history", "tool_result")
_AS_IT_IS = 2
"""So many sentences in five are set into no other context."""


def compose(
    suite: str,
    categories: Sequence[Category],
    wrappers: Wrappers,
    pools: Mapping[str, Pool] | None = None,
    *,
    wordings: int | None = None,
) -> list[Case]:
    """All cases of a suite, in no particular order.

    Args:
        suite: Its name, with which ids begin.
        categories: What authors wrote.
        wrappers: What surrounds texts.
        pools: Typed values by slot.
        wordings: How many cases a template gives at most; None for as many as its slots allow.

    Raises:
        RegistrationError: A category cannot give as many cases as it counts, or two cases are the same.
    """
    cases = [
        case
        for category in categories
        for case in _Maker(suite, category, wrappers, Values(category, pools or {}), wordings).cases()
    ]
    what_stands_once: tuple[tuple[str, Callable[[Case], object]], ...] = (
        ("id", lambda case: case.id),
        ("prompt", lambda case: case.texts),
    )
    for what, of in what_stands_once:
        counted = Counter(of(case) for case in cases)
        if repeated := [value for value, times in counted.items() if times > 1]:
            shown = repeated[0] if isinstance(repeated[0], str) else " / ".join(map(str, repeated[0]))  # type: ignore[call-overload]
            raise RegistrationError(
                f"{suite}: {len(repeated)} times the same {what}, first {shown!r:.160};"
                " change one of the patterns that give it."
            )
    return cases


@dataclass(frozen=True)
class _Planned:
    """A filled pattern and what is to become of it."""

    filled: Filled
    channel: Placed | Literal["user"] = "user"
    form: Form | Literal["plain"] = "plain"
    twinned: bool = False


class _Maker:
    """Makes the cases of one category."""

    def __init__(
        self, suite: str, category: Category, wrappers: Wrappers, values: Values, wordings: int | None
    ) -> None:
        self._suite = suite
        self._category = category
        self._wrappers = wrappers
        self._filler = Filler(suite, category, values, wordings)

    def cases(self) -> Iterator[Case]:
        category, counts = self._category, self._category.counts
        placed: dict[Placed, int] = {name: getattr(counts, name) for name in _PLACED}
        forms = {form: counts.forms.get(form, 0) for form in FORMS}
        odd = number_of(self._suite, category.stem)
        shares: dict[Side, dict[Form, int]] = {"input": {}, "output": {}}
        for form, count in forms.items():
            # Half on either side; what is left over goes to the sides in turn.
            shares["input"][form] = count // 2 + (count % 2 if odd % 2 == 0 else 0)
            shares["output"][form] = count - shares["input"][form]
            odd += count % 2
        inputs, outputs = dict(category.input), dict(category.output)
        if category.label is not None and counts.output:
            outputs |= self._records()
        if category.label is not None and counts.input and category.language in self._wrappers.pastes:
            inputs |= self._pasted_records()
        yield from self._protect(
            "input", inputs, counts.input, counts.input_twins, shares["input"], placed=placed
        )
        yield from self._protect("output", outputs, counts.output, counts.output_twins, shares["output"])
        yield from self._protect("asked", category.asked, counts.asked, counts.asked_twins, {})
        for kind, patterns, count in (
            ("allow_input", category.allow_input, counts.allow_input),
            ("allow_output", category.allow_output, counts.allow_output),
        ):
            for one in self._fill(kind, patterns, count):
                yield self._case(kind.removeprefix("allow_"), _Planned(one), one.text, "allow")

    def _records(self) -> dict[str, Pattern]:
        language, label = self._category.language, self._category.label or ""
        records = in_language("records", self._wrappers.records, language)
        shown = self._category.shown
        return {
            f"record-{name}": Pattern(
                text=record.replace("{label}", label).replace("{value}", shown), context=name
            )
            for name, record in records.items()
        }

    def _pasted_records(self) -> dict[str, Pattern]:
        pastes = self._wrappers.pastes[self._category.language]
        pasted = {}
        for name, pattern in self._records().items():
            paste = pastes[number_of(self._suite, self._category.stem, name) % len(pastes)]
            pasted[name] = pattern.model_copy(update={"text": paste.replace("{text}", pattern.text)})
        return pasted

    def _protect(
        self,
        kind: Literal["input", "output", "asked"],
        patterns: Mapping[str, Pattern],
        count: int,
        twins: int,
        forms: Mapping[Form, int],
        *,
        placed: Mapping[Placed, int] | None = None,
    ) -> Iterator[Case]:
        """The protect cases of one kind, each followed by its twin where it gets one."""
        placed = placed or {}
        plans = [_Planned(one) for one in self._fill(kind, patterns, count + sum(placed.values()))]
        for channel, number in placed.items():
            plans = self._put(
                plans, number, channel, lambda plan: not plan.filled.pattern.before, channel=channel
            )
        plans = self._twinned(kind, plans, twins)
        for form, number in forms.items():
            plans = self._put(
                plans,
                number,
                f"the form {form}",
                lambda plan, form=form: not plan.twinned and plan.filled.disguised(form) is not None,  # type: ignore[misc]
                form=form,
            )
        for plan in plans:
            hidden = plan.filled.text if plan.form == "plain" else plan.filled.disguised(plan.form)
            if hidden is None:
                raise AssertionError("a form is only planned where it suits")
            case = self._case(kind, plan, hidden, "protect")
            if plan.twinned and plan.filled.twin is not None:
                twin = self._case(kind, plan, plan.filled.twin, "twin")
                yield case.model_copy(update={"twin": twin.id})
                yield twin.model_copy(update={"twin": case.id})
            else:
                yield case

    def _put(
        self, plans: list[_Planned], count: int, what: str, able: Callable[[_Planned], bool], **change: Any
    ) -> list[_Planned]:
        """Change `count` of the plans that are still plain and `able`, the last of each template first."""
        if not count:
            return plans
        open_places: dict[str, list[int]] = defaultdict(list)
        for place, plan in enumerate(plans):
            if (plan.channel, plan.form) == ("user", "plain") and able(plan):
                open_places[plan.filled.template].append(place)
        names = sorted(open_places, key=lambda name: number_of(self._suite, what, name))
        wanted = evenly([name for name in names for _ in open_places[name]], count)
        if sum(wanted.values()) < count:
            raise self._too_few(f"cases for {what}", count, sum(wanted.values()))
        chosen = {place for name, number in wanted.items() for place in open_places[name][-number:]}
        return [replace(plan, **change) if place in chosen else plan for place, plan in enumerate(plans)]

    def _twinned(self, kind: str, plans: list[_Planned], twins: int) -> list[_Planned]:
        """Mark those that get a twin: no two of them the same one, and only in the user's own words."""
        seen: set[str] = set()
        able = []
        for place, plan in enumerate(plans):
            twin = plan.filled.twin
            if plan.channel == "user" and twin is not None and twin.text not in seen:
                seen.add(twin.text)
                able.append(place)
        wanted = evenly([plans[place].filled.template for place in able], twins)
        if sum(wanted.values()) < twins:
            raise self._too_few(f"twins on the {kind} side", twins, sum(wanted.values()))
        marked = set()
        for place in able:
            template = plans[place].filled.template
            if wanted[template] > 0:
                wanted[template] -= 1
                marked.add(place)
        return [replace(plan, twinned=place in marked) for place, plan in enumerate(plans)]

    def _fill(self, kind: str, patterns: Mapping[str, Pattern], count: int) -> list[Filled]:
        choices = {name: self._filler.choices(kind, name, pattern) for name, pattern in patterns.items()}
        wanted = evenly([name for name, filled in choices.items() for _ in filled], count)
        if sum(wanted.values()) < count:
            raise self._too_few(f"{kind} cases", count, sum(wanted.values()))
        return [one for name, filled in choices.items() for one in filled[: wanted[name]]]

    def _case(
        self, kind: str, plan: _Planned, text: Marked, part: Literal["protect", "twin", "allow"]
    ) -> Case:
        one, category = plan.filled, self._category
        side: Side = "input" if kind == "input" else "output"
        context, matter, material, channel = one.pattern.context, text, None, str(plan.channel)
        before = self._earlier(one)
        prompt = text.text
        if kind == "output":
            context, matter = self._set(one, text)
            material = matter.text
            instructions = in_language("instructions", self._wrappers.instructions, category.language)
            instruction = instructions[
                number_of(self._suite, one.template, one.text.text) % len(instructions)
            ]
            prompt = instruction.replace("{text}", f"<text>{material}</text>")
        elif plan.channel != "user":
            placing = self._placing(one, plan.channel)
            matter = text.within(placing.setting.text, "{text}")
            before, prompt = placing.before(matter.text), placing.prompt
        elif before and side == "input":
            channel = "history"
        template = one.template + ("-twin" if part == "twin" else "")
        fields: dict[str, Any] = {
            "id": f"{self._suite}-{template}-{number_of(*_texts(before), prompt) % 100_000:05d}",
            "template": template,
            "category": category.category,
            "expectation": "protect" if part == "protect" else "allow",
            "side": side,
            "channel": "output" if side == "output" else channel,
            "form": plan.form,
            "context": context,
            "language": category.language,
            "before": before,
            "prompt": prompt,
            "material": material,
            "provenance": PROVENANCE,
        }
        if part == "protect":
            fields |= {
                "policy": category.policy,
                "action": category.action,
                "severity": one.pattern.severity or category.severity,
                "payload": None if category.judged and kind != "output" else one.payload,
                "spans": matter.spans if category.personal else (),
            }
        try:
            return Case.model_validate(fields)
        except ValidationError as error:
            raise malformed(f"{self._suite}, template {template}, {prompt!r:.100}", error) from None

    def _earlier(self, one: Filled) -> tuple[Turn, ...]:
        turns = zip(one.pattern.before, one.before, strict=True)
        return tuple(Turn(role=turn.role, text=text) for turn, text in turns)

    def _placing(self, one: Filled, channel: Placed) -> Placing:
        by_language = self._wrappers.channels.get(channel, {})
        placings = in_language(f"channels.{channel}", by_language, self._category.language)
        return placings[number_of(self._suite, channel, one.template, one.text.text) % len(placings)]

    def _set(self, one: Filled, text: Marked) -> tuple[str, Marked]:
        """A whole sentence is set into another context; two in five stay as they are."""
        contexts = list(self._wrappers.contexts.get(self._category.language, {}).items())
        draw = number_of(self._suite, "form", one.template, one.text.text)
        whole = one.pattern.context == "sentence" and (
            one.payload == one.text.text or self._category.personal
        )
        if not whole or draw % 5 < _AS_IT_IS or not contexts:
            return one.pattern.context, text
        context, setting = contexts[(draw // 5) % len(contexts)]
        return context, text.within(setting, "{sentence}")

    def _too_few(self, what: str, wanted: int, there: int) -> RegistrationError:
        return RegistrationError(
            f"{self._suite}, category {self._category.named}: {wanted} {what} are wanted and the patterns"
            f" give {there}; add patterns or slot values, or lower the count."
        )


def _texts(turns: Sequence[Turn]) -> tuple[str, ...]:
    return tuple(turn.text for turn in turns)
