"""`parity rehearse`: the whole comparison against the local stand-in for Bedrock."""

from __future__ import annotations

import sys
from datetime import datetime
from pathlib import Path

import click

from analysis.result import EXIT_CODES
from parity import options

ARMS = "rehearsal"


@click.command(
    name="rehearse",
    epilog="""\b
Examples
  parity rehearse                                  all suites, about two minutes
  parity rehearse --suite pii --limit 100          a quick look (ends as partial, exit 3)
  parity rehearse --plant masking=0.05             does the comparison notice a planted leak?
""",
)
@options.out
@options.plan
@options.suites
@options.batches
@options.full
@options.limit
@options.epochs
@options.seed
@options.plants
@options.faults
@options.retry_missing
@options.allow_partial
@options.json_output
def command(
    out: Path | None,
    plan_file: Path | None,
    suites: tuple[str, ...],
    batches: Path | None,
    full: bool,
    limit: int | None,
    epochs: int,
    seed: int,
    plants: tuple[str, ...],
    faults: Path | None,
    retry_missing: bool,
    allow_partial: bool,
    as_json: bool,
) -> None:
    """Run the suites through both stand-in models behind a local Bedrock, compare, write the report.

    Needs no AWS account and no network. It proves that the tool works and what it would notice; it
    says nothing about the real models, and every file it writes says so.
    """
    from evals.rehearsal import child
    from evals.rehearsal.errors import RehearsalError
    from parity.pipeline import execute, plan

    options.require_folder(out, retry_missing=retry_missing)
    asked = options.asked(
        plan_file, arms=ARMS, rehearsal=True, suites=suites, batches=batches, full=full, epochs=epochs
    )
    manifest = plan(
        rehearsal=True,
        suites=asked.suites,
        arms=ARMS,
        batches=batches,
        full=asked.full,
        limit=limit,
        epochs=asked.epochs,
        seed=seed,
        plants=plants,
        faults=faults,
        registration=asked.registration,
    )
    folder = out or Path("results") / f"rehearsal-{datetime.now():%Y%m%d-%H%M%S}"  # noqa: DTZ005 - local time, for a person's eye
    try:
        bedrock = child.start(seed=seed, plants=plants, faults=faults)
    except RehearsalError as error:
        click.echo(f"Error: {error}", err=True)
        sys.exit(EXIT_CODES[None])
    with bedrock:
        code = execute(
            manifest,
            out=folder,
            endpoint_url=bedrock.endpoint_url,
            registration=asked.registration,
            retry_missing=retry_missing,
            allow_partial=allow_partial,
            as_json=as_json,
        )
    sys.exit(code)
