"""Options that several commands share, so that they read and behave the same everywhere."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from parity.manifest import FILE
from suites.errors import unknown
from suites.suite import suite_names

if TYPE_CHECKING:
    from parity.registration.freeze import Registration

Decorator = Callable[[Callable[..., Any]], Callable[..., Any]]

json_output: Decorator = click.option(
    "--json", "as_json", is_flag=True, help="Print the result as JSON on standard output, and nothing else."
)
allow_partial: Decorator = click.option(
    "--allow-partial",
    is_flag=True,
    help="Let a run of only some suites or cases reach parity. Without it, partial is inconclusive.",
)
suites: Decorator = click.option(
    "--suite",
    "suites",
    multiple=True,
    metavar="NAME",
    callback=lambda _ctx, _param, names: chosen_suites(names),
    help="Run only this suite; give it again for another. Default: all.",
)
limit: Decorator = click.option(
    "--limit",
    type=click.IntRange(min=1),
    help="Only the first N cases of each suite. Batches are ordered so that any prefix is balanced.",
)
batches: Decorator = click.option(
    "--batches",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    help="Folder of batches of your own, made by `parity batch import`. Default: the shipped ones.",
)
full: Decorator = click.option(
    "--full",
    is_flag=True,
    help="All cases of each batch. Default: the registered part of about a thousand, fair by category.",
)
epochs: Decorator = click.option(
    "--epochs", type=click.IntRange(min=1), default=1, show_default=True, help="Ask every case N times."
)
retry_missing: Decorator = click.option(
    "--retry-missing",
    is_flag=True,
    help="Ask again for the pairs that the finished run in --out left without an answer, as a recorded "
    "further attempt; the other options as before. What was answered is never asked again.",
)
out: Decorator = click.option(
    "--out",
    type=click.Path(file_okay=False, path_type=Path),
    help="The run's folder; an interrupted one is finished. Default: a new one under results/.",
)
seed: Decorator = click.option(
    "--seed", type=int, default=0, show_default=True, help="Of the stand-in models and plants."
)
plants: Decorator = click.option(
    "--plant",
    "plants",
    multiple=True,
    metavar="KIND=RATE[@after-proof]",
    callback=lambda _ctx, _param, specs: known_plants(specs),
    help="Break the candidate's guardrail on purpose on that fraction of calls: masking, blocking, "
    "overblock or inert; after-proof spares the canaries. May be given again.",
)
faults: Decorator = click.option(
    "--faults",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="Faults of the service, latency and how models are guarded, in YAML (docs/rehearsal.md).",
)
plan: Decorator = click.option(
    "--plan",
    "plan_file",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="Run under this registered plan (parity register), which says what is asked; the other options that "
    "say so need not be given.",
)
folder: Decorator = click.argument(
    "folder", metavar="DIR", type=click.Path(exists=True, file_okay=False, path_type=Path)
)


@dataclass(frozen=True)
class Asked:
    """What is asked, by a plan or by options."""

    registration: Registration | None
    suites: tuple[str, ...]
    full: bool
    epochs: int


def asked(
    plan_file: Path | None,
    *,
    arms: str,
    rehearsal: bool,
    suites: tuple[str, ...],
    batches: Path | None,
    full: bool,
    epochs: int,
) -> Asked:
    """What is asked: what the plan says where there is one, else what the options say.

    Raises:
        RegistrationError: The plan is not valid, or catalog, batches or arms are not what it froze.
        UsageError: An option says something else than the plan.
    """
    if plan_file is None:
        return Asked(None, suites, full, epochs)
    from parity.registration.freeze import hold, registration

    found = registration(plan_file)
    plan = found.plan
    others = {
        "--suite": suites not in (tuple(plan.suites), tuple(suite_names())),
        "--full": full and not plan.full,
        "--epochs": epochs not in (1, plan.epochs),
    }
    if named := [name for name, differs in others.items() if differs]:
        raise click.UsageError(f"{', '.join(named)} differs from the plan {plan.name}; leave it out.")
    hold(plan, suites=tuple(plan.suites), arms=arms, rehearsal=rehearsal, batches=batches)
    return Asked(found, tuple(plan.suites), plan.full, plan.epochs)


def require_folder(out: Path | None, *, retry_missing: bool) -> None:
    """Make sure that it is known whose missing pairs are meant.

    Raises:
        UsageError: No folder was named, or there is no run in it.
    """
    if not retry_missing:
        return
    if out is None:
        raise click.UsageError("--retry-missing needs --out DIR, the folder of a finished run.")
    if not (out / FILE).is_file():
        raise click.UsageError(
            f"{out} holds no run whose missing pairs could be asked again. "
            "Run the same without --retry-missing first."
        )


def known_plants(specs: tuple[str, ...]) -> tuple[str, ...]:
    """The plants as typed, once it is sure that the stand-in knows them.

    Raises:
        click.BadParameter: An unknown kind or an impossible rate.
    """
    if specs:
        from evals.rehearsal import faults

        try:
            faults.parse(specs)
        except ValueError as error:
            raise click.BadParameter(str(error), param_hint="--plant") from None
    return specs


def chosen_suites(names: tuple[str, ...]) -> tuple[str, ...]:
    """The suites to run, each once, in catalog order; all where none is named.

    Raises:
        RegistrationError: A name that the catalog does not have.
    """
    there = suite_names()
    for name in names:
        if name not in there:
            raise unknown("suite", name, there)
    return tuple(name for name in there if name in names) if names else tuple(there)
