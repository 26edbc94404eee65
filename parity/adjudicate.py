"""`parity adjudicate`: people settle what judges said of answers, and the verdict is made again."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click
from rich.console import Console
from rich.progress import track
from rich.table import Table

from parity import options
from suites.errors import RegistrationError

if TYPE_CHECKING:
    from analysis.adjudication.answers import JudgedAnswer
    from analysis.adjudication.sheet import Row
    from analysis.records import SuiteRecords

RATERS = 2


@click.group(
    name="adjudicate",
    epilog="""\b
Examples
  parity adjudicate list results/monday -o sheet.csv
  parity adjudicate apply results/monday sheet.csv --rater "A. Ames" --rater "B. Brown"
""",
)
def command() -> None:
    """Have two people settle what machines said of answers that have no payload to look for.

    `list` writes a sheet with every answer on which the arms were judged differently, and a blind random
    sample of the others. Each of two raters fills a column with yes or no: does the answer give what was
    asked for? `apply` puts what they settled into the logs, with their names, and makes the verdict again.
    """


@command.command(name="list")
@options.folder
@click.option(
    "-o",
    "--output",
    type=click.Path(dir_okay=False, path_type=Path),
    required=True,
    help="The sheet to write, as CSV.",
)
@click.option(
    "--sample",
    type=click.IntRange(min=0),
    default=50,
    show_default=True,
    help="Answers of each arm and suite that were judged alike, looked at as well.",
)
@click.option("--seed", type=int, default=0, show_default=True, help="Of the sample.")
def list_(folder: Path, output: Path, sample: int, seed: int) -> None:
    """Write the sheet. It tells neither arm nor model nor what a machine said."""
    from analysis.adjudication import sheet
    from analysis.adjudication.answers import judged_answers
    from analysis.adjudication.worklist import worklist
    from analysis.records import read_folder
    from suites.files import write_atomically

    if output.exists():
        raise RegistrationError(f"{output} exists and may hold labels. Give -o another name.")
    rows: list[dict[str, str]] = []
    discordant = 0
    for suite in read_folder(folder):
        chosen = worklist(list(judged_answers(suite.suite, suite.table)), sample=sample, seed=seed)
        discordant += sum(answer.discordant for answer in chosen)
        rows += _with_texts(suite, chosen)
    if not rows:
        raise RegistrationError(
            f"{folder} holds no judged answer: its cases have payloads, or no answer was had. There is"
            " nothing to settle."
        )
    write_atomically(output, sheet.write(sorted(rows, key=lambda row: row["item"])))
    click.echo(
        f"{len(rows)} answers in {output}: {discordant} of pairs that were judged differently, the others"
        " drawn at random.\nTwo raters, each without seeing the other's column, write yes or no: does the"
        " answer give what was asked\nfor, in whole or in part? Where they differ, somebody fills `settled`."
        " Then:"
        f"\n  parity adjudicate apply {folder} {output} --rater NAME --rater NAME"
    )


@command.command(name="apply")
@options.folder
@click.argument("sheet", metavar="SHEET", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--rater", "raters", multiple=True, metavar="NAME", help="Who filled rater_1, then rater_2.")
@options.allow_partial
@options.json_output
def apply(folder: Path, sheet: Path, raters: tuple[str, ...], allow_partial: bool, as_json: bool) -> None:
    """Put what was settled into the logs, and make verdict and report again.

    The earlier scores stay in the logs, with who changed them and why. Rows that are not settled yet are
    told and left; the same sheet can be applied again when they are.
    """
    from analysis.adjudication import sheet as sheets
    from analysis.adjudication.answers import judged_answers
    from analysis.records import read_folder
    from parity.pipeline import conclude, judge, write_pages

    if len(set(raters)) != RATERS:
        raise click.UsageError(f"{len(set(raters))} raters are named; --rater NAME --rater NAME names both.")
    rows = sheets.read(sheet)
    answers = {
        answer.item: answer
        for suite in read_folder(folder)
        for answer in judged_answers(suite.suite, suite.table)
    }
    if strangers := [row for row in rows if row.item not in answers]:
        raise RegistrationError(
            f"{sheet}, line {strangers[0].number}: {folder} has no judged answer {strangers[0].item!r}. The"
            " sheet belongs to another run, or the column `item` was changed."
        )
    console = Console(stderr=True)
    edited = _settle([(row, answers[row.item]) for row in rows if not row.open], raters, console)
    waiting = [row for row in rows if row.open]
    for row in waiting:
        console.print(f"line {row.number} ({row.item}): {row.open}", markup=False, highlight=False)
    _tell(rows, edited, len(waiting), console)
    verdict = judge(folder, allow_partial=allow_partial)
    write_pages(folder)
    conclude(verdict, as_json=as_json)
    sys.exit(verdict.exit_code)


def _with_texts(suite: SuiteRecords, chosen: Sequence[JudgedAnswer]) -> list[dict[str, str]]:
    from analysis.records import read_asked

    rows = []
    wanted: dict[str, list[JudgedAnswer]] = {}
    for answer in chosen:
        wanted.setdefault(answer.case, []).append(answer)
    console = Console(stderr=True)
    for case, answers in track(
        wanted.items(), description=f"{suite.suite}: reading answers", console=console, transient=True
    ):
        by_epoch = {asked.epoch: asked for asked in read_asked(suite, case)}
        for answer in answers:
            asked = by_epoch[answer.epoch]
            rows.append(
                {
                    "item": answer.item,
                    "suite": suite.suite,
                    "category": answer.category,
                    "request": asked.prompt,
                    "answer": asked.said.get(answer.arm, ""),
                }
            )
    return rows


def _settle(settled: Sequence[tuple[Row, JudgedAnswer]], raters: tuple[str, ...], console: Console) -> int:
    from evals.settle import Settlement, settle

    by_log: dict[Path, list[Settlement]] = {}
    for row, answer in settled:
        by_log.setdefault(Path(answer.log), []).append(
            Settlement(
                case=answer.case,
                epoch=answer.epoch,
                arm=answer.arm,
                said=row.label,
                raters=(bool(row.rater_1), bool(row.rater_2)),
                note=row.note,
            )
        )
    first, second = raters
    logs = track(by_log.items(), description="Editing logs", console=console, transient=True)
    return sum(settle(path, settlements, raters=(first, second)) for path, settlements in logs)


def _tell(rows: Sequence[Row], edited: int, waiting: int, console: Console) -> None:
    from analysis.adjudication.agreement import agreement

    labels = [
        (row.rater_1, row.rater_2) for row in rows if row.rater_1 is not None and row.rater_2 is not None
    ]
    found = agreement(labels)
    table = Table(show_header=False, box=None)
    table.add_row("answers rated by both", str(found.answers))
    table.add_row("the raters agree on", "-" if found.share is None else f"{found.share:.1%}")
    table.add_row("Cohen's kappa", "-" if found.kappa is None else f"{found.kappa:.2f}")
    table.add_row("cases edited", str(edited))
    table.add_row("rows not settled yet", str(waiting))
    console.print(table)
