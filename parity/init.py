"""`parity init`: an arms file for a team's own guardrail and models, written after asking what exists."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import click

from parity.guardrails import places
from suites.arms import GuardrailRef, load_arms
from suites.errors import RegistrationError
from suites.files import write_atomically

if TYPE_CHECKING:
    from evals.bedrock.inventory import Inventory

REFERENCE, CANDIDATE = "anthropic.claude-opus-4-7", "openai.gpt-5.5"
"""What is proposed where the account has it, by any of its profiles."""
SUITES = "suites"
"""Instead of a guardrail of one's own: the suites' policies, which are still to be deployed."""
_SHOWN = 12


@dataclass(frozen=True)
class _Choice:
    region: str
    reference: str
    candidate: str
    guardrail: GuardrailRef | None
    """None: the suites' own, which `parity guardrails deploy` makes."""


@click.command(
    name="init",
    epilog="""\b
Examples
  parity init                                        asks on a terminal
  parity init -o my-arms.yaml --region eu-west-1 --guardrail abc123def456:7
  parity init --guardrail suites --reference us.anthropic.claude-opus-4-7 --candidate us.openai.gpt-5.5
""",
)
@click.option(
    "-o",
    "--out",
    type=click.Path(dir_okay=False, path_type=Path),
    default=Path("arms.yaml"),
    show_default=True,
    help="The file to write.",
)
@click.option("--region", metavar="NAME", help="Default: AWS_REGION, or us-east-1.")
@places.endpoint
@click.option("--reference", metavar="MODEL", help="The model that is trusted: a profile or model id.")
@click.option("--candidate", metavar="MODEL", help="The model that is to be compared with it.")
@click.option(
    "--guardrail",
    metavar="ID[:VERSION]",
    help=f"A guardrail of your own, by id or name; `{SUITES}` for the suites' own, which are to be deployed.",
)
@click.option("--force", is_flag=True, help="Overwrite the file if it is there.")
@places.telling
def command(
    out: Path,
    region: str | None,
    endpoint_url: str | None,
    reference: str | None,
    candidate: str | None,
    guardrail: str | None,
    force: bool,
) -> None:
    """Write an arms file in which each key is explained, after asking the account what exists.

    Nothing is called that costs, and nothing is made. On a terminal it asks for what was not given;
    elsewhere it takes what there is one of, and refuses what there are several of.
    """
    from evals.bedrock.inventory import inventory

    if out.exists() and not force:
        raise RegistrationError(f"{out} is there already. Give --force to overwrite it, or -o another file.")
    where = region or os.environ.get("AWS_REGION") or "us-east-1"
    found = inventory(endpoint_url=endpoint_url, region=where)
    rehearsal = places.is_rehearsal(endpoint_url, (places.Spot(where),))
    chosen = _Choice(
        region=where,
        reference=_model("reference", reference, REFERENCE, found),
        candidate=_model("candidate", candidate, CANDIDATE, found),
        guardrail=_guardrail(guardrail, found),
    )
    _write(out, _text(chosen, found, rehearsal=rehearsal))
    click.echo(f"Written: {out} ({chosen.reference} and {chosen.candidate} in {where})")
    click.echo("Next:")
    if chosen.guardrail is None:
        click.echo(f"  parity guardrails deploy --arms {out} --write")
    click.echo(f"  parity doctor --arms {out}")
    click.echo(f"  parity run --arms {out} --estimate")


def _model(role: str, given: str | None, proposed: str, found: Inventory) -> str:
    """What was typed, or what is proposed and exists, or what somebody at a terminal says.

    Raises:
        RegistrationError: The region has no such model, or it is not known which is meant.
    """
    if given is not None:
        # The ARN of an application's profile, or a router's, stands in no list.
        if given in found.models or given.startswith("arn:"):
            return given
        raise RegistrationError(
            f"{found.region} has no model {given!r} for the {role}. It has: {_some(found.models)}."
        )
    there = [model for model in found.models if model == proposed or model.endswith(f".{proposed}")]
    if _asks():
        click.echo(f"Models in {found.region}: {_some(found.models)}", err=True)
        answer = click.prompt(f"The {role}", default=there[0] if there else None, err=True)
        return _model(role, str(answer).strip(), proposed, found)
    if not there:
        raise RegistrationError(
            f"{found.region} has no {proposed} for the {role}. Give --{role}, one of: {_some(found.models)}."
        )
    return there[0]


def _guardrail(given: str | None, found: Inventory) -> GuardrailRef | None:
    """The guardrail that was typed, or the only one there is, or what somebody at a terminal says.

    Raises:
        RegistrationError: There is no such guardrail or version, or it is not known which is meant.
    """
    usable = [each for each in found.guardrails if each.versions]
    told = ", ".join(f"{each.id} ({each.name}, version {each.versions[0]})" for each in usable) or "none"
    if given is None and _asks():
        click.echo(f"Guardrails in {found.region} with a numbered version: {told}", err=True)
        default = usable[0].id if usable else SUITES
        given = str(click.prompt(f"Guardrail (id, name, or {SUITES})", default=default, err=True)).strip()
    if given == SUITES or (given is None and not usable):
        return None
    if given is None:
        if len(usable) > 1:
            raise RegistrationError(
                f"{found.region} has several guardrails: {told}. Give --guardrail ID, or --guardrail {SUITES}"
                " for the suites' own."
            )
        given = usable[0].id
    name, _, version = given.partition(":") if not given.startswith("arn:") else (given, "", "")
    for each in found.guardrails:
        if name in {each.id, each.name} or name.endswith(f":guardrail/{each.id}"):
            if not each.versions or version not in {"", *each.versions}:
                raise RegistrationError(
                    f"Guardrail {each.name} ({each.id}) has no version {version or 'with a number'}; it has:"
                    f" {', '.join(each.versions) or 'a DRAFT alone, which may change during a run'}."
                )
            return GuardrailRef(id=each.id, version=version or each.versions[0])
    raise RegistrationError(f"{found.region} has no guardrail {name!r}. There are: {told}.")


def _asks() -> bool:
    return sys.stdin.isatty() and sys.stderr.isatty()


def _some(names: Sequence[str]) -> str:
    more = f" and {len(names) - _SHOWN} more" if len(names) > _SHOWN else ""
    return (", ".join(names[:_SHOWN]) or "none") + more


def _write(out: Path, text: str) -> None:
    """Raises RegistrationError, with nothing written, where what was chosen makes no valid file."""
    checked = out.with_name(f".{out.name}.checked")
    try:
        write_atomically(checked, text)
        load_arms(checked)
        checked.replace(out)
    except OSError as error:
        raise RegistrationError(f"{out} cannot be written: {error}") from None
    finally:
        checked.unlink(missing_ok=True)


def _text(chosen: _Choice, found: Inventory, *, rehearsal: bool) -> str:
    others = [model for model in found.models if model not in {chosen.reference, chosen.candidate}]
    origin = "the local stand-in (REHEARSAL)" if rehearsal else "AWS"
    return f"""\
# An arms file: which two models are compared, how they are asked, and behind which guardrail.
# Written by `parity init` from what {origin} told of {chosen.region}.

# Where both models and the guardrail are. An arm may have a `region` of its own.
region: {chosen.region}

# The model that you trust: an inference profile, a model id or an ARN.
# Also there: {_some(others)}
reference:
  model: {chosen.reference}
  # How it is asked: converse, converse_stream, invoke, invoke_stream, sidecar, or auto, which finds out
  # whether the model can be guarded in its own request (docs/routes.md).
  route: auto
  # What is sent beside the prompt. What does not stand here is not sent; neither proposed model takes
  # `temperature`, and `parity run --epochs` samples their noise.
  parameters: {{max_tokens: 1024}}

# The model that you would like to use instead. The same keys.
candidate:
  model: {chosen.candidate}
  route: auto
  parameters: {{max_tokens: 1024}}

{_guardrail_text(chosen)}
# What the two arms may differ in beside their models, by name: route, stream, region, service_tier,
# guardrail, enforcement, max_tokens, temperature, top_p. What is not named here is refused.
accept: []

# Rates that the run stays under: from the account's service quotas where they may be read. Or set them:
#   quotas: {{requests_per_second: {{reference: 5, apply_guardrail: 25}}, text_units_per_second: 25}}
quotas: from-account
"""


def _guardrail_text(chosen: _Choice) -> str:
    if chosen.guardrail is None:
        return """\
# The guardrails, by suite and cut. A run makes none; `parity guardrails deploy --arms THIS --write` does,
# from the suites' policies, and puts ids, versions and digests here.
guardrails: {}
"""
    one = chosen.guardrail
    return f"""\
# Your own guardrail, in a numbered version, used as it is for all suites. Cases that it has no rule for are
# set aside as not applicable, and the run is then partial (docs/guardrails.md). To measure the suites'
# policies instead, replace this by `guardrails: {{}}` and run `parity guardrails deploy`.
guardrail: {{id: {one.id}, version: "{one.version}"}}
"""
