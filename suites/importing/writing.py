"""Writes what was imported as a batch of one's own: rows, card and manifest, the manifest last."""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Literal

from suites.authoring.ordering import ordered
from suites.case import Case, Side
from suites.errors import RegistrationError
from suites.files import write_atomically
from suites.importing.maps import ImportMap
from suites.importing.problems import ACCEPTABLE, Kind
from suites.importing.reading import Reading

_KINDS: tuple[tuple[Literal["protect", "allow"], Side], ...] = (
    ("protect", "input"),
    ("protect", "output"),
    ("allow", "input"),
    ("allow", "output"),
)


def write_batch(folder: Path, plan: ImportMap, reading: Reading, accepted: Mapping[Kind, int]) -> Path:
    """Write the batch of the map's suite into `folder`; returns the path of its rows.

    Args:
        folder: May hold batches of other suites already.
        plan: The map by which it was read.
        reading: The whole source.
        accepted: Problems that were accepted by name, with how many there are of each.

    Raises:
        RegistrationError: The folder holds another batch of this suite, or no manifest that can be read.
    """
    path = folder / plan.suite / "cases.jsonl"
    cases = ordered([case for _, case in reading.cases])
    rows = "".join(
        json.dumps(case.model_dump(mode="json"), ensure_ascii=False) + "\n" for case in cases
    ).encode()
    manifest = _manifest(folder)
    entry = {
        "file": f"{plan.suite}/cases.jsonl",
        "sha256": hashlib.sha256(rows).hexdigest(),
        "cases": len(cases),
        "source": plan.source,
        "licence": plan.licence,
        "accepted": dict(accepted),
    }
    if manifest.get(plan.suite, entry) != entry:
        raise RegistrationError(
            f"{folder} holds another batch of the suite {plan.suite}. Give --out another folder, or remove"
            f" {path.parent} and its entry in manifest.json."
        )
    write_atomically(path, rows)
    write_atomically(path.with_name("README.md"), _card(plan, reading, cases, accepted))
    text = json.dumps(manifest | {plan.suite: entry}, indent=2, sort_keys=True, ensure_ascii=False)
    write_atomically(folder / "manifest.json", text + "\n")
    return path


def _manifest(folder: Path) -> dict[str, Any]:
    path = folder / "manifest.json"
    if not path.exists():
        return {}
    try:
        document = json.loads(path.read_text(encoding="utf-8"))
    except ValueError as error:
        raise RegistrationError(f"{path} is no manifest of batches: {error}.") from None
    if not isinstance(document, dict):
        raise RegistrationError(f"{path} is no manifest of batches: it holds no object.")
    return document


def _card(plan: ImportMap, reading: Reading, cases: Sequence[Case], accepted: Mapping[Kind, int]) -> str:
    counted = Counter((case.category, case.expectation, case.side) for case in cases)
    rows = "\n".join(
        f"| {category} | " + " | ".join(str(counted[category, *kind]) for kind in _KINDS) + " |"
        for category in sorted({case.category for case in cases})
    )
    languages = ", ".join(sorted({case.language for case in cases}))
    templates = len({case.template for case in cases})
    aside = [f"- {times:,} rows set aside: {reason}." for reason, times in sorted(reading.aside.items())]
    known = [f"- Accepted, {times:,} times: {ACCEPTABLE[kind]}." for kind, times in accepted.items()]
    limits = "\n".join([*aside, *known]) or "- None was found by the import."
    return f"""# {plan.name}: {len(cases):,} cases for the suite {plan.suite}

Imported from {plan.source}. Licence: {plan.licence}, by which whoever passes it
on is bound. {reading.rows:,} rows were read.

{templates:,} templates; languages: {languages}. The order is one in which every prefix is a fair sample.

| category | {" | ".join(f"{expectation}, {side}" for expectation, side in _KINDS)} |
|---{"|---:" * len(_KINDS)}|
{rows}

## Known limits

{limits}
"""
