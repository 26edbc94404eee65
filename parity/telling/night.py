"""Tells what a night came to: its own line first, then the comparison of that night by itself."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path

from analysis import runbook, summary
from analysis.errors import EvidenceError
from analysis.report import read_verdict
from analysis.result import EXIT_CODES, Verdict
from parity.nights.result import Cause, NightResult
from parity.telling import github
from parity.telling.tell import Message, Told, announce, plain_message

_PAGES: Mapping[Cause, str] = {
    "parity": "0-within-the-limit.md",
    "alarm": "1-alarm.md",
    "configuration": "2-usage.md",
    "unconfirmed": "3-unconfirmed.md",
    "not_comparable": "4-not-comparable.md",
    "time": "5-budget.md",
    "money": "5-budget.md",
    "credentials": "5-credentials.md",
    "history": "5-history.md",
    "report": "5-fault.md",
    "fault": "5-fault.md",
}
"""By cause; of a night that showed nothing the page depends on what its comparison lacked."""
_NO_NIGHT = "5-no-night.md"


def tell_night(ended: NightResult, environment: Mapping[str, str] | None = None) -> list[Told]:
    """Tell what a night came to on every channel that is set up; see `parity.telling.tell.tell`."""
    found = os.environ if environment is None else environment
    pages = github.runbook_address(found)
    verdict = _verdict(ended)
    page = f"{pages}/{page_of(ended, verdict)}"
    more = [each.message for each in ended.alarms[1:]]
    if ended.since_conclusive:
        more.append(f"{ended.since_conclusive} nights since the last that showed anything.")
    if verdict is not None:
        # The night's own line stands first, and the page is the night's.
        more += summary.plain(verdict)[1:]
    name = ended.verdict or "none"
    message = plain_message(
        ended.headline,
        more=more,
        page=page,
        verdict=f"rehearsal_{name}" if ended.rehearsal else name,
        exit_code=ended.exit_code,
        folder=ended.folder,
    )
    if verdict is not None:
        table = "\n".join(summary.table(verdict))
        message = Message(
            lines=message.lines,
            markdown=f"{message.markdown}\n{table}\n",
            outputs=message.outputs,
        )
    return announce(message, found)


def tell_silence(line: str, folder: Path, environment: Mapping[str, str] | None = None) -> list[Told]:
    """Tell that no night came to its end when one should have."""
    found = os.environ if environment is None else environment
    page = f"{github.runbook_address(found)}/{_NO_NIGHT}"
    message = plain_message(line, more=(), page=page, verdict=None, exit_code=EXIT_CODES[None], folder=folder)
    return announce(message, found)


def page_of(ended: NightResult, verdict: Verdict | None) -> str:
    """The page of the runbook for a night's exit code and cause."""
    if ended.cause == "not_shown" and verdict is not None:
        return runbook.page_for(verdict)
    return _PAGES.get(ended.cause, runbook.NO_VERDICT)


def _verdict(ended: NightResult) -> Verdict | None:
    """The comparison of the night by itself; None where it has none."""
    if ended.tonight is None:
        return None
    try:
        return read_verdict(ended.folder)
    except EvidenceError:
        return None
