"""`parity run`: the whole comparison against AWS."""

from __future__ import annotations

import json
import os
import sys
from datetime import datetime
from pathlib import Path

import click
from rich.console import Console
from rich.table import Table

from analysis.result import EXIT_CODES
from parity import options
from parity.estimate import Estimate, estimate
from parity.existing import Existing, existing
from parity.guardrails.places import ENDPOINT
from parity.manifest import FILE as MANIFEST
from parity.purse import Purse
from suites.arms import Arms, load_arms
from suites.errors import RegistrationError
from suites.suite import load_suite


@click.command(
    name="run",
    epilog="""\b
Examples
  parity run --arms suites/arms/bedrock.yaml --estimate      what it would cost; spends nothing
  parity run --arms suites/arms/bedrock.yaml --max-cost 50 --out results/monday
""",
)
@click.option("--arms", required=True, metavar="FILE", help="The arms file: models, parameters, guardrails.")
@options.out
@options.plan
@options.suites
@options.batches
@options.full
@options.limit
@options.epochs
@click.option(
    "--estimate", "only_estimate", is_flag=True, help="Print calls, tokens, price and minutes; stop."
)
@click.option(
    "--max-cost",
    type=click.FloatRange(min=0, min_open=True),
    metavar="USD",
    help="Stop before more than this is spent, and keep the finished cases. A new run whose estimate is "
    "higher is not begun.",
)
@click.option(
    "--grader",
    metavar="MODEL",
    help="An Inspect model of a third family that judges answers to cases without a payload, blind to "
    "the arm. Default: the local judge alone.",
)
@options.retry_missing
@options.allow_partial
@options.json_output
def command(
    arms: str,
    out: Path | None,
    plan_file: Path | None,
    suites: tuple[str, ...],
    batches: Path | None,
    full: bool,
    limit: int | None,
    epochs: int,
    only_estimate: bool,
    max_cost: float | None,
    grader: str | None,
    retry_missing: bool,
    allow_partial: bool,
    as_json: bool,
) -> None:
    """Run the suites through both models behind your deployed guardrails, compare, write the report.

    The arms file names the guardrail, by id and numbered version, for each suite and cut. A run
    never creates or changes anything in your account. Credentials come as boto3 finds them.
    """
    options.require_folder(out, retry_missing=retry_missing)
    registered = load_arms(arms)
    if registered.rehearsal:
        raise RegistrationError(f"{arms} is for rehearsals. Use `parity rehearse`, or arms for AWS.")
    asked = options.asked(
        plan_file, arms=arms, rehearsal=False, suites=suites, batches=batches, full=full, epochs=epochs
    )
    suites, full, epochs = asked.suites, asked.full, asked.epochs
    used = existing(registered, endpoint_url=os.environ.get(ENDPOINT) or None)
    expected = estimate(
        suites, arms=registered, epochs=epochs, limit=limit, full=full, batches=batches, used=used
    )
    if only_estimate:
        _print(expected, used, as_json=as_json)
        return
    if max_cost is not None and expected.usd > max_cost and not _begun(out):
        raise RegistrationError(
            f"The estimate is {expected.usd:.2f} USD, over --max-cost {max_cost:.2f}. "
            "Raise it, or take fewer cases (--limit), suites (--suite) or epochs."
        )
    _require_credentials(registered)
    _require_guardrails(arms, registered, suites)
    _tell_rates(registered, suites)
    from parity.pipeline import execute, plan

    manifest = plan(
        rehearsal=False,
        suites=suites,
        arms=arms,
        batches=batches,
        full=full,
        limit=limit,
        epochs=epochs,
        grader=grader,
        registration=asked.registration,
    )
    folder = out or Path("results") / f"run-{datetime.now():%Y%m%d-%H%M%S}"  # noqa: DTZ005 - local time, for a person's eye
    sys.exit(
        execute(
            manifest,
            out=folder,
            endpoint_url=None,
            registration=asked.registration,
            retry_missing=retry_missing,
            allow_partial=allow_partial,
            as_json=as_json,
            purse=None if max_cost is None else Purse.of(registered, max_cost),
        )
    )


def _begun(out: Path | None) -> bool:
    return out is not None and (out / MANIFEST).exists()


def _print(expected: Estimate, used: Existing | None, *, as_json: bool) -> None:
    if used and used.unread:
        click.echo(
            f"Guardrail {used.name} could not be read, so that cases it may have no rule for are counted too:"
            f" {used.unread}",
            err=True,
        )
    if as_json:
        click.echo(json.dumps(expected.as_dict()))
        return
    table = Table(show_header=False, box=None)
    for name, number in expected.as_dict().items():
        table.add_row(name.replace("_", " "), f"{number:,}" if isinstance(number, int | float) else number)
    Console().print(table)


def _require_guardrails(path: str, arms: Arms, suites: tuple[str, ...]) -> None:
    if arms.guardrail is not None:
        return
    if lacking := [suite for suite in suites if suite not in arms.guardrails]:
        raise RegistrationError(
            f"{path}: guardrails lacks {', '.join(lacking)}. Deploy them and have them put into the file by "
            f"`parity guardrails deploy --arms {path} --write`, or name one guardrail of your own, in a "
            'numbered version, for all suites: `guardrail: {id: ..., version: "1"}`.'
        )


def _tell_rates(arms: Arms, suites: tuple[str, ...]) -> None:
    """What was read of the account's quotas and what was not; each suite registers it for itself."""
    from evals.rates import rates, unlimited

    kinds = {kind for suite in suites for kind in load_suite(suite).policy.kinds}
    used = rates(arms, kinds, endpoint_url=os.environ.get(ENDPOINT) or None).used
    for each in used if arms.quotas.from_account else ():
        if each.per_second is not None:
            rate = f"{each.per_second:g} a second ({each.source}; {each.evidence})"
            click.echo(f"Rate of {each.name}: {rate}", err=True)
    for warning in unlimited(arms, used):
        click.echo(f"Warning: {warning}", err=True)


def _require_credentials(arms: Arms) -> None:
    from evals.bedrock.client import CredentialsMissing, require_credentials

    try:
        require_credentials(region=arms.region)
    except CredentialsMissing as error:
        click.echo(f"Error: {error}", err=True)
        sys.exit(EXIT_CODES[None])
