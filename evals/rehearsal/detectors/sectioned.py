"""The form in which word lists are kept: rows under headings in brackets, with comments."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path


def sectioned(file: Path) -> Iterator[tuple[str, str]]:
    """Each row with the heading that it stands under, or with none as "".

    A comment begins with a sign and a blank, since a row may begin with the sign alone.
    """
    section = ""
    for line in file.read_text(encoding="utf-8").splitlines():
        row = line.strip()
        if row.startswith("[") and row.endswith("]"):
            section = row[1:-1]
        elif row and not f"{row} ".startswith("# "):
            yield section, row
