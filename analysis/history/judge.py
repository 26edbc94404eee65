"""What a night's counts mean beside those of the nights before: changes, then alarms."""

from __future__ import annotations

from datetime import date

from analysis.history import alarms, detectors, tables
from analysis.history.alarms import Budget
from analysis.history.entries import Alarm, Change
from analysis.history.store import History


def judged(history: History, job: str, night: date, budget: Budget) -> tuple[list[Change], list[Alarm]]:
    """What changed since the night before, and which alarms there are.

    Args:
        history: Holds the night's counts already.
        job: The job.
        night: The night.
        budget: How often an alarm may be false.
    """
    changes = detectors.changes(history, job, night)
    so_far = [row for row in history.read(tables.CHANGES, job, until=night) if row["night"] != night]
    now = [{"night": night, "suite": each.suite, "kind": each.kind} for each in changes]
    return changes, alarms.raised(history, job, night, changes=[*so_far, *now], given=budget)
