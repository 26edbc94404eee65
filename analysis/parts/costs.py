"""Latency and tokens as multiples of the reference's, for the whole run."""

from __future__ import annotations

from collections.abc import Iterator

from analysis import wording
from analysis.blocks import Block, Picture
from analysis.plots import costs
from analysis.result import Verdict


def blocks(verdict: Verdict) -> Iterator[Block]:
    """One picture; nothing where no ratio could be told."""
    rows = [
        costs.Row(suite=result.title, cost=cost, ratio=cost.ratio, low=cost.low, high=cost.high)
        for result in verdict.suites
        for cost in result.costs
        if cost.ratio is not None and cost.low is not None and cost.high is not None and cost.low > 0
    ]
    if not rows:
        return
    told = ["No part of the verdict. The candidate's over the reference's, pair by pair, as it typically is."]
    if verdict.rehearsal:
        told.append(
            f"{wording.BANNER.capitalize()}: stand-ins on this machine answered, so these numbers say "
            "nothing of the models."
        )
    yield Block(
        name="costs",
        title="Time and tokens",
        sentences=tuple(told),
        pictures=(
            Picture(
                name="costs",
                figure=costs.draw(rows, rehearsal=verdict.rehearsal),
                alt="; ".join(
                    f"{row.suite}, {costs.QUANTITIES[row.cost.quantity]}: {row.ratio:.2f} times the "
                    f"reference's ({row.low:.2f} to {row.high:.2f})"
                    for row in rows
                ),
            ),
        ),
        rank=2,
    )
