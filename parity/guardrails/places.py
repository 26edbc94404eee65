"""Where guardrails are to be found or made: options that the commands share, and what they mean."""

from __future__ import annotations

import functools
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import click

from analysis.result import EXIT_CODES
from suites.arms import Arms, GuardrailRef, Guardrails, arms_file, load_arms
from suites.case import CUTS, Cut
from suites.errors import RegistrationError

ENDPOINT = "PARITY_ENDPOINT_URL"
Decorator = Callable[[Callable[..., Any]], Callable[..., Any]]

arms: Decorator = click.option(
    "--arms",
    metavar="FILE",
    help="The arms file: its regions are meant, and what guardrails it names.",
)
region: Decorator = click.option(
    "--region", metavar="NAME", help="An AWS region, where there is no arms file."
)
endpoint: Decorator = click.option(
    "--endpoint-url",
    envvar=ENDPOINT,
    metavar="URL",
    help=f"Another endpoint than AWS's: that of `parity serve`. Also by {ENDPOINT}.",
)
cuts: Decorator = click.option(
    "--cut",
    "cuts",
    multiple=True,
    type=click.Choice(CUTS),
    callback=lambda _ctx, _param, names: tuple(cut for cut in CUTS if not names or cut in names),
    help="Only this cut of the policy; give it again for another. Default: all three.",
)


@dataclass(frozen=True)
class Spot:
    """A region, and what an arms file says of the guardrails there."""

    region: str
    arm: str | None = None
    """Whose own region it is; None: the file's."""
    guardrails: Guardrails | None = None
    """By suite and cut, as far as the file names them."""
    guardrail: GuardrailRef | None = None
    """The one for all suites and cuts."""

    def named(self, suite: str, cut: Cut) -> GuardrailRef | None:
        """The guardrail that the file names."""
        return self.guardrail or (self.guardrails or {}).get(suite, {}).get(cut)


def spots(file: str | None, region: str | None) -> tuple[Spot, ...]:
    """Every region that is meant: one that was typed, or those of an arms file.

    Raises:
        UsageError: Neither was given, or both.
        RegistrationError: The arms file is wrong, or is a rehearsal's.
    """
    if (file is None) == (region is None):
        raise click.UsageError("Give one of --arms FILE and --region NAME, to say where the guardrails are.")
    if file is None:
        return (Spot(region or ""),)
    read = load_arms(file)
    if read.rehearsal:
        raise RegistrationError(
            f"{arms_file(file)} is for rehearsals, which bring up guardrails of their own. Give an arms file"
            " for AWS, or --region with --endpoint-url."
        )
    return tuple(_spots(read))


def _spots(read: Arms) -> Iterator[Spot]:
    yield Spot(read.region, None, read.guardrails, read.guardrail)
    for name, arm in read.compared.items():
        if arm.region is not None:
            yield Spot(arm.region, name, arm.guardrails, arm.guardrail)


def own_file(file: str) -> Path:
    """The arms file, once it is sure that it is the user's own.

    Raises:
        RegistrationError: It is one that is shipped.
    """
    path = arms_file(file)
    if not Path(file).is_file():
        raise RegistrationError(f"{path} is shipped with parity. Copy it, and give the copy with --arms.")
    return path


def is_rehearsal(endpoint_url: str | None, places: Sequence[Spot]) -> bool:
    """Whether the endpoint is a rehearsal's; whoever shows what came from there has to say so."""
    from evals.bedrock.client import service_facts

    return service_facts(endpoint_url, region=places[0].region) is not None


@contextmanager
def told() -> Iterator[None]:
    """What Bedrock refuses, and that there is none, becomes a message and the exit code for incomplete."""
    from evals.bedrock.client import CredentialsMissing, EndpointSilentError
    from evals.bedrock.errors import GuardrailError

    try:
        yield
    except (CredentialsMissing, EndpointSilentError, GuardrailError) as error:
        click.echo(click.style("Error: ", fg="red", bold=True) + str(error), err=True)
        sys.exit(EXIT_CODES[None])


def telling(body: Callable[..., Any]) -> Callable[..., Any]:
    """A command whose body asks Bedrock."""

    @functools.wraps(body)
    def asked(*args: Any, **kwargs: Any) -> Any:
        with told():
            return body(*args, **kwargs)

    return asked
