"""What a night came to: the one thing that is said in the morning, and the file that keeps it."""

from __future__ import annotations

import json
from datetime import date, datetime
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict, ValidationError

from analysis.finding import VerdictName
from analysis.history.entries import Alarm, Change, NightRow
from suites.errors import RegistrationError, malformed
from suites.files import write_atomically

FILE = "night.json"

Cause = Literal[
    "running",
    "parity",
    "alarm",
    "unconfirmed",
    "not_shown",
    "not_comparable",
    "time",
    "money",
    "interrupted",
    "unfinished",
    "configuration",
    "credentials",
    "history",
    "report",
    "fault",
]
"""Why a night ended as it did:

running        it is on its way, or was killed
parity         protection shown, no alarm
alarm          an acute, drift or baseline alarm
unconfirmed    tonight by itself says worse, at a level that chance reaches about once a month; no alarm
not_shown      the comparison is inconclusive
not_comparable the guardrail was not proved to be there
time, money    a budget ended it
interrupted    it was stopped from outside
unfinished     a suite did not come to its end
credentials    AWS cannot be asked
configuration  something registered is not what it should be
history        the history could not be written
report         the report could not be written
fault          a fault of parity itself
"""


class _Closed(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class NightResult(_Closed):
    """One night, as told to people and machines."""

    schema_version: Literal[1] = 1
    job: str
    night: date
    folder: Path
    rehearsal: bool
    verdict: VerdictName | None
    """Alarms count; None where the night is not complete."""
    tonight: VerdictName | None = None
    """The comparison of this night by itself, as in `verdict.json`."""
    exit_code: int
    cause: Cause
    headline: str
    """One line: verdict, worst finding, what to do."""
    alarms: tuple[Alarm, ...] = ()
    changes: tuple[Change, ...] = ()
    attempt: int
    """How often the night was started, this time included."""
    began: datetime
    ended: datetime | None = None
    baseline: str | None = None
    """What the arms were compared with besides, its age, and until when it holds; or why they were not."""
    since_conclusive: int | None = None
    """Nights since the last one that came to parity or a regression, 0 if it is this one; None: never."""

    @property
    def finished(self) -> bool:
        """Whether the night has its verdict, so that starting it again asks nothing anew."""
        return self.verdict in {"parity", "regression", "inconclusive"} and self.ended is not None

    @property
    def row(self) -> NightRow:
        """For the history."""
        return NightRow(
            job=self.job,
            night=self.night,
            began=self.began,
            ended=self.ended,
            attempts=self.attempt,
            rehearsal=self.rehearsal,
            verdict=self.verdict,
            tonight=self.tonight,
            exit_code=self.exit_code,
            cause=self.cause,
            headline=self.headline,
            folder=str(self.folder),
        )


def write(result: NightResult) -> None:
    """Put the result into its night's folder, whole or not at all."""
    write_atomically(result.folder / FILE, result.model_dump_json(indent=2) + "\n")


def make_room(folder: Path) -> None:
    """Take the result of a start that did not even get to a plan out of a folder that holds nothing else."""
    path = folder / FILE
    if path.exists() and [each.name for each in folder.iterdir()] == [FILE]:
        path.unlink()


def read(folder: Path) -> NightResult | None:
    """The result in a night's folder; None where there is none yet.

    Raises:
        RegistrationError: The file is not what `write` wrote.
    """
    path = folder / FILE
    try:
        return NightResult.model_validate(json.loads(path.read_text(encoding="utf-8")))
    except FileNotFoundError:
        return None
    except ValidationError as error:
        raise malformed(path, error) from None
    except (OSError, ValueError) as error:
        raise RegistrationError(
            f"{path} cannot be read ({error}). Remove it: the night is then finished from its logs."
        ) from None
