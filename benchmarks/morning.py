"""How long a night takes after its last answer: causes, verdict, history, report in all its forms.

    python benchmarks/morning.py [--cases 1000]

One `parity nightly` as a process, with so many cases of each suite, against the local Bedrock. The clock
begins when the last log was written. The command's own processor time, as Linux tells it, is shown beside
it, since others may be at work.
The target is printed as met or missed; the exit code is 1 only where the night failed.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
import time
from datetime import date
from pathlib import Path

import yaml
from rich.console import Console
from targets import tell

from analysis.result import EXIT_CODES
from suites.suite import suite_names

AFTER_S = 30.0
"""Target in seconds, of three suites of 1,000 cases each."""
NIGHT = date(2026, 1, 1)
_LOOKS_S = 0.05


def main() -> int:
    """Run the night and print what came after its last answer; returns the exit code."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n", maxsplit=1)[0])
    parser.add_argument("--cases", type=int, default=1000, help="cases of each suite")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        return _measure(Path(folder), given.cases)


def _measure(folder: Path, cases: int) -> int:
    job = folder / "nightly.yaml"
    job.write_text(
        yaml.safe_dump({"job": "morning", "rehearsal": {"seed": 1}, "limit": cases, "out": "nights"})
    )
    command = [str(Path(sys.executable).with_name("parity")), "nightly", "--config", str(job)]
    with (folder / "said.txt").open("w") as said:
        night = subprocess.Popen([*command, "--night", NIGHT.isoformat()], stdout=said, stderr=said)  # noqa: S603 - our own
        looks = _followed(night)
        ended = time.time()
    out = folder / "nights" / NIGHT.isoformat()
    logs = list((out / "logs").rglob("*.eval"))
    forms = [out / "report" / name for name in ("index.html", "report.pdf")]
    if night.returncode not in {code for verdict, code in EXIT_CODES.items() if verdict} or not all(
        form.exists() for form in forms
    ):
        print(f"The night failed ({night.returncode}): {(folder / 'said.txt').read_text()}", file=sys.stderr)
        return 1
    last = max(log.stat().st_mtime for log in logs)
    before = max((used for when, used in looks if when <= last), default=0.0)
    waiting, processor = ended - last, looks[-1][1] - before
    console = Console(width=110)
    load = f"load {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores"
    sizes = ", ".join(f"{form.name} {form.stat().st_size / 1e6:.1f} MB" for form in forms)
    console.print(
        f"{len(suite_names())} x {cases:,} cases: {waiting:.1f} s after the last answer, "
        f"{processor:.1f} s of processor time; {sizes}; {load}.",
        highlight=False,
    )
    tell(
        console,
        f"everything after the last answer: {waiting:.1f} s",
        f"under {AFTER_S:g} s",
        met=waiting < AFTER_S,
    )
    return 0


def _followed(night: subprocess.Popen[bytes]) -> list[tuple[float, float]]:
    """Until the command ends: moments, and the processor seconds that it used, without its children."""
    looks = [(time.time(), 0.0)]
    while night.poll() is None:
        try:
            # After the name in brackets: 12th and 13th are the ticks in user and system mode.
            fields = Path(f"/proc/{night.pid}/stat").read_text().rpartition(")")[2].split()
        except OSError:
            break
        # Of a process that has ended and was not waited for, the ticks stay as they were.
        used = (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
        looks.append((time.time(), used))
        time.sleep(_LOOKS_S)
    night.wait()
    return looks


if __name__ == "__main__":
    sys.exit(main())
