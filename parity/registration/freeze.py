"""Makes a plan of what the catalog, the batches and the arms file say now, and holds a later run to it."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Literal

from parity.registration.commits import Commit, registering_commit
from suites.arms import arms_file, load_arms
from suites.batch import DATASETS, batch_digest
from suites.errors import RegistrationError
from suites.plan import (
    Plan,
    PlannedArms,
    PlannedSuite,
    differences,
    digest,
    expired,
    planned,
    read_plan,
    unapproved,
    wider_than_whole,
)
from suites.registered import UnderPlan
from suites.suite import critical_family_size, family_size, load_suite

FOLDER = Path("results") / "plans"
VALID_DAYS = {"nightly": 7, "release": 90}
_NAMED = 3


@dataclass(frozen=True)
class Registration:
    """A plan with its file, and the commit that registered it."""

    plan: Plan
    file: Path
    commit: Commit | None

    def under(self, attempt: int, *, afterwards: bool = False) -> UnderPlan:
        """What a run under the plan registers.

        Args:
            attempt: Which attempt at the plan it is; 1 for the first.
            afterwards: The plan is laid over logs of a run that was not started under it.
        """
        plan = self.plan
        return UnderPlan(
            name=plan.name,
            sha256=plan.sha256,
            purpose=plan.purpose,
            owner=plan.owner,
            registered_at=plan.registered_at,
            commit=self.commit.id if self.commit else None,
            committed_at=self.commit.at if self.commit else None,
            attempt=attempt,
            attempts=plan.attempts,
            valid_days=plan.valid_days,
            suites=tuple(plan.suites),
            afterwards=afterwards,
            wider=plan.wider,
        )


def freeze(
    name: str,
    *,
    purpose: Literal["nightly", "release"],
    owner: str,
    reason: str,
    suites: Sequence[str],
    arms: str,
    full: bool,
    epochs: int,
    attempts: int | None,
    valid_days: int | None,
    wider: str | None,
    batches: Path | None = None,
) -> Plan:
    """The plan as things are now, with its digest.

    Raises:
        RegistrationError: A suite or the arms file is not valid, a limit is past its last day, a critical
            stratum may lose more than the whole without a reason, or a release against AWS rests on limits
            that nobody approved.
    """
    now = datetime.now(UTC).replace(microsecond=0)
    parts = _suites(suites, batches)
    of_arms, rehearsal = _arms(arms)
    _check(parts, purpose=purpose, rehearsal=rehearsal, wider=wider, now=now)
    plan = Plan(
        name=name,
        purpose=purpose,
        owner=owner,
        reason=reason,
        registered_at=now,
        rehearsal=rehearsal,
        suites=parts,
        family_size=family_size(),
        critical_family_size=critical_family_size(),
        arms=of_arms,
        full=full,
        epochs=epochs,
        attempts=attempts,
        valid_days=valid_days or VALID_DAYS[purpose],
        wider=wider,
    )
    return plan.model_copy(update={"sha256": digest(plan)})


def registration(file: Path) -> Registration:
    """A plan's file, with the commit that registered it.

    Raises:
        RegistrationError: It cannot be read, or is not what its digest says.
    """
    return Registration(read_plan(file), file, registering_commit(file))


def hold(plan: Plan, *, suites: Sequence[str], arms: str, rehearsal: bool, batches: Path | None) -> None:
    """Make sure that a run asks what the plan says.

    Raises:
        RegistrationError: It would ask something else, with what differs.
    """
    if rehearsal is not plan.rehearsal:
        command = "parity rehearse" if plan.rehearsal else "parity run"
        raise RegistrationError(f"The plan {plan.name} is for `{command}`.")
    was, now = _decisive(plan.suites, plan.arms), _decisive(_suites(suites, batches), _arms(arms)[0])
    was["family_size"], now["family_size"] = plan.family_size, family_size()
    was["critical_family_size"], now["critical_family_size"] = (
        plan.critical_family_size,
        critical_family_size(),
    )
    if changed := differences(was, now):
        shown = "; ".join(changed[:_NAMED]) + (
            f"; and {len(changed) - _NAMED} more" if len(changed) > _NAMED else ""
        )
        raise RegistrationError(
            f"This is not what the plan {plan.name} froze: {shown}. Put it back as it was, or register"
            " another plan with its own name: parity register."
        )


def _decisive(suites: Mapping[str, PlannedSuite], arms: PlannedArms) -> dict[str, Any]:
    return {
        "suites": {name: part.model_dump(mode="json") for name, part in suites.items()},
        "arms": arms.model_dump(mode="json", exclude={"file"}),
    }


def _suites(names: Sequence[str], batches: Path | None) -> dict[str, PlannedSuite]:
    return {name: planned(load_suite(name), batch_digest(name, batches or DATASETS)) for name in names}


def _arms(name: str) -> tuple[PlannedArms, bool]:
    file, arms = arms_file(name), load_arms(name)
    frozen = PlannedArms(
        file=name,
        sha256=hashlib.sha256(file.read_bytes()).hexdigest(),
        models={arm: each.model for arm, each in arms.compared.items()},
        routes={arm: each.route for arm, each in arms.compared.items()},
    )
    return frozen, arms.rehearsal


def _check(
    suites: Mapping[str, PlannedSuite], *, purpose: str, rehearsal: bool, wider: str | None, now: datetime
) -> None:
    late = _places(suites, lambda part: expired(part, now.date()))
    if late:
        raise RegistrationError(
            f"Past their last day: {_some(late)}. Their owners have to renew them in suites/catalog/."
        )
    broad = _places(suites, wider_than_whole)
    if broad and wider is None:
        raise RegistrationError(
            f"Critical strata harm more and may here lose more than the whole: {_some(broad)}. Tighten them"
            " in suites/catalog/ (parity plan tells the pairs that it takes), or say why not with --wider"
            " REASON, which the report prints."
        )
    if purpose == "release" and not rehearsal and (open_ := _places(suites, unapproved)):
        raise RegistrationError(
            f"Limits without an approver or a last day: {_some(open_)}. They are defaults of this project"
            " until your team approves them: fill in `approver` and `expires` in suites/catalog/."
        )


def _places(suites: Mapping[str, PlannedSuite], of: Callable[[PlannedSuite], list[str]]) -> list[str]:
    return [f"{name}.{place}" for name, part in suites.items() for place in of(part)]


def _some(places: Sequence[str]) -> str:
    more = len(places) - _NAMED
    return ", ".join(places[:_NAMED]) + (f" and {more} more" if more > 0 else "")
