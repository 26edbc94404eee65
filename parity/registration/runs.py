"""A run's place in the ledger: which run its folder holds, and which attempt at its plan that is.

The run gets its id in its folder before it gets its line, so that a start that was killed in between is the
same run when it is started again, and no attempt is counted twice or lost.
"""

from __future__ import annotations

import hashlib
import uuid
from pathlib import Path
from typing import Any

from pydantic import AwareDatetime, BaseModel, ConfigDict, ValidationError

from parity.manifest import Manifest
from parity.registration.freeze import Registration
from parity.registration.ledger import Ledger, Line
from suites.arms import load_arms
from suites.errors import RegistrationError, malformed
from suites.files import write_atomically
from suites.registered import UnderPlan

FILE = "registration.json"
PLAN_FILE = "plan.json"
"""In a run's folder: what its logs register of the plan, for the processes that write them."""
PLAN_COPY = "registered-plan.json"
"""In a run's folder: the plan, byte for byte."""


class RunRecord(BaseModel):
    """What a run's folder knows of its place in the ledger."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    run: str
    ledger: str | None = None
    line: int | None = None
    """Of the ledger, with which the run was begun."""
    line_sha256: str | None = None
    begun: AwareDatetime | None = None
    plan: UnderPlan | None = None


class LedgerEntry:
    """One start of a run, to be closed when it ends."""

    def __init__(self, ledger: Ledger, record: RunRecord, facts: dict[str, Any], trouble: str | None) -> None:
        self._ledger = ledger
        self._facts = facts
        self.record = record
        self.trouble = trouble
        """Why the run could not be entered; None: it was."""

    def end(self, folder: Path, *, verdict: str | None, exit_code: int) -> str | None:
        """Enter how the start ended; returns why that could not be done, None: it was."""
        file = folder / "verdict.json"
        sha256 = hashlib.sha256(file.read_bytes()).hexdigest() if verdict and file.exists() else None
        try:
            self._ledger.append(
                "ended", **self._facts, verdict=verdict, exit_code=exit_code, verdict_sha256=sha256
            )
        except RegistrationError as error:
            return str(error)
        return None


def enter(folder: Path, manifest: Manifest, registration: Registration | None) -> LedgerEntry:
    """Enter a start of the run in `folder`; under a plan the folder then holds `plan.json` for the suites.

    Without a plan a ledger that cannot be written to is reported and does not keep a night from running.

    Raises:
        RegistrationError: Under a plan: the ledger is broken, cannot be written to or does not know the plan.
    """
    ledger = Ledger.here()
    record = read_record(folder) or RunRecord(run=uuid.uuid4().hex)
    write_atomically(folder / FILE, record.model_dump_json(indent=2) + "\n")
    facts = _facts(folder, manifest, record, registration)
    try:
        with ledger.locked():
            if registration is not None:
                facts["attempt"] = _attempt(ledger, registration, record.run)
            begun = record.line is not None
            line, sha256 = ledger.append_locked("resumed" if begun else "begun", **facts)
    except RegistrationError as error:
        if registration is not None:
            raise
        return LedgerEntry(ledger, record, facts, str(error))
    if not begun:
        record = record.model_copy(
            update={
                "ledger": str(ledger.path.resolve()),
                "line": line.number,
                "line_sha256": sha256,
                "begun": line.at,
                "plan": registration.under(line.attempt) if registration and line.attempt else None,
            }
        )
        write_atomically(folder / FILE, record.model_dump_json(indent=2) + "\n")
    if record.plan is not None and registration is not None:
        write_atomically(folder / PLAN_FILE, record.plan.model_dump_json(indent=2) + "\n")
        write_atomically(folder / PLAN_COPY, registration.file.read_bytes())
    return LedgerEntry(ledger, record, facts, None)


def read_record(folder: Path) -> RunRecord | None:
    """What a folder knows of its place in the ledger; None where nothing was entered.

    Raises:
        RegistrationError: The file is there and not readable.
    """
    file = folder / FILE
    try:
        return RunRecord.model_validate_json(file.read_bytes())
    except FileNotFoundError:
        return None
    except ValidationError as error:
        raise malformed(file, error) from None
    except OSError as error:
        raise RegistrationError(f"{file} cannot be read: {error}") from None


def _attempt(ledger: Ledger, registration: Registration, run: str) -> int:
    """Which attempt at the plan this run is: the next one, or the one that it was."""
    plan = registration.plan
    lines = [line for line, _ in ledger.lines()]
    if not any(line.kind == "plan" and line.plan_sha256 == plan.sha256 for line in lines):
        raise RegistrationError(
            f"The ledger {ledger.path} does not know the plan {plan.name}, so that nobody could say which"
            " attempt this is. Name the ledger it was registered in by PARITY_LEDGER, or register the plan"
            " here under another name."
        )
    runs = _runs(lines, plan.sha256)
    return runs.index(run) + 1 if run in runs else len(runs) + 1


def _runs(lines: list[Line], plan_sha256: str) -> list[str]:
    """The ids of all runs begun under a plan, in that order."""
    return list(
        dict.fromkeys(
            line.run
            for line in lines
            if line.kind == "begun" and line.plan_sha256 == plan_sha256 and line.run
        )
    )


def _facts(
    folder: Path, manifest: Manifest, record: RunRecord, registration: Registration | None
) -> dict[str, Any]:
    plan = registration.plan if registration else None
    arms = load_arms(manifest.arms)
    return {
        "run": record.run,
        "folder": str(folder),
        "rehearsal": manifest.rehearsal,
        "plan": plan.name if plan else None,
        "plan_sha256": plan.sha256 if plan else None,
        "suites": manifest.suites,
        "models": {arm: each.model for arm, each in arms.compared.items()},
    }
