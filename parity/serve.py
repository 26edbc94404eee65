"""`parity serve`: the local stand-in for Bedrock, alone, for anyone's client."""

from __future__ import annotations

from pathlib import Path

import click

from parity import options


@click.command(
    name="serve",
    epilog="""\b
Example, in another terminal
  python -c 'import boto3; print(boto3.client("bedrock", endpoint_url="http://127.0.0.1:8111",
    region_name="us-east-1", aws_access_key_id="x", aws_secret_access_key="x").list_guardrails())'
""",
)
@click.option(
    "--port", type=click.IntRange(0, 65535), default=8111, show_default=True, help="0 takes a free one."
)
@options.seed
@options.plants
@options.faults
@click.option(
    "--latency-ms",
    type=click.FloatRange(min=0),
    default=0.0,
    show_default=True,
    help="Added to each model call.",
)
def command(port: int, seed: int, plants: tuple[str, ...], faults: Path | None, latency_ms: float) -> None:
    """Serve the stand-in on 127.0.0.1 until Ctrl-C. Unmodified boto3 clients talk to it by endpoint_url."""
    from evals.rehearsal.errors import PortTakenError
    from evals.rehearsal.service import serve

    click.echo("The local stand-in for Bedrock. Ctrl-C ends it.", err=True)
    try:
        serve(port=port, seed=seed, plants=plants, latency_ms=latency_ms, faults=faults)
    except PortTakenError as error:
        raise click.BadParameter(str(error), param_hint="--port") from None
