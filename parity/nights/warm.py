"""Runs suites in processes that stay: for many short nights, whose imports would take longer than they do."""

from __future__ import annotations

import contextlib
import io
import json
import multiprocessing
import sys
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from rich.console import Console

from parity.manifest import Manifest
from parity.processes import SuiteOutcome, runner_arguments
from parity.purse import Purse

_SUITES_PER_PROCESS = 120
"""Clients of endpoints that are gone pile up in a process; then another one takes its place."""


class Warm:
    """Does what `parity.processes.run_suites` does, with processes that were started before.

    Neither progress nor limits of time and money: a night is over before anybody would look. Use it as a
    context manager.
    """

    def __init__(self, processes: int = 3) -> None:
        self._pool = ProcessPoolExecutor(
            processes,
            mp_context=multiprocessing.get_context("spawn"),
            max_tasks_per_child=_SUITES_PER_PROCESS,
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._pool.shutdown(cancel_futures=True)

    def __call__(
        self,
        manifest: Manifest,
        *,
        logs: Path,
        endpoint_url: str | None,
        retry_missing: bool,
        console: Console,  # noqa: ARG002 - the signature of `run_suites`
        plan: Path | None = None,
        until: float | None = None,  # noqa: ARG002 - likewise
        purse: Purse | None = None,  # noqa: ARG002 - likewise
    ) -> list[SuiteOutcome]:
        """Run every suite, all at once, and wait for all of them."""
        asked = [
            runner_arguments(
                suite,
                manifest,
                logs=logs,
                endpoint_url=endpoint_url,
                retry_missing=retry_missing,
                plan=plan,
            )
            for suite in manifest.suites
        ]
        ended = self._pool.map(_one, asked)
        return [_outcome(suite, event) for suite, event in zip(manifest.suites, ended, strict=True)]


def _one(arguments: list[str]) -> dict[str, Any]:
    """Run one suite in this process; the last event that it told."""
    from evals import runner

    told = io.StringIO()
    with contextlib.redirect_stdout(sys.stderr):
        code = runner.main(arguments, events=told)
    lines = told.getvalue().splitlines()
    last: dict[str, Any] = json.loads(lines[-1]) if lines else {}
    return last | {"code": code}


def _outcome(suite: str, event: dict[str, Any]) -> SuiteOutcome:
    if event.get("event") == "end":
        return SuiteOutcome(suite, str(event["status"]), event.get("message"))
    return SuiteOutcome(suite, "error", f"ended with code {event['code']} and without a word")
