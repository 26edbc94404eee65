"""How many calls a second each way of asking gets through, side by side, against one endpoint.

    python benchmarks/throughput.py [--latency-ms 100] [--rounds 1]

Every way runs in a process of its own, against the same local stand-in, which keeps each call waiting as
a model would. The ideal rate is calls in flight divided by that wait. Targets are printed as met or
missed; the exit code is 1 only where something failed.
"""

from __future__ import annotations

import argparse
import http.client
import json
import statistics
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from rich.console import Console
from rich.table import Table
from targets import tell
from ways import ARMS_OF_A_PAIR, MODEL, PROMPT

from evals.rehearsal import child

IN_FLIGHT = (4, 16)
SECONDS = 5
"""About how long each way is measured at the ideal rate."""
OWN_SHARE = {4: 0.85, 16: 0.75}
"""What `Model.generate` through `guarded/` has to reach of the ideal rate."""
PAIRED = 130.0
"""Calls a second that paired samples have to reach in two processes, at 16 in flight and 100 ms."""
OWN_ADVANTAGE = 4.0
"""How many times faster paired samples have to be than Inspect's own provider, at 16 in flight."""
ENDPOINT_MS = 2.0
_WIDTH = 110

_TITLES = {
    "bare_boto3": "bare boto3, a pool of threads",
    "guarded_generate": "Model.generate through guarded/",
    "streamed_generate": "the same as a stream",
    "sidecar_generate": "Model.generate through sidecar/",
    "paired_samples": "paired samples of a run",
    "streamed_samples": "paired samples, streams",
    "sidecar_samples": "paired samples, sidecars",
    "inspects_own": "Inspect's own bedrock/ (no guardrail)",
}
_ROWS = (
    ("bare_boto3", 1),
    ("guarded_generate", 1),
    ("streamed_generate", 1),
    ("sidecar_generate", 1),
    ("paired_samples", 1),
    ("paired_samples", 2),
    ("streamed_samples", 2),
    ("sidecar_samples", 2),
    ("inspects_own", 1),
)


@dataclass(frozen=True)
class Measured:
    """One way at one number of calls in flight."""

    in_flight: int
    rate: float
    """Calls a second while all processes were at work."""


def main() -> int:
    """Measure everything and print it; returns the exit code."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n", maxsplit=1)[0])
    parser.add_argument("--latency-ms", type=float, default=100.0, help="how long each call is kept waiting")
    parser.add_argument("--rounds", type=int, default=1, help="repetitions; the median is shown")
    given = parser.parse_args()
    results: dict[tuple[str, int, int], list[Measured]] = {}
    try:
        with child.start() as rehearsal:
            endpoint_ms = _endpoint_alone(rehearsal.endpoint_url)
        with child.start(latency_ms=given.latency_ms) as rehearsal:
            for _ in range(given.rounds):
                for in_flight in IN_FLIGHT:
                    for way, processes in _ROWS:
                        measured = _measure(
                            way,
                            processes=processes,
                            in_flight=in_flight,
                            latency_s=given.latency_ms / 1000,
                            endpoint_url=rehearsal.endpoint_url,
                        )
                        results.setdefault((way, processes, in_flight), []).append(measured)
    except (subprocess.CalledProcessError, RuntimeError, OSError) as error:
        print(f"The benchmark failed: {error}", file=sys.stderr)
        return 1
    medians = {
        key: Measured(rounds[0].in_flight, statistics.median(each.rate for each in rounds))
        for key, rounds in results.items()
    }
    _print(medians, latency_s=given.latency_ms / 1000, endpoint_ms=endpoint_ms)
    return 0


def _measure(way: str, *, processes: int, in_flight: int, latency_s: float, endpoint_url: str) -> Measured:
    """Run one way in so many processes at once, which share the calls in flight."""
    shares = _shares(way, processes, in_flight)
    script = str(Path(__file__).with_name("ways.py"))
    running = [
        subprocess.Popen(  # noqa: S603 - our own script, by this interpreter
            [sys.executable, script, way, endpoint_url, str(share), str(_calls(way, share, latency_s))],
            stdout=subprocess.PIPE,
            text=True,
        )
        for share in shares
    ]
    answers = []
    for process in running:
        said, _ = process.communicate()
        if process.returncode:
            raise subprocess.CalledProcessError(process.returncode, process.args)
        answers.append(json.loads(said.splitlines()[-1]))
    if failed := sum(answer["failed"] for answer in answers):
        raise RuntimeError(f"{failed} calls of {way} failed")
    begin = max(min(start for start, _ in answer["units"]) for answer in answers)
    end = min(max(stop for _, stop in answer["units"]) for answer in answers)
    done = sum(
        answer["calls_per_unit"] * sum(begin < stop <= end for _, stop in answer["units"])
        for answer in answers
    )
    return Measured(sum(shares), done / (end - begin))


def _shares(way: str, processes: int, in_flight: int) -> list[int]:
    """Calls in flight by process; a paired sample is never less than its three."""
    if not way.endswith("_samples"):
        return [in_flight]
    samples = max(processes, in_flight // ARMS_OF_A_PAIR)
    each, over = divmod(samples, processes)
    return [ARMS_OF_A_PAIR * (each + (place < over)) for place in range(processes)]


def _calls(way: str, in_flight: int, latency_s: float) -> int:
    """As many as take a few seconds; what is known to be slow is asked less."""
    ideal = int(SECONDS * in_flight / latency_s)
    return max(in_flight, ideal // 8) if way == "inspects_own" else ideal


def _endpoint_alone(endpoint_url: str, calls: int = 200) -> float:
    """Median milliseconds of a call on one kept connection, with nothing of boto3 around it."""
    connection = http.client.HTTPConnection(urlsplit(endpoint_url).netloc)
    body = json.dumps({"messages": [{"role": "user", "content": [{"text": PROMPT}]}]})
    spent = []
    for _ in range(calls):
        started = time.perf_counter()
        connection.request("POST", f"/model/{MODEL}/converse", body, {"Content-Type": "application/json"})
        answer = connection.getresponse()
        answer.read()
        if answer.status != http.HTTPStatus.OK:
            raise RuntimeError(f"the endpoint answered with status {answer.status}")
        spent.append(time.perf_counter() - started)
    connection.close()
    return statistics.median(spent) * 1000


def _print(medians: dict[tuple[str, int, int], Measured], *, latency_s: float, endpoint_ms: float) -> None:
    console = Console(width=_WIDTH)
    table = Table(title=f"Calls a second, {latency_s * 1000:g} ms a call")
    for column in ("", "processes", "in flight", "calls/s", "ideal", "of ideal", "of bare boto3"):
        table.add_column(column, justify="left" if not column else "right", no_wrap=True)
    for (way, processes, nominal), measured in sorted(
        medians.items(), key=lambda item: (item[0][2], _ROWS.index(item[0][:2]))
    ):
        ideal = measured.in_flight / latency_s
        share = measured.rate / ideal
        bare = medians["bare_boto3", 1, nominal]
        table.add_row(
            _TITLES[way],
            str(processes),
            str(measured.in_flight),
            f"{measured.rate:.1f}",
            f"{ideal:.0f}",
            f"{share:.0%}",
            f"{share / (bare.rate * latency_s / bare.in_flight):.0%}",
            end_section=(way, processes) == _ROWS[-1],
        )
    console.print(table)
    for in_flight, target in OWN_SHARE.items():
        share = medians["guarded_generate", 1, in_flight].rate * latency_s / in_flight
        tell(
            console,
            f"Model.generate through guarded/ at {in_flight}: {share:.0%} of the ideal rate",
            f"at least {target:.0%}",
            met=share >= target,
        )
    paired = medians["paired_samples", 2, 16]
    tell(
        console,
        f"Paired samples in two processes at {paired.in_flight}: {paired.rate:.1f} calls a second",
        f"at least {PAIRED:g}",
        met=paired.rate >= PAIRED,
    )
    times = medians["paired_samples", 1, 16].rate / medians["inspects_own", 1, 16].rate
    tell(
        console,
        f"Paired samples in one process at 16: {times:.1f} times Inspect's own provider",
        f"at least {OWN_ADVANTAGE:g} times",
        met=times >= OWN_ADVANTAGE,
    )
    tell(
        console,
        f"The endpoint itself, without waiting: {endpoint_ms:.2f} ms a call",
        f"under {ENDPOINT_MS:g} ms",
        met=endpoint_ms < ENDPOINT_MS,
    )


if __name__ == "__main__":
    sys.exit(main())
