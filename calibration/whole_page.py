"""A whole page of 40 metrics through the rule itself: false alarms, and false signatures."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from analysis.counts import Cell
from analysis.finding import Finding
from analysis.verdict import judge, suite_verdict
from calibration.promises import Measured
from suites.metrics import METRICS

SUITES = 8
"""Of five metrics each: forty on the page."""
MARGIN = 0.02
_CAP = 0.5


def unchanged(rates: tuple[float, ...], *, pairs: int, pages: int, seed: int) -> Iterator[Measured]:
    """How often anything at all on a page of unchanged metrics is called worse.

    Args:
        rates: Discordances, half of them each way.
        pairs: Pairs of each metric.
        pages: Pages to draw.
        seed: Of the draws.
    """
    for rate in rates:
        draw = np.random.default_rng((seed, round(rate * 1e6), 1))
        alarms = sum(
            any(finding.verdict == "regression" for finding in _page(draw, pairs, rate)) for _ in range(pages)
        )
        yield Measured(
            "page_alarm", "page", {"pairs": pairs, "discordance": rate}, alarms / pages, trials=pages
        )


def at_the_margin(rates: tuple[float, ...], *, pairs: int, pages: int, seed: int) -> Iterator[Measured]:
    """How often a suite is signed off of which one metric is worse by exactly its margin."""
    for rate in rates:
        draw = np.random.default_rng((seed, round(rate * 1e6), 2))
        signed = 0
        for _ in range(pages):
            findings = _page(draw, pairs, rate, shifted=("suite0", next(iter(METRICS))))
            own = [finding for finding in findings if finding.suite == "suite0"]
            signed += suite_verdict(own)[0] == "parity"
        yield Measured(
            "page_parity", "page", {"pairs": pairs, "discordance": rate}, signed / pages, trials=pages
        )


def _page(
    draw: np.random.Generator, pairs: int, rate: float, shifted: tuple[str, str] | None = None
) -> list[Finding]:
    cells = []
    for number in range(SUITES):
        for metric in METRICS:
            shift = MARGIN if shifted == (f"suite{number}", metric) else 0.0
            worse, better, _ = draw.multinomial(pairs, [rate / 2 + shift, rate / 2, 1 - rate - shift])
            cells.append(
                Cell(
                    suite=f"suite{number}",
                    metric=metric,
                    slice="all",
                    family="primary",
                    epochs=1,
                    margin=MARGIN,
                    cap=_CAP,
                    pairs=float(pairs),
                    missing=0.0,
                    both=0.0,
                    candidate_only=float(worse),
                    reference_only=float(better),
                )
            )
    return judge(cells, family_size=len(cells))
