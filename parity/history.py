"""`parity history`: what a job's nights show together."""

from __future__ import annotations

import sys
from datetime import UTC, date, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from analysis.result import EXIT_CODES
from parity import options

if TYPE_CHECKING:
    from analysis.history.overview import Overview

config: options.Decorator = click.option(
    "--config",
    "path",
    required=True,
    type=click.Path(path_type=Path),
    help="The job, as of `parity nightly`.",
)


@click.group(name="history", invoke_without_command=True)
@config
@click.option(
    "-o",
    "--output",
    "outputs",
    multiple=True,
    type=click.Path(dir_okay=False, path_type=Path),
    help="Write the trend as .html, .png or .svg; may be given again.",
)
@options.json_output
@click.pass_context
def command(context: click.Context, path: Path, outputs: tuple[Path, ...], as_json: bool) -> None:
    """Tell of a job's nights: how many since the last conclusive one, alarms, breaks, unsettled cases.

    Ends with 0 whatever the nights were like, and with 5 where there was none.
    """
    context.obj = path
    if context.invoked_subcommand is not None:
        return
    from analysis.history.overview import overview
    from analysis.history.page import write
    from analysis.history.store import History
    from parity.nights.config import load_config

    job = load_config(path)
    with History(job.history_url) as history:
        found = overview(history, job.job, today=datetime.now(UTC).date())
    if found is None:
        click.echo(f"{job.job}: the history holds no night yet.", err=True)
        sys.exit(EXIT_CODES[None])
    for output in outputs:
        write(found, output)
    if as_json:
        click.echo(found.model_dump_json(indent=2))
        return
    _print(found)
    for output in outputs:
        click.echo(f"Trend: {output}")


@command.command(name="rebuild")
@click.pass_obj
def rebuild(path: Path) -> None:
    """Make the history anew from the nights' folders, oldest first; the same logs give the same history.

    Nights whose logs are gone are kept as they are.
    """
    from rich.console import Console

    from parity.nights.config import load_config
    from parity.nights.lock import held
    from parity.nights.rebuild import rebuild as make

    job = load_config(path)
    with held(job.out):
        made = make(job, console=Console(stderr=True))
    click.echo(f"{job.job}: {made} nights were made again from their logs.")


@command.command(name="acknowledge")
@click.option("--by", "who", required=True, metavar="NAME", help="Who has taken note.")
@click.option("--reason", required=True, metavar="TEXT", help="What came of it.")
@click.option(
    "--night", type=click.DateTime(["%Y-%m-%d"]), help="Up to which night. Default: the latest there is."
)
@click.pass_obj
def acknowledge(path: Path, who: str, reason: str, night: datetime | None) -> None:
    """Take note of the drift alarms that stand, so that later nights do not raise them again."""
    from analysis.history.store import History
    from parity.nights.config import load_config

    job = load_config(path)
    with History(job.history_url) as history:
        nights = history.nights(job.job)
        if not nights:
            click.echo(f"{job.job}: the history holds no night yet.", err=True)
            sys.exit(EXIT_CODES[None])
        until: date = night.date() if night else nights[-1].night
        history.acknowledge(job.job, until, who=who, reason=reason)
    click.echo(f"{job.job}: alarms up to the night {until} are acknowledged by {who}.")


def _print(found: Overview) -> None:
    from collections import Counter

    from rich.console import Console

    from analysis import wording

    console = Console(highlight=False)
    if found.rehearsal:
        console.print(f"{wording.BANNER}  {wording.BANNER_MEANING}", style="bold black on yellow")
    first, last = found.marks[0].night, found.marks[-1].night
    console.print(f"{found.job}: {len(found.marks)} nights, {first} to {last}", style="bold")
    since = found.since_conclusive
    console.print(
        "No night has come to a conclusion yet."
        if since is None
        else f"Nights since the last conclusive one: {since}."
    )
    ended = Counter(mark.verdict or "incomplete" for mark in found.marks)
    told = ", ".join(f"{name.replace('_', ' ')} {times}" for name, times in ended.most_common())
    console.print(f"How they ended: {told}.")
    if found.never_ran:
        console.print(
            f"Never ran: {len(found.never_ran)} ({wording.series(map(str, found.never_ran[:5]))} ...)."
        )
    console.print(f"Latest: {found.headline}", markup=False)
    for alarm in found.alarms:
        console.print(f"▲ {alarm.kind} since {alarm.since}: {alarm.message}", style="bold red", markup=False)
    for event in found.events:
        console.print(f"{event.night}  {event.what} ({wording.series(event.suites)})", markup=False)
    if found.flaky:
        worst = ", ".join(f"{each.case} ({each.arm} {each.failed}/{each.nights})" for each in found.flaky[:5])
        console.print(f"Least settled cases: {worst}", markup=False)
