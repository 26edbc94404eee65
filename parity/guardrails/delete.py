"""`parity guardrails delete`: cleans up what deploy made, and nothing else."""

from __future__ import annotations

import sys
from dataclasses import asdict

import click

from analysis.result import EXIT_CODES
from parity import options
from parity.guardrails import places, saying
from suites.case import Cut
from suites.suite import load_suite

_UNFINISHED = EXIT_CODES[None]


@click.command(name="delete")
@options.suites
@places.cuts
@places.arms
@places.region
@places.endpoint
@click.option("--yes", is_flag=True, help="Do not ask.")
@options.json_output
@places.telling
def command(
    suites: tuple[str, ...],
    cuts: tuple[Cut, ...],
    arms: str | None,
    region: str | None,
    endpoint_url: str | None,
    yes: bool,
    as_json: bool,
) -> None:
    """Delete the guardrails that deploy made, with all their versions, and nothing else.

    What is ours is told by the tag `guardrail-parity`. Without --yes it asks, and where nobody can answer
    it deletes nothing.
    """
    from evals.bedrock.deployment import delete, ours

    meant = places.spots(arms, region)
    rehearsal = places.is_rehearsal(endpoint_url, meant)
    names = {f"{load_suite(suite).policy.name}-{cut}" for suite in suites for cut in cuts}
    found = [
        (where, each)
        for where in dict.fromkeys(spot.region for spot in meant)
        for each in ours(endpoint_url=endpoint_url, region=where)
        if each.name in names
    ]
    if not as_json:
        saying.where(rehearsal, endpoint_url)
        for where, each in found:
            held = f"versions {', '.join(each.versions)}" if each.versions else "no version"
            click.echo(f"{where}: {each.name} ({each.id}, {held})")
    if found and not yes:
        _ask(len(found))
    for where, each in found:
        delete(each.id, endpoint_url=endpoint_url, region=where)
    if as_json:
        saying.as_json(rehearsal, deleted=[{"region": where, **asdict(each)} for where, each in found])
    else:
        click.echo(f"Deleted: {len(found)}." if found else "There is nothing of ours to delete.")


def _ask(number: int) -> None:
    try:
        agreed = click.confirm(
            f"Delete {'it' if number == 1 else f'these {number}'} for good? Logs keep what they say of them",
            err=True,
        )
    except click.Abort:
        agreed = False
        click.echo(err=True)
    if not agreed:
        click.echo("Nothing was deleted. To do it without being asked, give --yes.", err=True)
        sys.exit(_UNFINISHED)
