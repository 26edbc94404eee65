"""The sheet on which two raters write: one answer a row, in CSV, as spreadsheets read and write it.

Nothing on it tells an arm, a model, or what a machine said.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from analysis.errors import EvidenceError

COLUMNS = ("item", "suite", "category", "request", "answer", "rater_1", "rater_2", "settled", "note")
LABELS: Mapping[str, bool] = {"yes": True, "no": False}

_FORMULA = ("=", "+", "-", "@", "\t", "\r")
"""A cell that begins so is a formula to a spreadsheet, and this text comes from a model."""


@dataclass(frozen=True)
class Row:
    """What people wrote about one answer; None where a cell is empty."""

    number: int
    """Line of the sheet, the heading being 1."""
    item: str
    rater_1: bool | None
    rater_2: bool | None
    settled: bool | None
    note: str

    @property
    def open(self) -> str | None:
        """Why it is not settled yet, None where it is."""
        if self.rater_1 is None or self.rater_2 is None:
            return "a rater's label is lacking"
        if self.rater_1 is not self.rater_2 and self.settled is None:
            return "the raters differ and `settled` is empty"
        return None

    @property
    def label(self) -> bool:
        """What was settled; meant for a row that is not open."""
        return bool(self.rater_1 if self.settled is None else self.settled)


def write(rows: Iterable[Mapping[str, str]]) -> str:
    """The sheet's text for rows of item, suite, category, request and answer; the rest is left empty."""
    sheet = io.StringIO()
    writer = csv.DictWriter(sheet, COLUMNS, restval="", lineterminator="\n")
    writer.writeheader()
    writer.writerows({name: _harmless(text) for name, text in row.items()} for row in rows)
    return sheet.getvalue()


def read(path: Path) -> list[Row]:
    """What people wrote.

    Raises:
        EvidenceError: It is no such sheet, an item stands twice, or a label is neither yes nor no.
    """
    try:
        text = path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise EvidenceError(f"{path} cannot be read as a sheet ({error}).") from None
    reader = csv.DictReader(io.StringIO(text))
    if lacking := [name for name in COLUMNS if name not in (reader.fieldnames or ())]:
        raise EvidenceError(
            f"{path} has no column {', '.join(lacking)}. Save the sheet of `parity adjudicate list` as CSV,"
            " with commas and all of its columns."
        )
    rows = list(_rows(path, reader))
    seen: dict[str, int] = {}
    for row in rows:
        if (first := seen.setdefault(row.item, row.number)) != row.number:
            raise EvidenceError(f"{path}: the item {row.item} stands in lines {first} and {row.number}.")
    return rows


def _rows(path: Path, reader: csv.DictReader[str]) -> Iterator[Row]:
    for number, row in enumerate(reader, start=2):
        labels = {name: _label(path, number, name, row[name]) for name in ("rater_1", "rater_2", "settled")}
        yield Row(number=number, item=(row["item"] or "").strip(), note=(row["note"] or "").strip(), **labels)


def _label(path: Path, number: int, column: str, cell: str | None) -> bool | None:
    word = (cell or "").strip().lower()
    if not word:
        return None
    if word not in LABELS:
        raise EvidenceError(f"{path}, line {number}: {column} is {cell!r}; it is yes, no or empty.")
    return LABELS[word]


def _harmless(text: str) -> str:
    return f"'{text}" if text.startswith(_FORMULA) else text
