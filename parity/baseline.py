"""`parity baseline`: pin a run that later nights are compared with, and see which are pinned."""

from __future__ import annotations

import json
import re
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import click

from parity import options

BASELINES = Path(__file__).resolve().parent.parent / "results" / "baselines"
HOLDS = timedelta(days=90)
LONGEST = timedelta(days=365)
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,79}")

place: options.Decorator = click.option(
    "--in",
    "place",
    type=click.Path(file_okay=False, path_type=Path),
    default=BASELINES,
    help="The folder of baselines. Default: results/baselines of the checkout.",
)


@click.group(name="baseline")
def command() -> None:
    """Runs that somebody has called good: each arm's later nights are compared with its own part."""


@command.command(name="pin")
@options.folder
@click.option("--reason", required=True, metavar="TEXT", help="Why this run is the one to compare with.")
@click.option("--by", "who", required=True, metavar="NAME", help="Who says so.")
@click.option("--expires", type=click.DateTime(["%Y-%m-%d"]), help="The last day. Default: in 90 days.")
@click.option("--name", metavar="NAME", help="Of the file. Default: the folder's name.")
@place
def pin(folder: Path, reason: str, who: str, expires: datetime | None, name: str | None, place: Path) -> None:
    """Pin the finished run in DIR. Ten epochs or more make a baseline whose own luck is small.

    The file is small and holds no text: commit it, so that a comparison can be made again.
    """
    from analysis.compare import conclude
    from analysis.history import baselines
    from analysis.history.entries import entries
    from analysis.records import read_folder
    from parity import manifest

    chosen = name or folder.resolve().name
    today = datetime.now(UTC).date()
    last = expires.date() if expires else today + HOLDS
    _check(chosen, today, last)
    suites = read_folder(folder)
    reached = conclude(suites, allow_partial=True)
    limit = manifest.read(folder).limit if (folder / manifest.FILE).is_file() else None
    made = baselines.pin(
        entries(suites, reached, limit=limit),
        name=chosen,
        by=who,
        reason=reason,
        pinned=today,
        expires=last,
        rehearsal=reached.rehearsal,
        verdict=reached.verdict or "none",
        logs=[log.path for suite in suites for log in suite.logs],
    )
    path = place / f"{chosen}.json"
    baselines.write(made, path)
    few = min(suite.epochs for suite in made.suites.values())
    if few < baselines.ENOUGH_EPOCHS:
        click.echo(
            f"Note: each case was asked {few} times. With {baselines.ENOUGH_EPOCHS} epochs or more smaller"
            " losses are seen, since the baseline's own luck weighs less.",
            err=True,
        )
    click.echo(
        f"Pinned until {last}: {path}. Commit it, and name it as `baseline` in the nightly configuration."
    )


@command.command(name="list")
@place
@options.json_output
def list_(place: Path, as_json: bool) -> None:
    """Show the pinned baselines with their age, who pinned them, why, and until when they hold."""
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    from analysis.history import baselines

    today = datetime.now(UTC).date()
    found = [baselines.read(path) for path in sorted(place.glob("*.json"))]
    if as_json:
        listed = [
            each.model_dump(mode="json", exclude={"suites"})
            | {
                "age_days": (today - each.pinned).days,
                "expired": today > each.expires,
                "suites": {name: {"cases": s.cases, "epochs": s.epochs} for name, s in each.suites.items()},
            }
            for each in found
        ]
        click.echo(json.dumps(listed, indent=2))
        return
    if not found:
        click.echo(f"{place} holds no baseline. Pin one: parity baseline pin DIR --by NAME --reason TEXT")
        return
    table = Table(box=None, pad_edge=False)
    for heading in ("baseline", "age", "until", "suites", "epochs", "by", "reason"):
        table.add_column(heading)
    for each in found:
        expired = today > each.expires
        table.add_row(
            Text(each.name + (" (rehearsal)" if each.rehearsal else "")),
            f"{(today - each.pinned).days} days",
            Text(f"{each.expires}{' expired' if expired else ''}", style="bold red" if expired else ""),
            ", ".join(each.suites),
            "/".join(str(suite.epochs) for suite in each.suites.values()),
            Text(each.by),
            Text(each.reason),
        )
    Console().print(table)


def _check(name: str, today: date, last: date) -> None:
    if not _NAME.fullmatch(name):
        raise click.BadParameter(
            f"{name!r}: letters, digits, dots, dashes and underscores.", param_hint="--name"
        )
    if not today <= last <= today + LONGEST:
        raise click.BadParameter(
            f"{last}: from today to {today + LONGEST}. A year's looks share one budget.",
            param_hint="--expires",
        )
