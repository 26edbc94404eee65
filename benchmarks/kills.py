"""Kills a run again and again, and counts at the server what that costs.

    python benchmarks/kills.py [--kills 20] [--seed 0] [--epochs 2]

One suite runs in a process group of its own against one local stand-in that outlives it. At a random moment
the whole group gets SIGKILL; what the log on disk holds then is finished and must never be asked again. The
same command starts anew until the run is whole. The stand-in counts every call to a model by case, arm and
epoch, so that both lost and repeated work show. Calls of ApplyGuardrail carry no case: those of `control` are
counted in total, each start's proof with them. Exit code 1 where a finished sample was lost or not asked, or
an arm was asked again about one, or about more than could be in flight or unwritten.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import signal
import subprocess
import sys
import tempfile
import threading
import time
import urllib.request
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from rich.console import Console

from evals import attempts
from evals.attempts import Pair
from evals.rehearsal import child
from evals.runner import SETTINGS

SUITE = "topics"
IN_FLIGHT: int = SETTINGS["max_samples"]
"""Cases that the runner asks at once."""
UNFLUSHED: int = SETTINGS["log_buffer"]
"""Finished cases between two writes of its log."""
ARMS = ("reference", "candidate")
Call = tuple[str, int, str]
"""Case, epoch and arm."""
_AT_START = 0.2
"""The share of kills that come while a run is still starting; the others while it asks."""


@dataclass
class Costs:
    """What all kills together cost; counts of samples."""

    kills: int = 0
    lost: set[Pair] = field(default_factory=set)
    """Finished and on disk at a kill, and no longer at a later one or at the end."""
    again: set[Call] = field(default_factory=set)
    """Of samples on disk at a kill, what a later run asked all the same."""
    repeated: Counter[Call] = field(default_factory=Counter)
    """Asked more than once, by how often more."""
    unasked: set[Call] = field(default_factory=set)
    """Of samples that are whole in the end, what the server was never asked."""
    control: int = 0
    """Calls of ApplyGuardrail, of all starts, their proofs included."""
    samples: int = 0
    starts: int = 0


def main() -> int:
    """Kill, count, print; returns the exit code."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument("--kills", type=int, default=20)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--epochs", type=int, default=2)
    parser.add_argument("--limit", type=int, help="cases; default: the suite's default part")
    given = parser.parse_args()
    with child.start() as service, tempfile.TemporaryDirectory() as folder:
        costs = measure(service.endpoint_url, Path(folder) / SUITE, given)
    return _tell(costs)


def measure(endpoint_url: str, folder: Path, given: argparse.Namespace) -> Costs:
    """Run the suite to its end through all kills."""
    moments, costs = random.Random(given.seed), Costs()  # noqa: S311 - repeatable, no secret
    kept: dict[Pair, dict[str, int]] = {}
    while True:
        costs.starts += 1
        ended = _run(endpoint_url, folder, given, moments if costs.kills < given.kills else None)
        (asked, costs.control), there = _asked(endpoint_url), _on_disk(folder)
        costs.lost |= kept.keys() - there
        costs.again |= {
            (*pair, arm)
            for pair, counts in kept.items()
            for arm, count in counts.items()
            if asked[(*pair, arm)] > count
        }
        kept |= {pair: {arm: asked[(*pair, arm)] for arm in ARMS} for pair in there if pair not in kept}
        if ended == -signal.SIGKILL:
            costs.kills += 1
            continue
        if ended != 0:
            raise SystemExit(f"The run ended with exit code {ended}.")
        costs.samples = len(there)
        costs.repeated = Counter({call: count - 1 for call, count in asked.items() if count > 1})
        costs.unasked = {(*pair, arm) for pair in there for arm in ARMS if not asked[(*pair, arm)]}
        return costs


def _run(endpoint_url: str, folder: Path, given: argparse.Namespace, moments: random.Random | None) -> int:
    """Start the suite's process, and kill its group at a moment that is drawn, where one is."""
    command = [sys.executable, "-m", "evals.runner", "--suite", SUITE, "--log-dir", str(folder)]
    command += ["--endpoint-url", endpoint_url, "--epochs", str(given.epochs)]
    command += ["--limit", str(given.limit)] if given.limit else []
    process = subprocess.Popen(  # noqa: S603 - our own module
        command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, start_new_session=True
    )
    assert process.stdout is not None
    if moments is None:
        process.communicate()
        return process.returncode
    if moments.random() < _AT_START:
        wait = moments.uniform(0.1, 4.0)
    else:
        for line in process.stdout:
            if b'"sample"' in line:
                break
        wait = moments.uniform(0.0, 2.5)
    reader = threading.Thread(target=process.stdout.read)
    reader.start()
    time.sleep(wait)
    if process.poll() is None:
        os.killpg(process.pid, signal.SIGKILL)
    reader.join()
    process.stdout.close()
    return process.wait()


def _on_disk(folder: Path) -> set[Pair]:
    """The samples that the fullest log of a folder holds whole."""
    left = attempts.attempts(folder) if folder.is_dir() else []
    return set(left[0].asked) if left else set()


def _asked(endpoint_url: str) -> tuple[Counter[Call], int]:
    """How often each arm was asked about each case and epoch, canaries aside; and ApplyGuardrail in all."""
    with urllib.request.urlopen(f"{endpoint_url}/rehearsal/calls") as response:  # noqa: S310 - a loopback address
        document: dict[str, Any] = json.load(response)
    counts: Counter[Call] = Counter()
    control = 0
    for group in document["calls"]:
        of = group["metadata"]
        if of.get("arm") in ARMS and not of["case"].startswith("canary:"):
            counts[of["case"], int(of["epoch"]), of["arm"]] += group["count"]
        if group["operation"] == "ApplyGuardrail":
            control += group["count"]
    return counts, control


def _tell(costs: Costs) -> int:
    allowed = costs.kills * (IN_FLIGHT + UNFLUSHED)
    by_arm = {arm: sum(n for (*_, of), n in costs.repeated.items() if of == arm) for arm in ARMS}
    console = Console()
    console.print(
        f"{costs.samples:,} samples whole after {costs.kills} kills and {costs.starts} starts.\n"
        f"Finished samples lost: {len(costs.lost)}. Calls about finished samples made again:"
        f" {len(costs.again)}. Calls of finished samples that never came: {len(costs.unasked)}."
    )
    for arm, count in by_arm.items():
        console.print(
            f"{arm}: asked again {count} times ({count / max(1, costs.kills):.1f} a kill);"
            f" at most {allowed} were in flight or unwritten."
        )
    console.print(
        f"control: {costs.control:,} calls of ApplyGuardrail for {costs.samples:,} samples"
        f" and the proofs of {costs.starts} starts."
    )
    bad = costs.lost or costs.again or costs.unasked or any(count > allowed for count in by_arm.values())
    console.print("[bold red]broken[/]" if bad else "[bold green]kept[/]")
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
