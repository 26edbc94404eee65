"""`parity verify`: check an evidence pack."""

from __future__ import annotations

import hashlib
import json
import sys
from pathlib import Path

import click

from analysis.result import EXIT_CODES
from parity import options


@click.command(name="verify")
@click.argument("file", metavar="FILE.zip", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option(
    "--logs",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    help="The run's folder, where its logs were withheld: the tables are then held against them too.",
)
@options.json_output
def command(file: Path, logs: Path | None, as_json: bool) -> None:
    """Check every digest in the evidence pack FILE.zip, and make its verdict again from what it holds.

    Says which line of which file differs. Exit code 0 when all holds, 4 when anything does not. Whether the
    verdict itself is good news is another matter: it is printed.
    """
    from parity.pack.verify import verify

    checked = verify(file, logs)
    sha256 = hashlib.sha256(file.read_bytes()).hexdigest()
    verdict = checked.verdict
    headline = None if verdict is None else verdict.headline
    if as_json:
        document = {
            "file_sha256": sha256,
            "holds": not checked.faults,
            "faults": checked.faults,
            "withheld": checked.withheld,
            "made_again_from": checked.source,
            "headline": headline,
            "rehearsal": None if verdict is None else verdict.rehearsal,
        }
        click.echo(json.dumps(document, indent=2))
    else:
        click.echo(f"{file}: sha256 {sha256}")
        for each in checked.withheld:
            click.echo(f"Withheld: {each}")
        for fault in checked.faults:
            click.echo(f"Differs: {fault}.", err=True)
        if headline is not None:
            click.echo(f"Made again from {checked.source}: {headline}")
        if not checked.faults:
            click.echo("Every digest holds, and the verdict is the one in the pack.")
    sys.exit(EXIT_CODES["not_comparable"] if checked.faults else 0)
