"""Loads a registered batch: the digest, then the rows through Hugging Face `datasets`, then each case."""

from __future__ import annotations

import contextlib
import hashlib
import json
import tempfile
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from suites.case import Case
from suites.errors import RegistrationError, malformed, unknown

DATASETS = Path(__file__).resolve().parent.parent / "datasets"
REBUILD = "python -m suites.authoring"


@dataclass(frozen=True)
class Batch:
    """The cases of one suite, in their registered order."""

    suite: str
    sha256: str
    """Digest of `cases.jsonl`, the batch's identity."""
    cases: tuple[Case, ...]


def load_batch(suite: str, folder: Path = DATASETS) -> Batch:
    """Read the batch of a suite from `folder`, offline, leaving no cache behind.

    Raises:
        RegistrationError: The manifest does not know it, its digest is another one (checked before anything
            is parsed), a row is not a valid case, an id stands twice, or a twin does not point back.
    """
    path, sha256 = _registered(suite, folder)
    _check_rows(path)
    cases = tuple(Case.model_validate(row) for row in _rows(path))
    _check_whole(path, cases)
    return Batch(suite=suite, sha256=sha256, cases=cases)


def batch_digest(suite: str, folder: Path = DATASETS) -> str:
    """The sha256 of the batch of a suite, checked against the manifest, without reading its rows.

    Raises:
        RegistrationError: The manifest does not know it, or its digest is another one.
    """
    return _registered(suite, folder)[1]


def _registered(suite: str, folder: Path) -> tuple[Path, str]:
    entry = _entry(suite, folder)
    path = folder / entry["file"]
    sha256 = _digest(path)
    if sha256 != entry["sha256"]:
        raise RegistrationError(
            f"{path} is not the registered batch: its sha256 is {sha256}, {folder / 'manifest.json'} says"
            f" {entry['sha256']}. Undo the edit, or rebuild batch and manifest with `{REBUILD}`."
        )
    return path, sha256


def _entry(suite: str, folder: Path) -> Mapping[str, str]:
    path = folder / "manifest.json"
    try:
        manifest = json.loads(path.read_text(encoding="utf-8"))
        entries = {
            name: {key: str(entry[key]) for key in ("file", "sha256")} for name, entry in manifest.items()
        }
    except (OSError, ValueError, AttributeError, KeyError, TypeError) as error:
        raise RegistrationError(
            f"{path} is no manifest of batches ({error!r}); rebuild it with `{REBUILD}`."
        ) from error
    if suite not in entries:
        raise unknown("batch", suite, entries)
    return entries[suite]


def _digest(path: Path) -> str:
    try:
        return hashlib.sha256(path.read_bytes()).hexdigest()
    except OSError as error:
        raise RegistrationError(f"{path} cannot be read: {error}; rebuild it with `{REBUILD}`.") from error


def _check_rows(path: Path) -> None:
    """Check each line by itself.

    The table reader does not say in which line a fault is, and where a column mixes text with numbers it
    turns all of it into JSON text instead of failing.
    """
    for number, line in enumerate(path.read_bytes().splitlines(), start=1):
        try:
            Case.model_validate(json.loads(line))
        except ValidationError as error:
            raise malformed(f"{path}, line {number}", error) from None
        except ValueError as error:
            raise RegistrationError(f"{path}, line {number}: no JSON object: {error}") from None


def _rows(path: Path) -> list[dict[str, str]]:
    """The rows as Hugging Face `datasets` reads them, without the fields that are null."""
    import datasets  # noqa: PLC0415 - it takes two seconds to import, and a digest does without

    features = datasets.Features({name: datasets.Value("string") for name in Case.model_fields})
    with tempfile.TemporaryDirectory(prefix="batch-") as cache, _quietly(datasets):
        table = datasets.Dataset.from_json(str(path), features=features, cache_dir=cache, keep_in_memory=True)
        rows: list[dict[str, str | None]] = table.to_list()
    return [{name: value for name, value in row.items() if value is not None} for row in rows]


@contextlib.contextmanager
def _quietly(datasets: Any) -> Iterator[None]:
    """Without progress bars, whose switch is global, so it is set back."""
    shown = not datasets.are_progress_bars_disabled()
    datasets.disable_progress_bars()
    try:
        yield
    finally:
        if shown:
            datasets.enable_progress_bars()


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
