"""What a drill of the run showed: how often a loss of known size would have been noticed."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from analysis import drill
from analysis.blocks import Block, Picture, Table
from analysis.drill import FOLDER, TITLES, Drill, Point
from analysis.plots import drill as plot
from analysis.result import Verdict

_READING = (
    "After the run, faults of known size were planted in the candidate's recorded answers, and the whole "
    "comparison was made anew each time. The size is the share of the answers concerned in which the fault "
    "struck. A run that would seldom have noticed a loss is no good news about it."
)


def blocks(verdict: Verdict, folder: Path) -> Iterator[Block]:
    """Curve, sentences and numbers; nothing where the run was not drilled."""
    found = drill.read(folder / FOLDER)
    if found is None or not found.points:
        return
    yield Block(
        name="drill",
        title="What a run like this would have noticed",
        sentences=(_READING, *drill.sentences(found), *_other(verdict, found)),
        pictures=(
            Picture(
                name="drill",
                figure=plot.draw(found),
                alt="; ".join(
                    f"{TITLES[point.kind]} in {point.rate:.1%}: noticed in {point.noticed.found} of"
                    f" {point.noticed.of}"
                    for point in found.points
                ),
            ),
        ),
        tables=(
            Table(
                label="What was planted, and how often it was noticed",
                head=("Planted", "Share", "Answers changed", "Noticed", "95 % interval", "Not signed off"),
                rows=tuple(map(_row, found.points)),
                folded=True,
            ),
        ),
        rank=1,
    )


def _other(verdict: Verdict, found: Drill) -> Iterator[str]:
    """A word of warning where the drill is not of what the report is about."""
    suites = {result.suite for result in verdict.suites}
    if suites != set(found.suites):
        yield f"The drill was of {', '.join(found.suites)} alone; drill the run again."


def _row(point: Point) -> tuple[str, ...]:
    share = point.noticed
    return (
        TITLES[point.kind] + ("" if point.replayed else ", from end to end"),
        f"{point.rate:.1%}",
        "" if point.struck is None else f"{point.struck:.1f}",
        f"{share.found} of {share.of}",
        f"{share.low:.0%} to {share.high:.0%}",
        f"{point.unsigned.found} of {point.unsigned.of}",
    )
