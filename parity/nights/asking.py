"""What a night asks, under which plan, at what price and of whom."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date
from pathlib import Path
from typing import Any

from rich.console import Console

from evals.bedrock.client import CredentialsMissing
from evals.rehearsal import child
from evals.rehearsal.errors import RehearsalError
from parity.estimate import estimate
from parity.existing import existing
from parity.manifest import Manifest
from parity.nights.config import NightlyConfig
from parity.nights.stopped import Stopped, configured
from parity.options import Asked
from parity.pipeline import plan, seek_causes
from parity.processes import SuiteOutcome
from parity.purse import Purse
from parity.registration.freeze import hold, registration
from suites.arms import load_arms
from suites.errors import RegistrationError

Runner = Callable[..., list[SuiteOutcome]]
"""`parity.processes.run_suites`, or another way to run the same suites."""


def asked(config: NightlyConfig) -> Asked:
    """What the job's plan says where it names one, else what the job says.

    Raises:
        RegistrationError: The plan is not valid or is for a release, the job says something else than the
            plan, or catalog, batches or arms are not what it froze.
    """
    if config.plan is None:
        return Asked(None, config.chosen, config.full, config.epochs)
    found = registration(config.plan)
    plan = found.plan
    if plan.purpose != "nightly":
        raise RegistrationError(
            f"The plan {plan.name} is for a {plan.purpose}: its attempts share one chance of a false sign-off"
            ", of which every night would take a part, so that soon nothing could be signed off under it."
            " Register a plan for the nights (parity register --purpose nightly), and decide the release by"
            " `parity run --plan`."
        )
    rehearsal = config.rehearsal is not None
    if rehearsal is not plan.rehearsal:
        raise RegistrationError(
            f"The plan {plan.name} is for {'the local stand-in' if plan.rehearsal else 'AWS'}, and the job"
            f" asks {'the local stand-in' if rehearsal else 'AWS'}. Name another plan, or"
            f" {'`rehearsal`' if plan.rehearsal else '`arms`'} as it says."
        )
    named = {"suites": config.suites, "full": config.full, "epochs": config.epochs}
    planned = {"suites": tuple(plan.suites), "full": plan.full, "epochs": plan.epochs}
    for key in sorted(config.model_fields_set & named.keys()):
        if named[key] != planned[key]:
            raise RegistrationError(
                f"{key} is {_shown(named[key])} in the job and {_shown(planned[key])} in the plan"
                f" {plan.name}. Leave {key} out of the job, or register another plan."
            )
    hold(
        plan,
        suites=tuple(plan.suites),
        arms=config.arms or "rehearsal",
        rehearsal=rehearsal,
        batches=config.batches,
    )
    return Asked(found, tuple(plan.suites), plan.full, plan.epochs)


def manifest(config: NightlyConfig, what: Asked, night: date) -> Manifest:
    """Everything that one night asks, read and checked.

    Raises:
        RegistrationError: A suite, its batch or the arms file is not what it should be.
    """
    rehearsal = config.rehearsal
    return plan(
        rehearsal=rehearsal is not None,
        suites=what.suites,
        arms=config.arms or "rehearsal",
        batches=config.batches,
        full=what.full,
        limit=config.limit,
        epochs=what.epochs,
        grader=config.grader,
        seed=rehearsal.seed_of(night) if rehearsal else None,
        plants=rehearsal.plants if rehearsal else (),
        faults=rehearsal.faults if rehearsal else None,
        registration=what.registration,
    )


def purse(config: NightlyConfig, what: Asked, *, anew: bool) -> Purse | None:
    """What the night may spend; None where nothing limits it. A night that cannot be paid is not begun.

    Raises:
        Stopped: The estimate of a night that begins `anew` is over the budget, or cannot be made.
    """
    if config.arms is None or config.budgets.usd is None:
        return None
    with configured():
        arms = load_arms(config.arms)
        expected = estimate(
            what.suites,
            arms=arms,
            epochs=what.epochs,
            limit=config.limit,
            full=what.full,
            batches=config.batches,
            used=existing(arms, endpoint_url=None),
        )
        found = Purse.of(arms, config.budgets.usd)
    if anew and expected.usd > config.budgets.usd:
        raise Stopped(
            "money",
            f"the estimate is {expected.usd:.2f} USD, over the budget of {config.budgets.usd:.2f}.",
            "Raise budgets.usd, or take fewer cases, suites or epochs.",
        )
    return found


def ask(
    config: NightlyConfig,
    begun: Manifest,
    folder: Path,
    *,
    runner: Runner,
    console: Console,
    **given: Any,
) -> Sequence[SuiteOutcome]:
    """Ask everything that is not answered yet, then seek the causes of differences.

    Args:
        config: The job.
        begun: What is asked.
        folder: The night's.
        runner: What runs the suites.
        console: For progress.
        **given: What else the runner is told: `plan`, `until`, `purse`.

    Raises:
        Stopped: There is nobody to ask.
    """
    given |= {"logs": folder / "logs", "retry_missing": False, "console": console}
    if config.rehearsal is None:
        with configured():
            _require_credentials(begun)
        outcomes = runner(begun, endpoint_url=None, **given)
        _seek_causes(config, folder, None, console)
        return outcomes
    try:
        bedrock = child.start(seed=begun.seed or 0, plants=begun.plants, faults=config.rehearsal.faults)
    except RehearsalError as error:
        raise Stopped("unfinished", f"the local Bedrock did not start ({error}).") from error
    with bedrock:
        outcomes = runner(begun, endpoint_url=bedrock.endpoint_url, **given)
        _seek_causes(config, folder, bedrock.endpoint_url, console)
    return outcomes


def _shown(value: object) -> str:
    return ", ".join(value) if isinstance(value, tuple) else str(value).lower()


def _seek_causes(config: NightlyConfig, folder: Path, endpoint_url: str | None, console: Console) -> None:
    """For the pages alone, so that nothing that goes wrong here ends a night."""
    if not config.report:
        return
    try:
        seek_causes(folder, endpoint_url=endpoint_url, console=console)
    except Exception as error:  # noqa: BLE001 - the causes stay unknown, and the report says so
        console.print(f"Why the arms differ stays unknown: {error}", markup=False, highlight=False)


def _require_credentials(begun: Manifest) -> None:
    from evals.bedrock.client import require_credentials

    try:
        require_credentials(region=load_arms(begun.arms).region)
    except CredentialsMissing as error:
        raise Stopped("credentials", str(error)) from error
