"""`parity nightly`: a night that nobody watches."""

from __future__ import annotations

import sys
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import click

from analysis.result import EXIT_CODES


@click.command(
    name="nightly",
    epilog="""\b
Examples
  parity nightly --config nightly.yaml                       tonight; started again, it finishes what is left
  parity nightly --config nightly.yaml --night 2026-03-01    a night that was not finished
  parity nightly --config nightly.yaml --check               for a second scheduler: did a night finish?
""",
)
@click.option(
    "--config",
    "path",
    required=True,
    type=click.Path(path_type=Path),
    help="The job, in YAML (docs/nights.md).",
)
@click.option(
    "--night",
    type=click.DateTime(["%Y-%m-%d"]),
    help="The night by its date. Default: today's in UTC.",
)
@click.option(
    "--check",
    is_flag=True,
    help="Ask nothing; end with 0 if a night finished lately (with --night: that one), else with 5.",
)
@click.option(
    "--json", "as_json", is_flag=True, help="Print the result as JSON on standard output, and nothing else."
)
def command(path: Path, night: datetime | None, check: bool, as_json: bool) -> None:
    """Run the night's comparison, set it beside the nights before, and say one clear thing.

    One folder a night. Started again, a night is finished; one that has its verdict is told again, and
    nothing is asked anew. Exit 1 means an alarm, at a budget of false alarms for a whole year.
    """
    from rich.console import Console

    from parity.nights.config import load_config
    from parity.nights.lock import HeldError, held
    from parity.nights.night import run_night
    from parity.telling import tell_night

    config = load_config(path)
    tonight = night.date() if night else datetime.now(UTC).date()
    if check:
        sys.exit(_check(path, night.date() if night else None, as_json=as_json))
    try:
        with held(config.out):
            ended = run_night(config, tonight, console=Console(stderr=True))
    except HeldError as error:
        click.echo(f"Error: {error}", err=True)
        sys.exit(EXIT_CODES[None])
    for told in tell_night(ended):
        click.echo(told, err=True)
    click.echo(ended.model_dump_json(indent=2) if as_json else ended.headline)
    if not as_json and ended.tonight is not None:
        _table(ended.folder)
    sys.exit(ended.exit_code)


def _table(folder: Path) -> None:
    from rich.console import Console

    from analysis.result import Verdict
    from analysis.terminal import verdict_table

    Console().print(verdict_table(Verdict.model_validate_json((folder / "verdict.json").read_bytes())))
    click.echo(f"The night's folder: {folder}")


def _check(path: Path, night: date | None, *, as_json: bool) -> int:
    import json

    from parity.nights.config import load_config
    from parity.nights.heartbeat import beat
    from parity.telling import tell_silence

    config = load_config(path)
    found = beat(config, night, now=datetime.now(UTC), within=timedelta(hours=config.heartbeat_hours))
    click.echo(json.dumps(found.as_dict(), indent=2) if as_json else found.told)
    if not found.alive:
        for told in tell_silence(found.told, config.out):
            click.echo(told, err=True)
    return 0 if found.alive else EXIT_CODES[None]
