"""On what a verdict stands: the plan it was reached under, until when it holds, and what voids it before."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

import pandas as pd

from analysis import wording
from analysis.errors import EvidenceError
from analysis.numbers import ALPHA
from analysis.records import SuiteRecords
from analysis.result import PlanUsed
from analysis.stats.multiplicity import spent
from suites.outcomes import FACTS
from suites.plan import Plan, expired, limits, moment
from suites.registered import UnderPlan

VALID_DAYS: Mapping[str, int] = {"nightly": 7, "release": 90}
"""How long a verdict holds where no plan says so, by purpose."""


def began(suites: Sequence[SuiteRecords]) -> datetime:
    """When the first of the logs at hand was begun, which is before its first sample."""
    return min(_moment(log.created) for each in suites for log in (*each.logs, *each.superseded))


def plan_used(suites: Sequence[SuiteRecords]) -> PlanUsed | None:
    """The plan of a run and what this attempt at it may spend; None where it was started under none."""
    plan = suites[0].registered.plan
    if plan is None:
        return None
    alpha = spent(ALPHA, plan.attempt, attempts=plan.attempts) if plan.purpose == "release" else ALPHA
    return PlanUsed(
        **plan.model_dump(mode="json"), alpha=alpha, exploratory=_exploratory(plan, began(suites))
    )


def laid_over(suites: Sequence[SuiteRecords], plan: Plan, under: UnderPlan) -> list[SuiteRecords]:
    """The records of a run that was started under no plan, as if under `plan`: its limits and its purpose.

    Raises:
        EvidenceError: The logs are of another batch or version than the plan, or under a plan of their own.
    """
    return [_as_planned(each, plan, under) for each in suites]


def _as_planned(records: SuiteRecords, plan: Plan, under: UnderPlan) -> SuiteRecords:
    registered = records.registered
    if registered.plan is not None:
        raise EvidenceError(
            f"The logs of {records.suite} were made under the plan {registered.plan.name}; no other can be"
            " laid over them."
        )
    part = plan.suites.get(records.suite)
    if part is None:
        raise EvidenceError(f"The plan {plan.name} has no suite {records.suite}, of which there are logs.")
    for fact, was, now in (
        ("version", part.version, registered.suite_version),
        ("batch", part.batch_sha256, registered.batch_sha256),
        ("models", plan.arms.models, {arm: facts.get("model") for arm, facts in registered.arms.items()}),
    ):
        compared = (
            {arm: now.get(arm) for arm in was} if isinstance(was, dict) and isinstance(now, dict) else now
        )
        if was != compared:
            raise EvidenceError(
                f"The plan {plan.name} is for the {fact} {was} of {records.suite}; the logs have {compared}."
            )
    return replace(
        records,
        registered=registered.model_copy(
            update={
                "metrics": part.metrics,
                "critical": part.critical,
                "icc_floor": part.icc_floor,
                "min_clusters": part.min_clusters,
                "family_size": plan.family_size,
                "critical_family_size": plan.critical_family_size,
                "purpose": plan.purpose,
                "plan": under,
            }
        ),
    )


def _exploratory(plan: UnderPlan, first: datetime) -> str | None:
    """Why the run cannot confirm anything; None where its plan is older than its first sample."""
    if plan.afterwards and plan.registered_at <= first:
        return f"the run was not started under the plan {plan.name}, so that nobody knows which attempt it is"
    for when, what in ((plan.registered_at, "was registered"), (plan.committed_at, "was committed")):
        if when is not None and when > first:
            return (
                f"the plan {plan.name} {what} at {moment(when)}, after the first sample"
                f" ({moment(first)}): limits that were chosen after the answers were there prove nothing"
            )
    return None


@dataclass(frozen=True)
class Validity:
    """How long a verdict holds; see the members of `Verdict` of these names."""

    expires: str
    expires_because: str
    voided_by: list[str]
    detectors: dict[str, str | None]


def validity(suites: Sequence[SuiteRecords]) -> Validity:
    """Until when a verdict on these logs holds, and what voids it before."""
    registered = suites[0].registered
    first = began(suites).date()
    days = min(VALID_DAYS[each.registered.purpose] for each in suites)
    why = f"{days} days for a {registered.purpose} verdict"
    if registered.plan is not None:
        days = registered.plan.valid_days
        why = f"{days} days by the plan {registered.plan.name}"
    until = first + timedelta(days=days)
    for each in suites:
        for place, margin in limits(each.registered):
            if margin.expires is not None and margin.expires < until:
                until, why = margin.expires, f"the last day of the limit {each.suite}.{place}"
    detectors = {each.suite: _detectors(each.table) for each in suites}
    return Validity(until.isoformat(), why, _voided_by(suites, detectors), detectors)


def _voided_by(suites: Sequence[SuiteRecords], detectors: Mapping[str, str | None]) -> list[str]:
    arms = suites[0].registered.arms
    told = [
        f"the {arm}'s {fact} ({arms[arm][fact]})"
        for fact in ("model", "route")
        for arm in ("reference", "candidate")
        if fact in arms.get(arm, {})
    ]
    digests = [deployed.digest for each in suites for deployed in each.registered.guardrails.values()]
    told.append(f"a guardrail's configuration (sha256 over all: {_over(digests)})")
    answered = [digest for digest in detectors.values() if digest is not None]
    if answered:
        told.append(f"what the detectors answer to the same texts (sha256 over all: {_over(answered)})")
    return told


def _over(digests: Sequence[str]) -> str:
    return hashlib.sha256("".join(sorted(digests)).encode()).hexdigest()[:12]


def overdue(suite: SuiteRecords) -> str | None:
    """Why the suite's limits did not hold any more when it was run; None where they did."""
    on = min(_moment(log.created) for log in suite.logs).date()
    late = expired(suite.registered, on)
    if not late:
        return None
    were = "A limit was" if len(late) == 1 else f"{len(late)} limits were"
    return f"{were} past the last day when this was run: {wording.series(late)}. Its owner has to renew it."


def _detectors(table: pd.DataFrame) -> str | None:
    """A digest of what the guardrail alone did with each case; None where it was asked nothing.

    Only answers of the service count: a case without one says nothing about the detectors.
    """
    columns = ["case", "epoch", "control_outcome", *(f"control_{fact}" for fact in FACTS)]
    seen = table.loc[table["control_missing"].isna(), columns]
    if seen.empty:
        return None
    rows = seen.sort_values(["case", "epoch"]).astype(object).fillna("").astype(str).to_numpy().tolist()
    return hashlib.sha256(json.dumps(rows, ensure_ascii=False).encode()).hexdigest()


def _moment(iso: str) -> datetime:
    when = datetime.fromisoformat(iso)
    return when if when.tzinfo else when.replace(tzinfo=UTC)
