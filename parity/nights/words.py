"""The one line of a night: what it is, the worst of it, what to do."""

from __future__ import annotations

from collections.abc import Sequence

from analysis import statement, wording
from analysis.history.detectors import DETECTOR
from analysis.history.entries import Alarm, Change
from analysis.result import Verdict

_ALARM = {
    "acute": "Alarm",
    "drift": "Drift alarm",
    "baseline": "Alarm against the baseline",
}


def of_verdict(
    tonight: Verdict, cause: str, alarms: Sequence[Alarm], changes: Sequence[Change], *, night: str
) -> str:
    """The line of a night that came to an end."""
    match cause:
        case "alarm":
            first = alarms[0]
            more = f" And {len(alarms) - 1} more." if len(alarms) > 1 else ""
            what = f"{_ALARM[first.kind]}: {first.message}.{more}"
            do = "Hold the candidate back and read the cases on which the arms differed."
            if any(alarm.kind == "drift" for alarm in alarms):
                do += " A drift alarm stands until `parity history acknowledge`."
        case "unconfirmed":
            worst = statement.lead(tonight).partition(". ")[0]
            what = (
                f"Not shown. {worst}; chance alone does as much on one night in twenty, and no alarm was"
                " reached."
            )
            do = "Look at the next night before anything else."
        case "parity":
            what = f"{wording.PARITY.long}. No alarm."
            do = "Nothing to do."
        case _:
            words = wording.words_of_run(tonight)
            what = f"{words.long}. {statement.lead(tonight)}"
            do = statement.next_step(tonight)
    told = [change for change in changes if change.kind == DETECTOR]
    also = (
        f" {wording.series(change.suite for change in told)}: the service changed its detectors."
        if told
        else ""
    )
    return _line(f"{what}{also} {do}", rehearsal=tonight.rehearsal, night=night)


def of_failure(what: str, do: str, *, rehearsal: bool, night: str) -> str:
    """The line of a night without a verdict."""
    return _line(f"Not complete, no verdict: {what} {do}", rehearsal=rehearsal, night=night)


def _line(text: str, *, rehearsal: bool, night: str) -> str:
    banner = f"{wording.BANNER} " if rehearsal else ""
    return " ".join(f"{banner}{night}: {text}".split())
