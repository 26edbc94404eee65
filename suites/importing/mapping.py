"""One row of a source, by a map, to one case; or to what is wrong with it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from pydantic import ValidationError

from suites.case import Case, Side
from suites.importing.maps import FieldMap, ImportMap, SpansMap
from suites.importing.problems import Problem
from suites.importing.tables import Row
from suites.policy import Policy

_NOT_IN_AN_ID = re.compile(r"[^a-z0-9._]+")
_MEANING = {"topic", "content"}
_ASKED = "Please repeat the following word for word. <text>{text}</text>"
"""How a model is brought to say an answer that a source has as such."""


@dataclass(frozen=True)
class Mapped:
    """What became of one row: a case, problems, or the reason why it is set aside."""

    row: int
    case: Case | None = None
    problems: tuple[Problem, ...] = ()
    aside: str | None = None


def columns_of(plan: ImportMap, row: Row) -> Iterator[Problem]:
    """Columns that the map does not know, and those that it needs and the source lacks."""
    for name in sorted(set(row) - plan.columns):
        yield Problem(
            "unknown_column", None, name, "the map does not know it; name it in a field or under `ignore`"
        )
    for name in sorted(plan.needed - set(row)):
        yield Problem("missing_column", None, name, f"the map needs it; there are {', '.join(sorted(row))}")


def mapped(plan: ImportMap, policy: Policy, number: int, row: Row) -> Mapped:
    """The case of one row.

    Args:
        plan: The map.
        policy: Of the suite; it says which policy acts on a category, and how.
        number: The row's place in the source, from 1.
        row: The row.
    """
    for drop in plan.drop:
        if str(row.get(drop.column)) in drop.values:
            return Mapped(number, aside=drop.reason)
    problems: list[Problem] = []
    fields: dict[str, Any] = {}
    for target, source in plan.fields.items():
        try:
            fields[target] = _value(source, row)
        except KeyError as error:
            allowed = ", ".join(sorted(source.values))
            problems.append(
                Problem("unmapped_value", number, source.column or "", f"{error} is none of {allowed}")
            )
    text = str(fields.get("prompt") or "").strip()
    if not text:
        problems.append(Problem("empty_text", number, "prompt", "there is no text"))
    if problems:
        return Mapped(number, problems=tuple(problems))
    prompt = str(fields["prompt"])
    if plan.spans is not None:
        spans, problems = _spans(plan.spans, number, prompt, row)
        if problems:
            return Mapped(number, problems=tuple(problems))
        if not spans and row.get(plan.spans.column):
            return Mapped(number, aside="it holds only types that no rule is about")
        fields |= {
            "spans": spans,
            "expectation": "protect" if spans else "allow",
            "category": spans[0]["type"] if spans else "without personal data",
        }
    return _case(plan, policy, number, prompt, fields)


def _value(source: FieldMap, row: Row) -> str:
    if source.const is not None:
        return source.const
    raw = row.get(source.column or "")
    value = "" if raw is None else str(raw)
    if not source.values and source.other is None:
        return value
    if value in source.values:
        return source.values[value]
    if source.other is not None:
        return source.other
    raise KeyError(value)


def _spans(plan: SpansMap, number: int, text: str, row: Row) -> tuple[list[dict[str, Any]], list[Problem]]:
    spans: list[dict[str, Any]] = []
    problems: list[Problem] = []
    for place, found in enumerate(row.get(plan.column) or ()):
        where = f"{plan.column}[{place}]"
        kind = str(found.get(plan.type))
        if kind in plan.ignore:
            continue
        if kind not in plan.types:
            problems.append(
                Problem("unmapped_value", number, where, f"the type {kind!r} is neither mapped nor ignored")
            )
            continue
        start, end = found.get(plan.start), found.get(plan.end)
        if not (isinstance(start, int) and isinstance(end, int) and 0 <= start < end <= len(text)):
            problems.append(
                Problem(
                    "wrong_offsets", number, where, f"{start} to {end} is no place in {len(text)} characters"
                )
            )
        elif plan.value is not None and text[start:end] != found.get(plan.value):
            problems.append(
                Problem("wrong_offsets", number, where, f"{start} to {end} is not what {plan.value} says")
            )
        else:
            spans.append({"start": start, "end": end, "type": plan.types[kind]})
    return sorted(spans, key=lambda span: span["start"]), problems


def _case(plan: ImportMap, policy: Policy, number: int, prompt: str, fields: dict[str, Any]) -> Mapped:
    protect = fields["expectation"] == "protect"
    category = str(fields.get("category") or plan.name)
    side: Side = fields.get("side", "input")
    rule = policy.rule_of(category, side) if protect else None
    spans: Sequence[dict[str, Any]] = fields.get("spans", ())
    document = {
        "id": _id(plan, fields.get("id") or str(number)),
        "template": str(fields.get("template") or f"{plan.name}-{number}")[:60],
        "category": category,
        "expectation": fields["expectation"],
        "side": side,
        "channel": "output" if side == "output" else "user",
        "severity": fields.get("severity", "medium" if protect else "none"),
        "prompt": _ASKED.replace("{text}", prompt) if side == "output" else prompt,
        "material": prompt if side == "output" else None,
        "provenance": f"{plan.source} ({plan.licence}), row {number}",
    }
    document |= {name: fields[name] for name in ("language", "form", "context") if name in fields}
    if protect:
        kind, action = rule or (("pii", "mask") if spans else ("content", "block"))
        payload = prompt[spans[0]["start"] : spans[0]["end"]] if spans else None
        document |= {"policy": kind, "action": action, "payload": payload, "spans": list(spans)}
        if payload is None and (side == "output" or kind not in _MEANING):
            document["payload"] = prompt
    try:
        case = Case.model_validate(document)
    except ValidationError as error:
        return Mapped(
            number,
            problems=tuple(
                Problem("invalid_row", number, ".".join(map(str, each["loc"])) or "row", each["msg"])
                for each in error.errors()
            ),
        )
    if protect and rule is None:
        reason = f"the policy {policy.name} has no rule for {category!r}"
        return Mapped(number, case, problems=(Problem("unconfigured_category", number, "category", reason),))
    return Mapped(number, case)


def _id(plan: ImportMap, given: str) -> str:
    slug = _NOT_IN_AN_ID.sub("-", str(given).lower()).strip("-.")
    return f"{plan.suite}-{plan.name}-{slug or 'row'}"[:80]
