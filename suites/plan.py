"""The plan of a comparison, frozen before it is run: what is asked, what may be lost, who answers for it.

A plan is a file with a digest over all that it says. It is committed, and a run that is started under it
carries the digest in every log.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping
from datetime import date, datetime
from pathlib import Path
from typing import Any, Literal, Protocol, Self

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, ValidationError, model_validator

from suites.errors import RegistrationError, malformed
from suites.metrics import MetricName
from suites.suite import Margin, Stratum, Suite

NAME = r"^[a-z0-9][a-z0-9._-]*$"


class _Closed(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class PlannedSuite(_Closed):
    """What of one suite decides a verdict."""

    version: str
    batch_sha256: str
    metrics: dict[MetricName, Margin]
    critical: tuple[Stratum, ...]
    icc_floor: float
    min_clusters: int


class PlannedArms(_Closed):
    """Which models are compared, and how they are reached."""

    file: str
    """The name or path that was given; what counts is the digest."""
    sha256: str
    """Of the arms file."""
    models: dict[str, str]
    """By arm."""
    routes: dict[str, str]


class Plan(_Closed):
    """Everything that is settled before the first sample."""

    schema_version: Literal[1] = 1
    name: str = Field(pattern=NAME)
    purpose: Literal["nightly", "release"]
    """`release` claims something of prompts like these, and spends its chance of a false sign-off over all
    attempts; `nightly` claims something of these prompts, and each night by itself."""
    owner: str = Field(min_length=3)
    reason: str = Field(min_length=10)
    """What is to be decided by it."""
    registered_at: AwareDatetime
    rehearsal: bool
    suites: dict[str, PlannedSuite] = Field(min_length=1)
    family_size: int
    critical_family_size: int
    arms: PlannedArms
    full: bool
    epochs: int = Field(ge=1)
    attempts: int | None = Field(default=None, ge=1)
    """How many attempts there may be; None leaves that open and spends ever less on each."""
    valid_days: int = Field(ge=1)
    """How long a verdict under this plan holds, unless something voids it."""
    wider: str | None = Field(default=None, min_length=10)
    """Why a critical stratum has a wider limit than the whole suite, where one has."""
    sha256: str = ""
    """Over everything else here."""

    @model_validator(mode="after")
    def _unchanged(self) -> Self:
        if self.sha256 and self.sha256 != digest(self):
            raise ValueError(
                f"sha256 is {self.sha256}, but what the plan says has {digest(self)}: it was changed after it"
                " was registered. Register another plan"
            )
        return self


def digest(plan: Plan) -> str:
    """sha256 over the plan without its own digest, as JSON with sorted keys."""
    document = plan.model_dump(mode="json", exclude={"sha256"})
    return hashlib.sha256(json.dumps(document, sort_keys=True, ensure_ascii=False).encode()).hexdigest()


def parse_plan(content: bytes, name: Path | str) -> Plan:
    """The plan in a file's content.

    Raises:
        RegistrationError: It is none, or not what its digest says.
    """
    try:
        plan = Plan.model_validate_json(content)
    except ValidationError as error:
        raise malformed(name, error) from None
    if not plan.sha256:
        raise RegistrationError(f"{name} has no sha256, so it was not registered. Use `parity register`.")
    return plan


def read_plan(path: Path) -> Plan:
    """Read a plan from its file.

    Raises:
        RegistrationError: There is none, or it is not what its digest says.
    """
    try:
        return parse_plan(path.read_bytes(), path)
    except OSError as error:
        raise RegistrationError(f"The plan {path} cannot be read: {error}") from None


def planned(suite: Suite, batch_sha256: str) -> PlannedSuite:
    """What a plan freezes of a suite."""
    return PlannedSuite(
        version=suite.version,
        batch_sha256=batch_sha256,
        metrics=suite.metrics,
        critical=suite.critical,
        icc_floor=suite.icc_floor,
        min_clusters=suite.min_clusters,
    )


class Limited(Protocol):
    """Whatever has limits: a suite, a plan's part, what a log registered."""

    @property
    def metrics(self) -> dict[MetricName, Margin]:
        """Over all cases."""

    @property
    def critical(self) -> tuple[Stratum, ...]:
        """Over strata."""


def limits(suite: Limited) -> Iterator[tuple[str, Margin]]:
    """All limits of a suite, each with its place: `exposure`, `cards.exposure`."""
    yield from suite.metrics.items()
    for stratum in suite.critical:
        for metric, margin in stratum.metrics.items():
            yield f"{stratum.name}.{metric}", margin


def wider_than_whole(suite: Limited) -> list[str]:
    """Places where a critical stratum, which harms more, may lose more than the suite as a whole."""
    return [
        f"{stratum.name}.{metric} ({margin.margin:g} against {suite.metrics[metric].margin:g})"
        for stratum in suite.critical
        for metric, margin in stratum.metrics.items()
        if metric in suite.metrics and margin.margin > suite.metrics[metric].margin
    ]


def unapproved(suite: Limited) -> list[str]:
    """Places of limits that nobody has approved, or for no definite time."""
    return [place for place, margin in limits(suite) if margin.approver is None or margin.expires is None]


def expired(suite: Limited, on: date) -> list[str]:
    """Places of limits that no longer hold on that day."""
    return [
        f"{place} (on {margin.expires}, owner {margin.owner})"
        for place, margin in limits(suite)
        if margin.expires is not None and margin.expires < on
    ]


def differences(was: Mapping[str, Any], now: Mapping[str, Any], place: str = "") -> list[str]:
    """Where two JSON objects differ, as `suites.pii.metrics.exposure.margin was 0.03, is now 0.05`."""
    found = []
    for key in sorted({*was, *now}):
        name = f"{place}.{key}" if place else key
        before, after = was.get(key), now.get(key)
        if isinstance(before, dict) and isinstance(after, dict):
            found += differences(before, after, name)
        elif before != after:
            found.append(f"{name} was {before!r}, is now {after!r}")
    return found


def moment(time: datetime) -> str:
    """A time for people, to the second."""
    return time.strftime("%Y-%m-%d %H:%M:%S %Z").strip()
