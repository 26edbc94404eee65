"""Puts a batch in an order in which every prefix is a fair sample of the whole."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Hashable, Sequence
from typing import TypeVar

from suites.case import Case

Item = TypeVar("Item")
Key = Callable[[Item], Hashable]


def ordered(cases: Sequence[Case]) -> list[Case]:
    """The cases so that a prefix holds each expectation and side, then category, then template in proportion.

    On the first two levels a prefix of n is off its exact share by about one case at most.
    """
    keys: list[Callable[[Case], Hashable]] = [
        lambda case: (case.expectation, case.side),
        lambda case: case.category,
        lambda case: case.template,
    ]
    return _interleaved(sorted(cases, key=lambda case: case.id), keys)


def _interleaved(items: Sequence[Item], keys: Sequence[Key[Item]]) -> list[Item]:
    """Merge the groups of the first key by largest shortfall, each group being interleaved by the rest."""
    if not keys:
        return list(items)
    groups: dict[Hashable, list[Item]] = defaultdict(list)
    for item in items:
        groups[keys[0](item)].append(item)
    queues = {name: _interleaved(group, keys[1:]) for name, group in groups.items()}
    taken: Counter[Hashable] = Counter()
    merged = []
    for place in range(1, len(items) + 1):
        open_groups = (name for name, queue in queues.items() if taken[name] < len(queue))
        name = max(open_groups, key=lambda group: len(queues[group]) * place - taken[group] * len(items))
        merged.append(queues[name][taken[name]])
        taken[name] += 1
    return merged
