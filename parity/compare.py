"""`parity compare`: the verdict from logs alone."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from parity import options


@click.command(name="compare")
@options.folder
@click.option(
    "--plan",
    "plan_file",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="Judge logs of a run that was started under no plan by the limits of this one. The verdict is "
    "exploratory: it signs nothing off.",
)
@options.allow_partial
@options.json_output
def command(folder: Path, plan_file: Path | None, allow_partial: bool, as_json: bool) -> None:
    """Reach the verdict from the logs in DIR and write DIR/verdict.json.

    DIR is a run's folder, or any folder into which `inspect eval` wrote its logs. No model is asked
    anything; the same logs always give the same verdict.
    """
    from parity.pipeline import conclude, judge

    laid_over = None
    if plan_file is not None:
        from parity.registration.freeze import registration

        found = registration(plan_file)
        laid_over = found.plan, found.under(1, afterwards=True)
    verdict = judge(folder, allow_partial=allow_partial, laid_over=laid_over)
    conclude(verdict, as_json=as_json)
    sys.exit(verdict.exit_code)
