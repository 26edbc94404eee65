"""How the columns of a data set become the fields of cases: data in YAML, with a closed schema.

A map says of each field either a column, with its values translated where they are others, or one constant.
Of each column that it does not use it says so, so that a new column in the source is noticed.
"""

from __future__ import annotations

from pathlib import Path
from typing import Literal, Self

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from suites.documents import read_yaml
from suites.errors import malformed, unknown

MAPS = Path(__file__).parent / "maps"

Target = Literal[
    "id", "prompt", "template", "category", "expectation", "side", "severity", "language", "form", "context"
]


class _Closed(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class FieldMap(_Closed):
    """Where one field of a case comes from."""

    column: str | None = None
    const: str | None = None
    values: dict[str, str] = {}
    """By the column's value the field's; a value that is not named is a problem, unless there is `other`."""
    other: str | None = None
    """The field's value for every value of the column that `values` does not name."""

    @model_validator(mode="after")
    def _one_source(self) -> Self:
        if (self.column is None) == (self.const is None):
            raise ValueError("give either column or const")
        if self.const is not None and (self.values or self.other is not None):
            raise ValueError("a const has no values and no other")
        return self


class SpansMap(_Closed):
    """Where gold spans come from: a column that holds a list of objects."""

    column: str
    start: str
    end: str
    type: str
    value: str | None = None
    """The member that repeats the text of the span, by which offsets are checked."""
    types: dict[str, str]
    """By the source's type the policy's."""
    ignore: tuple[str, ...] = ()
    """Types of the source that no rule is about; a row that has such alone is set aside."""


class Drop(_Closed):
    """Rows that are left out on purpose."""

    column: str
    values: tuple[str, ...] = Field(min_length=1)
    reason: str = Field(min_length=10)


class ImportMap(_Closed):
    """A whole map."""

    name: str = Field(pattern=r"^[a-z0-9][a-z0-9-]{0,30}$")
    """Part of every id."""
    suite: str
    source: str
    """Whose data it is, with the place where it is published."""
    licence: str
    ignore: tuple[str, ...] = ()
    """Columns that are known and not used."""
    drop: tuple[Drop, ...] = ()
    fields: dict[Target, FieldMap]
    spans: SpansMap | None = None

    @model_validator(mode="after")
    def _enough(self) -> Self:
        needed = {"prompt", "expectation"} if self.spans is None else {"prompt"}
        if lacking := sorted(needed - set(self.fields)):
            raise ValueError(f"fields lacks {', '.join(lacking)}")
        if self.spans is not None and {"expectation", "category"} & set(self.fields):
            raise ValueError("with spans, expectation and category follow from them")
        return self

    @property
    def columns(self) -> set[str]:
        """Every column that the map knows of."""
        used = {field.column for field in self.fields.values() if field.column is not None}
        used |= {drop.column for drop in self.drop} | set(self.ignore)
        return used | ({self.spans.column} if self.spans else set())

    @property
    def needed(self) -> set[str]:
        """Every column without which it cannot be followed."""
        return self.columns - set(self.ignore)


def map_names() -> list[str]:
    """The ready-made maps."""
    return sorted(path.stem for path in MAPS.glob("*.yaml"))


def read_map(name: str) -> ImportMap:
    """A ready-made map by its name, or one's own by its path.

    Raises:
        RegistrationError: There is none, or it is not valid.
    """
    path = Path(name) if name.endswith((".yaml", ".yml")) else MAPS / f"{name}.yaml"
    try:
        return ImportMap.model_validate(read_yaml(path))
    except FileNotFoundError:
        raise unknown("map", name, map_names()) from None
    except ValidationError as error:
        raise malformed(path, error) from None
