"""How long it takes to show three years of 200 series, and to judge one more night after them.

    python benchmarks/history.py [--rounds 3]

The history is drawn by chance into an SQLite file, with 200 series of each night and both arms. Processor
time of the quickest of several rounds is what counts, since others may be at work; waiting time is beside it.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import numpy as np
from rich.console import Console
from targets import tell

from analysis.history import judge
from analysis.history.alarms import Budget
from analysis.history.entries import FailedRow, NightRow, PairRow, RateRow, SuiteEntry
from analysis.history.overview import overview
from analysis.history.page import write
from analysis.history.store import History, sqlite_url
from suites.metrics import METRICS

NIGHTS, SUITES, SLICES = 3 * 365, ("pii", "topics", "toxicity", "words"), 10
"""With the five metrics there are 200 series."""
FIRST = date(2026, 1, 1)
PAGE_S, NIGHT_S = 2.0, 2.0
"""Targets in seconds."""


def main() -> int:
    """Measure and print; returns the exit code."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n", maxsplit=1)[0])
    parser.add_argument("--rounds", type=int, default=3, help="repetitions; the quickest is shown")
    given = parser.parse_args()
    console = Console(width=110)
    with tempfile.TemporaryDirectory() as folder, History(sqlite_url(Path(folder) / "h.sqlite")) as history:
        _draw(history)
        last = FIRST + timedelta(days=NIGHTS - 1)

        def page() -> None:
            found = overview(history, "job", today=last)
            if found is not None:
                write(found, Path(folder) / "trend.html")

        for what, doing, target in (
            ("the history's page over 3 years x 200 series", page, PAGE_S),
            (
                "changes and alarms of one night after them",
                lambda: judge.judged(history, "job", last, Budget()),
                NIGHT_S,
            ),
        ):
            processor, waiting = _quickest(doing, given.rounds)
            told = f"{what}: {processor:.2f} s of processor, {waiting:.2f} s of waiting"
            tell(console, told, f"{target:g} s", met=processor <= target)
    return 0


def _quickest(doing: Callable[[], object], rounds: int) -> tuple[float, float]:
    found = []
    for _ in range(rounds):
        processor, waiting = time.process_time(), time.perf_counter()
        doing()
        found.append((time.process_time() - processor, time.perf_counter() - waiting))
    return min(found)


def _draw(history: History) -> None:
    draw = np.random.default_rng(0)
    for number in range(NIGHTS):
        night = FIRST + timedelta(days=number)
        at = datetime(night.year, night.month, night.day, 2, tzinfo=UTC)
        row = NightRow(
            job="job",
            night=night,
            began=at,
            ended=at,
            attempts=1,
            rehearsal=True,
            verdict="parity",
            tonight="parity",
            exit_code=0,
            cause="parity",
            headline="fine",
            folder=str(night),
        )
        history.write(row, [_suite(suite, draw) for suite in SUITES])


def _suite(suite: str, draw: np.random.Generator) -> SuiteEntry:
    places = [
        (metric, slice_)
        for metric in METRICS
        for slice_ in ("all", "critical:some", *(f"category:{n}" for n in range(SLICES - 2)))
    ]
    pairs, rates = [], []
    for (metric, slice_), counts in zip(
        places, draw.multinomial(300, [0.01, 0.01, 0.01, 0.97], size=len(places)).tolist(), strict=True
    ):
        b, c, both, _ = counts
        family = {"all": "primary", "critical:some": "critical"}.get(slice_, "category")
        pairs.append(
            PairRow(
                suite=suite,
                metric=metric,
                slice=slice_,
                family=family,
                margin=0.03,
                pairs=300,
                missing=0,
                both=both,
                candidate_only=b,
                reference_only=c,
            )
        )
        rates += [
            RateRow(
                arm=arm,
                suite=suite,
                metric=metric,
                slice=slice_,
                opportunities=300,
                failures=failures,
                missing=0,
            )
            for arm, failures in (("candidate", both + b), ("reference", both + c), ("control", both))
        ]
    failed = [
        FailedRow(suite=suite, arm="candidate", metric="exposure", case=f"case-{place}", times=1)
        for place in draw.choice(300, 6, replace=False).tolist()
    ]
    return SuiteEntry(
        suite=suite,
        facts={"batch": {"sha256": "0"}},
        compared=True,
        cases=300,
        epochs=1,
        watched=60,
        rates=tuple(rates),
        pairs=tuple(pairs),
        failed=tuple(failed),
        anchor={f"case-{n}": "masked/1" for n in range(200)},
    )


if __name__ == "__main__":
    sys.exit(main())
