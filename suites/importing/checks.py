"""What can only be seen of a batch as a whole, and of each text whatever its map."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence

from suites.case import Case
from suites.foreign import foreign_texts
from suites.importing.duplicates import nearly_same
from suites.importing.problems import Problem
from suites.policy import Policy

Numbered = Sequence[tuple[int, Case]]
"""Cases with their rows in the source."""


def whole(cases: Numbered) -> Iterator[Problem]:
    """Ids that stand twice, twins that are no pair, and near-duplicates over templates."""
    yield from _ids(cases)
    yield from _twins(cases)
    yield from _near(cases)


def personal_data(number: int, case: Case) -> Iterator[Problem]:
    """Values that are neither reserved nor fictional. They are named by kind and never shown."""
    for place, found in enumerate(foreign_texts(case)):
        kinds = Counter(kind for kind, _ in found)
        where = "prompt" if place == len(case.before) else f"before[{place}]"
        for kind, times in kinds.items():
            yield Problem("personal_data", number, where, f"{times} {kind} outside of the reserved values")


def configured(number: int, case: Case, policy: Policy) -> Iterator[Problem]:
    """Whether the suite's policy has the rule that a protect case asks for."""
    if case.expectation != "protect" or case.policy in {"word", "profanity"}:
        return
    if policy.rule_of(case.category, case.side) != (case.policy, case.action):
        yield Problem(
            "unconfigured_category",
            number,
            "category",
            f"the policy {policy.name} has no rule for {case.category!r} that would {case.action}",
        )


def _ids(cases: Numbered) -> Iterator[Problem]:
    first: dict[str, int] = {}
    for number, case in cases:
        if (earlier := first.setdefault(case.id, number)) != number:
            yield Problem("duplicate_id", number, "id", f"{case.id} stands in row {earlier} as well")


def _twins(cases: Numbered) -> Iterator[Problem]:
    by_id = {case.id: case for _, case in cases}
    for number, case in cases:
        if case.twin is None:
            continue
        twin = by_id.get(case.twin)
        if twin is None:
            yield Problem("unbalanced_twins", number, "twin", f"{case.twin} is not in the batch")
        elif twin.twin != case.id:
            yield Problem("unbalanced_twins", number, "twin", f"{case.twin} does not point back")
        elif twin.expectation == case.expectation:
            yield Problem("unbalanced_twins", number, "twin", f"{case.twin} has the same expectation")


def _near(cases: Numbered) -> Iterator[Problem]:
    for earlier, later in nearly_same([case.text for _, case in cases]):
        (row, one), (number, other) = cases[earlier], cases[later]
        if one.text == other.text:
            yield Problem("near_duplicate", number, "prompt", f"the same text as in row {row}")
        elif one.template != other.template and one.id != other.twin:
            yield Problem(
                "near_duplicate",
                number,
                "template",
                f"nearly the text of row {row}, which is of another template ({one.template})",
            )
