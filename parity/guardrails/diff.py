"""`parity guardrails diff`: the suites' policies beside what is deployed, rule by rule."""

from __future__ import annotations

import sys
from dataclasses import asdict
from typing import Any

import click
from rich.console import Console
from rich.table import Table

from analysis.result import EXIT_CODES
from parity import options
from parity.guardrails import places, saying
from suites.arms import GuardrailRef
from suites.case import CUTS, Cut
from suites.configured import Difference, deployed_rules, differences, policy_rules
from suites.suite import load_suite

DIFFERENT = EXIT_CODES["not_comparable"]
"""Where something differs: what is deployed is not the policy that a verdict would be about."""
_NEXT = "To have the policies deployed as they stand: parity guardrails deploy"


@click.command(name="diff")
@options.suites
@places.cuts
@places.arms
@places.region
@places.endpoint
@options.json_output
@places.telling
def command(
    suites: tuple[str, ...],
    cuts: tuple[Cut, ...],
    arms: str | None,
    region: str | None,
    endpoint_url: str | None,
    as_json: bool,
) -> None:
    """Compare the suites' policies with what is deployed, rule by rule.

    With --arms what the file names is compared, with --region the newest version of the guardrail that
    has the policy's name. Exit code 0: the same; 4: something differs or is not deployed.
    """
    meant = places.spots(arms, region)
    rehearsal = places.is_rehearsal(endpoint_url, meant)
    found: list[dict[str, Any]] = []
    for spot in meant:
        for suite in suites:
            for cut in _of_one(spot, cuts):
                there, lines = _compare(suite, cut, spot, endpoint_url)
                found.append(
                    {
                        "region": spot.region,
                        "suite": suite,
                        "cut": cut,
                        "guardrail": there and there.id,
                        "version": there and there.version,
                        "same": not lines,
                        "differences": [asdict(line) for line in lines],
                    }
                )
    same = all(each["same"] for each in found)
    if as_json:
        saying.as_json(rehearsal, same=same, compared=found)
    else:
        saying.where(rehearsal, endpoint_url)
        for each in found:
            _print(each)
        if not same:
            click.echo(f"{_NEXT} {'--arms ' + arms + ' --write' if arms else f'--region {region}'}", err=True)
    sys.exit(0 if same else DIFFERENT)


def _compare(
    suite: str, cut: Cut, spot: places.Spot, endpoint_url: str | None
) -> tuple[GuardrailRef | None, list[Difference]]:
    from evals.bedrock import tags
    from evals.bedrock.guardrails import fetch, registered
    from evals.bedrock.keys import with_key_arn

    request = load_suite(suite).policy.create_request(cut)
    there = spot.named(suite, cut) or _newest(str(request["name"]), spot, endpoint_url)
    if there is None:
        return None, [Difference("guardrail", "deployed", request["name"], None)]
    answer = fetch(there.id, there.version, endpoint_url=endpoint_url, region=spot.region)
    request = with_key_arn(request, endpoint_url=endpoint_url, region=spot.region)
    lines = differences(policy_rules(request), deployed_rules(answer))
    if asked := {tag["key"]: tag["value"] for tag in request.get("tags", ())}:
        carried = tags.of_guardrail(answer["guardrailArn"], endpoint_url=endpoint_url, region=spot.region)
        lines += [
            Difference(f"tag {key}", "value", value, carried.get(key))
            for key, value in asked.items()
            if carried.get(key) != value
        ]
    digest = registered(answer).digest
    if there.digest not in {None, digest}:
        lines.append(Difference("guardrail", "digest in the arms file", there.digest, digest))
    return there, lines


def _of_one(spot: places.Spot, cuts: tuple[Cut, ...]) -> tuple[Cut, ...]:
    """One guardrail for everything is compared with the whole policy, unless a cut was asked for."""
    return ("full",) if spot.guardrail and len(cuts) == len(CUTS) else cuts


def _newest(name: str, spot: places.Spot, endpoint_url: str | None) -> GuardrailRef | None:
    """By the policy's name; where an arms file names guardrails, only what it names counts."""
    from evals.bedrock.lookup import find

    if spot.guardrails is not None:
        return None
    found = find(name, endpoint_url=endpoint_url, region=spot.region)
    return GuardrailRef(id=found.id, version=found.newest) if found and found.newest else None


def _print(each: dict[str, Any]) -> None:
    where = f"{each['suite']} {each['cut']} in {each['region']}"
    if each["same"]:
        click.echo(f"{where}: the same ({each['guardrail']} version {each['version']})")
        return
    there = f"{each['guardrail']} version {each['version']}" if each["guardrail"] else "not deployed"
    table = Table(title=f"{where}: {there}", title_justify="left", box=None)
    for title in ("rule", "what", "policy", "deployed"):
        table.add_column(title, overflow="fold")
    for line in each["differences"]:
        table.add_row(
            line["rule"], line["what"], saying.shown(line["policy"]), saying.shown(line["deployed"])
        )
    Console().print(table)
