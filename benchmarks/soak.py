"""Every fault at once: is each sample finished, or missing with its reason, and does the count agree?

    python benchmarks/soak.py [--calls 10000] [--rate 0.05] [--seed 0]

On each route a suite runs against a local stand-in on which every kind of fault strikes a share of the calls,
from shortly after the canaries on. Then what the log says is held against what the stand-in counted: nothing
may be unaccounted for, a call that never got an answer may be no observation, and every call that the server
counted must be recorded as an attempt. Last, credentials run out in the middle of a run: it has to end, keep
what was finished, and be finished by the same command. Exit code 1 where anything does not add up.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
import urllib.request
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pandas as pd
import yaml
from rich.console import Console
from rich.table import Table

from analysis.records import SuiteRecords, read_asked, read_folder
from evals import attempts
from evals.rehearsal import child
from evals.rehearsal.scenario.kinds import ANSWER_KINDS, KINDS, POSSIBLE, RUNTIME, STREAMS
from suites.arms import ARMS_FOLDER

SUITE = "topics"
ARMS = ("reference", "candidate")
ROUTES: Mapping[str, Mapping[str, str]] = {
    "converse": {"route": "converse"},
    "converse_stream, sync": {"route": "converse_stream", "stream": "sync"},
    "converse_stream, async": {"route": "converse_stream", "stream": "async"},
    "invoke": {"route": "invoke"},
    "invoke_stream": {"route": "invoke_stream", "stream": "sync"},
    "sidecar": {"route": "sidecar"},
}
_CALLS_OF_A_SAMPLE = 3
_AFTER = 120
"""Calls before the faults begin: canaries and checks are to pass."""
_ENDS_THE_RUN = "expired"
_CLOSED = "ConnectionClosedError"
_ANSWERS = {"answered", *ANSWER_KINDS, "stream_stalled"}
"""How a call ends at the server that got an answer, whatever that is worth."""


@dataclass
class Accounted:
    """What came of one route."""

    samples: int = 0
    planned: int = 0
    calls: int = 0
    observed: int = 0
    reasons: Counter[str] = field(default_factory=Counter)
    retried: int = 0
    not_arrived: int = 0
    """Attempts that met a connection which the server had closed, and so were never counted there."""
    wrong: list[str] = field(default_factory=list)
    """What does not add up."""


def main() -> int:
    """Soak all routes, print the account; returns the exit code."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument("--calls", type=int, default=10_000, help="at least so many, over all routes")
    parser.add_argument("--rate", type=float, default=0.05, help="of each kind of fault")
    parser.add_argument("--seed", type=int, default=0)
    given = parser.parse_args()
    limit = -(-given.calls // (len(ROUTES) * _CALLS_OF_A_SAMPLE))
    console = Console(width=130)
    found: dict[str, Accounted] = {}
    with tempfile.TemporaryDirectory() as scratch:
        for name, route in ROUTES.items():
            folder = Path(scratch) / name.replace(", ", "-")
            found[name] = soak(folder, route, limit=limit, rate=given.rate, seed=given.seed)
            _tell(console, name, found[name])
        kept, whole = expire(Path(scratch) / "expired", limit=min(limit, 150))
    _summary(console, found)
    console.print(
        f"Credentials that run out: {kept} finished samples kept, {whole} whole after starting again."
    )
    return 1 if any(each.wrong for each in found.values()) or not kept or whole != min(limit, 150) else 0


def soak(folder: Path, route: Mapping[str, str], *, limit: int, rate: float, seed: int) -> Accounted:
    """Run the suite on one route under all faults, and account for it."""
    folder.mkdir(parents=True)
    with child.start(seed=seed, faults=_faults(folder, route["route"], rate)) as service:
        code = _run(folder, _arms(folder, route), service.endpoint_url, limit)
        served = _served(service.endpoint_url)
    if code != 0:
        return Accounted(planned=limit, wrong=[f"the run ended with exit code {code}"])
    (records,) = read_folder(folder / "logs")
    return account(
        records.table, served, planned=limit, exact=route["route"] != "sidecar", closed=_closed(records)
    )


def account(
    table: pd.DataFrame,
    served: list[dict[str, Any]],
    *,
    planned: int,
    exact: bool,
    closed: Callable[[str, int, str], int],
) -> Accounted:
    """Hold a log's table against the server's counts.

    Args:
        table: As `analysis.records` makes it, one row a sample.
        served: The server's groups of calls.
        planned: How many samples there have to be.
        exact: Whether an arm's attempts are calls to its model alone, as they are not beside a sidecar.
        closed: By case, epoch and arm how many attempts met a connection that the server had closed. Only
            those may be recorded and not counted.
    """
    found = Accounted(samples=len(table), planned=planned, calls=sum(each["count"] for each in served))
    if len(table) != planned:
        found.wrong.append(f"{len(table)} of {planned} samples are in the log")
    groups = {
        (of["arm"], of["case"], int(of["epoch"])): each
        for each in served
        if "case" in (of := each["metadata"])
    }
    for row in table.to_dict("records"):
        for arm in ARMS:
            group = groups.get((arm, row["case"], row["epoch"]))
            found.wrong += _of_arm(found, row, arm, group, exact=exact, closed=closed)
    return found


def _of_arm(
    found: Accounted,
    row: Mapping[str, Any],
    arm: str,
    group: Mapping[str, Any] | None,
    *,
    exact: bool,
    closed: Callable[[str, int, str], int],
) -> Iterator[str]:
    """What does not add up for one arm of one sample."""
    where = f"{row['case']}, {arm}"
    missing, evidence = row[f"{arm}_missing"], row[f"{arm}_evidence"] or {}
    attempts_made = int(evidence.get("attempts") or 0)
    found.retried += max(0, attempts_made - 1)
    if missing is None:
        found.observed += 1
    else:
        found.reasons[str(missing).partition(":")[0][:60]] += 1
    if missing is not None and not str(missing).strip():
        yield f"{where}: missing without a reason"
    if group is None:
        # Beside a sidecar the guardrail may have stopped the text, or failed, before the model was asked.
        if exact:
            yield f"{where}: the server was never asked"
        return
    more = attempts_made - group["count"]
    # Attempts at the guardrail are among those of a sidecar, so that there may be more, and never fewer.
    if more < 0 or (exact and more > closed(row["case"], row["epoch"], arm)):
        yield f"{where}: {attempts_made} attempts recorded, {group['count']} counted at the server"
    elif exact:
        found.not_arrived += more
    if missing is None and not _ANSWERS & group["outcomes"].keys():
        yield f"{where}: an observation, and no call was answered: {group['outcomes']}"


def _closed(records: SuiteRecords) -> Callable[[str, int, str], int]:
    """How many attempts of a call met a closed connection, by the whole sample's record of it."""

    def count(case: str, epoch: int, arm: str) -> int:
        call = next(each.calls[arm] for each in read_asked(records, case) if each.epoch == epoch)
        return [*call["retried"], str(call["error"]).partition(":")[0]].count(_CLOSED)

    return count


def expire(folder: Path, *, limit: int) -> tuple[int, int]:
    """Let credentials run out in the middle; returns the samples kept then, and after starting again."""
    folder.mkdir(parents=True)
    faults = folder / "faults.yaml"
    faults.write_text(yaml.safe_dump({"faults": [{"kind": _ENDS_THE_RUN, "after": _AFTER, "during": 200}]}))
    arms = _arms(folder, ROUTES["converse"])
    with child.start(faults=faults) as service:
        first = _run(folder, arms, service.endpoint_url, limit)
        kept = _kept(folder)
        for _ in range(20):
            if _run(folder, arms, service.endpoint_url, limit) == 0:
                break
        return (kept if first != 0 else 0), _kept(folder)


def _kept(folder: Path) -> int:
    left = attempts.attempts(folder / "logs")
    return left[0].kept if left else 0


def _run(folder: Path, arms: Path, endpoint_url: str, limit: int) -> int:
    command = [sys.executable, "-m", "evals.runner", "--suite", SUITE, "--arms", str(arms)]
    command += ["--log-dir", str(folder / "logs"), "--limit", str(limit), "--endpoint-url", endpoint_url]
    ended = subprocess.run(  # noqa: S603 - our own module
        command, check=False, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    return ended.returncode


def _arms(folder: Path, route: Mapping[str, str]) -> Path:
    document = yaml.safe_load((ARMS_FOLDER / "rehearsal.yaml").read_text())
    for arm in ARMS:
        document[arm] |= route
    file = folder / "arms.yaml"
    file.write_text(yaml.safe_dump(document))
    return file


def _faults(folder: Path, route: str, rate: float) -> Path:
    """All kinds that are possible on the route's operation and on ApplyGuardrail, each at the rate."""
    faults = []
    for kind in KINDS:
        if kind == _ENDS_THE_RUN:
            continue
        fault: dict[str, Any] = {"kind": kind, "rate": rate, "after": _AFTER}
        if kind == "rejected":
            fault["parameter"] = "maxTokens"
        if kind == "stream_stalled":
            fault["ms"] = 100
        if set(POSSIBLE.get(kind, RUNTIME)) <= set(STREAMS) and "stream" not in route:
            continue
        faults.append(fault)
    file = folder / "faults.yaml"
    file.write_text(yaml.safe_dump({"faults": faults}))
    return file


def _served(endpoint_url: str) -> list[dict[str, Any]]:
    with urllib.request.urlopen(f"{endpoint_url}/rehearsal/calls") as response:  # noqa: S310 - a loopback address
        return list(json.load(response)["calls"])


def _tell(console: Console, name: str, found: Accounted) -> None:
    console.print(f"{name}: {found.samples} samples, {found.calls:,} calls, {len(found.wrong)} do not add up")
    for line in found.wrong[:5]:
        console.print(f"  {line}", markup=False)


def _summary(console: Console, found: Mapping[str, Accounted]) -> None:
    table = Table(
        "route", "samples", "calls", "observed", "missing", "repeated", "wrong", "most frequent reasons"
    )
    for name, each in found.items():
        reasons = ", ".join(f"{reason} {count}" for reason, count in each.reasons.most_common(4))
        row = (each.samples, each.calls, each.observed, each.reasons.total(), each.retried, len(each.wrong))
        table.add_row(name, *map(str, row), reasons)
    console.print(table)
    late = sum(each.not_arrived for each in found.values())
    console.print(
        f"{sum(each.calls for each in found.values()):,} calls in all; {late} more attempts met a connection"
        " that the server had closed."
    )


if __name__ == "__main__":
    sys.exit(main())
