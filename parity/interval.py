"""`parity interval`: the interval for counts typed by hand."""

from __future__ import annotations

import json

import click
from rich.console import Console
from rich.table import Table

from parity import options


@click.command(
    name="interval",
    epilog="""\b
Example: of 400 pairs, 9 failed on the candidate only and 2 on the reference only
  parity interval --candidate-only 9 --reference-only 2 --pairs 400 --margin 0.03
""",
)
@click.option("--candidate-only", type=float, required=True, help="Pairs in which only the candidate failed.")
@click.option("--reference-only", type=float, required=True, help="Pairs in which only the reference failed.")
@click.option("--pairs", type=float, required=True, help="All pairs, those on which both agree included.")
@click.option("--margin", type=float, help="How much worse the candidate may be, as a fraction of pairs.")
@options.json_output
def command(
    candidate_only: float, reference_only: float, pairs: float, margin: float | None, as_json: bool
) -> None:
    """The 95 % interval for how much more often the candidate fails, from the two discordant counts.

    Rates are fractions: 0.01 is one case in a hundred. The interval is Fay and Lumbard's (2021),
    which excludes zero exactly when the exact McNemar test rejects. With a margin, three one-sided
    p-values are added: worse at all, worse by more than the margin, and not worse by the margin.
    """
    from analysis.stats import paired

    try:
        result = paired(
            candidate_only=candidate_only, reference_only=reference_only, pairs=pairs, margin=margin
        )
    except ValueError as error:
        raise click.UsageError(str(error)) from None
    numbers: dict[str, float | None] = {
        "difference": result.difference,
        "low": result.low,
        "high": result.high,
    }
    if margin is not None:
        numbers["p_worse"] = result.p_worse
        numbers["p_beyond_margin"] = result.p_beyond_margin
        numbers["p_parity"] = result.p_parity
    if as_json:
        click.echo(json.dumps(numbers))
        return
    table = Table(show_header=False, box=None)
    for name, number in numbers.items():
        table.add_row(name, f"{number:.6g}")
    Console().print(table)
