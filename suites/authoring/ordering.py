"""Puts a batch in an order: first the part that a run asks by default, each prefix of it a fair sample."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Hashable, Sequence
from pathlib import Path
from typing import Self, TypeVar

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from suites.case import Case, Channel, Severity, Side
from suites.documents import read_yaml
from suites.errors import RegistrationError, malformed

Item = TypeVar("Item")
Key = Callable[[Item], Hashable]


class _Closed(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Layer(_Closed):
    """A kind of case and how many of it the default part takes. What is not said does not matter."""

    cases: int = Field(ge=1)
    expectation: str | None = Field(default=None, pattern=r"^(protect|allow)$")
    side: Side | None = None
    categories: tuple[str, ...] = ()
    severities: tuple[Severity, ...] = ()
    channels: tuple[Channel, ...] = ()
    forms: tuple[str, ...] = ()
    languages: tuple[str, ...] = ()

    def holds(self, case: Case) -> bool:
        """Whether a case is of this kind."""
        return (
            self.expectation in {None, case.expectation}
            and self.side in {None, case.side}
            and _among(case.category, self.categories)
            and _among(case.severity, self.severities)
            and _among(case.channel, self.channels)
            and _among(case.form, self.forms)
            and _among(case.language, self.languages)
        )


class Part(_Closed):
    """What `batch.yaml` registers: how many cases a template gives, and which of them a run asks."""

    wordings: int = Field(default=10, ge=1, le=10)
    """Cases of one template resemble each other: more of them say little more."""
    layers: tuple[Layer, ...] = Field(min_length=1)
    """A case belongs to the first layer that holds it; what no layer holds is asked by `--full` alone."""

    @model_validator(mode="after")
    def _different(self) -> Self:
        if len({layer.model_copy(update={"cases": 1}) for layer in self.layers}) < len(self.layers):
            raise ValueError("two layers hold the same cases; the second would stay empty")
        return self

    @property
    def size(self) -> int:
        """How many cases the default part has."""
        return sum(layer.cases for layer in self.layers)

    def chosen(self, cases: Sequence[Case]) -> list[Case]:
        """The cases of the default part, in no particular order.

        Raises:
            RegistrationError: A layer wants more cases than there are.
        """
        held: dict[int, list[Case]] = defaultdict(list)
        for case in cases:
            for place, layer in enumerate(self.layers):
                if layer.holds(case):
                    held[place].append(case)
                    break
        chosen: list[Case] = []
        for place, layer in enumerate(self.layers):
            if len(held[place]) < layer.cases:
                described = layer.model_dump(exclude_defaults=True, exclude={"cases"})
                raise RegistrationError(
                    f"batch.yaml: layer {place + 1} ({described}) wants {layer.cases} cases and there are"
                    f" {len(held[place])}; write more patterns or want fewer."
                )
            chosen += _interleaved(_by_id(held[place]), _LEVELS)[: layer.cases]
        return chosen


def read_part(suite: str, sources: Path) -> Part | None:
    """Read a suite's `batch.yaml`; None where it has none, and a run asks everything.

    Raises:
        RegistrationError: It is not valid.
    """
    path = sources / suite / "batch.yaml"
    try:
        return Part.model_validate(read_yaml(path))
    except FileNotFoundError:
        return None
    except ValidationError as error:
        raise malformed(path, error) from None


def ordered(cases: Sequence[Case], part: Part | None = None) -> list[Case]:
    """The default part and then the rest, both so that every prefix is a fair sample of them.

    A prefix holds each expectation and side, then category, then language, channel and form, then template
    in proportion. On the first two levels a prefix of n is off its exact share by about one case at most.

    Raises:
        RegistrationError: A layer of the default part wants more cases than there are.
    """
    if part is None:
        return _interleaved(_by_id(cases), _LEVELS)
    default = part.chosen(cases)
    first = {case.id for case in default}
    rest = [case for case in cases if case.id not in first]
    return [*_interleaved(_by_id(default), _LEVELS), *_interleaved(_by_id(rest), _LEVELS)]


_LEVELS: Sequence[Callable[[Case], Hashable]] = (
    lambda case: (case.expectation, case.side),
    lambda case: case.category,
    lambda case: (case.language, case.channel, case.form),
    lambda case: case.template,
)


def _among(value: str, allowed: Sequence[str]) -> bool:
    return not allowed or value in allowed


def _by_id(cases: Sequence[Case]) -> list[Case]:
    return sorted(cases, key=lambda case: case.id)


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
