"""The configuration of a nightly job: a closed schema, read and checked before anything is started."""

from __future__ import annotations

import os
from datetime import date
from pathlib import Path
from typing import Literal, Self

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator, model_validator

from analysis.errors import EvidenceError
from analysis.history import baselines
from analysis.history.alarms import Budget
from analysis.history.baselines import PinnedBaseline
from analysis.history.entries import ANCHOR
from analysis.history.store import sqlite_url
from suites.documents import read_yaml
from suites.errors import RegistrationError, malformed, unknown
from suites.suite import suite_names

HISTORY = "history.sqlite"
_ENVIRONMENT = "env:"


class _Closed(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class RehearsalArms(_Closed):
    """The local stand-in for Bedrock instead of AWS."""

    seed: int | Literal["night"] = "night"
    """Of the stand-in models; `night` takes another one every night, as real models answer anew."""
    plants: tuple[str, ...] = ()
    faults: Path | None = None

    @field_validator("plants")
    @classmethod
    def _known(cls, specs: tuple[str, ...]) -> tuple[str, ...]:
        from evals.rehearsal import faults

        faults.parse(specs)
        return specs

    def seed_of(self, night: date) -> int:
        """The seed of one night."""
        return night.toordinal() if self.seed == "night" else self.seed


class Budgets(_Closed):
    """What a night may take; what is not given is not limited."""

    minutes: float | None = Field(default=None, gt=0)
    """From the start of the command; then what runs is stopped, and the night is incomplete."""
    usd: float | None = Field(default=None, gt=0)
    """Then what runs is stopped, and the night is incomplete; one whose estimate is higher is not begun."""


class Alarms(_Closed):
    """How often an alarm may be false."""

    acute_per_year: float = Field(default=0.05, gt=0, lt=1)
    drift_years: float = Field(default=10, ge=1)
    tolerance: float = Field(default=0.0, ge=0, lt=1)
    """The loss that is no alarm, as a share of each metric's margin."""
    baseline_per_year: float = Field(default=0.05, gt=0, lt=1)
    anchor: int = Field(default=ANCHOR, ge=1)
    """Texts of each suite by which a change of the service's detectors is told."""

    @property
    def budget(self) -> Budget:
        """For the analysis."""
        return Budget(self.acute_per_year, self.drift_years, self.tolerance, self.baseline_per_year)


class NightlyConfig(_Closed):
    """Everything that is the same every night."""

    job: str = Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]{0,79}$")
    """The name under which the history keeps the nights."""
    rehearsal: RehearsalArms | None = None
    arms: str | None = None
    """An arms file for AWS; either this or `rehearsal`."""
    plan: Path | None = None
    """A plan that was registered for nights, which then says suites, epochs and `full`; None: under none."""
    suites: tuple[str, ...] = ()
    """None named: all, or those of the plan."""
    batches: Path | None = None
    full: bool = False
    limit: int | None = Field(default=None, ge=1)
    epochs: int = Field(default=1, ge=1)
    grader: str | None = None
    allow_partial: bool = False
    out: Path
    """The folder that holds a folder for each night."""
    history: str | None = None
    """A URL of SQLAlchemy, or `env:NAME` for one that stands in a variable; None: a file in `out`."""
    baseline: Path | None = None
    """The file of a pinned baseline; None: the arms are compared with each other alone."""
    budgets: Budgets = Budgets()
    alarms: Alarms = Alarms()
    heartbeat_hours: float = Field(default=36, gt=0)
    """How old the last finished night may be before `--check` fails."""
    report: bool = True
    """Write the pages and pictures of each night."""

    @field_validator("suites")
    @classmethod
    def _exist(cls, names: tuple[str, ...]) -> tuple[str, ...]:
        there = suite_names()
        for name in names:
            if name not in there:
                raise ValueError(str(unknown("suite", name, there)))
        return tuple(name for name in there if name in names)

    @model_validator(mode="after")
    def _whole(self) -> Self:
        if (self.rehearsal is None) == (self.arms is None):
            raise ValueError("give either `arms`, a file for AWS, or `rehearsal` (`rehearsal: {}` will do)")
        return self

    @property
    def chosen(self) -> tuple[str, ...]:
        """The suites of each night."""
        return self.suites or tuple(suite_names())

    @property
    def history_url(self) -> str:
        """Where the history is.

        Raises:
            RegistrationError: The variable that is named is not set.
        """
        if self.history is None:
            return sqlite_url(self.out / HISTORY)
        if not self.history.startswith(_ENVIRONMENT):
            return self.history
        name = self.history.removeprefix(_ENVIRONMENT)
        if not (url := os.environ.get(name)):
            raise RegistrationError(f"history is {self.history}, and the variable {name} is not set.")
        return url

    def folder(self, night: date) -> Path:
        """The folder of one night."""
        return self.out / night.isoformat()


def load_config(path: Path) -> NightlyConfig:
    """Read the configuration; relative paths in it start at its own folder.

    Raises:
        RegistrationError: There is no such file, it is no YAML, or it says what is not possible; with key,
            value and what is allowed.
    """
    try:
        document = read_yaml(path)
    except FileNotFoundError:
        raise RegistrationError(f"There is no configuration {path}.") from None
    try:
        config = NightlyConfig.model_validate(document)
    except ValidationError as error:
        raise malformed(path, error) from None
    return _placed(config, path.resolve().parent)


def pinned(config: NightlyConfig) -> PinnedBaseline | None:
    """The job's baseline; None where it has none.

    Raises:
        RegistrationError: There is no such file, or it is none.
    """
    if config.baseline is None:
        return None
    try:
        return baselines.read(config.baseline)
    except EvidenceError as error:
        raise RegistrationError(str(error)) from None


def _placed(config: NightlyConfig, folder: Path) -> NightlyConfig:
    here = {
        name: folder / there
        for name in ("out", "batches", "baseline", "plan")
        if (there := getattr(config, name)) is not None
    }
    if config.arms is not None and (folder / config.arms).is_file():
        here["arms"] = str(folder / config.arms)
    if config.rehearsal is not None and config.rehearsal.faults is not None:
        faults = folder / config.rehearsal.faults
        here["rehearsal"] = config.rehearsal.model_copy(update={"faults": faults})
    return config.model_copy(update=here)
