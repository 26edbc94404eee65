"""`parity guardrails show`: what one guardrail is configured to do."""

from __future__ import annotations

import click
from rich.console import Console
from rich.table import Table

from parity import options
from parity.guardrails import places, saying
from suites.configured import Rule, deployed_rules


@click.command(name="show")
@click.argument("identifier", metavar="ID")
@click.option("--version", metavar="N", help="A numbered version. Default: the newest one.")
@places.arms
@places.region
@places.endpoint
@options.json_output
@places.telling
def command(
    identifier: str,
    version: str | None,
    arms: str | None,
    region: str | None,
    endpoint_url: str | None,
    as_json: bool,
) -> None:
    """Print what one guardrail is configured to do. ID is its id, ARN or name."""
    from evals.bedrock.errors import GuardrailError
    from evals.bedrock.guardrails import fetch, registered
    from evals.bedrock.lookup import find, names

    meant = places.spots(arms, region)[:1]
    rehearsal = places.is_rehearsal(endpoint_url, meant)
    where = meant[0].region
    found = find(identifier, endpoint_url=endpoint_url, region=where)
    if found is None:
        there = ", ".join(names(endpoint_url=endpoint_url, region=where)) or "none"
        raise GuardrailError(
            f"There is no guardrail {identifier!r} in {where}, by id, ARN or name; there are: {there}."
            " Give one of these, or another region."
        )
    version = version or found.newest
    if version is None:
        raise GuardrailError(
            f"Guardrail {identifier} has no numbered version. Make one of its DRAFT (CreateGuardrailVersion)."
        )
    if version.isdecimal() and version not in found.versions:
        raise GuardrailError(
            f"Guardrail {identifier} in {where} has no version {version}. It has:"
            f" {', '.join(found.versions) or 'none but the DRAFT'}."
        )
    answer = fetch(found.id, version, endpoint_url=endpoint_url, region=where)
    facts = registered(answer)
    carried = _tags(answer["guardrailArn"], endpoint_url, where)
    if as_json:
        saying.as_json(
            rehearsal,
            name=answer["name"],
            description=answer.get("description"),
            kms_key_arn=answer.get("kmsKeyArn"),
            tags=carried,
            **facts.model_dump(),
        )
        return
    saying.where(rehearsal, endpoint_url)
    title = f"{answer['name']}: {facts.id} version {facts.version}, digest {facts.digest[:12]}"
    about = {f"tag {key}": value for key, value in (carried or {}).items()}
    if "description" in answer:
        about = {"description": answer["description"], **about}
    settings = (Rule("setting", name, {}, {"value": value}) for name, value in about.items())
    Console().print(_table(title, (*settings, *deployed_rules(answer).rules)))


def _tags(arn: str, endpoint_url: str | None, region: str) -> dict[str, str] | None:
    """None where they may not be read; what a guardrail does is shown all the same."""
    from evals.bedrock.errors import GuardrailError
    from evals.bedrock.tags import of_guardrail

    try:
        return of_guardrail(arn, endpoint_url=endpoint_url, region=region)
    except GuardrailError as error:
        click.echo(f"Tags are not shown. {error}", err=True)
        return None


def _table(title: str, rules: tuple[Rule, ...]) -> Table:
    table = Table(title=title, title_justify="left", box=None)
    for column in ("kind", "rule", "input", "output", "says"):
        table.add_column(column, overflow="fold")
    for rule in rules:
        sides = [rule.acts[side] or "off" if rule.acts else "" for side in ("input", "output")]
        says = "; ".join(f"{name}: {saying.shown(value)}" for name, value in rule.says.items())
        table.add_row(rule.kind, rule.name, *sides, says)
    return table
