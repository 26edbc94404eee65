"""Turns the composed batches into the files under `datasets/`, and tells which of them differ."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from pathlib import Path

from suites.authoring.cards import card, read_words
from suites.authoring.compose import compose
from suites.authoring.composition import composition
from suites.authoring.ordering import ordered, read_part
from suites.authoring.probes import probes
from suites.authoring.sources import SOURCES, read_categories, read_pools
from suites.authoring.wrappers import read_wrappers
from suites.case import Case
from suites.files import write_atomically
from suites.suite import load_suite, suite_names


def batch_files(sources: Path = SOURCES) -> dict[str, bytes]:
    """Every file of `datasets/`, by its path there.

    Raises:
        RegistrationError: A suite or a source is not valid.
    """
    wrappers = read_wrappers(sources)
    files: dict[str, bytes] = {}
    manifest: dict[str, dict[str, object]] = {}
    for name in suite_names():
        part = read_part(name, sources)
        cases = ordered(
            compose(
                name,
                read_categories(name, sources),
                wrappers,
                read_pools(name, sources),
                wordings=None if part is None else part.wordings,
            ),
            part,
        )
        rows = "".join(_row(case) for case in cases).encode()
        files[f"{name}/cases.jsonl"] = rows
        suite, asked = load_suite(name), len(cases) if part is None else part.size
        files[f"{name}/README.md"] = card(suite, read_words(name, sources), cases, asked).encode()
        files[f"{name}/composition.svg"] = composition(suite.title, cases, asked)
        manifest[name] = {
            "file": f"{name}/cases.jsonl",
            "sha256": hashlib.sha256(rows).hexdigest(),
            "cases": len(cases),
        } | ({} if part is None else {"default": part.size})
        if planted := probes(name, sources):
            rows = "".join(_row(probe) for probe in planted).encode()
            files[f"{name}/probes.jsonl"] = rows
            manifest[name]["probes"] = {
                "file": f"{name}/probes.jsonl",
                "sha256": hashlib.sha256(rows).hexdigest(),
            }
    files["manifest.json"] = (json.dumps(manifest, indent=2, sort_keys=True) + "\n").encode()
    return files


def _row(case: Case) -> str:
    return json.dumps(case.model_dump(mode="json"), ensure_ascii=False) + "\n"


def differing(files: Mapping[str, bytes], folder: Path) -> list[str]:
    """The paths whose content in `folder` is not the given one, in order."""
    return [path for path, content in sorted(files.items()) if _content(folder / path) != content]


def write(files: Mapping[str, bytes], folder: Path) -> None:
    """Write the files, each of them whole or not at all, the manifest last."""
    for path in sorted(files, key=lambda path: (path == "manifest.json", path)):
        write_atomically(folder / path, files[path])


def _content(path: Path) -> bytes | None:
    try:
        return path.read_bytes()
    except FileNotFoundError:
        return None
