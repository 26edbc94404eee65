"""One night from its beginning to its result: whatever happens on the way, there is one, and it is kept."""

from __future__ import annotations

import time
import traceback
from collections.abc import Sequence
from contextlib import ExitStack
from datetime import UTC, date, datetime
from pathlib import Path

from rich.console import Console

from analysis import attribution
from analysis.compare import conclude, write_verdict
from analysis.errors import EvidenceError
from analysis.finding import VerdictName
from analysis.history import baselines, judge
from analysis.history.entries import Alarm, Change, entries
from analysis.history.overview import CONCLUSIVE, overview, since_conclusive
from analysis.history.store import History
from analysis.parts import nights
from analysis.records import SuiteRecords, read_folder
from analysis.result import EXIT_CODES, Verdict
from parity.manifest import begin
from parity.nights import asking, words
from parity.nights import result as results
from parity.nights.asking import Runner
from parity.nights.config import NightlyConfig, pinned
from parity.nights.result import Cause, NightResult
from parity.nights.stopped import AGAIN, Stopped, configured, kept, unfinished
from parity.pipeline import entered, write_pages
from parity.processes import SuiteOutcome, run_suites
from parity.purse import Purse
from suites.errors import RegistrationError


def run_night(
    config: NightlyConfig, night: date, *, console: Console, runner: Runner = run_suites
) -> NightResult:
    """Run a night, or finish one that was begun; a night that has its verdict is only told again.

    The result is in the night's folder when this returns, and as far as it can be in the history.

    Args:
        config: The job.
        night: Its date, the name of its folder.
        console: For progress.
        runner: What runs the suites.

    Raises:
        RegistrationError: The night's own result cannot be read.
    """
    folder = config.folder(night)
    earlier = results.read(folder)
    if earlier is not None and earlier.finished:
        return earlier
    begun = NightResult(
        job=config.job,
        night=night,
        folder=folder,
        rehearsal=config.rehearsal is not None,
        verdict=None,
        exit_code=EXIT_CODES[None],
        cause="running",
        headline=_failed(config, night, "it is still on its way, or was killed.", AGAIN),
        attempt=1 if earlier is None else earlier.attempt + 1,
        began=datetime.now(UTC) if earlier is None else earlier.began,
    )
    try:
        ended = _run(config, begun, console, runner)
    except Stopped as stopped:
        ended = _without_verdict(config, begun, stopped)
    except KeyboardInterrupt:
        ended = _without_verdict(config, begun, Stopped("interrupted", "it was stopped from outside."))
    except Exception as error:  # noqa: BLE001 - a night that nobody watches ends with a result, whatever happens
        traceback.print_exc()
        ended = _without_verdict(
            config, begun, Stopped("fault", f"a fault of parity itself ({type(error).__name__}: {error}).")
        )
    results.write(ended)
    return ended


def _run(config: NightlyConfig, begun: NightResult, console: Console, runner: Runner) -> NightResult:
    until = time.monotonic() + config.budgets.minutes * 60 if config.budgets.minutes else None
    with configured():
        baseline = pinned(config)
        what = asking.asked(config)
        manifest = asking.manifest(config, what, begun.night)
        results.make_room(begun.folder)
        begin(begun.folder, manifest)
    results.write(begun)
    with kept(config) as history:
        history.begin(begun.row)
    purse = asking.purse(config, what, anew=begun.attempt == 1)
    with ExitStack() as stack:
        with configured():
            entry = stack.enter_context(entered(begun.folder, manifest, what.registration, console))
        outcomes = asking.ask(
            config,
            manifest,
            begun.folder,
            runner=runner,
            console=console,
            plan=entry.plan_file,
            until=until,
            purse=purse,
        )
        suites, tonight = _compared(config, begun.folder, outcomes, until, purse)
        entry.reached = tonight
    not_whole = [each for each in outcomes if each.status != "success"]
    with kept(config) as history:
        rows = entries(suites, tonight, limit=config.limit, anchor=config.alarms.anchor)
        history.write(begun.row, rows)
        changes, rung = judge.judged(history, config.job, begun.night, config.alarms.budget, baseline)
        if tonight.verdict is None or (not_whole and tonight.verdict != "not_comparable"):
            history.conclude(begun.row, changes=changes)
            _pages(config, begun.folder)
            raise unfinished(not_whole, until, purse)
        ended = _concluded(begun, tonight, rung, changes)
        ended = ended.model_copy(
            update={
                "since_conclusive": _since_conclusive(history, ended),
                "baseline": None if baseline is None else baselines.standing(baseline, rows, begun.night),
            }
        )
        history.conclude(ended.row, changes=changes, alarms=rung)
        if config.report and (so_far := overview(history, config.job, today=begun.night, until=begun.night)):
            nights.leave(so_far, begun.folder)
    trouble = _pages(config, begun.folder)
    if trouble is not None and ended.verdict != "regression":
        raise Stopped("report", f"the report could not be written ({trouble}).")
    return ended


def _compared(
    config: NightlyConfig,
    folder: Path,
    outcomes: Sequence[SuiteOutcome],
    until: float | None,
    purse: Purse | None,
) -> tuple[list[SuiteRecords], Verdict]:
    """What the logs hold, and their comparison, which is written."""
    try:
        suites = read_folder(folder)
        swapped = attribution.on_file(folder)
        tonight = conclude(suites, swapped=swapped, allow_partial=config.allow_partial)
    except EvidenceError as error:
        if not_whole := [each for each in outcomes if each.status != "success"]:
            raise unfinished(not_whole, until, purse) from error
        raise Stopped("unfinished", str(error)) from error
    write_verdict(tonight, folder / "verdict.json")
    return suites, tonight


def _concluded(
    begun: NightResult,
    tonight: Verdict,
    rung: Sequence[Alarm],
    changes: Sequence[Change],
) -> NightResult:
    verdict, cause = _night_verdict(tonight, rung)
    headline = words.of_verdict(tonight, cause, rung, changes, night=begun.night.isoformat())
    return begun.model_copy(
        update={
            "verdict": verdict,
            "tonight": tonight.verdict,
            "exit_code": EXIT_CODES[verdict],
            "cause": cause,
            "headline": headline,
            "alarms": tuple(rung),
            "changes": tuple(changes),
            "ended": datetime.now(UTC),
        }
    )


def _night_verdict(tonight: Verdict, rung: Sequence[Alarm]) -> tuple[VerdictName, Cause]:
    """The night's verdict: only an alarm is a regression, since at 5 % a night chance gives many a year."""
    if tonight.verdict == "not_comparable":
        return "not_comparable", "not_comparable"
    if rung:
        return "regression", "alarm"
    if tonight.verdict == "regression":
        return "inconclusive", "unconfirmed"
    if tonight.verdict == "parity":
        return "parity", "parity"
    return "inconclusive", "not_shown"


def _pages(config: NightlyConfig, folder: Path) -> str | None:
    """Write the pages; what went wrong, None where nothing did."""
    if not config.report:
        return None
    try:
        write_pages(folder)
    except Exception as error:  # noqa: BLE001 - the verdict stands without its pages, and says so
        traceback.print_exc()
        return f"{type(error).__name__}: {error}"
    return None


def _since_conclusive(history: History, ended: NightResult) -> int | None:
    if ended.verdict in CONCLUSIVE:
        return 0
    return since_conclusive(
        [row for row in history.nights(ended.job) if row.night < ended.night], ended.night
    )


def _without_verdict(config: NightlyConfig, begun: NightResult, stopped: Stopped) -> NightResult:
    """The result of a night that stopped; in the history too, unless that is what failed."""
    ended = begun.model_copy(
        update={
            "exit_code": stopped.exit_code,
            "cause": stopped.cause,
            "headline": _failed(config, begun.night, stopped.what, stopped.do),
            "ended": datetime.now(UTC),
        }
    )
    if stopped.cause == "history":
        return ended
    try:
        with History(config.history_url) as history:
            ended = ended.model_copy(update={"since_conclusive": _since_conclusive(history, ended)})
            history.begin(ended.row)
    except (EvidenceError, RegistrationError) as error:
        also = f"{stopped.what} Nor could the history be written ({error})"
        ended = ended.model_copy(update={"headline": _failed(config, begun.night, also, stopped.do)})
    return ended


def _failed(config: NightlyConfig, night: date, what: str, do: str) -> str:
    return words.of_failure(what, do, rehearsal=config.rehearsal is not None, night=night.isoformat())
