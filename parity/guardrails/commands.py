"""`parity guardrails`: deploy, diff, show, delete."""

from __future__ import annotations

import click

from parity.guardrails import delete, deploy, diff, show


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


for each in (deploy, diff, show, delete):
    command.add_command(each.command)
