"""The terms of a verdict in sentences: its plan and attempt, until when it holds, what voids it before."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

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
        why = f" ({verdict.expires_because})" if verdict.expires_because else ""
        told.append(f"This verdict expires on {day(verdict.expires)}{why}.")
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
        share = f"{plan.alpha:.2g} of the {ALPHA:g} chance of a false sign-off"
        said += f": it may use {share} that all attempts share"
    told = [f"{said}."]
    if plan.exploratory:
        told.append(f"Exploratory: {plan.exploratory}. Nothing is signed off by it.")
    if plan.wider:
        told.append(
            f"By the plan a critical stratum may lose more than the whole, because: {plan.wider.rstrip('.')}."
        )
    return told


def approval(limit: Mapping[str, Any]) -> str:
    """Who approved a registered limit and until when it holds; that nobody did, where nobody did."""
    if not limit.get("approver"):
        return "Approved by nobody yet: a default of this project."
    until = f" until {day(limit['expires'])}" if limit.get("expires") else ", for no definite time"
    return f"Approved by {limit['approver']}{until}."


def day(iso: str) -> str:
    """An ISO date for people: `31 January 2026`."""
    found = date.fromisoformat(iso)
    return f"{found.day} {found:%B %Y}"
