"""`parity guardrails deploy`: the suites' policies become numbered versions."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
from rich.console import Console
from rich.table import Table

from parity import options
from parity.guardrails import places, saying
from suites.arms import Guardrails
from suites.case import CUTS, Cut
from suites.errors import RegistrationError
from suites.suite import load_suite

if TYPE_CHECKING:
    from evals.bedrock.deployment import Deployment

    Made = dict[str, dict[Cut, Deployment]]
    """By suite and cut."""

_MADE = {"guardrail": "created", "version": "a new version", "nothing": "unchanged: nothing was made"}


@click.command(name="deploy")
@options.suites
@places.cuts
@places.arms
@places.region
@places.endpoint
@click.option("--write", "into_file", is_flag=True, help="Put ids, versions and digests into the arms FILE.")
@options.json_output
@places.telling
def command(
    suites: tuple[str, ...],
    cuts: tuple[Cut, ...],
    arms: str | None,
    region: str | None,
    endpoint_url: str | None,
    into_file: bool,
    as_json: bool,
) -> None:
    """Deploy the suites' policies as numbered versions; one that is there already is used again.

    What is made carries the tag `guardrail-parity`, and those of the policy.
    """
    from evals.bedrock.deployment import deploy
    from parity.guardrails.writing import block, write

    meant = places.spots(arms, region)
    file = _to_write(arms, meant, suites, cuts) if into_file else None
    if one := next((spot.guardrail for spot in meant if spot.guardrail), None):
        raise RegistrationError(
            f"{arms} names one guardrail for all suites ({one.id} version {one.version}). Remove `guardrail`"
            " from it to deploy the suites' own, or give --region."
        )
    rehearsal = places.is_rehearsal(endpoint_url, meant)
    console = Console(stderr=True)
    made: list[tuple[places.Spot, Made]] = []
    for spot in meant:
        with console.status(f"Deploying in {spot.region} ..."):
            of_spot = {
                suite: {
                    cut: deploy(load_suite(suite).policy, cut, endpoint_url=endpoint_url, region=spot.region)
                    for cut in cuts
                }
                for suite in suites
            }
        made.append((spot, of_spot))
    blocks = {spot.arm: _references(of_spot) for spot, of_spot in made}
    if file is not None:
        write(file, blocks)
    if as_json:
        saying.as_json(rehearsal, places=[_document(*each) for each in made])
        return
    saying.where(rehearsal, endpoint_url)
    for spot, of_spot in made:
        console.print(_table(spot, of_spot))
    if file is not None:
        console.print(f"Written into {file}. Next: parity guardrails diff --arms {arms}", highlight=False)
        return
    for arm, guardrails in blocks.items():
        if arm is not None:
            click.echo(f"# under `{arm}`, whose region is its own")
        click.echo(block(guardrails), nl=False)


def _to_write(
    arms: str | None, meant: Sequence[places.Spot], suites: tuple[str, ...], cuts: tuple[Cut, ...]
) -> Path:
    """The arms file, once it is sure that what is made can be written: all cuts of a suite, or none."""
    if arms is None:
        raise click.UsageError("--write needs --arms FILE, the file to write into.")
    file = places.own_file(arms)
    for spot in meant:
        for suite in suites:
            if lacking := [cut for cut in CUTS if cut not in cuts and spot.named(suite, cut) is None]:
                raise click.UsageError(
                    f"--write with --cut {', '.join(cuts)}: {file} lacks {', '.join(lacking)}"
                    f" of {suite}, while a suite needs all three there. Leave --cut out."
                )
    return file


def _references(made: Made) -> Guardrails:
    return {
        suite: {
            cut: each.reference.model_copy(update={"digest": each.guardrail.digest})
            for cut, each in cuts.items()
        }
        for suite, cuts in made.items()
    }


def _document(spot: places.Spot, made: Made) -> dict[str, Any]:
    return {
        "region": spot.region,
        "arm": spot.arm,
        "guardrails": {
            suite: {
                cut: {
                    "name": each.name,
                    **each.guardrail.model_dump(exclude={"configuration"}),
                    "made": each.made,
                }
                for cut, each in cuts.items()
            }
            for suite, cuts in made.items()
        },
    }


def _table(spot: places.Spot, made: Made) -> Table:
    table = Table(title=f"Guardrails in {spot.region}", title_justify="left", box=None)
    for title in ("name", "id", "version", "digest", ""):
        table.add_column(title)
    for cuts in made.values():
        for each in cuts.values():
            facts = each.guardrail
            table.add_row(each.name, facts.id, facts.version, facts.digest[:12], _MADE[each.made])
    return table
