"""Makes a job's history anew from its nights' folders."""

from __future__ import annotations

from rich.console import Console
from rich.progress import track

from analysis.compare import conclude
from analysis.history import judge
from analysis.history.entries import SuiteEntry, entries
from analysis.history.store import History
from analysis.records import read_folder
from parity import manifest
from parity.nights.config import NightlyConfig, pinned
from parity.nights.heartbeat import nights_of
from parity.nights.result import NightResult


def rebuild(config: NightlyConfig, *, console: Console) -> int:
    """Write every night that has a folder into the history again, oldest first; how many had logs.

    What each night ended with is taken from its `night.json`; counts, changes and alarms come from the logs.
    Of a night without logs the history keeps what it has.

    Raises:
        EvidenceError: Logs are damaged, or the history cannot be written.
    """
    made = 0
    with History(config.history_url) as history:
        nights = nights_of(config)
        for night in track(nights, description="Nights", console=console, disable=not console.is_terminal):
            counted = _entries(config, night)
            if counted is None:
                history.begin(night.row)
                continue
            made += 1
            history.write(night.row, counted)
            changes, rung = judge.judged(
                history, config.job, night.night, config.alarms.budget, pinned(config)
            )
            # A night that is not complete raises nothing, since it is to be finished first.
            history.conclude(night.row, changes=changes, alarms=rung if night.verdict else ())
    return made


def _entries(config: NightlyConfig, night: NightResult) -> list[SuiteEntry] | None:
    folder = config.folder(night.night)
    if not any(folder.rglob("*.eval")):
        return None
    suites = read_folder(folder)
    tonight = conclude(suites, allow_partial=config.allow_partial)
    return entries(suites, tonight, limit=manifest.read(folder).limit, anchor=config.alarms.anchor)
