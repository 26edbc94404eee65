"""One process per suite: started together, watched on one progress display, stopped together.

A process of its own per suite gives twice the throughput on two cores, since Inspect's own work per
sample runs on a single thread.
"""

from __future__ import annotations

import functools
import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from queue import Empty, Queue
from typing import Any

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TaskID, TextColumn, TimeElapsedColumn

from parity.manifest import Manifest
from parity.purse import Purse

GRACE_S = 30.0
"""How long an interrupted suite may take to put its finished samples away."""


@dataclass
class SuiteProcess:
    """One suite on its way."""

    suite: str
    process: subprocess.Popen[str]
    complaints: deque[str] = field(default_factory=lambda: deque(maxlen=20))
    """The last lines of its standard error."""
    status: str = "started"
    message: str | None = None
    ended: bool = False
    """It has told everything that it will tell."""
    samples: int = 0
    """How many it has to ask; 0 until it has told."""


@dataclass(frozen=True)
class SuiteOutcome:
    """How one suite's process ended. `success` says nothing about parity, only that all was asked."""

    suite: str
    status: str
    message: str | None


def run_suites(
    manifest: Manifest,
    *,
    logs: Path,
    endpoint_url: str | None,
    retry_missing: bool,
    console: Console,
    plan: Path | None = None,
    until: float | None = None,
    purse: Purse | None = None,
) -> list[SuiteOutcome]:
    """Run every suite in a process of its own and wait for all of them.

    With `retry_missing` each asks again for what its finished logs lack. `plan` is the file that says under
    which registered plan they run. At `until`, a time of `time.monotonic`, what still runs is stopped as by
    Ctrl-C and ends as `cancelled`; so it is when `purse` has too little left for more cases.

    Raises:
        KeyboardInterrupt: After every suite has put its finished samples away.
    """
    events: Queue[tuple[SuiteProcess, dict[str, Any] | None]] = Queue()
    started = [
        _start(
            suite,
            runner_arguments(
                suite,
                manifest,
                logs=logs,
                endpoint_url=endpoint_url,
                retry_missing=retry_missing,
                plan=plan,
            ),
        )
        for suite in manifest.suites
    ]
    ears = [
        threading.Thread(target=target, args=arguments, daemon=True)
        for each in started
        for target, arguments in ((_listen, (each, events)), (_overhear, (each,)))
    ]
    for ear in ears:
        ear.start()
    progress = Progress(
        TextColumn("{task.description:<10}"),
        BarColumn(bar_width=32),
        MofNCompleteColumn(),
        TextColumn("cases"),
        TimeElapsedColumn(),
        console=console,
    )
    try:
        with progress:
            bars = {each.suite: progress.add_task(each.suite, total=None) for each in started}
            follow = functools.partial(_follow, events, started, progress=progress, bars=bars)
            if (why := follow(until=until, purse=purse)) is not None:
                console.print(f"{why}: keeping the finished cases ...", highlight=False)
                _stop(started)
                follow(until=None, purse=None)
    except KeyboardInterrupt:
        console.print("Interrupted: keeping the finished cases ...")
        _stop(started)
        raise
    finally:
        _close(started, ears)
    return [_outcome(each) for each in started]


def _start(suite: str, arguments: Sequence[str]) -> SuiteProcess:
    command = [sys.executable, "-m", "evals.runner", *arguments, "--until-stdin-closes"]
    process = subprocess.Popen(  # noqa: S603 - our own interpreter and module
        command,
        # A pipe that is never written to: it ends when we do, even by SIGKILL, and so does the suite.
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        encoding="utf-8",
        errors="replace",
        # A group of its own, so that Ctrl-C reaches it once, from us, and not from the terminal too.
        start_new_session=True,
        env=os.environ | {"PYTHONUNBUFFERED": "1"},
    )
    return SuiteProcess(suite, process)


def runner_arguments(
    suite: str,
    manifest: Manifest,
    *,
    logs: Path,
    endpoint_url: str | None,
    retry_missing: bool,
    plan: Path | None,
) -> list[str]:
    """What `evals.runner` is told of one suite of a run."""
    arguments = ["--suite", suite, "--arms", manifest.arms]
    arguments += ["--log-dir", str(logs / suite), "--epochs", str(manifest.epochs)]
    if manifest.grader is not None:
        arguments += ["--grader", manifest.grader]
    if manifest.batches_folder is not None:
        arguments += ["--batches", manifest.batches_folder]
    if manifest.full:
        arguments.append("--full")
    if manifest.limit is not None:
        arguments += ["--limit", str(manifest.limit)]
    if endpoint_url is not None:
        arguments += ["--endpoint-url", endpoint_url]
    if plan is not None:
        arguments += ["--plan", str(plan.resolve())]
    if retry_missing:
        arguments.append("--retry-missing")
    return arguments


def _listen(each: SuiteProcess, events: Queue[tuple[SuiteProcess, dict[str, Any] | None]]) -> None:
    assert each.process.stdout is not None
    for line in each.process.stdout:
        try:
            event = json.loads(line)
        except ValueError:
            each.complaints.append(line.rstrip())
            continue
        if isinstance(event, dict):
            events.put((each, event))
    each.process.wait()
    events.put((each, None))


def _overhear(each: SuiteProcess) -> None:
    assert each.process.stderr is not None
    for line in each.process.stderr:
        if line.strip():
            each.complaints.append(line.rstrip())


def _follow(
    events: Queue[tuple[SuiteProcess, dict[str, Any] | None]],
    started: Sequence[SuiteProcess],
    *,
    progress: Progress,
    bars: dict[str, TaskID],
    until: float | None,
    purse: Purse | None,
) -> str | None:
    """Take in what the suites tell until all have ended; else why they have to stop before."""
    while any(not each.ended for each in started):
        try:
            each, event = events.get(timeout=None if until is None else max(0.0, until - time.monotonic()))
        except Empty:
            return "The time is up"
        match event:
            case None:
                each.ended = True
            case {"event": "start", "samples": int(samples)}:
                each.samples = samples
                progress.update(bars[each.suite], total=samples)
            case {"event": "sample", "done": int(done)}:
                progress.update(bars[each.suite], completed=done)
                enough = purse is None or purse.take(each.suite, event.get("used") or {})
                if not enough and done < each.samples:
                    return f"The money is spent ({purse.told if purse else ''})"
            case {"event": "end", "status": str(status)}:
                each.status = status
                each.message = event.get("message")
                if purse is not None:
                    purse.close(each.suite)
            case _:
                each.complaints.append(str(event))
    return None


def _stop(started: Sequence[SuiteProcess]) -> None:
    for each in started:
        if each.process.poll() is None:
            each.process.send_signal(signal.SIGINT)
    for each in started:
        try:
            each.process.wait(timeout=GRACE_S)
        except (subprocess.TimeoutExpired, KeyboardInterrupt):
            each.process.kill()
            each.process.wait()


def _close(started: Sequence[SuiteProcess], ears: Sequence[threading.Thread]) -> None:
    """Let go of the pipes of the processes that have ended; of those that have not, nothing."""
    for ear in ears:
        ear.join(timeout=GRACE_S if all(each.process.poll() is not None for each in started) else 0)
    if not any(ear.is_alive() for ear in ears):
        for each in started:
            for pipe in (each.process.stdin, each.process.stdout, each.process.stderr):
                if pipe is not None:
                    pipe.close()


def _outcome(each: SuiteProcess) -> SuiteOutcome:
    if each.status in {"success", "error", "cancelled"}:
        return SuiteOutcome(each.suite, each.status, each.message)
    last = "\n".join(each.complaints) or "it said nothing"
    return SuiteOutcome(each.suite, "error", f"ended with code {each.process.returncode}: {last}")
