"""The largest loss that a single category could still hide behind a good whole: pooling hides."""

from __future__ import annotations

from collections.abc import Iterable

from analysis.described import HiddenLoss
from analysis.finding import Finding


def largest(findings: Iterable[Finding]) -> HiddenLoss | None:
    """Of one suite's categories the one with the highest upper limit; None where none was counted."""
    cells = [
        (finding.worst, finding)
        for finding in findings
        if finding.slice.startswith("category:") and finding.worst is not None
    ]
    if not cells:
        return None
    worst, cell = max(cells, key=lambda each: each[0])
    return HiddenLoss(
        metric=cell.metric, category=cell.slice.removeprefix("category:"), pairs=cell.pairs, worst=worst
    )
