"""`parity register`: settle a comparison before it is run."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

import click

from parity import options
from suites.errors import RegistrationError


@click.command(
    name="register",
    epilog="""\b
Examples
  parity register gpt-5.5-autumn --purpose release --arms my-arms.yaml --full --attempts 3 \\
      --owner "Assistant platform" --reason "May GPT-5.5 answer customers?"
  parity register trial --arms rehearsal --owner "Me" --reason "To see how it works" \\
      --wider "the default part of the batches has some 80 prompts a stratum"
Then commit the file, and run under it: parity run --plan results/plans/gpt-5.5-autumn.json ...
""",
)
@click.argument("name", metavar="NAME")
@click.option("--owner", required=True, help="Who answers for the plan.")
@click.option("--reason", required=True, help="What is to be decided by it.")
@click.option(
    "--arms", required=True, metavar="FILE", help="The arms file, as for `parity run`, or rehearsal."
)
@click.option(
    "--purpose",
    type=click.Choice(["nightly", "release"]),
    default="release",
    show_default=True,
    help="release: about prompts like these, and all attempts share one chance of a false sign-off. "
    "nightly: about these prompts, each night by itself.",
)
@options.suites
@options.batches
@options.full
@options.epochs
@click.option(
    "--attempts",
    type=click.IntRange(min=1),
    metavar="N",
    help="Of a release: how many attempts there may be; they share equally. Default: any number, each with "
    "ever less.",
)
@click.option(
    "--valid-days", type=click.IntRange(min=1), help="How long a verdict holds. Default: 90, nightly 7."
)
@click.option("--wider", metavar="REASON", help="Why a critical stratum may lose more than the whole.")
@click.option(
    "-o",
    "--output",
    type=click.Path(dir_okay=False, path_type=Path),
    help="The plan's file. Default: results/plans/NAME.json.",
)
@options.json_output
def command(
    name: str,
    owner: str,
    reason: str,
    arms: str,
    purpose: Literal["nightly", "release"],
    suites: tuple[str, ...],
    batches: Path | None,
    full: bool,
    epochs: int,
    attempts: int | None,
    valid_days: int | None,
    wider: str | None,
    output: Path | None,
    as_json: bool,
) -> None:
    """Freeze suites, limits, caps, strata, arms, purpose and owner into a plan, before anything is asked.

    The plan has a digest, and a line in the ledger, in which its attempts will be counted. A plan is never
    changed: another one gets another name.
    """
    from parity.registration.freeze import FOLDER, freeze
    from parity.registration.ledger import Ledger
    from suites.files import write_atomically

    if attempts is not None and purpose == "nightly":
        raise click.UsageError(
            f"--attempts {attempts} is for a release, whose attempts share one chance of a false sign-off;"
            " every night is about itself. Leave it out, or register with --purpose release."
        )
    file = output or FOLDER / f"{name}.json"
    if file.exists():
        raise RegistrationError(f"{file} exists. A plan is never changed; give this one another name.")
    plan = freeze(
        name,
        purpose=purpose,
        owner=owner,
        reason=reason,
        suites=suites,
        arms=arms,
        full=full,
        epochs=epochs,
        attempts=attempts,
        valid_days=valid_days,
        wider=wider,
        batches=batches,
    )
    content = plan.model_dump_json(indent=2) + "\n"
    ledger = Ledger.here()
    ledger.append(
        "plan",
        plan=plan.name,
        plan_sha256=plan.sha256,
        rehearsal=plan.rehearsal,
        suites=tuple(plan.suites),
        models=plan.arms.models,
        by=owner,
        why=reason,
    )
    write_atomically(file, content)
    if as_json:
        click.echo(content, nl=False)
        return
    click.echo(f"{file}\nsha256 {plan.sha256}, entered in {ledger.path}")
    click.echo(f"Commit it before the first run: git add -f {file} && git commit -m 'Register {name}'")
