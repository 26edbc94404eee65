"""What surrounds the texts of all suites, by language: instructions, contexts, records, channels."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Literal, Self, TypeVar

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from suites.case import ROLES_OF, Role, Turn
from suites.documents import read_yaml
from suites.errors import RegistrationError, malformed

Item = TypeVar("Item")
Placed = Literal["system", "history", "tool_result"]
"""The channels into which a text can be set."""


class WrittenTurn(BaseModel):
    """A turn as authors write it: `{user: "..."}`, the role being the key."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    role: Role
    text: str = Field(min_length=1)

    @model_validator(mode="before")
    @classmethod
    def _keyed(cls, written: object) -> object:
        if isinstance(written, dict) and len(written) == 1:
            [(role, text)] = written.items()
            return {"role": role, "text": text}
        raise ValueError("a turn is written as one role and its text, such as user: Good morning.")


class Placing(BaseModel):
    """A conversation into which a text is set: the turn that holds `{text}` becomes its subject."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str = Field(pattern=r"^[a-z][a-z0-9-]*$")
    turns: tuple[WrittenTurn, ...] = Field(min_length=1)
    prompt: str = Field(min_length=1)

    @model_validator(mode="after")
    def _one_place(self) -> Self:
        if sum(turn.text.count("{text}") for turn in self.turns) != 1 or "{text}" in self.prompt:
            raise ValueError("{text} stands in exactly one turn, once, and not in the prompt")
        return self

    @property
    def setting(self) -> WrittenTurn:
        """The turn that holds `{text}`."""
        return next(turn for turn in self.turns if "{text}" in turn.text)

    def before(self, text: str) -> tuple[Turn, ...]:
        """Its turns, the subject being given as it is to stand there."""
        return tuple(
            Turn(
                role=turn.role, text=text if turn is self.setting else turn.text, subject=turn is self.setting
            )
            for turn in self.turns
        )


class Wrappers(BaseModel):
    """What surrounds material and sentences. Every part has its wordings by language."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    instructions: dict[str, tuple[str, ...]]
    """For output-side material: `{text}` becomes <text>material</text>."""
    contexts: dict[str, dict[str, str]] = {}
    """By name, the ways in which a whole `{sentence}` is set: a chat line, a table row, JSON."""
    records: dict[str, dict[str, str]] = {}
    """By name, records that hold a short value with its label: added to every category with `label`."""
    pastes: dict[str, tuple[str, ...]] = {}
    """For the input side, requests around a pasted record, which stands where `{text}` is."""
    channels: dict[Placed, dict[str, tuple[Placing, ...]]] = {}

    @model_validator(mode="after")
    def _each_has_its_place(self) -> Self:
        for language, texts in (*self.instructions.items(), *self.pastes.items()):
            if faulty := [text for text in texts if text.count("{text}") != 1]:
                raise ValueError(f"{language}: {faulty[0]!r} must hold {{text}} once")
        for place, by_language in (("{sentence}", self.contexts), ("{value}", self.records)):
            for language, named in by_language.items():
                if wrong := [name for name, text in named.items() if text.count(place) != 1]:
                    raise ValueError(f"{language}: {wrong[0]} must hold {place} once")
        for channel, placings in self.channels.items():
            for placing in (one for several in placings.values() for one in several):
                if placing.setting.role not in ROLES_OF[channel]:
                    raise ValueError(f"{placing.name}: a turn of {placing.setting.role} is no {channel}")
                if channel == "history" and len(placing.turns) < 2:  # noqa: PLR2004 - a question and an answer
                    raise ValueError(f"{placing.name}: a history has at least two turns")
        return self


def in_language(what: str, by_language: Mapping[str, Item], language: str) -> Item:
    """The part of `wrappers.yaml` that is written in a language.

    Raises:
        RegistrationError: There is none.
    """
    if language not in by_language:
        there = ", ".join(sorted(by_language)) or "none"
        raise RegistrationError(
            f"wrappers.yaml has no {what} in the language {language!r}; there are: {there}. Add them there."
        )
    return by_language[language]


def read_wrappers(sources: Path) -> Wrappers:
    """Read `wrappers.yaml`, which all suites share.

    Raises:
        RegistrationError: It does not exist or is not valid.
    """
    path = sources / "wrappers.yaml"
    try:
        return Wrappers.model_validate(read_yaml(path))
    except ValidationError as error:
        raise malformed(path, error) from None
