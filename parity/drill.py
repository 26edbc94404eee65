"""`parity drill`: how often a run like this one would have noticed a regression of known size."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn
from rich.table import Table

from parity import options

if TYPE_CHECKING:
    from analysis.drill import Drill

RATES = "0.01,0.02,0.05,0.1"
KINDS = ("masking", "blocking", "overblock")


@click.command(
    name="drill",
    epilog="""\b
Examples
  parity drill results/monday                                    all kinds at 1, 2, 5 and 10 %
  parity drill results/monday --kind masking --rates 0.02 --repeats 100
  parity drill results/rehearsal --kind masking --live 2         and six rehearsals from end to end
""",
)
@options.folder
@click.option(
    "--kind",
    "kinds",
    multiple=True,
    type=click.Choice(KINDS),
    help="Masks undone, blocks removed, or blocks where nothing was found; give it again for another. "
    "Default: all three.",
)
@click.option(
    "--rates",
    default=RATES,
    show_default=True,
    metavar="R,R,...",
    callback=lambda _ctx, _param, text: _rates(text),
    help="Shares of the answers concerned that the fault strikes, as fractions.",
)
@click.option(
    "--repeats", type=click.IntRange(min=1), default=20, show_default=True, help="Per kind and rate."
)
@click.option("--seed", type=int, default=1, show_default=True, help="Of what is struck.")
@click.option(
    "--live",
    type=click.IntRange(min=0),
    default=0,
    show_default=True,
    help="Of a rehearsal: also so many undisturbed runs from end to end, and as many of each kind at the "
    "lowest and at the highest rate, to be held against the replay.",
)
@options.json_output
def command(
    folder: Path,
    kinds: tuple[str, ...],
    rates: tuple[float, ...],
    repeats: int,
    seed: int,
    live: int,
    as_json: bool,
) -> None:
    """Plant regressions of known size in the answers of the finished run in DIR; how often is it noticed?

    The candidate's recorded answers are changed on our side of the service, so that it works for any run
    and asks nobody anything; scoring and comparison are the real ones. DIR/drill gets drill.json and a
    curve. The run's own files are not touched. A drill that was interrupted is finished by the same command.
    """
    from analysis.drill import FILE, FOLDER, write
    from analysis.records import read_folder
    from parity.drilling import Replay, begin
    from parity.end_to_end import from_end_to_end, undisturbed

    console = Console(stderr=True)
    home = folder / FOLDER
    if live:
        undisturbed(folder)
    suites = read_folder(folder)
    result = begin(suites, home, seed=seed)
    chosen = [kind for kind in KINDS if not kinds or kind in kinds]
    with _progress(console) as progress:
        replay = Replay(suites, repeats=repeats, seed=seed, progress=progress)
        for further in replay.points(result, chosen, rates):
            result = further
            write(result, home)
        result = replay.exchanged(result)
    write(result, home)
    if live:
        ends = sorted({min(rates), max(rates)})
        result = from_end_to_end(result, folder, kinds=chosen, rates=ends, runs=live, console=console)
        write(result, home)
    picture = _draw(result, home)
    if as_json:
        click.echo(result.model_dump_json(indent=2, by_alias=True))
        return
    _print(result)
    click.echo(f"Drill: {home / FILE}\nPicture: {picture}")


def _rates(text: str) -> tuple[float, ...]:
    try:
        rates = tuple(dict.fromkeys(float(part) for part in text.split(",")))
    except ValueError:
        raise click.BadParameter(
            f"{text!r}: give fractions with commas between them, such as {RATES}."
        ) from None
    if wrong := [rate for rate in rates if not 0 < rate <= 1]:
        raise click.BadParameter(f"{wrong[0]:g} is no fraction in (0, 1]; 2 % is 0.02.")
    return tuple(sorted(rates))


def _progress(console: Console) -> Progress:
    return Progress(
        TextColumn("{task.description:<20}"),
        BarColumn(bar_width=32),
        MofNCompleteColumn(),
        TimeRemainingColumn(),
        console=console,
    )


def _draw(result: Drill, home: Path) -> Path:
    from analysis.plots import drill, style

    path = home / "drill.png"
    path.write_bytes(style.png(drill.draw(result), title="What a run like this notices"))
    return path


def _print(result: Drill) -> None:
    from analysis import wording
    from analysis.drill import TITLES, sentences

    if result.rehearsal:
        click.echo(wording.BANNER)
    table = Table(box=None, pad_edge=False)
    for heading in ("planted", "share", "answers changed", "noticed", "95 %", "not signed off", ""):
        table.add_column(heading, justify="left" if heading in {"planted", ""} else "right")
    for point in result.points:
        noticed = point.noticed
        table.add_row(
            TITLES[point.kind],
            f"{point.rate:.1%}",
            "" if point.struck is None else f"{point.struck:.1f}",
            f"{noticed.found}/{noticed.of}",
            f"{noticed.low:.0%} to {noticed.high:.0%}",
            f"{point.unsigned.found}/{point.unsigned.of}",
            "" if point.replayed else "from end to end",
        )
    Console().print(table)
    if result.agreement:
        Console().print(_beside(result))
    for sentence in sentences(result):
        click.echo(sentence)


def _beside(result: Drill) -> Table:
    """What runs from end to end came to, beside what the replay of the same runs lets expect."""
    from analysis.drill import TITLES

    table = Table(box=None, pad_edge=False)
    for heading in ("from end to end", "share", "", "undisturbed", "by the replay", "found", "p"):
        words = heading in {"from end to end", ""}
        table.add_column(heading, justify="left" if words else "right")
    for each in result.agreement:
        rows = [("answers struck", 0, each.concerned * each.rate, each.struck, each.p_struck)]
        rows += [
            (f"{one.suite} {one.metric}", one.undisturbed, one.expected, one.found, one.p)
            for one in each.counts
            if one.gained or one.lost or one.found != one.undisturbed
        ]
        for what, undisturbed, expected, found, p in rows:
            table.add_row(
                TITLES[each.kind],
                f"{each.rate:.1%}",
                what,
                str(undisturbed),
                f"{expected:.1f}",
                str(found),
                f"{p:.3f}",
            )
    return table
