"""One night from its beginning to its result: whatever happens on the way, there is one, and it is kept."""

from __future__ import annotations

import time
import traceback
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

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
from evals.bedrock.client import CredentialsMissing
from evals.rehearsal import child
from evals.rehearsal.errors import RehearsalError
from parity.estimate import estimate
from parity.manifest import Manifest, begin
from parity.nights import result as results
from parity.nights import words
from parity.nights.config import NightlyConfig, pinned
from parity.nights.result import Cause, NightResult
from parity.pipeline import entered, plan, seek_causes, write_pages
from parity.processes import SuiteOutcome, run_suites
from parity.purse import Purse
from suites.arms import load_arms
from suites.errors import RegistrationError

Runner = Callable[..., list[SuiteOutcome]]
"""`run_suites`, or another way to run the same suites."""

USAGE_ERROR = 2
_AGAIN = "Start the night again: finished cases are kept."


class _Stopped(Exception):  # noqa: N818 - it is how a night ends, and not always by a fault
    """The night ends here, without a verdict: why, what happened, and what to do."""

    def __init__(self, cause: Cause, what: str, do: str = _AGAIN, exit_code: int = EXIT_CODES[None]) -> None:
        super().__init__(what)
        self.cause: Cause = cause
        self.what = what
        self.do = do
        self.exit_code = exit_code


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
        headline=_failed(config, night, "it is still on its way, or was killed.", _AGAIN),
        attempt=1 if earlier is None else earlier.attempt + 1,
        began=datetime.now(UTC) if earlier is None else earlier.began,
    )
    try:
        ended = _run(config, begun, console, runner)
    except _Stopped as stopped:
        ended = _without_verdict(config, begun, stopped)
    except KeyboardInterrupt:
        ended = _without_verdict(config, begun, _Stopped("interrupted", "it was stopped from outside."))
    except Exception as error:  # noqa: BLE001 - a night that nobody watches ends with a result, whatever happens
        traceback.print_exc()
        ended = _without_verdict(
            config, begun, _Stopped("fault", f"a fault of parity itself ({type(error).__name__}: {error}).")
        )
    results.write(ended)
    return ended


def _run(config: NightlyConfig, begun: NightResult, console: Console, runner: Runner) -> NightResult:
    until = time.monotonic() + config.budgets.minutes * 60 if config.budgets.minutes else None
    with _configured():
        baseline = pinned(config)
        manifest = _planned(config, begun.night)
        results.make_room(begun.folder)
        begin(begun.folder, manifest)
    results.write(begun)
    with _history(config) as history:
        history.begin(begun.row)
    purse = _purse(config, anew=begun.attempt == 1)
    with entered(begun.folder, manifest, None, console) as entry:
        outcomes = _asked(config, manifest, begun, console, runner, until=until, purse=purse)
        suites, tonight = _compared(config, begun.folder, outcomes, until, purse)
        entry.reached = tonight
    unfinished = [each for each in outcomes if each.status != "success"]
    with _history(config) as history:
        kept = entries(suites, tonight, limit=config.limit, anchor=config.alarms.anchor)
        history.write(begun.row, kept)
        changes, rung = judge.judged(history, config.job, begun.night, config.alarms.budget, baseline)
        if tonight.verdict is None or (unfinished and tonight.verdict != "not_comparable"):
            history.conclude(begun.row, changes=changes)
            _pages(config, begun.folder)
            raise _unfinished(unfinished, until, purse)
        ended = _concluded(begun, tonight, rung, changes)
        ended = ended.model_copy(
            update={
                "since_conclusive": _since_conclusive(history, ended),
                "baseline": None if baseline is None else baselines.standing(baseline, kept, begun.night),
            }
        )
        history.conclude(ended.row, changes=changes, alarms=rung)
        if config.report and (so_far := overview(history, config.job, today=begun.night, until=begun.night)):
            nights.leave(so_far, begun.folder)
    trouble = _pages(config, begun.folder)
    if trouble is not None and ended.verdict != "regression":
        raise _Stopped("report", f"the report could not be written ({trouble}).")
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
        if unfinished := [each for each in outcomes if each.status != "success"]:
            raise _unfinished(unfinished, until, purse) from error
        raise _Stopped("unfinished", str(error)) from error
    write_verdict(tonight, folder / "verdict.json")
    return suites, tonight


def _planned(config: NightlyConfig, night: date) -> Manifest:
    rehearsal = config.rehearsal
    return plan(
        rehearsal=rehearsal is not None,
        suites=config.chosen,
        arms=config.arms or "rehearsal",
        batches=config.batches,
        full=config.full,
        limit=config.limit,
        epochs=config.epochs,
        grader=config.grader,
        seed=rehearsal.seed_of(night) if rehearsal else None,
        plants=rehearsal.plants if rehearsal else (),
        faults=rehearsal.faults if rehearsal else None,
    )


def _purse(config: NightlyConfig, *, anew: bool) -> Purse | None:
    """What the night may spend; None where nothing limits it. A night that cannot be paid is not begun."""
    if config.arms is None or config.budgets.usd is None:
        return None
    with _configured():
        arms = load_arms(config.arms)
        expected = estimate(
            config.chosen,
            arms=arms,
            epochs=config.epochs,
            limit=config.limit,
            full=config.full,
            batches=config.batches,
        )
        purse = Purse.of(arms, config.budgets.usd)
    if anew and expected.usd > config.budgets.usd:
        raise _Stopped(
            "money",
            f"the estimate is {expected.usd:.2f} USD, over the budget of {config.budgets.usd:.2f}.",
            "Raise budgets.usd, or take fewer cases, suites or epochs.",
        )
    return purse


def _asked(
    config: NightlyConfig,
    manifest: Manifest,
    begun: NightResult,
    console: Console,
    runner: Runner,
    *,
    until: float | None,
    purse: Purse | None,
) -> Sequence[SuiteOutcome]:
    given: dict[str, Any] = {
        "logs": begun.folder / "logs",
        "retry_missing": False,
        "console": console,
        "until": until,
        "purse": purse,
    }
    if config.rehearsal is None:
        with _configured():
            _require_credentials(manifest)
        outcomes = runner(manifest, endpoint_url=None, **given)
        _seek_causes(config, begun.folder, None, console)
        return outcomes
    try:
        bedrock = child.start(seed=manifest.seed or 0, plants=manifest.plants, faults=config.rehearsal.faults)
    except RehearsalError as error:
        raise _Stopped("unfinished", f"the local Bedrock did not start ({error}).") from error
    with bedrock:
        outcomes = runner(manifest, endpoint_url=bedrock.endpoint_url, **given)
        _seek_causes(config, begun.folder, bedrock.endpoint_url, console)
    return outcomes


def _seek_causes(config: NightlyConfig, folder: Path, endpoint_url: str | None, console: Console) -> None:
    """For the pages alone, so that nothing that goes wrong here ends a night."""
    if not config.report:
        return
    try:
        seek_causes(folder, endpoint_url=endpoint_url, console=console)
    except Exception as error:  # noqa: BLE001 - the causes stay unknown, and the report says so
        console.print(f"Why the arms differ stays unknown: {error}", markup=False, highlight=False)


def _require_credentials(manifest: Manifest) -> None:
    from evals.bedrock.client import require_credentials

    try:
        require_credentials(region=load_arms(manifest.arms).region)
    except CredentialsMissing as error:
        raise _Stopped("credentials", str(error)) from error


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


def _unfinished(outcomes: Sequence[SuiteOutcome], until: float | None, purse: Purse | None) -> _Stopped:
    if until is not None and time.monotonic() >= until:
        return _Stopped("time", "the time budget was used up.")
    if purse is not None and any(each.status == "cancelled" for each in outcomes):
        return _Stopped("money", f"the budget is used up ({purse.told}).", "Raise budgets.usd to finish it.")
    told = "; ".join(
        f"{each.suite} ended as {each.status} ({(each.message or 'no message').splitlines()[0]})"
        for each in outcomes
    )
    return _Stopped("unfinished", f"{told or 'a log is not whole'}.")


def _without_verdict(config: NightlyConfig, begun: NightResult, stopped: _Stopped) -> NightResult:
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


@contextmanager
def _configured() -> Iterator[None]:
    """What is registered wrongly ends the night as a usage error does, but told and kept."""
    try:
        yield
    except RegistrationError as error:
        raise _Stopped(
            "configuration", f"{error}", "Mend that and start the night again.", USAGE_ERROR
        ) from error


@contextmanager
def _history(config: NightlyConfig) -> Iterator[History]:
    """The history; where it fails the night has no alarms, and so no verdict."""
    try:
        with History(config.history_url) as history:
            yield history
    except EvidenceError as error:
        raise _Stopped("history", str(error)) from error
    except RegistrationError as error:
        raise _Stopped("configuration", str(error), exit_code=USAGE_ERROR) from error
