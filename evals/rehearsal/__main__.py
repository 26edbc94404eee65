"""Run the stand-in for Bedrock: `python -m evals.rehearsal --help`."""

from __future__ import annotations

import argparse
import logging
import math
import sys
from collections.abc import Sequence
from pathlib import Path

from evals.rehearsal.child import PORT_TAKEN
from evals.rehearsal.errors import PortTakenError
from evals.rehearsal.faults import KINDS, parse
from evals.rehearsal.service import serve
from suites.errors import RegistrationError

_INTERRUPTED = 130
_USAGE = 2

_DESCRIPTION = """\
A local stand-in for Amazon Bedrock, for rehearsals without AWS. It listens on 127.0.0.1 only.

It speaks the wire protocol of the boto3 clients `bedrock` and `bedrock-runtime`: guardrails and their
versions, ApplyGuardrail, Converse, InvokeModel and their streams, and lists of models. Routes and validation
come from botocore's own service model. What it does not model it refuses, and says so.
"""

_EPILOG = """\
use it from your own script:
  import boto3
  runtime = boto3.client("bedrock-runtime", endpoint_url="http://127.0.0.1:PORT", region_name="us-east-1",
                         aws_access_key_id="any", aws_secret_access_key="any")

or, without a change in the script, through the environment:
  export AWS_ENDPOINT_URL_BEDROCK=http://127.0.0.1:PORT AWS_ENDPOINT_URL_BEDROCK_RUNTIME=http://127.0.0.1:PORT

GET /rehearsal tells its seed and planted faults, GET /rehearsal/calls what it was asked; nothing at AWS
answers either.

what can be planted, in front of the candidate model only:
"""


def main(arguments: Sequence[str] | None = None) -> int:
    """Serve until interrupted; the exit code is 0, 2 for a wrong file, 130 after Ctrl-C, or `PORT_TAKEN`."""
    options = vars(_parser().parse_args(arguments))
    logging.basicConfig(level=logging.WARNING, stream=sys.stderr)
    try:
        serve(
            port=options["port"],
            seed=options["seed"],
            plants=options["plant"],
            latency_ms=options["latency_ms"],
            faults=options["faults"],
            until_stdin_closes=options["until_stdin_closes"],
        )
    except PortTakenError as error:
        sys.stderr.write(f"{error}\n")
        return PORT_TAKEN
    except RegistrationError as error:
        sys.stderr.write(f"{error}\n")
        return _USAGE
    except KeyboardInterrupt:
        return _INTERRUPTED
    return 0


def _parser() -> argparse.ArgumentParser:
    kinds = "\n".join(f"  {kind:<10} {effect}" for kind, effect in KINDS.items())
    parser = argparse.ArgumentParser(
        prog="python -m evals.rehearsal",
        description=_DESCRIPTION,
        epilog=_EPILOG + kinds,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    parser.add_argument("--port", type=_port, default=0, help="port to listen on (default: any free one)")
    parser.add_argument(
        "--seed", type=int, default=0, help="the models' answers depend on it (default: %(default)s)"
    )
    parser.add_argument(
        "--plant",
        action=_Plant,
        default=(),
        metavar="KIND=RATE[@after-proof]",
        help="break something on this share of the candidate's calls, e.g. masking=0.05, with @after-proof "
        "not on those by which a run proves its guardrail; may be repeated",
    )
    parser.add_argument(
        "--latency-ms",
        type=_latency,
        default=0.0,
        help="keep each call to a model or guardrail waiting (default: %(default)g)",
    )
    parser.add_argument(
        "--faults",
        type=Path,
        metavar="FILE",
        help="faults of the service, latency and how models are guarded, in YAML",
    )
    parser.add_argument(
        "--until-stdin-closes",
        action="store_true",
        help="end when standard input does, for a parent process that may die",
    )
    return parser


class _Plant(argparse.Action):
    """Collects plants and refuses the first that is wrong."""

    def __call__(
        self,
        parser: argparse.ArgumentParser,
        namespace: argparse.Namespace,
        values: object,
        option_string: str | None = None,
    ) -> None:
        plants = (*namespace.plant, str(values))
        try:
            parse(plants)
        except ValueError as error:
            parser.error(f"{option_string}: {error}")
        namespace.plant = plants


def _port(text: str) -> int:
    if not text.isdecimal() or int(text) > 65535:  # noqa: PLR2004 - the last TCP port
        raise argparse.ArgumentTypeError(f"{text!r} is no port; give a number from 0 to 65535")
    return int(text)


def _latency(text: str) -> float:
    try:
        latency = float(text)
    except ValueError:
        latency = math.nan
    if not 0 <= latency < math.inf:
        raise argparse.ArgumentTypeError(f"{text!r} is no time in milliseconds; give a number from 0 up")
    return latency


if __name__ == "__main__":
    sys.exit(main())
