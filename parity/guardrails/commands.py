"""`parity guardrails`: deploy, diff, show, delete."""

from __future__ import annotations

import json
import sys
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

import click
from rich.console import Console
from rich.table import Table

from analysis.result import EXIT_CODES
from parity import options
from parity.guardrails import places
from suites.arms import GuardrailRef, Guardrails
from suites.case import CUTS, Cut
from suites.configured import Difference, Rule, deployed_rules, differences, policy_rules
from suites.errors import RegistrationError
from suites.suite import load_suite

if TYPE_CHECKING:
    from evals.bedrock.deployment import Deployment

DIFFERENT = EXIT_CODES["not_comparable"]
"""Of `diff` where something differs: what is deployed is not the policy that a verdict would be about."""
_UNFINISHED = EXIT_CODES[None]
_MADE = {"guardrail": "created", "version": "a new version", "nothing": "unchanged: nothing was made"}


@click.group(
    name="guardrails",
    epilog="""\b
Examples
  parity guardrails deploy --arms my-arms.yaml --write      all suites, all cuts, into the arms file
  parity guardrails diff --arms my-arms.yaml                exit code 4 where something differs
  parity guardrails show abc123def456 --region us-east-1
  parity guardrails delete --region us-east-1               asks first; only what deploy made
""",
)
def command() -> None:
    """Make guardrails from the suites' policies, compare, show and delete them."""


@command.command(name="deploy")
@options.suites
@places.cuts
@places.arms
@places.region
@places.endpoint
@click.option("--write", "into_file", is_flag=True, help="Put ids, versions and digests into the arms FILE.")
@options.json_output
@places.telling
def deploy(
    suites: tuple[str, ...],
    cuts: tuple[Cut, ...],
    arms: str | None,
    region: str | None,
    endpoint_url: str | None,
    into_file: bool,
    as_json: bool,
) -> None:
    """Deploy the suites' policies as numbered versions; one that is there already is used again.

    What is made carries the tag `guardrail-parity`.
    """
    from evals.bedrock.deployment import deploy as deploy_one
    from parity.guardrails.writing import block, write

    meant = places.spots(arms, region)
    if into_file and arms is None:
        raise click.UsageError("--write needs --arms FILE, the file to write into.")
    file = places.own_file(arms or "") if into_file else None
    if one := next((spot.guardrail for spot in meant if spot.guardrail), None):
        raise RegistrationError(
            f"{arms} names one guardrail for all suites ({one.id} version {one.version}). Remove `guardrail`"
            " from it to deploy the suites' own, or give --region."
        )
    rehearsal = places.is_rehearsal(endpoint_url, meant)
    console = Console(stderr=True)
    made: list[tuple[places.Spot, dict[str, dict[Cut, Deployment]]]] = []
    for spot in meant:
        with console.status(f"Deploying in {spot.region} ..."):
            of_spot = {
                suite: {
                    cut: deploy_one(
                        load_suite(suite).policy, cut, endpoint_url=endpoint_url, region=spot.region
                    )
                    for cut in cuts
                }
                for suite in suites
            }
        made.append((spot, of_spot))
    blocks = {spot.arm: _references(of_spot) for spot, of_spot in made}
    if file is not None:
        write(file, blocks)
    if as_json:
        click.echo(
            json.dumps({"rehearsal": rehearsal, "places": [_document(*each) for each in made]}, indent=2)
        )
        return
    _say_where(rehearsal, endpoint_url)
    for spot, of_spot in made:
        console.print(_made_table(spot, of_spot))
    if file is not None:
        console.print(f"Written into {file}. Next: parity guardrails diff --arms {arms}", highlight=False)
        return
    for arm, guardrails in blocks.items():
        if arm is not None:
            click.echo(f"# under `{arm}`, whose region is its own")
        click.echo(block(guardrails), nl=False)


@command.command(name="diff")
@options.suites
@places.cuts
@places.arms
@places.region
@places.endpoint
@options.json_output
@places.telling
def diff(
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
        _print_json(rehearsal, same=same, compared=found)
    else:
        _say_where(rehearsal, endpoint_url)
        for each in found:
            _print_compared(each)
    sys.exit(0 if same else DIFFERENT)


@command.command(name="show")
@click.argument("identifier", metavar="ID")
@click.option("--version", metavar="N", help="A numbered version. Default: the newest one.")
@places.arms
@places.region
@places.endpoint
@options.json_output
@places.telling
def show(
    identifier: str,
    version: str | None,
    arms: str | None,
    region: str | None,
    endpoint_url: str | None,
    as_json: bool,
) -> None:
    """Print what one guardrail is configured to do. ID is its id, ARN or name."""
    from evals.bedrock.deployment import find, latest
    from evals.bedrock.errors import GuardrailError
    from evals.bedrock.guardrails import fetch, registered

    meant = places.spots(arms, region)[:1]
    rehearsal = places.is_rehearsal(endpoint_url, meant)
    where = meant[0].region
    identifier = find(identifier, endpoint_url=endpoint_url, region=where) or identifier
    version = version or latest(identifier, endpoint_url=endpoint_url, region=where)
    if version is None:
        raise GuardrailError(
            f"Guardrail {identifier} has no numbered version. Make one of its DRAFT (CreateGuardrailVersion)."
        )
    answer = fetch(identifier, version, endpoint_url=endpoint_url, region=where)
    facts = registered(answer)
    if as_json:
        _print_json(rehearsal, name=answer["name"], **facts.model_dump())
        return
    _say_where(rehearsal, endpoint_url)
    title = f"{answer['name']}: {facts.id} version {facts.version}, digest {facts.digest[:12]}"
    Console().print(_rules_table(title, deployed_rules(answer).rules))


@command.command(name="delete")
@options.suites
@places.cuts
@places.arms
@places.region
@places.endpoint
@click.option("--yes", is_flag=True, help="Do not ask.")
@options.json_output
@places.telling
def delete(
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
    from evals.bedrock.deployment import delete as delete_one
    from evals.bedrock.deployment import ours

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
        _say_where(rehearsal, endpoint_url)
        for where, each in found:
            held = f"versions {', '.join(each.versions)}" if each.versions else "no version"
            click.echo(f"{where}: {each.name} ({each.id}, {held})")
    if found and not yes:
        _ask(len(found))
    for where, each in found:
        delete_one(each.id, endpoint_url=endpoint_url, region=where)
    if as_json:
        _print_json(rehearsal, deleted=[{"region": where, **asdict(each)} for where, each in found])
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


def _compare(
    suite: str, cut: Cut, spot: places.Spot, endpoint_url: str | None
) -> tuple[GuardrailRef | None, list[Difference]]:
    from evals.bedrock.guardrails import fetch, registered

    request = load_suite(suite).policy.create_request(cut)
    there = spot.named(suite, cut) or _newest(str(request["name"]), spot, endpoint_url)
    if there is None:
        return None, [Difference("guardrail", "deployed", request["name"], None)]
    answer = fetch(there.id, there.version, endpoint_url=endpoint_url, region=spot.region)
    lines = differences(policy_rules(request), deployed_rules(answer))
    digest = registered(answer).digest
    if there.digest not in {None, digest}:
        lines.append(Difference("guardrail", "digest in the arms file", there.digest, digest))
    return there, lines


def _of_one(spot: places.Spot, cuts: tuple[Cut, ...]) -> tuple[Cut, ...]:
    """One guardrail for everything is compared with the whole policy, unless a cut was asked for."""
    return ("full",) if spot.guardrail and len(cuts) == len(CUTS) else cuts


def _newest(name: str, spot: places.Spot, endpoint_url: str | None) -> GuardrailRef | None:
    """By the policy's name; where an arms file names guardrails, only what it names counts."""
    from evals.bedrock.deployment import find, latest

    if spot.guardrails is not None:
        return None
    identifier = find(name, endpoint_url=endpoint_url, region=spot.region)
    version = identifier and latest(identifier, endpoint_url=endpoint_url, region=spot.region)
    return GuardrailRef(id=identifier, version=version) if identifier and version else None


def _references(made: dict[str, dict[Cut, Deployment]]) -> Guardrails:
    return {
        suite: {
            cut: each.reference.model_copy(update={"digest": each.guardrail.digest})
            for cut, each in cuts.items()
        }
        for suite, cuts in made.items()
    }


def _document(spot: places.Spot, made: dict[str, dict[Cut, Deployment]]) -> dict[str, Any]:
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


def _print_json(rehearsal: bool, **result: Any) -> None:
    click.echo(json.dumps({"rehearsal": rehearsal, **result}, indent=2))


def _say_where(rehearsal: bool, endpoint_url: str | None) -> None:
    if rehearsal:
        click.echo(f"REHEARSAL: the local stand-in at {endpoint_url}, not AWS.", err=True)


def _made_table(spot: places.Spot, made: dict[str, dict[Cut, Deployment]]) -> Table:
    table = Table(title=f"Guardrails in {spot.region}", title_justify="left", box=None)
    for title in ("name", "id", "version", "digest", ""):
        table.add_column(title)
    for cuts in made.values():
        for each in cuts.values():
            facts = each.guardrail
            table.add_row(each.name, facts.id, facts.version, facts.digest[:12], _MADE[each.made])
    return table


def _print_compared(each: dict[str, Any]) -> None:
    where = f"{each['suite']} {each['cut']} in {each['region']}"
    if each["same"]:
        click.echo(f"{where}: the same ({each['guardrail']} version {each['version']})")
        return
    there = f"{each['guardrail']} version {each['version']}" if each["guardrail"] else "not deployed"
    table = Table(title=f"{where}: {there}", title_justify="left", box=None)
    for title in ("rule", "what", "policy", "deployed"):
        table.add_column(title, overflow="fold")
    for line in each["differences"]:
        table.add_row(line["rule"], line["what"], _shown(line["policy"]), _shown(line["deployed"]))
    Console().print(table)


def _rules_table(title: str, rules: tuple[Rule, ...]) -> Table:
    table = Table(title=title, title_justify="left", box=None)
    for column in ("kind", "rule", "input", "output", "says"):
        table.add_column(column, overflow="fold")
    for rule in rules:
        sides = [rule.acts[side] or "off" if rule.acts else "" for side in ("input", "output")]
        says = "; ".join(f"{name}: {_shown(value)}" for name, value in rule.says.items())
        table.add_row(rule.kind, rule.name, *sides, says)
    return table


def _shown(value: Any) -> str:
    if isinstance(value, list):
        return " | ".join(map(str, value))
    return "-" if value is None else str(value)
