"""The terms of a verdict in sentences: its plan and attempt, until when it holds, what voids it before."""

from __future__ import annotations

from datetime import date

from analysis.numbers import ALPHA
from analysis.result import PlanUsed, Verdict
from suites.plan import moment


def sentences(verdict: Verdict, *, brief: bool = False) -> list[str]:
    """What a reader must know of plan and validity, one sentence each.

    With `brief` what voids the verdict is told without the values for which it holds.
    """
    told = [] if verdict.plan is None else _of_plan(verdict.plan)
    if verdict.plan is None and "release" in verdict.purpose:
        told.append(
            "No plan was registered before this run, so nobody knows how many attempts were made, and nothing"
            " is signed off: parity register."
        )
    if verdict.expires:
        day = date.fromisoformat(verdict.expires)
        why = f" ({verdict.expires_because})" if verdict.expires_because else ""
        told.append(f"This verdict expires on {day.day} {day:%B %Y}{why}.")
    if verdict.voided_by:
        facts = [_without_value(fact) if brief else fact for fact in verdict.voided_by]
        told.append(f"It is void as soon as one of these changes: {'; '.join(facts)}.")
    return told


def _without_value(fact: str) -> str:
    return fact.partition(" (")[0]


def _of_plan(plan: PlanUsed) -> list[str]:
    of = f" of {plan.attempts}" if plan.attempts else ""
    commit = f"commit {plan.commit[:12]}" if plan.commit else "in no commit"
    said = (
        f"Attempt {plan.attempt}{of} of plan {plan.name} (owner {plan.owner}, registered"
        f" {moment(plan.registered_at)}, {commit})"
    )
    if plan.alpha == 0:
        said += ": the registered attempts are used up, so nothing can be signed off"
    elif plan.alpha < ALPHA:
        said += f": it may use {plan.alpha:.2g} of the {ALPHA:g} chance of a false sign-off that all share"
    told = [f"{said}."]
    if plan.exploratory:
        told.append(f"Exploratory: {plan.exploratory}. Nothing is signed off by it.")
    if plan.wider:
        told.append(f"By the plan a critical stratum may lose more than the whole, because: {plan.wider}")
    return told
