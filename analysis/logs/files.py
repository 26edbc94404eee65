"""Finds the logs in a folder and reads each, refusing whatever is damaged or not ours."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from pydantic import ValidationError

from analysis.errors import EvidenceError
from analysis.logs import members
from analysis.logs.contents import Contents, Sampled
from analysis.probes import is_probe
from suites.registered import KEY, Registered

_JSON_LOG = re.compile(r"\d{4}-\d{2}-\d{2}T.+\.json")


@dataclass(frozen=True)
class LogFile:
    """One log, by its header."""

    path: Path
    status: str
    """Inspect's: started, success, cancelled, error."""
    message: str | None
    """What ended it, where it did not succeed."""
    task_id: str
    created: str
    registered: Registered
    samples: int


def find(folder: Path) -> list[Path]:
    """The logs anywhere below a folder, by path.

    Raises:
        EvidenceError: There is no such folder, or no log in it.
    """
    if not folder.is_dir():
        raise EvidenceError(f"{folder} is not a folder. Give a run's folder, or a folder of .eval logs.")
    found = [
        path
        for path in folder.rglob("*")
        if path.is_file() and (path.suffix == ".eval" or _JSON_LOG.fullmatch(path.name))
    ]
    if not found:
        raise EvidenceError(
            f"{folder} holds no .eval log. Make some with `parity rehearse --out {folder}`,"
            " or give the folder into which `inspect eval` wrote its logs."
        )
    return sorted(found)


def read(path: Path) -> tuple[LogFile, Sequence[Sampled]]:
    """One log by its header, and its samples by their summaries.

    Raises:
        EvidenceError: It cannot be read, or registers nothing that this version understands.
    """
    contents = members.read(path) or _by_inspect(path)
    log = LogFile(
        path=path,
        status=contents.status,
        message=contents.error and contents.error.strip().partition("\n")[0],
        task_id=contents.task_id,
        created=contents.created,
        registered=_registered(path, contents),
        samples=sum(not is_probe(sample) for sample in contents.samples),
    )
    return log, contents.samples


def _by_inspect(path: Path) -> Contents:
    from analysis.logs import by_inspect  # noqa: PLC0415 - Inspect takes seconds to import and is rarely needed

    try:
        return by_inspect.read(path)
    except Exception as error:  # whatever a damaged file makes Inspect raise
        raise damaged(path, error) from error


def damaged(path: Path, error: Exception) -> EvidenceError:
    """What to say of a log of which something could not be read."""
    return EvidenceError(
        f"{path} cannot be read as a log ({type(error).__name__}: {error}). It is empty, cut short or no"
        " log at all. If its run is still going, wait for it; if not, remove the file and run the same"
        " command again: finished logs beside it are kept."
    )


def _registered(path: Path, contents: Contents) -> Registered:
    document = contents.metadata.get(KEY)
    if document is None:
        raise EvidenceError(
            f"{path} is a log of the task {contents.task!r} and registers nothing under {KEY!r}: it was"
            " not made by these suites. Move it to another folder and compare again."
        )
    try:
        return Registered.model_validate(document)
    except ValidationError as error:
        first = error.errors()[0]
        place = ".".join(str(part) for part in first["loc"])
        raise EvidenceError(
            f"{path} registers something that this version does not understand ({place}: {first['msg']})."
            " Compare it with the version that made it, or run the suite again."
        ) from None
