"""Loads a registered batch: the digest first, then each case, then what they are together."""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from suites.case import Case
from suites.errors import RegistrationError, malformed, unknown

DATASETS = Path(__file__).resolve().parent.parent / "datasets"
REBUILD = "python -m suites.authoring"


@dataclass(frozen=True)
class Batch:
    """The cases of one suite, in their registered order."""

    suite: str
    sha256: str
    """Digest of the whole `cases.jsonl`, the batch's identity."""
    cases: tuple[Case, ...]
    """Those that a run asks: the default part, or all of them."""
    whole: int
    """How many the file holds."""
    source: str | None = None
    """Whose data it is, where it was imported, with what was accepted then."""
    probes: tuple[Case, ...] = ()
    """Texts planted in one channel each, which show whether the guardrail reads it. They are no cases of the
    claim: nothing is counted over them."""
    probes_sha256: str | None = None
    """None: there are none."""

    @property
    def full(self) -> bool:
        """Whether these are all cases."""
        return len(self.cases) == self.whole


class _Probes(BaseModel):
    """The file of the probes."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    file: str
    sha256: str = Field(pattern=r"^[0-9a-f]{64}$")


class _Entry(BaseModel):
    """What the manifest registers of a batch."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    file: str
    sha256: str = Field(pattern=r"^[0-9a-f]{64}$")
    cases: int = Field(ge=0)
    default: int | None = Field(default=None, ge=1)
    """The first so many cases are what a run asks unless it is told to ask all; None: all."""
    probes: _Probes | None = None
    source: str | None = None
    """Whose data an imported batch is; None: it is the project's own."""
    licence: str | None = None
    accepted: dict[str, int] = {}
    """Kinds of problems that were accepted when it was imported, with how many there are of each."""


def load_batch(suite: str, folder: Path = DATASETS, *, full: bool = False) -> Batch:
    """Read the batch of a suite from `folder`.

    Args:
        suite: A suite that the folder's manifest knows.
        folder: Holds `manifest.json` and the batches.
        full: All cases, and not the registered default part alone.

    Raises:
        RegistrationError: The manifest does not know it, its digest is another one (checked before anything
            is parsed), a row is not a valid case, an id stands twice, or a twin does not point back.
    """
    path, entry, content = _registered(suite, folder)
    cases = tuple(_case(path, number, line) for number, line in enumerate(content.splitlines(), start=1))
    _check_whole(path, cases)
    if len(cases) != entry.cases:
        raise RegistrationError(
            f"{path} holds {len(cases)} cases, {folder / 'manifest.json'} says {entry.cases}; rebuild both"
            f" with `{REBUILD}`."
        )
    asked = cases if full or entry.default is None else cases[: entry.default]
    return Batch(
        suite=suite,
        sha256=entry.sha256,
        cases=asked,
        whole=len(cases),
        source=_declared(entry),
        probes=_probes(entry, folder, cases),
        probes_sha256=entry.probes.sha256 if entry.probes else None,
    )


def batch_digest(suite: str, folder: Path = DATASETS) -> str:
    """The sha256 of the batch of a suite, checked against the manifest, without reading its rows.

    Raises:
        RegistrationError: The manifest does not know it, or its digest is another one.
    """
    return _registered(suite, folder)[1].sha256


def _registered(suite: str, folder: Path) -> tuple[Path, _Entry, bytes]:
    entry = _entry(suite, folder)
    return folder / entry.file, entry, _content(entry, folder)


def _content(entry: _Entry | _Probes, folder: Path) -> bytes:
    path = folder / entry.file
    try:
        content = path.read_bytes()
    except OSError as error:
        raise RegistrationError(f"{path} cannot be read: {error}; rebuild it with `{REBUILD}`.") from error
    sha256 = hashlib.sha256(content).hexdigest()
    if sha256 != entry.sha256:
        raise RegistrationError(
            f"{path} is not the registered batch: its sha256 is {sha256}, {folder / 'manifest.json'} says"
            f" {entry.sha256}. Undo the edit, or rebuild batch and manifest with `{REBUILD}`."
        )
    return content


def _probes(entry: _Entry, folder: Path, cases: Sequence[Case]) -> tuple[Case, ...]:
    if entry.probes is None:
        return ()
    path = folder / entry.probes.file
    lines = _content(entry.probes, folder).splitlines()
    probes = tuple(_case(path, number, line) for number, line in enumerate(lines, start=1))
    _check_whole(path, (*cases, *probes))
    for probe in probes:
        if probe.expectation != "protect" or probe.payload is None:
            raise RegistrationError(
                f"{path}: {probe.id} is no probe; one says what has to be acted on, with the payload to look"
                " for."
            )
    return probes


def _entry(suite: str, folder: Path) -> _Entry:
    path = folder / "manifest.json"
    try:
        manifest: Mapping[str, Any] = json.loads(path.read_text(encoding="utf-8"))
        entries = {name: _Entry.model_validate(entry) for name, entry in manifest.items()}
    except (OSError, ValueError, AttributeError) as error:
        first, _, _ = str(error).partition("\n")
        raise RegistrationError(
            f"{path} is no manifest of batches ({first}); rebuild it with `{REBUILD}`."
        ) from error
    if suite not in entries:
        raise unknown("batch", suite, entries)
    return entries[suite]


def _declared(entry: _Entry) -> str | None:
    if entry.source is None:
        return None
    accepted = ", ".join(f"{kind} ({times} times)" for kind, times in sorted(entry.accepted.items()))
    return f"{entry.source}; licence {entry.licence}" + (f"; accepted: {accepted}" if accepted else "")


def _case(path: Path, number: int, line: bytes) -> Case:
    try:
        return Case.model_validate_json(line)
    except ValidationError as error:
        raise malformed(f"{path}, line {number}", error) from None


def _check_whole(path: Path, cases: Sequence[Case]) -> None:
    by_id = {case.id: case for case in cases}
    if repeated := [name for name, times in Counter(case.id for case in cases).items() if times > 1]:
        raise RegistrationError(f"{path}: the id {repeated[0]} stands more than once; ids must be unique.")
    for case in cases:
        if case.twin is None:
            continue
        twin = by_id.get(case.twin)
        if twin is None or twin.twin != case.id or twin.expectation == case.expectation:
            raise RegistrationError(
                f"{path}: {case.id} names {case.twin} as its twin; a twin must be in the same batch, have the"
                " other expectation and point back."
            )
