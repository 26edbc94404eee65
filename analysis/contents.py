"""What stands in the report beside findings and cases, in this order: one line for each maker of blocks."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from analysis.blocks import Block
from analysis.parts import causes, chances, channels, costs, drilled, money, nights, outcomes, rates
from analysis.result import Verdict


def blocks(verdict: Verdict, folder: Path) -> list[Block]:
    """All blocks of a run's report.

    Args:
        verdict: The answer of the run.
        folder: The run's, where makers find what is theirs; what is not there is left out.
    """
    return list(_gather(verdict, folder))


def _gather(verdict: Verdict, folder: Path) -> Iterator[Block]:
    yield from nights.blocks(folder)
    yield from rates.blocks(verdict)
    yield from causes.blocks(verdict)
    yield from outcomes.blocks(verdict)
    yield from channels.blocks(verdict)
    yield from drilled.blocks(verdict, folder)
    yield from costs.blocks(verdict)
    yield from money.blocks(verdict)
    yield from chances.blocks(verdict)
