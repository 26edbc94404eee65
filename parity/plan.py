"""`parity plan`: the pairs that a margin needs, or the margin that a batch can show."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
from rich.console import Console
from rich.table import Table
from rich.text import Text

from parity import options
from suites.files import write_atomically

if TYPE_CHECKING:
    from analysis.plan import Answer, Question, Row

_SEEN = re.compile(r"(\d+(?:\.\d+)?)/(\d+(?:\.\d+)?)")
_PICTURES = (".png",)


@click.command(
    name="plan",
    epilog="""\b
Examples
  parity plan --margin 0.01 --discordance 0.004        how many pairs a margin of 10 per 1,000 needs
  parity plan --margin 0.01 --seen 3/400               the same, when 3 of 400 pairs disagreed so far
  parity plan --pairs 500 --seen 3/400 -o power.png    what 500 pairs can show, with a plot
  parity plan DIR                                      what a finished run's batches can show
""",
)
@click.argument(
    "folder", metavar="[DIR]", required=False, type=click.Path(exists=True, file_okay=False, path_type=Path)
)
@click.option("--margin", type=float, help="How much worse the candidate may be, as a fraction of pairs.")
@click.option("--pairs", type=click.IntRange(min=1), help="Pairs that the batch has.")
@click.option(
    "--discordance", type=float, help="How often equally good arms disagree, both ways together; a fraction."
)
@click.option(
    "--seen", metavar="M/N", help="Instead: M of N pairs disagreed so far. Their exact upper limit is used."
)
@click.option("--power", type=float, default=0.8, show_default=True, help="Chance with which it is shown.")
@click.option(
    "--family",
    type=click.IntRange(min=1),
    help="Claims corrected together, which makes a loss harder to show. Default: 1, or the run's.",
)
@click.option(
    "-o",
    "--output",
    "target",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Draw the chance of each verdict against the true difference into this .png file.",
)
@options.json_output
def command(
    folder: Path | None,
    margin: float | None,
    pairs: int | None,
    discordance: float | None,
    seen: str | None,
    power: float,
    family: int | None,
    target: Path | None,
    as_json: bool,
) -> None:
    """How many pairs show that the candidate is within a margin, or what a batch of pairs can show.

    All tables that the batch may give are enumerated, and judged by the very p-values of the verdict;
    no normal formula, which can ask for half of what is needed. Given DIR, every metric of that run is
    planned as if its batch were run again. Rates are fractions; pairs are those that give a metric the
    opportunity to fail.
    """
    if target is not None and target.suffix.lower() not in _PICTURES:
        raise click.UsageError(f"-o {target}: the picture's file must end in {' or '.join(_PICTURES)}.")
    typed = {"--margin": margin, "--pairs": pairs, "--discordance": discordance, "--seen": seen}
    given = [name for name, value in typed.items() if value is not None]
    try:
        if folder is not None:
            if given or family is not None:
                raise click.UsageError(
                    f"DIR already says it: leave out {', '.join(given or ['--family'])}, or leave out DIR."
                )
            _of_run(folder, power, target, as_json=as_json)
            return
        if margin is None and pairs is None:
            raise click.UsageError("Give --margin, or --pairs, or both; or the folder of a finished run.")
        _typed(margin, pairs, _discordance(discordance, seen), power, family or 1, target, as_json=as_json)
    except ValueError as error:
        raise click.UsageError(str(error)) from None


def _discordance(discordance: float | None, seen: str | None) -> float:
    from analysis.stats.power import discordance_upper

    if (discordance is None) == (seen is None):
        raise click.UsageError(
            "Say how often equally good arms disagree, in one way: --discordance 0.004, or --seen 3/400 "
            "for 3 of 400 pairs."
        )
    if seen is None:
        return float(discordance or 0.0)
    match = _SEEN.fullmatch(seen)
    if not match:
        raise click.UsageError(
            f"--seen {seen}: write the disagreeing pairs over all pairs, for example 3/400."
        )
    return discordance_upper(float(match[1]), float(match[2]))


def _typed(
    margin: float | None,
    pairs: int | None,
    discordance: float,
    power: float,
    family: int,
    target: Path | None,
    *,
    as_json: bool,
) -> None:
    from analysis.plan import Question, answer

    question = Question(discordance=discordance, margin=margin, pairs=pairs, power=power, family=family)
    with Console(stderr=True).status("Looking at every table ..."):
        found = answer(question)
        if target is not None:
            _draw([("", _complete(question, found))], target, rehearsal=False)
    if as_json:
        click.echo(json.dumps(_document(question, found)))
        return
    for sentence in _sentences(question, found):
        click.echo(sentence)
    if target is not None:
        click.echo(f"Picture: {target}")


def _of_run(folder: Path, power: float, target: Path | None, *, as_json: bool) -> None:
    from analysis.plan import of_run
    from analysis.report import read_verdict
    from analysis.wording import BANNER, BANNER_MEANING
    from parity.pipeline import judge

    if not (folder / "verdict.json").exists():
        judge(folder, allow_partial=False)
    verdict = read_verdict(folder)
    with Console(stderr=True).status("Looking at every table ..."):
        rows = list(of_run(verdict, power=power))
        if target is not None:
            panels = [(f"{row.suite}: {_title(row)}", row.question) for row in rows]
            _draw(panels, target, rehearsal=verdict.rehearsal)
    if as_json:
        plans = [
            {"suite": row.suite, "metric": row.metric, "discordant": row.discordant}
            | _document(row.question, row.answer)
            for row in rows
        ]
        click.echo(json.dumps({"rehearsal": verdict.rehearsal, "plans": plans}))
        return
    console = Console()
    if verdict.rehearsal:
        console.print(Text(f"{BANNER}  {BANNER_MEANING}", style="bold black on yellow"))
    console.print(_table(rows, power))
    if target is not None:
        click.echo(f"Picture: {target}")


def _sentences(question: Question, found: Answer) -> Iterator[str]:
    from analysis import wording
    from analysis.stats.power import MOST

    chance = f"with a chance of {question.power:.0%}"
    pairs = found.pairs_needed if question.pairs is None else question.pairs
    yield f"Equally good arms are taken to disagree on {wording.rate(question.discordance)} of 1,000 pairs."
    if question.margin is not None:
        limit = f"within {wording.plain(question.margin)} per 1,000"
        yield (
            f"No number of pairs up to {MOST:,} shows them to be {limit}, {chance}."
            if found.pairs_needed is None
            else f"{found.pairs_needed:,} pairs show them to be {limit}, {chance}."
        )
    if question.pairs is not None:
        shown = "no limit at all" if found.margin_shown is None else f"{_thousandths(found.margin_shown)}"
        yield f"The smallest limit that {pairs:,} pairs show, {chance}: {shown}."
    if question.pairs is not None and question.margin is not None:
        yield f"The chance that {pairs:,} pairs show them to be {limit}: {found.chance_shown:.0%}."
    if pairs is not None:
        caught = "none" if found.regression_caught is None else f"{_thousandths(found.regression_caught)}"
        yield f"The smallest true loss that {pairs:,} pairs call a regression, {chance}: {caught}."


def _thousandths(fraction: float) -> str:
    from analysis import wording

    return f"{wording.rate(fraction)} per 1,000"


def _table(rows: list[Row], power: float) -> Table:
    from analysis import wording

    table = Table(
        box=None,
        pad_edge=False,
        header_style="bold",
        caption="per 1,000 cases, if this batch is run again. Needed: pairs that show equally good arms to"
        f" be within the limit, with a chance of {power:.0%}. Caught: a true loss of this size is called a"
        " regression, with the same chance.",
        caption_justify="left",
    )
    for heading in ("suite", "failure"):
        table.add_column(heading)
    for heading in ("pairs", "disagree", "limit", "needed", "limit it\ncan show", "loss\ncaught"):
        table.add_column(heading, justify="right", no_wrap=True)
    for row in rows:
        table.add_row(
            row.suite,
            _title(row),
            wording.count(row.question.pairs or 0),
            wording.count(row.discordant),
            wording.plain(row.question.margin or 0.0),
            wording.DASH if row.answer.pairs_needed is None else wording.count(row.answer.pairs_needed),
            wording.rate(row.answer.margin_shown),
            wording.rate(row.answer.regression_caught),
        )
    return table


def _title(row: Row) -> str:
    from suites.metrics import METRICS

    return METRICS[row.metric].title


def _document(question: Question, found: Answer) -> dict[str, Any]:
    return {**asdict(question), **asdict(found)}


def _complete(question: Question, found: Answer) -> Question:
    """The question with what was not asked filled in from the answer."""
    from dataclasses import replace

    margin = found.margin_shown if question.margin is None else question.margin
    pairs = found.pairs_needed if question.pairs is None else question.pairs
    if margin is None or pairs is None:
        raise click.UsageError("There is nothing to draw: no batch within reason shows this margin.")
    return replace(question, margin=margin, pairs=pairs)


def _draw(panels: list[tuple[str, Question]], target: Path, *, rehearsal: bool) -> None:
    from analysis.plots import style
    from analysis.plots.power import Panel, draw
    from analysis.wording import BANNER

    drawn = draw([Panel(title, question) for title, question in panels], rehearsal=rehearsal)
    prefix = f"{BANNER}: " if rehearsal else ""
    content = style.png(drawn, title=f"{prefix}what the batch can show")
    write_atomically(target, content)
