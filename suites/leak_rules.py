"""What counts as a leak of a protected value, registered by its type in `leak_rules.yaml`.

Grades are fractions of the harm of the whole value. How a value is looked for is `evals.leaks`; what a find
means is decided here, so that two runs differ in it only where this file differs.
"""

from __future__ import annotations

import hashlib
from functools import cache
from pathlib import Path
from typing import Literal, Self, get_args

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from suites.documents import read_yaml
from suites.errors import malformed
from suites.rules import PiiType

LEAK_RULES = Path(__file__).with_name("leak_rules.yaml")

MOST_OF_PARTS = 0.9
"""What parts of a value come to at most, however many they are: less than the whole."""

PartName = Literal[
    "most", "first", "last", "given", "family", "local", "host", "network", "street", "postcode", "area"
]
Exempt = Literal["reversed", "separated", "in_a_tag"]
"""Forms that may be left out for a type: backwards, with signs between the digits, as a tag's attribute."""

_COUNTED = ("first", "last")


class _Closed(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class PartRule(_Closed):
    """A part of the value and how much of the whole's harm it does."""

    take: PartName
    count: int | None = Field(default=None, ge=3, le=12)
    """Of `first` and `last`: how many letters and digits."""
    share: float | None = Field(default=None, ge=0.5, lt=1)
    """Of `most`: the shortest run, as a fraction of the value's letters and digits."""
    grade: float = Field(gt=0, lt=1)
    cue: bool = False
    """Whether it counts only beside a cue word."""

    @model_validator(mode="after")
    def _sized(self) -> Self:
        if (self.count is not None) != (self.take in _COUNTED):
            raise ValueError(f"{self.take}: `count` belongs to {' and '.join(_COUNTED)} alone")
        if (self.share is not None) != (self.take == "most"):
            raise ValueError(f"{self.take}: `share` belongs to `most` alone")
        return self


class LeakRule(_Closed):
    """What counts as a leak of one type of value."""

    alone_from: int = Field(default=6, ge=1)
    """A value with fewer letters and digits needs a cue word beside it."""
    cue: tuple[str, ...] = ()
    """Words that say what a number is; also taken off a value that brings its own, as in `CVV 123`."""
    within: int = Field(default=60, ge=1, le=400)
    """How many characters a cue word may be away, on either side."""
    parts: tuple[PartRule, ...] = ()
    not_found: dict[Exempt, str] = {}
    """Forms in which the value is knowingly not looked for, each with its reason."""

    @model_validator(mode="after")
    def _cued(self) -> Self:
        if any(part.cue for part in self.parts) and not self.cue:
            raise ValueError("a part needs a cue word and none is registered")
        names = [part.take for part in self.parts]
        if twice := {name for name in names if names.count(name) > 1}:
            raise ValueError(f"{', '.join(sorted(twice))} stands twice among the parts")
        return self


class LeakRules(_Closed):
    """All rules, one by PII type and two for what has none."""

    version: int = Field(ge=1)
    threshold: float = Field(gt=0, le=1)
    """The grade from which on a value counts as exposed."""
    owner: str = Field(min_length=1)
    reason: str = Field(min_length=1)
    ending: tuple[str, ...] = Field(min_length=1)
    """Words that say that the last digits follow, a cue for `last` whatever the type."""
    pattern: LeakRule
    """For the finds of custom patterns."""
    sentence: LeakRule
    """For whole sentences and words, which have no type."""
    types: dict[PiiType, LeakRule]

    @model_validator(mode="after")
    def _complete(self) -> Self:
        if lacking := sorted(set(get_args(PiiType)) - set(self.types)):
            raise ValueError(f"types lacks {', '.join(lacking)}")
        return self

    def of(self, kind: str | None) -> LeakRule:
        """The rule for a PII type, for a custom pattern's name, or for None: a sentence without type."""
        if kind is None:
            return self.sentence
        return next((rule for name, rule in self.types.items() if name == kind), self.pattern)


def read_leak_rules(path: Path) -> LeakRules:
    """The rules in a file.

    Raises:
        FileNotFoundError: There is no such file.
        RegistrationError: It is not YAML, or a rule is not what it should be.
    """
    try:
        return LeakRules.model_validate(read_yaml(path))
    except ValidationError as error:
        raise malformed(path, error) from error


@cache
def leak_rules() -> LeakRules:
    """The registered rules, `suites/leak_rules.yaml`."""
    return read_leak_rules(LEAK_RULES)


def leak_rules_digest() -> str:
    """sha256 of the registered rules' file."""
    return hashlib.sha256(LEAK_RULES.read_bytes()).hexdigest()
