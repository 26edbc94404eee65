"""What the guardrail alone made of the words that were recorded of both arms: evidence beside the logs.

One wing asks and writes it, the other reads it. No text is kept, neither what was shown nor what came back.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from suites.case import Side
from suites.errors import RegistrationError
from suites.files import write_atomically
from suites.outcomes import Facts

FILE = "swap.json"

Through = Literal["control", "own"]
"""The guardrail of the control, or the arm's own where that is another one."""


@dataclass(frozen=True)
class Wanted:
    """A pair whose words are to be shown to the guardrail alone."""

    suite: str
    case: str
    epoch: int
    log: Path
    """Where its sample is."""


class _Closed(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Swapped(_Closed):
    """One text of one arm, shown to one guardrail alone."""

    suite: str
    case: str
    epoch: int = Field(ge=1)
    arm: Literal["reference", "candidate"]
    through: Through
    side: Side
    """For whose words the guardrail was to take the text."""
    guardrail: str
    version: str
    request_id: str | None
    input_acted: bool | None
    acted: bool | None
    """As in `suites.outcomes.Facts`; None is unknown."""
    guarded: bool | None
    exposed: bool | None
    """Whether a user would have seen the text, or the payload in it, after this guardrail."""
    missing: str | None = None
    """Why nothing is known."""

    @property
    def facts(self) -> Facts:
        """What the guardrail alone did."""
        return Facts(
            input_acted=self.input_acted,
            acted=self.acted,
            guarded=self.guarded,
            exposed=self.exposed,
        )


class Swap(_Closed):
    """The file."""

    schema_version: Literal[1] = 1
    entries: tuple[Swapped, ...] = ()


def read(folder: Path) -> tuple[Swapped, ...]:
    """What is on file in a run's folder; nothing where nothing was asked.

    Raises:
        RegistrationError: The file is not what it should be.
    """
    path = folder / FILE
    try:
        return parse(path.read_bytes(), name=str(path))
    except FileNotFoundError:
        return ()
    except OSError as error:
        raise RegistrationError(f"{path} cannot be read: {error}") from None


def parse(content: bytes, *, name: str) -> tuple[Swapped, ...]:
    """What a file of that content holds.

    Raises:
        RegistrationError: It is not what it should be.
    """
    try:
        return Swap.model_validate_json(content).entries
    except ValidationError as error:
        raise RegistrationError(
            f"{name} cannot be used: {error}. Delete it; the same run command asks again."
        ) from None


def write(folder: Path, entries: Iterable[Swapped]) -> None:
    """Put the entries on file, in an order of their own."""
    ordered = sorted(entries, key=lambda each: (each.suite, each.case, each.epoch, each.arm, each.through))
    write_atomically(folder / FILE, Swap(entries=tuple(ordered)).model_dump_json(indent=1) + "\n")
