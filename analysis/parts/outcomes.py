"""What became of each category's protected cases, on both arms."""

from __future__ import annotations

from collections.abc import Iterator

from analysis import wording
from analysis.blocks import Block, Picture, Table
from analysis.described import CategoryOutcomes
from analysis.plots import heat
from analysis.result import Verdict

_READING = (
    "How the protected cases of each category ended on each arm. A dark frame marks where the numbers differ."
)


def blocks(verdict: Verdict) -> Iterator[Block]:
    """By suite, where any protected case was compared."""
    for result in verdict.suites:
        if not result.by_category:
            continue
        names = heat.outcomes(result.by_category)
        yield Block(
            name="by-category",
            suite=result.suite,
            title="Categories by outcome",
            sentences=(_READING,),
            pictures=(
                Picture(
                    name=f"{result.suite}-by-category",
                    figure=heat.draw(result.by_category, title=result.title, rehearsal=verdict.rehearsal),
                    alt=f"{result.title}: protected cases by category and outcome on both arms; the numbers "
                    "stand in the table that follows.",
                ),
            ),
            tables=(
                Table(
                    label="Protected cases by category and outcome",
                    head=("Category", "Arm", *(wording.readable(name) for name in names)),
                    rows=tuple(_rows(result.by_category, names)),
                    words=2,
                    folded=True,
                ),
            ),
            rank=1 if result.suite == "pii" else 3,
        )


def _rows(rows: list[CategoryOutcomes], names: list[str]) -> Iterator[tuple[str, ...]]:
    for row in rows:
        for arm in ("reference", "candidate"):
            counts = getattr(row, arm)
            yield (
                wording.readable(row.category),
                arm,
                *(wording.count(counts.get(name, 0)) for name in names),
            )
