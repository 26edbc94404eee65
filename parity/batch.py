"""`parity batch`: prompts of one's own, checked and brought into the schema of cases."""

from __future__ import annotations

import json
import sys
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click
from rich.console import Console
from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

from parity import options
from suites.importing.problems import ACCEPTABLE
from suites.suite import CATALOG, suite_names

if TYPE_CHECKING:
    from suites.importing.problems import Kind, Problem
    from suites.importing.reading import Reading

FAULTY = 2
"""Exit code of a batch that cannot be used, as of any file that is wrong."""
_SHOWN = 20
"""Problems of a kind that are written out one by one."""

accept = click.option(
    "--accept",
    "accepted",
    multiple=True,
    type=click.Choice(sorted(ACCEPTABLE)),
    help="Accept this kind of problem; it is declared in the card and in every report.",
)
catalog = click.option(
    "--catalog",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    default=CATALOG,
    help="Folder of suites; default: the shipped ones.",
)


@click.group(
    name="batch",
    epilog="""\b
Examples
  parity batch maps
  parity batch import prompts.csv --map my-map.yaml --out batches
  parity batch import hub:owner/name --revision <commit> --split test --map hatecheck --out batches
  parity batch check batches/pii/cases.jsonl --suite pii
  parity rehearse --suite pii --batches batches --allow-partial
""",
)
def command() -> None:
    """Bring prompts of your own: from JSON Lines, JSON, CSV, or any Hugging Face data set.

    A map says which column becomes which field of a case; ready-made ones are listed by `maps`, and
    docs/own-prompts.md shows how to write one. Nothing is written unless the whole source is in order, or
    what is not was accepted by name.
    """


@command.command(name="maps")
@options.json_output
def maps(*, as_json: bool) -> None:
    """List the ready-made maps."""
    from suites.importing.maps import map_names, read_map

    known = [read_map(name) for name in map_names()]
    if as_json:
        click.echo(json.dumps([each.model_dump(mode="json") for each in known]))
        return
    for each in known:
        click.echo(f"{each.name:<20} {each.suite:<10} {each.source} ({each.licence})")


@command.command(name="check")
@click.argument("file", metavar="FILE", type=click.Path(exists=True, dir_okay=False))
@click.option("--suite", required=True, type=click.Choice(suite_names()), help="The suite it is for.")
@accept
@catalog
@options.json_output
def check(file: str, suite: str, accepted: tuple[str, ...], catalog: Path, *, as_json: bool) -> None:
    """Check a file of cases, one a line: fields, ids, offsets, twins, near-duplicates, personal data.

    Exit code 0 where it can be used, 2 where it cannot.
    """
    from suites.importing.reading import read_cases
    from suites.importing.tables import rows_of
    from suites.suite import load_suite

    policy = load_suite(suite, catalog).policy
    with _busy(f"Checking {file}"):
        reading = read_cases(policy, rows_of(file))
    sys.exit(_conclude(reading, accepted, as_json=as_json))


@command.command(name="import")
@click.argument("source", metavar="SOURCE")
@click.option("--map", "map_name", required=True, metavar="NAME|FILE", help="A ready-made map, or your own.")
@click.option(
    "--out", required=True, type=click.Path(file_okay=False, path_type=Path), help="Folder of your batches."
)
@click.option("--split", help="Of a data set that has several.")
@click.option("--revision", metavar="COMMIT", help="Of a data set on the hub: the full commit.")
@accept
@catalog
@options.json_output
def import_(
    source: str,
    map_name: str,
    out: Path,
    split: str | None,
    revision: str | None,
    accepted: tuple[str, ...],
    catalog: Path,
    *,
    as_json: bool,
) -> None:
    """Read SOURCE by a map and write it as a batch, whole or not at all.

    SOURCE is a .jsonl, .json or .csv file, a folder that Hugging Face `datasets` can open, or
    hub:<owner>/<name>. Exit code 0 when the batch was written, 2 when nothing was.
    """
    from suites.importing.maps import read_map
    from suites.importing.reading import read_source
    from suites.importing.tables import rows_of
    from suites.importing.writing import write_batch
    from suites.suite import load_suite

    plan = read_map(map_name)
    policy = load_suite(plan.suite, catalog).policy
    with _busy(f"Reading {source}"):
        reading = read_source(plan, policy, rows_of(source, split=split, revision=revision))
    code = _conclude(reading, accepted, as_json=as_json)
    if code == 0:
        kinds = Counter(problem.kind for problem in reading.problems)
        path = write_batch(out, plan, reading, dict(kinds))
        click.echo(f"{len(reading.cases):,} cases in {path}", err=as_json)
        if not as_json:
            click.echo(f"Try them: parity rehearse --suite {plan.suite} --batches {out} --allow-partial")
    sys.exit(code)


def _busy(what: str) -> Progress:
    bar = Progress(
        SpinnerColumn(), TextColumn("{task.description}"), TimeElapsedColumn(), console=Console(stderr=True),
        transient=True,
    )  # fmt: skip
    bar.add_task(what, total=None)
    return bar


def _conclude(reading: Reading, accepted: Sequence[str], *, as_json: bool) -> int:
    """Tell what was found; returns the exit code."""
    open_ = [problem for problem in reading.problems if problem.kind not in accepted]
    empty = not reading.cases and not open_
    if as_json:
        click.echo(json.dumps(_document(reading, open_)))
    else:
        _tell(reading, open_)
    if empty:
        click.echo("The source holds no case.", err=True)
    return FAULTY if open_ or empty else 0


def _document(reading: Reading, open_: Sequence[Problem]) -> dict[str, object]:
    return {
        "rows": reading.rows,
        "cases": len(reading.cases),
        "set_aside": dict(reading.aside),
        "accepted": len(reading.problems) - len(open_),
        "problems": [
            {"kind": each.kind, "row": each.row, "where": each.where, "reason": each.reason} for each in open_
        ],
    }


def _tell(reading: Reading, open_: Sequence[Problem]) -> None:
    click.echo(f"{reading.rows:,} rows read, {len(reading.cases):,} cases.")
    for reason, times in sorted(reading.aside.items()):
        click.echo(f"{times:,} rows set aside: {reason}.")
    taken = Counter(each.kind for each in reading.problems) - Counter(each.kind for each in open_)
    for kind, times in sorted(taken.items()):
        click.echo(f"{times:,} times accepted: {kind} ({ACCEPTABLE[kind]}).")
    if not open_:
        return
    by_kind: dict[Kind, list[Problem]] = {}
    for problem in open_:
        by_kind.setdefault(problem.kind, []).append(problem)
    for kind, problems in by_kind.items():
        for problem in problems[:_SHOWN]:
            click.echo(f"  {problem}", err=True)
        if (left := len(problems) - _SHOWN) > 0:
            click.echo(f"  ... and {left:,} more of {kind}", err=True)
    able = sorted(kind for kind in by_kind if kind in ACCEPTABLE)
    hint = f" To take it as it is: {' '.join(f'--accept {kind}' for kind in able)}." if able else ""
    click.echo(f"{len(open_):,} problems; nothing was written. Mend the source or the map.{hint}", err=True)
