"""Whether nights are run at all: asked by a second, dumb scheduler, from the nights' folders alone."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import date, datetime, timedelta

from parity.nights import result as results
from parity.nights.config import NightlyConfig
from parity.nights.result import NightResult
from suites.errors import RegistrationError


@dataclass(frozen=True)
class Beat:
    """What a look at the folders found."""

    alive: bool
    told: str
    night: str | None = None
    """The latest night that finished, or the one that was asked for."""
    exit_code: int | None = None
    """What that night ended with."""

    def as_dict(self) -> dict[str, str | int | bool | None]:
        """For JSON."""
        return asdict(self)


def beat(config: NightlyConfig, night: date | None, *, now: datetime, within: timedelta) -> Beat:
    """Whether a night came to its end.

    Args:
        config: The job.
        night: Which night; None asks for any that ended lately.
        now: The time of the question.
        within: How long ago the latest night may have ended.
    """
    if night is not None:
        return _one(config, night)
    finished = [each for each in nights_of(config) if each.finished]
    if not finished:
        return Beat(False, f"{config.job}: no night ever finished in {config.out}. Is its scheduler running?")
    latest = max(finished, key=lambda each: each.ended or now)
    age = now - (latest.ended or now)
    facts = (latest.night.isoformat(), latest.exit_code)
    if age > within:
        return Beat(
            False,
            f"{config.job}: the latest night that finished, {latest.night}, ended {_hours(age)} hours ago;"
            f" at most {_hours(within)} are allowed. Is its scheduler running, and what does its log say?",
            *facts,
        )
    return Beat(True, f"{config.job}: the night {latest.night} finished {_hours(age)} hours ago.", *facts)


def _one(config: NightlyConfig, night: date) -> Beat:
    folder = config.folder(night)
    found = _read(config, night)
    if found is None:
        return Beat(False, f"{config.job}: the night {night} never ran: there is no {folder}.", str(night))
    if not found.finished:
        return Beat(
            False,
            f"{config.job}: the night {night} did not finish. {found.headline}",
            str(night),
            found.exit_code,
        )
    return Beat(True, f"{config.job}: the night {night} finished.", str(night), found.exit_code)


def nights_of(config: NightlyConfig) -> list[NightResult]:
    """The nights that have a result in their folder, oldest first."""
    names = sorted(each.name for each in config.out.iterdir() if each.is_dir()) if config.out.is_dir() else []
    dates = [date.fromisoformat(name) for name in names if _is_date(name)]
    return [found for each in dates if (found := _read(config, each)) is not None]


def _read(config: NightlyConfig, night: date) -> NightResult | None:
    try:
        return results.read(config.folder(night))
    except RegistrationError:
        return None


def _is_date(name: str) -> bool:
    try:
        date.fromisoformat(name)
    except ValueError:
        return False
    return True


def _hours(span: timedelta) -> str:
    return f"{span.total_seconds() / 3600:.1f}"
