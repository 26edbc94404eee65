"""Rows of a source as they stand there: JSON Lines, JSON, CSV, or a data set that Hugging Face can open."""

from __future__ import annotations

import csv
import json
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from suites.errors import RegistrationError

Row = Mapping[str, Any]

_COMMIT = re.compile(r"[0-9a-f]{40}")
_LARGEST_CELL = 10_000_000


def rows_of(source: str, *, split: str | None = None, revision: str | None = None) -> Iterator[Row]:
    """The rows of a file, of a local data set's folder, or of a data set on the hub.

    Args:
        source: A path ending in .jsonl, .json or .csv; a folder; or `hub:<owner>/<name>`.
        split: Which split of a data set; needed where there are several.
        revision: For the hub the full commit, since what a name or a branch means may change.

    Raises:
        RegistrationError: It cannot be read; the message names the line where that is known.
    """
    if source.startswith("hub:"):
        yield from _hub(source.removeprefix("hub:"), split, revision)
        return
    path = Path(source)
    if not path.exists():
        raise RegistrationError(
            f"{source} does not exist. A source is a .jsonl, .json or .csv file, a folder, or"
            " hub:<owner>/<name>."
        )
    if path.is_dir():
        yield from _folder(path, split)
        return
    readers = {".jsonl": _lines, ".json": _list, ".csv": _csv}
    if path.suffix.lower() not in readers:
        raise RegistrationError(f"{source} ends in {path.suffix!r}; files are .jsonl, .json or .csv.")
    yield from readers[path.suffix.lower()](path)


def _lines(path: Path) -> Iterator[Row]:
    with path.open(encoding="utf-8-sig") as lines:
        for number, line in enumerate(lines, start=1):
            if not line.strip():
                continue
            try:
                row = json.loads(line)
            except ValueError as error:
                raise RegistrationError(f"{path}, line {number}: no JSON: {error}") from None
            yield _object(row, f"{path}, line {number}")


def _list(path: Path) -> Iterator[Row]:
    try:
        rows = json.loads(path.read_text(encoding="utf-8-sig"))
    except ValueError as error:
        raise RegistrationError(f"{path}: no JSON: {error}") from None
    if not isinstance(rows, list):
        raise RegistrationError(f"{path} holds no list of rows.")
    for number, row in enumerate(rows, start=1):
        yield _object(row, f"{path}, row {number}")


def _csv(path: Path) -> Iterator[Row]:
    csv.field_size_limit(_LARGEST_CELL)
    with path.open(encoding="utf-8-sig", newline="") as table:
        reader = csv.DictReader(table)
        try:
            for row in reader:
                if None in row or None in row.values():
                    raise RegistrationError(
                        f"{path}, line {reader.line_num}: the row has more or fewer cells than the heading."
                    )
                yield row
        except (csv.Error, UnicodeDecodeError) as error:
            raise RegistrationError(f"{path}, line {reader.line_num}: {error}") from None


def _object(row: Any, place: str) -> Row:
    if not isinstance(row, dict):
        raise RegistrationError(f"{place}: {row!r:.60} is no object with columns.")
    return row


def _hub(name: str, split: str | None, revision: str | None) -> Iterator[Row]:
    if revision is None or not _COMMIT.fullmatch(revision):
        raise RegistrationError(
            f"hub:{name} needs --revision with the full commit of 40 digits (found: {revision!r}): what"
            " a branch means may change, and the batch with it."
        )
    yield from _opened(name, split, revision=revision)


def _folder(path: Path, split: str | None) -> Iterator[Row]:
    yield from _opened(str(path), split)


def _opened(name: str, split: str | None, **more: str) -> Iterator[Row]:
    """Through Hugging Face `datasets`, which takes two seconds to import."""
    import datasets  # noqa: PLC0415

    try:
        opened = datasets.load_dataset(name, **more)
    except Exception as error:
        raise RegistrationError(f"{name} cannot be opened as a data set: {error}") from error
    splits = list(opened)
    if split is None and len(splits) > 1:
        raise RegistrationError(f"{name} has the splits {', '.join(splits)}; name one with --split.")
    chosen = split or splits[0]
    if chosen not in splits:
        raise RegistrationError(f"{name} has no split {chosen!r}. There are: {', '.join(splits)}.")
    yield from opened[chosen]
