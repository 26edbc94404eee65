"""The nights up to this one, where the run was a night of a nightly job."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from pydantic import ValidationError

from analysis import wording
from analysis.blocks import Block, Picture, Table
from analysis.errors import EvidenceError
from analysis.history.overview import Overview
from analysis.plots import trend
from suites.files import write_atomically

FILE = "nights.json"
"""In a night's folder: what the history showed up to and with it."""


def leave(overview: Overview, folder: Path) -> None:
    """Put into a night's folder what its report is to show of the nights."""
    write_atomically(folder / FILE, overview.model_dump_json(indent=1) + "\n")


def blocks(folder: Path) -> Iterator[Block]:
    """The trend in one picture, with what happened as a table; nothing where the run was no night.

    Raises:
        EvidenceError: The file is not what `leave` wrote.
    """
    path = folder / FILE
    if not path.is_file():
        return
    try:
        found = Overview.model_validate_json(path.read_bytes())
    except ValidationError as error:
        raise EvidenceError(
            f"{path} is no overview of nights ({error.error_count()} errors). Remove it to write the report"
            " without the nights."
        ) from error
    yield Block(
        name="nights",
        title="The nights up to this one",
        sentences=tuple(_sentences(found)),
        pictures=(Picture(name="trend", figure=trend.draw(found), alt=_alt(found)),),
        tables=tuple(_tables(found)),
        rank=1,
    )


def _sentences(found: Overview) -> Iterator[str]:
    since = found.since_conclusive
    yield (
        "No night has come to a conclusion yet."
        if since is None
        else f"Nights since the last conclusive one: {since}."
    )
    if found.never_ran:
        yield f"On {len(found.never_ran)} days between the first night and this one none ran."
    for alarm in found.alarms:
        yield f"{alarm.kind.capitalize()} alarm since {alarm.since}: {alarm.message}."


def _alt(found: Overview) -> str:
    told = "; ".join(
        f"{event.night}: {event.what} ({wording.series(event.suites)})" for event in found.events
    )
    return (
        f"How {len(found.marks)} nights ended and both arms' failures over them. {told or 'Nothing changed'}."
    )


def _tables(found: Overview) -> Iterator[Table]:
    if found.events:
        yield Table(
            label="What happened on which night",
            head=("night", "what", "suites", "in detail"),
            rows=tuple(
                (str(event.night), event.what, ", ".join(event.suites), event.message)
                for event in found.events
            ),
            words=4,
            folded=True,
        )
    if found.flaky:
        yield Table(
            label="Cases that failed on some nights and not on others, since anything last changed",
            head=("suite", "case", "arm", "nights failed", "nights asked"),
            rows=tuple(
                (each.suite, each.case, each.arm, str(each.failed), str(each.nights)) for each in found.flaky
            ),
            words=3,
            folded=True,
        )
