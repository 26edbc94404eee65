"""How long statistics and verdict take, beside plain loops that compute the same, and how large a report is.

    python benchmarks/verdicts.py [--pairs 10000] [--rounds 3]

All of it runs in one thread, so that on a quiet machine processor time is waiting time. Processor time of the
quickest of several rounds is what counts, since others may be at work; waiting time is shown beside it.
Targets are printed as met or missed; the exit code is 1 only where something failed.
"""

from __future__ import annotations

import argparse
import os
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import loops
import many_pairs
import numpy as np
from pypdf import PdfReader
from rich.console import Console
from rich.table import Table
from targets import tell

from analysis.counts import Cell, Clusters
from analysis.report import read_verdict
from analysis.result import EXIT_CODES
from analysis.stats import score, tables
from analysis.verdict import judge
from suites.metrics import METRICS

VERDICT_S, SCORE_S, COUNTS_S, COMPARE_S, VERIFY_S = 0.7, 0.1, 0.03, 5.0, 15.0
"""Targets in seconds."""
PAGE_BYTES, SHEETS = 3_000_000, 10
"""Targets of a report: the page is under the one, the sheets are no more than the other."""
MUCH_BROKEN = ("masking=0.15", "blocking=0.1", "overblock=0.1")
"""So that very many pairs differ, of which a report tells."""
CELLS, TABLES, METRICS_COUNTED, PAIRS_COUNTED = 120, 10_000, 40, 100_000
_WIDTH = 110


@dataclass(frozen=True)
class Spent:
    """Seconds of a call, children included."""

    processor: float
    waiting: float

    def times(self, many: float) -> Spent:
        """The same for so many times the work."""
        return Spent(self.processor * many, self.waiting * many)


@dataclass(frozen=True)
class Measured:
    """One row of the table: the product, and a plain loop for the same work."""

    what: str
    spent: Spent
    target: float
    loop: str
    by_loop: Spent


def main() -> int:
    """Measure everything and print it; returns the exit code."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n", maxsplit=1)[0])
    parser.add_argument("--pairs", type=int, default=10_000, help="pairs in the logs that are compared")
    parser.add_argument("--rounds", type=int, default=3, help="repetitions; the quickest is shown")
    given = parser.parse_args()
    console = Console(width=_WIDTH)
    rng = np.random.default_rng(0)
    try:
        with tempfile.TemporaryDirectory() as folder:
            rows = [
                _verdicts(rng, given.rounds),
                _scores(rng, given.rounds),
                _counts(rng, given.rounds),
                _compare(Path(folder), given.pairs, given.rounds),
                _verify(Path(folder), given.pairs, given.rounds),
            ]
            written = _report(Path(folder) / "much-broken", given.pairs)
    except (subprocess.CalledProcessError, RuntimeError, OSError) as error:
        print(f"The benchmark failed: {error}", file=sys.stderr)
        return 1
    _print(console, rows)
    _print_report(console, written, given.pairs)
    return 0


def _verdicts(rng: np.random.Generator, rounds: int) -> Measured:
    """Everything that is said of each cell, and the verdict; half of the cells speak of templates."""
    cells = [_cell(rng, place) for place in range(CELLS)]
    few = [(int(cell.candidate_only), int(cell.reference_only), int(cell.pairs)) for cell in cells]
    few = [(b, c, n) for b, c, n in few if b and c][:3]
    loop = _spent(lambda: loops.limits(few)).times(CELLS / len(few))
    return Measured(
        f"verdict of {CELLS} metrics",
        _quickest(lambda: judge(cells, family_size=CELLS), rounds),
        VERDICT_S,
        "scipy's quad in brentq, the limits alone",
        loop,
    )


def _cell(rng: np.random.Generator, place: int) -> Cell:
    """A metric with 50 to 5,000 pairs of which 1 to 50 in 1,000 fail on either arm, five to a template."""
    templates = int(rng.integers(10, 1000))
    rate = rng.uniform(0.001, 0.05, size=2)
    candidate_only, reference_only = (rng.binomial(2, each, size=templates).astype(float) for each in rate)
    clusters = Clusters(
        pairs=np.full(templates, 5.0),
        missing=np.zeros(templates),
        both=rng.binomial(1, 0.01, size=templates).astype(float),
        candidate_only=candidate_only,
        reference_only=reference_only,
    )
    return Cell(
        suite="suite",
        metric=list(METRICS)[place % len(METRICS)],
        slice="all",
        family="primary",
        epochs=1,
        margin=0.02,
        cap=0.1,
        clusters=clusters,
        estimand="templates" if place % 2 else "suite",
        **{name: float(getattr(clusters, name).sum()) for name in tables.COUNTS},
    )


def _scores(rng: np.random.Generator, rounds: int) -> Measured:
    """Both score limits of many tables at once."""
    n = rng.integers(50, 5000, size=TABLES)
    b, c = (1 + rng.binomial(n // 3, rng.uniform(0.001, 0.05, size=TABLES)) for _ in range(2))
    few = list(zip(*(each[:100].tolist() for each in (b, c, n)), strict=True))
    loop = _spent(lambda: [loops.score_interval(*one) for one in few]).times(TABLES / len(few))
    return Measured(
        f"score limits of {TABLES:,} tables",
        _quickest(lambda: score.difference(b, c, n), rounds),
        SCORE_S,
        "scipy's brentq, table by table",
        loop,
    )


def _counts(rng: np.random.Generator, rounds: int) -> Measured:
    """The five counts of many metrics over many pairs."""
    shape = METRICS_COUNTED, PAIRS_COUNTED
    counted = rng.random(shape, dtype=np.float32) < 0.9  # noqa: PLR2004 - most pairs are opportunities
    failed = (counted & (rng.random(shape, dtype=np.float32) < 0.02) for _ in range(2))  # noqa: PLR2004
    observed = tables.Observed(counted, ~counted, *failed)
    loop = _spent(lambda: loops.counts(observed, 0)).times(METRICS_COUNTED)
    return Measured(
        f"counts of {PAIRS_COUNTED:,} pairs by {METRICS_COUNTED} metrics",
        _quickest(lambda: tables.total(tables.by_pair(observed)), rounds),
        COUNTS_S,
        "plain Python, pair by pair",
        loop,
    )


def _compare(folder: Path, pairs: int, rounds: int) -> Measured:
    """The whole command as a process, imports, logs and file included."""
    many_pairs.write(folder, pairs=pairs)
    parity = str(Path(sys.executable).with_name("parity"))
    command = [parity, "compare", "--json", "--allow-partial", str(folder)]
    reading = [sys.executable, "-c", _READING, str(folder)]
    return Measured(
        f"parity compare, {pairs:,} pairs",
        _quickest(lambda: _process(command), rounds),
        COMPARE_S,
        "whole samples by Inspect, nothing computed",
        _quickest(lambda: _process(reading), 1),
    )


def _verify(folder: Path, pairs: int, rounds: int) -> Measured:
    """An evidence pack of the logs in `folder`, checked as a process; beside it its digests alone."""
    parity, pack = str(Path(sys.executable).with_name("parity")), folder / "evidence.zip"
    _process([parity, "report", "--pack", str(pack), "--allow-partial", str(folder)])
    digests = [sys.executable, "-c", _DIGESTS, str(pack)]
    return Measured(
        f"parity verify, {pairs:,} pairs",
        _quickest(lambda: _process([parity, "verify", str(pack)]), rounds),
        VERIFY_S,
        "every digest, nothing made again",
        _quickest(lambda: _process(digests), rounds),
    )


@dataclass(frozen=True)
class Written:
    """A report's forms on disk."""

    page: int
    """Bytes."""
    sheets: int
    differing: int
    """Cases on which the arms differed, all suites together."""
    spent: Spent


def _report(folder: Path, pairs: int) -> Written:
    """The page and the paper of a run that went very wrong, with texts, as a process."""
    many_pairs.write(folder, pairs=pairs, plants=MUCH_BROKEN, texts=True)
    parity = str(Path(sys.executable).with_name("parity"))
    html, pdf = folder / "report.html", folder / "report.pdf"
    _process([parity, "compare", "--json", "--allow-partial", str(folder)])
    spent = _spent(lambda: _process([parity, "report", "-o", str(html), "-o", str(pdf), str(folder)]))
    verdict = read_verdict(folder)
    return Written(
        page=html.stat().st_size,
        sheets=len(PdfReader(pdf).pages),
        differing=sum(len(result.discordant) for result in verdict.suites),
        spent=spent,
    )


_DIGESTS = """
import hashlib, sys, zipfile
with zipfile.ZipFile(sys.argv[1]) as pack:
    for name in pack.namelist():
        hashlib.sha256(pack.read(name)).hexdigest()
"""

_READING = """
import sys
from pathlib import Path
from inspect_ai.log import read_eval_log
for log in Path(sys.argv[1]).glob("*.eval"):
    read_eval_log(str(log))
"""


def _process(command: list[str]) -> None:
    ended = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603 - our own
    if ended.returncode not in {code for verdict, code in EXIT_CODES.items() if verdict}:
        raise RuntimeError(f"{command[:2]} ended with exit code {ended.returncode}: {ended.stderr[-500:]}")


def _spent(call: Callable[[], Any]) -> Spent:
    began, started = _processor(), time.perf_counter()
    call()
    return Spent(_processor() - began, time.perf_counter() - started)


def _processor() -> float:
    """Processor seconds of this process and of its children that have ended."""
    used = (resource.getrusage(whose) for whose in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    return sum(each.ru_utime + each.ru_stime for each in used)


def _quickest(call: Callable[[], Any], rounds: int) -> Spent:
    return min((_spent(call) for _ in range(rounds)), key=lambda spent: spent.processor)


def _print(console: Console, rows: list[Measured]) -> None:
    table = Table(title="Statistics and verdict, seconds")
    for column in ("", "processor", "waiting", "beside it", "processor", "times as fast"):
        table.add_column(column, justify="left" if column in {"", "beside it"} else "right")
    for row in rows:
        times = row.by_loop.processor / row.spent.processor
        seconds = f"{row.spent.processor:.3f}", f"{row.spent.waiting:.3f}"
        table.add_row(row.what, *seconds, row.loop, f"{row.by_loop.processor:.1f}", f"{times:,.1f}")
    console.print(table)
    peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024
    load = f"load at the end {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores"
    console.print(f"Largest process {peak:,.0f} MB, {load}.", highlight=False)
    for row in rows:
        tell(
            console,
            f"{row.what}: {row.spent.processor:.3f} s",
            f"under {row.target:g} s",
            met=row.spent.processor < row.target,
        )


def _print_report(console: Console, written: Written, pairs: int) -> None:
    of = f"of {pairs:,} pairs, {written.differing:,} differing"
    spent = f"{written.spent.processor:.1f} s of processor time"
    console.print(f"parity report {of}, page and paper: {spent}.", highlight=False)
    size = f"page {of}: {written.page / 1e6:.2f} MB"
    tell(console, size, f"under {PAGE_BYTES / 1e6:g} MB", met=written.page < PAGE_BYTES)
    tell(console, f"paper {of}: {written.sheets} sheets", f"at most {SHEETS}", met=written.sheets <= SHEETS)


if __name__ == "__main__":
    sys.exit(main())
