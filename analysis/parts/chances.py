"""How likely a run like this was to reach each verdict, by the true difference: its own operating curve."""

from __future__ import annotations

from collections.abc import Iterator

from analysis import sensitivity, wording
from analysis.blocks import Block, Picture, Table
from analysis.plots import power
from analysis.result import Verdict
from suites.metrics import METRICS

_READING = (
    "If the same prompts were asked again of arms that truly differ by so much, each line is the chance of "
    "one verdict. Where the dashed line is low, a loss of that size can be there unseen."
)


def blocks(verdict: Verdict) -> Iterator[Block]:
    """By suite, for those with a pair."""
    seen = list(sensitivity.sights(verdict))
    for result in verdict.suites:
        mine = [sight for sight in seen if sight.suite == result.suite]
        if not mine:
            continue
        panels = [power.Panel(METRICS[sight.metric].title, sight.question) for sight in mine]
        yield Block(
            name="chances",
            suite=result.suite,
            title="What this suite could have shown",
            sentences=(_READING,),
            pictures=(
                Picture(
                    name=f"{result.suite}-chances",
                    figure=power.draw(panels, rehearsal=verdict.rehearsal),
                    alt=f"{result.title}: chance of each verdict by the true difference per 1,000; "
                    "the losses that are caught stand in the table that follows.",
                ),
            ),
            tables=(
                Table(
                    label="Smallest loss caught four times in five, per 1,000",
                    head=("Failure", "Pairs", "Limit", "Smallest loss caught"),
                    rows=tuple(
                        (
                            METRICS[sight.metric].title,
                            wording.count(sight.question.pairs or 0),
                            wording.plain(sight.question.margin or 0.0),
                            wording.rate(sight.caught),
                        )
                        for sight in mine
                    ),
                ),
            ),
            rank=2,
        )
