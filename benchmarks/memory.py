"""How much memory a suite's process holds while a long run goes on: it has to stay flat.

    python benchmarks/memory.py [--samples 20000]

The suite is asked in as many epochs as that takes, against a local stand-in that answers at once. After each
thousandth sample the process's resident memory is read. A run asks in parts, each with a log of its own, and
grows within each; what is told is the highest of the first half beside the highest of the second.
"""

from __future__ import annotations

import argparse
import json
import re
import subprocess
import sys
import tempfile
from math import ceil
from pathlib import Path

from rich.console import Console
from targets import tell

from evals.rehearsal import child
from suites.batch import load_batch

SUITE = "topics"
EVERY = 1_000
GROWTH_MB_PER_1000 = 1.0
"""What a thousand samples may add."""


def main() -> None:
    """Run, watch, tell."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument("--samples", type=int, default=20_000)
    given = parser.parse_args()
    epochs = ceil(given.samples / len(load_batch(SUITE).cases))
    console = Console()
    with child.start() as service, tempfile.TemporaryDirectory() as folder:
        seen = _watch(console, service.endpoint_url, Path(folder), epochs)
    half = len(seen) // 2
    first, second = (max(held for _, held in each) for each in (seen[:half], seen[half:]))
    growth = (second - first) / (half * EVERY / 1_000)
    told = (
        f"{growth:+.1f} MB a thousand of {seen[-1][0]:,} samples: at most {first:.0f} MB in the first half,"
        f" {second:.0f} MB in the second"
    )
    tell(console, told, f"under {GROWTH_MB_PER_1000:g} MB", met=growth < GROWTH_MB_PER_1000)


def _watch(console: Console, endpoint_url: str, folder: Path, epochs: int) -> list[tuple[int, float]]:
    command = [sys.executable, "-m", "evals.runner", "--suite", SUITE, "--log-dir", str(folder)]
    command += ["--epochs", str(epochs), "--endpoint-url", endpoint_url]
    seen: list[tuple[int, float]] = []
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL) as process:  # noqa: S603 - our own module
        assert process.stdout is not None
        for line in process.stdout:
            done = json.loads(line).get("done", 0)
            if done and done % EVERY == 0:
                seen.append((done, _resident_mb(process.pid)))
                console.print(f"{done:>7,} samples {seen[-1][1]:>7.0f} MB", highlight=False)
    if process.returncode:
        raise SystemExit(f"The run ended with exit code {process.returncode}.")
    return seen


def _resident_mb(pid: int) -> float:
    status = Path(f"/proc/{pid}/status").read_text()
    found = re.search(r"VmRSS:\s+(\d+) kB", status)
    return int(found.group(1)) / 1024 if found else float("nan")


if __name__ == "__main__":
    main()
