"""`parity doctor`: is the guardrail there, in front of both models, before anything is measured?"""

from __future__ import annotations

import dataclasses
import json
import sys
import uuid
from itertools import groupby

import click
from rich.console import Console
from rich.markup import escape
from rich.text import Text

from analysis.result import EXIT_CODES
from parity import options
from parity.diagnosis.findings import Line, lines, unguarded
from suites.arms import Arms, load_arms

_SIGNS = {"passed": ("✓", "green"), "failed": ("✗", "bold red"), "not_known": ("?", "yellow")}

ABUSE = (
    "A run sends many prompts that ask for harm. AWS looks for abuse of Bedrock automatically, may tell the"
    " model's provider what it finds, and may restrict the account. Use an account for testing alone. Before"
    " the first full run, open a case with AWS Support that says what you test, when and how much, and read"
    " the usage policies of both models' providers, which say whom to ask for permission."
)
"""User guide, "Amazon Bedrock abuse detection"."""


@click.command(
    name="doctor",
    epilog="""\b
Examples
  parity doctor --arms suites/arms/rehearsal.yaml     the local stand-in, as `parity rehearse` meets it
  parity doctor --arms my-arms.yaml --suite pii       your own models and guardrail

\b
Exit codes
  0  a run could start
  2  the arms file is not what it should be
  4  not comparable: an arm is unguarded, or the arms do not stand under equal conditions
  5  nothing is known: no credentials, no network, no answer
""",
)
@click.option("--arms", required=True, metavar="FILE", help="The arms file: models, routes, guardrails.")
@options.suites
@options.json_output
def command(arms: str, suites: tuple[str, ...], as_json: bool) -> None:
    """Prove, as every run does before its first case, that the guardrail acts in front of both models.

    Asks each arm, by its own route, texts on which every policy has to act, on both sides and in every way
    that is registered, and texts on which none may; asks the guardrail alone the same; asks each model once
    without the guardrail; and compares what stands before the two. A few dozen calls a suite, some cents.
    """
    from evals.bedrock.client import CredentialsMissing, EndpointSilentError
    from evals.bedrock.errors import GuardrailError
    from evals.prepare import prepare
    from evals.rates import unlimited
    from evals.rehearsal.errors import RehearsalError

    registered = load_arms(arms)
    console = Console(stderr=True)
    found: list[Line] = []
    without: list[str] = []
    warnings: list[str] = [] if registered.rehearsal else [ABUSE]
    try:
        for suite in suites:
            with console.status(f"Asking canaries of {suite} ..."):
                ready = prepare(suite, arms, epochs=1, run_id=f"doctor-{uuid.uuid4().hex}")
            found += lines(ready.registered)
            without += unguarded(ready.registered)
            if not registered.rehearsal:
                warnings += unlimited(registered, ready.registered.rates)
    except GuardrailError as error:
        after = "Name a guardrail that exists here, in a numbered version that is READY."
        found.append(Line(suite, "both", "the guardrail can be read", "failed", str(error), after))
    except (CredentialsMissing, EndpointSilentError, RehearsalError) as error:
        click.echo(f"Error: {error}", err=True)
        sys.exit(EXIT_CODES[None])
    code = EXIT_CODES["not_comparable" if any(line.state == "failed" for line in found) else "parity"]
    warnings = list(dict.fromkeys(warnings))
    if as_json:
        document = {
            "exit_code": code,
            "rehearsal": registered.rehearsal,
            "unguarded": without,
            "warnings": warnings,
            "lines": [dataclasses.asdict(line) for line in found],
        }
        click.echo(json.dumps(document, indent=2))
    else:
        _print(found, registered, without, warnings)
    sys.exit(code)


def _print(found: list[Line], arms: Arms, without: list[str], warnings: list[str]) -> None:
    console = Console(highlight=False)
    if arms.rehearsal:
        console.print("REHEARSAL: local stand-ins answered, not the models.", style="bold")
    for suite, of_suite in groupby(found, key=lambda line: line.suite):
        for arm, of_arm in groupby(of_suite, key=lambda line: line.arm):
            console.print(f"\n[bold]{suite}, {_named(arm, arms)}[/]")
            told: set[str] = set()
            for line in of_arm:
                _print_line(console, line, told)
    failed = [line for line in found if line.state == "failed"]
    console.print()
    for warning in warnings:
        console.print(f"[yellow]![/] {escape(warning)}")
    if not failed:
        console.print("[bold green]A run can start.[/] The same is proved again before its first case.")
        return
    for sentence in without:
        console.print(sentence, style="red", markup=False)
    arms_failed = ", ".join(dict.fromkeys("both arms" if x.arm == "both" else x.arm for x in failed))
    console.print(
        f"[bold red]Not comparable.[/] {len(failed)} of {len(found)} checks failed, on: {arms_failed}."
        " No run would give a number."
    )


def _named(arm: str, arms: Arms) -> str:
    if arm == "both":
        return "both arms"
    if arm not in arms.compared:
        return f"{arm}: the guardrail alone"
    of_arm = arms.compared[arm]
    return escape(f"{arm}: {of_arm.model} by {of_arm.route}")


def _print_line(console: Console, line: Line, told: set[str]) -> None:
    """One line and its evidence; what to do, where it was not told for this arm before."""
    sign, style = _SIGNS[line.state]
    console.print(Text.assemble("  ", (sign, style), f" {line.what}"))
    if line.state == "passed":
        console.print(Text(f"    {line.evidence}", style="dim"))
        return
    for attempt in line.evidence.split(" | "):
        console.print(Text(f"    {attempt}"))
    if line.next and line.next not in told:
        told.add(line.next)
        console.print(Text(f"    → {line.next}", style="bold"))
