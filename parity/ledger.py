"""`parity ledger`: which plans and runs there were, and whether the record of them is whole."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from analysis import wording
from analysis.result import EXIT_CODES
from parity import options

if TYPE_CHECKING:
    from parity.registration.ledger import Line


@click.group(name="ledger", invoke_without_command=True)
@options.json_output
@click.pass_context
def command(context: click.Context, as_json: bool) -> None:
    """Print the ledger: every plan that was registered, every run that was begun, and how it ended.

    It is the file that PARITY_LEDGER names, else results/ledger.jsonl of the current folder.
    """
    if context.invoked_subcommand is not None:
        return
    from parity.registration.ledger import Ledger

    lines = [line for line, _ in Ledger.here().lines()]
    if as_json:
        click.echo(json.dumps([line.model_dump(mode="json", exclude_none=True) for line in lines]))
        return
    for line in lines:
        click.echo(_written(line))


def _written(line: Line) -> str:
    plan = f"plan {line.plan}" + (f", attempt {line.attempt}" if line.attempt else "") if line.plan else ""
    ended = ""
    if line.kind == "ended":
        prefix = f"{wording.BANNER} " if line.rehearsal else ""
        ended = f"{prefix}{line.verdict or 'no verdict'} (exit {line.exit_code})"
    told = (plan, ended, line.why or "", line.folder or "")
    return (
        f"{line.number:>5}  {line.at:%Y-%m-%d %H:%M}  {line.kind:<8}  {(line.run or '')[:8]:<8}  "
        + "; ".join(each for each in told if each)
    ).rstrip()


@command.command(name="verify")
@click.argument("folders", metavar="[DIR]...", nargs=-1, type=click.Path(exists=True, path_type=Path))
def verify(folders: tuple[Path, ...]) -> None:
    """Check the whole chain, and that the line with which the run in each DIR was begun is still in it.

    Exit code 0 when all holds, 4 when something does not.
    """
    from parity.registration.ledger import Ledger, check, digest
    from parity.registration.runs import read_record

    ledger = Ledger.here()
    raw = ledger.raw()
    faults = list(check(raw))
    there = {digest(line) for line in raw}
    for folder in folders:
        record = read_record(folder)
        if record is None or record.line_sha256 is None:
            faults.append(f"{folder} was never entered in a ledger")
        elif record.line_sha256 not in there:
            faults.append(f"line {record.line}, with which {folder} was begun, is not there any more")
    for fault in faults:
        click.echo(f"{ledger.path}: {fault}.", err=True)
    if faults:
        sys.exit(EXIT_CODES["not_comparable"])
    head = digest(raw[-1]) if raw else "none"
    click.echo(f"{ledger.path}: {len(raw)} lines, a whole chain; the last has sha256 {head}.")
