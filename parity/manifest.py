"""The plan of a run, written before it starts; a folder is only ever continued by the same plan."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict, ValidationError

from suites.errors import RegistrationError, malformed
from suites.files import write_atomically

FILE = "manifest.json"


class Manifest(BaseModel):
    """What was asked for. Everything that can change an answer is here; times and ids are not."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    schema_version: Literal[1] = 1
    rehearsal: bool
    suites: tuple[str, ...]
    suite_versions: dict[str, str]
    batches: dict[str, str]
    """sha256 of each suite's batch."""
    arms: str
    """Name or absolute path of the arms file."""
    arms_sha256: str
    batches_folder: str | None = None
    """Absolute path of a folder of batches of one's own; None: the shipped ones."""
    full: bool = False
    """All cases of each batch, and not its registered default part alone."""
    limit: int | None = None
    epochs: int = 1
    grader: str | None = None
    """The model that judges answers to cases without a payload, beside the local judge."""
    seed: int | None = None
    plants: tuple[str, ...] = ()
    plan_sha256: str | None = None
    """Of the registered plan that the run is under."""
    faults_sha256: str | None = None
    """sha256 of the file of faults that the stand-in was given."""


def begin(folder: Path, manifest: Manifest) -> bool:
    """Make `folder` the home of this plan; True when it was begun before and is now continued.

    Raises:
        RegistrationError: The folder holds another plan, or something else altogether.
    """
    path = folder / FILE
    if path.exists():
        earlier = read(folder)
        if earlier != manifest:
            raise RegistrationError(
                f"{folder} was begun with another plan ({_differences(earlier, manifest)}). "
                "Give --out another folder, or repeat the earlier options to finish it."
            )
        return True
    if folder.exists() and any(folder.iterdir()):
        raise RegistrationError(
            f"{folder} is not empty and holds no {FILE}. Give --out a new or an empty folder."
        )
    folder.mkdir(parents=True, exist_ok=True)
    write_atomically(path, manifest.model_dump_json(indent=2) + "\n")
    return False


def read(folder: Path) -> Manifest:
    """The plan of the run in `folder`.

    Raises:
        RegistrationError: There is none, or it is not what `begin` wrote.
    """
    path = folder / FILE
    try:
        return Manifest.model_validate(json.loads(path.read_text(encoding="utf-8")))
    except ValidationError as error:
        raise malformed(path, error) from None
    except (OSError, ValueError) as error:
        raise RegistrationError(
            f"{path} cannot be read ({error}). Give --out another folder, or remove this one."
        ) from None


def _differences(earlier: Manifest, now: Manifest) -> str:
    before, after = earlier.model_dump(mode="json"), now.model_dump(mode="json")
    return "; ".join(
        f"{key} was {before[key]!r}, is now {after[key]!r}" for key in before if before[key] != after[key]
    )
