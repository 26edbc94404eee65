"""`python -m calibration`: measures what is promised, writes docs/calibration/, fails on a broken promise."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from calibration import page
from calibration.measuring import SEED, WHOLE, parts
from calibration.promises import PROMISES, Measured
from suites.files import write_atomically

FOLDER = Path(__file__).resolve().parent.parent / "docs" / "calibration"


def main() -> int:
    """Measure and write; the exit code is 1 where a promise is broken."""
    parser = argparse.ArgumentParser(prog="python -m calibration", description=__doc__)
    parser.add_argument("--folder", type=Path, default=FOLDER, help="where the page is written")
    parser.add_argument("--seed", type=int, default=SEED, help="of everything that is drawn")
    given = parser.parse_args()
    console = Console(stderr=True)
    measured: dict[str, list[Measured]] = {}
    columns = TextColumn("{task.description:<12}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn()
    with Progress(*columns, console=console) as progress:
        work = parts(WHOLE, seed=given.seed)
        bar = progress.add_task("", total=len(work))
        for name, measure in work.items():
            progress.update(bar, description=name)
            measured[name] = list(measure())
            progress.advance(bar)
    for name, content in page.files(measured, seed=given.seed).items():
        write_atomically(given.folder / name, content)
    broken = [figure for part in measured.values() for figure in part if figure.broken]
    for figure in broken:
        promise = PROMISES[figure.promise or ""]
        console.print(
            f"BROKEN: {promise.says}: {figure.rate:.3%}, {promise.side} {promise.nominal:.0%} is promised"
            f" ({figure.method}, {figure.setting})",
            markup=False,
        )
    console.print(
        f"{sum(map(len, measured.values()))} figures in {given.folder}, {len(broken)} promises broken"
    )
    return 1 if broken else 0


if __name__ == "__main__":
    sys.exit(main())
