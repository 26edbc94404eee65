"""What a night's counts mean beside those of the nights before: changes, then alarms."""

from __future__ import annotations

from datetime import date

from analysis.history import alarms, baselines, detectors, tables
from analysis.history.alarms import Budget
from analysis.history.baselines import PinnedBaseline
from analysis.history.entries import Alarm, Change
from analysis.history.store import History


def judged(
    history: History, job: str, night: date, budget: Budget, baseline: PinnedBaseline | None = None
) -> tuple[list[Change], list[Alarm]]:
    """What changed since the night before, and which alarms there are.

    Args:
        history: Holds the night's counts already.
        job: The job.
        night: The night.
        budget: How often an alarm may be false.
        baseline: What each arm is compared with besides; None: nothing.
    """
    changes = detectors.changes(history, job, night)
    so_far = [row for row in history.read(tables.CHANGES, job, until=night) if row["night"] != night]
    now = [{"night": night, "suite": each.suite, "kind": each.kind} for each in changes]
    rung = alarms.raised(history, job, night, changes=[*so_far, *now], given=budget)
    if baseline is not None:
        rung += baselines.raised(history, job, night, baseline, alpha=budget.baseline_per_year)
    return changes, rung
