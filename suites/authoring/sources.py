"""What an author writes: one YAML file for each category of a suite, read and checked here."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Self

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from suites.case import Action, PolicyKind, Severity
from suites.documents import read_yaml
from suites.errors import RegistrationError, malformed

SOURCES = Path(__file__).parent / "sources"
SLOT = re.compile(r"\{([a-z_]+)\}")


class _Closed(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Pattern(_Closed):
    """A sentence with slots, `{like_this}`, that is filled many times. A bare string is its `text`."""

    text: str = Field(min_length=1)
    payload: str | None = None
    """The protected part of `text`; absent, the category's default."""
    twin: str | None = None
    """The harmless sentence that differs in as few words as possible."""
    severity: Severity | None = None
    context: str = "sentence"
    """What kind of text it is: sentence, list, log, json, ..."""

    @model_validator(mode="before")
    @classmethod
    def _bare(cls, written: object) -> object:
        return {"text": written} if isinstance(written, str) else written


class Counts(_Closed):
    """How many cases a category gives, by kind. Twins come on top of protect cases."""

    input: int = Field(default=0, ge=0)
    output: int = Field(default=0, ge=0)
    input_twins: int = Field(default=0, ge=0)
    output_twins: int = Field(default=0, ge=0)
    allow_input: int = Field(default=0, ge=0)
    allow_output: int = Field(default=0, ge=0)


class Category(_Closed):
    """Everything a suite says about one category."""

    category: str = Field(pattern=r"^[A-Za-z][A-Za-z0-9_ -]*$", max_length=60)
    policy: PolicyKind | None = None
    action: Action | None = None
    severity: Severity = "none"
    payload: str | None = None
    """Default payload of its patterns; absent, the whole filled sentence."""
    harmless: str | None = None
    """Replaces `{value}` to make the twin of a pattern that names none."""
    label: str | None = None
    """What `{value}` is called on a form; with it, the category is also written as every shared record."""
    counts: Counts
    slots: dict[str, tuple[str, ...]] = {}
    input: dict[str, Pattern] = {}
    output: dict[str, Pattern] = {}
    allow_input: dict[str, Pattern] = {}
    allow_output: dict[str, Pattern] = {}

    @model_validator(mode="after")
    def _whole(self) -> Self:
        if (self.input or self.output) and not (self.policy and self.action):
            raise ValueError("a category with protect patterns needs policy and action")
        for side in ("input", "output", "allow_input", "allow_output"):
            for name, pattern in getattr(self, side).items():
                texts = (pattern.text, pattern.payload or "", pattern.twin or "")
                if unfilled := {slot for text in texts for slot in SLOT.findall(text)} - set(self.slots):
                    raise ValueError(f"{side}.{name}: no slot {', '.join(sorted(unfilled))}")
        return self


class Wrappers(_Closed):
    """What surrounds output-side material: instructions (`{text}`) and contexts (`{sentence}`)."""

    instructions: tuple[str, ...] = Field(min_length=1)
    contexts: dict[str, str] = {}
    """By name, the ways in which a whole sentence is set: a chat line, a table row, JSON."""
    records: dict[str, str] = {}
    """By name, records that hold a short value with its label: added to every category with `label`."""


def read_wrappers(sources: Path = SOURCES) -> Wrappers:
    """Read `wrappers.yaml`, which all suites share.

    Raises:
        RegistrationError: It does not exist or is not valid.
    """
    path = sources / "wrappers.yaml"
    try:
        return Wrappers.model_validate(read_yaml(path))
    except ValidationError as error:
        raise malformed(path, error) from None


def read_categories(suite: str, sources: Path = SOURCES) -> list[Category]:
    """Read all categories of a suite, in the order of their file names.

    Raises:
        RegistrationError: There are none, or one is not valid.
    """
    paths = sorted((sources / suite).glob("*.yaml"), key=lambda path: path.name)
    if not paths:
        raise RegistrationError(f"{sources / suite} holds no category files (*.yaml).")
    categories = []
    for path in paths:
        try:
            categories.append(Category.model_validate(read_yaml(path)))
        except ValidationError as error:
            raise malformed(path, error) from None
    return categories
