"""Run the stand-in for Bedrock: `python -m evals.rehearsal --help`."""

from __future__ import annotations

import argparse
import errno
import json
import logging
import math
import signal
import socket
import sys
import threading
from collections.abc import Sequence

import uvicorn

from evals.rehearsal.child import PORT_TAKEN
from evals.rehearsal.faults import KINDS, Plants, parse
from evals.rehearsal.service import Service, Settings

HOST = "127.0.0.1"
_INTERRUPTED = 130
_KEEP_ALIVE_S = 3600
"""Pooled clients reuse connections after long pauses; a server that closes first races with them."""

_DESCRIPTION = """\
A local stand-in for Amazon Bedrock, for rehearsals without AWS. It listens on 127.0.0.1 only.

It speaks the wire protocol of the boto3 clients `bedrock` and `bedrock-runtime`: guardrails and their
versions, ApplyGuardrail, Converse with guardrailConfig, and lists of models. Routes and validation come
from botocore's own service model. What it does not model it refuses, and says so.
"""

_EPILOG = """\
use it from your own script:
  import boto3
  runtime = boto3.client("bedrock-runtime", endpoint_url="http://127.0.0.1:PORT", region_name="us-east-1",
                         aws_access_key_id="any", aws_secret_access_key="any")

or, without a change in the script, through the environment:
  export AWS_ENDPOINT_URL_BEDROCK=http://127.0.0.1:PORT AWS_ENDPOINT_URL_BEDROCK_RUNTIME=http://127.0.0.1:PORT

GET /rehearsal tells its seed and planted faults; nothing at AWS answers that.

what can be planted, in front of the candidate model only:
"""


def main(arguments: Sequence[str] | None = None) -> int:
    """Serve until interrupted and return the exit code.

    When ready, one JSON line with `endpoint_url` goes to standard output.
    """
    options = _parser().parse_args(arguments)
    try:
        listener = _listen(options.port)
    except OSError as error:
        if error.errno not in {errno.EADDRINUSE, errno.EACCES}:
            raise
        reason = "is taken by another process" if error.errno == errno.EADDRINUSE else "is not yours to use"
        sys.stderr.write(
            f"Port {options.port} on {HOST} {reason}. Give another one with --port, or 0 for any free one.\n"
        )
        return PORT_TAKEN
    logging.basicConfig(level=logging.WARNING, stream=sys.stderr)
    service = Service(Settings(seed=options.seed, plants=options.plant, latency_ms=options.latency_ms))
    server = _Server(_config(service))
    if options.until_stdin_closes:
        threading.Thread(target=_stop_at_end_of_input, args=(server,), daemon=True).start()
    try:
        server.run(sockets=[listener])
    except KeyboardInterrupt:
        return _INTERRUPTED
    return 0


class _Server(uvicorn.Server):
    """Says where it listens as soon as it does."""

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        for listener in sockets or ():
            endpoint = f"http://{HOST}:{listener.getsockname()[1]}"
            sys.stdout.write(json.dumps({"endpoint_url": endpoint}) + "\n")
            sys.stdout.flush()


def _config(service: Service) -> uvicorn.Config:
    return uvicorn.Config(
        service,
        http="h11",
        loop="asyncio",
        ws="none",
        lifespan="off",
        interface="asgi3",
        log_config=None,
        access_log=False,
        proxy_headers=False,
        server_header=False,
        timeout_keep_alive=_KEEP_ALIVE_S,
        timeout_graceful_shutdown=1,
    )


def _listen(port: int) -> socket.socket:
    # Without the protocol's number asyncio does not turn Nagle's algorithm off: 40 ms a call.
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((HOST, port))
        listener.listen(2048)
    except OSError:
        listener.close()
        raise
    return listener


def _stop_at_end_of_input(server: uvicorn.Server) -> None:
    while sys.stdin.buffer.read(4096):
        pass
    server.should_exit = True


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
        default=Plants(),
        metavar="KIND=RATE",
        help="break something on this share of the candidate's calls, e.g. masking=0.05; may be repeated",
    )
    parser.add_argument(
        "--latency-ms",
        type=_latency,
        default=0.0,
        help="keep each Converse and ApplyGuardrail call waiting (default: %(default)g)",
    )
    parser.add_argument(
        "--until-stdin-closes",
        action="store_true",
        help="end when standard input does, for a parent process that may die",
    )
    return parser


class _Plant(argparse.Action):
    """Collects plants, so that a kind given twice is seen."""

    def __call__(
        self,
        parser: argparse.ArgumentParser,
        namespace: argparse.Namespace,
        values: object,
        option_string: str | None = None,
    ) -> None:
        specs = [*getattr(namespace, "plant_specs", []), str(values)]
        try:
            namespace.plant = parse(specs)
        except ValueError as error:
            parser.error(f"{option_string}: {error}")
        namespace.plant_specs = specs


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
    # uvicorn handles both signals once it runs; until then the process simply ends.
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    sys.exit(main())
