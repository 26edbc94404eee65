"""`parity compare`: the verdict from logs alone."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from parity import options


@click.command(name="compare")
@options.folder
@options.allow_partial
@options.json_output
def command(folder: Path, allow_partial: bool, as_json: bool) -> None:
    """Reach the verdict from the logs in DIR and write DIR/verdict.json.

    DIR is a run's folder, or any folder into which `inspect eval` wrote its logs. No model is asked
    anything; the same logs always give the same verdict.
    """
    from parity.pipeline import conclude, judge

    verdict = judge(folder, allow_partial=allow_partial)
    conclude(verdict, as_json=as_json)
    sys.exit(verdict.exit_code)
