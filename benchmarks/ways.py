"""The ways of sending calls that are compared, each run in a process of its own.

    python benchmarks/ways.py WAY ENDPOINT IN_FLIGHT CALLS

Prints one JSON line: {"units": [[start, end], ...], "calls_per_unit": n, "cpu_s": s, "failed": n}; times
are seconds since the epoch, so that processes that ran side by side can be compared.
"""

from __future__ import annotations

import io
import json
import os
import resource
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from pathlib import Path
from typing import Any

import anyio
import boto3
import botocore
from botocore.config import Config
from inspect_ai.log import read_eval_log_sample_summaries
from inspect_ai.model import GenerateConfig, get_model

from evals.bedrock import deployment
from suites.suite import load_suite

REGION = "us-east-1"
MODEL = "us.anthropic.claude-opus-4-7"
CANDIDATE = "us.openai.gpt-5.5"
PROMPT = (
    "Please write a short note to a colleague about the meeting on Thursday: we moved it to the larger room, "
    "the agenda is the same as before, and everybody should bring the figures of the last quarter."
)
ARMS_OF_A_PAIR = 3
"""Reference, candidate and control."""
CALLS_OF_A_SIDECAR = 3
"""The guardrail, the model, and the guardrail again."""
CALLS_OF_A_SIDECAR_PAIR = 2 * CALLS_OF_A_SIDECAR + 1

Units = list[tuple[float, float]]


def bare_boto3(endpoint_url: str, in_flight: int, calls: int) -> tuple[Units, int]:
    """A pool of threads around boto3: as little as can stand between a program and the service."""
    config = Config(
        signature_version=botocore.UNSIGNED,
        max_pool_connections=in_flight,
        retries={"total_max_attempts": 1},
    )
    client = boto3.client("bedrock-runtime", endpoint_url=endpoint_url, region_name=REGION, config=config)
    guardrail = _deploy(endpoint_url)

    def one(_: int) -> tuple[float, float]:
        started = time.time()
        client.converse(
            modelId=MODEL,
            messages=[{"role": "user", "content": [{"text": PROMPT}]}],
            inferenceConfig={"maxTokens": 100},
            guardrailConfig={
                "guardrailIdentifier": guardrail["id"],
                "guardrailVersion": guardrail["version"],
                "trace": "enabled",
            },
        )
        return started, time.time()

    with ThreadPoolExecutor(in_flight) as pool:
        list(pool.map(one, range(in_flight)))
        return list(pool.map(one, range(calls))), 0


def guarded_generate(endpoint_url: str, in_flight: int, calls: int) -> tuple[Units, int]:
    """`Model.generate` through `guarded/`, as a solver calls it."""
    return _generate(f"guarded/{MODEL}", endpoint_url, in_flight, calls)


def streamed_generate(endpoint_url: str, in_flight: int, calls: int) -> tuple[Units, int]:
    """The same as a stream, which is read to its end."""
    return _generate(f"guarded/{MODEL}", endpoint_url, in_flight, calls, route="converse_stream")


def sidecar_generate(endpoint_url: str, in_flight: int, calls: int) -> tuple[Units, int]:
    """`Model.generate` through a sidecar: three calls, one after the other."""
    return _generate(f"sidecar/bare/{MODEL}", endpoint_url, in_flight, calls // CALLS_OF_A_SIDECAR)


def _generate(name: str, endpoint_url: str, in_flight: int, calls: int, **more: str) -> tuple[Units, int]:
    route = {
        "endpoint_url": endpoint_url,
        "region": REGION,
        "guardrail": _deploy(endpoint_url),
        "epoch": 1,
        "cut": "full",
        **more,
    }
    config = GenerateConfig(max_tokens=100, max_connections=in_flight, extra_body={"parity": route})
    model = get_model(name)

    async def one() -> bool:
        output = await model.generate(PROMPT, config=config, cache=False)
        return output.error is None

    return _together(one, in_flight, calls)


def inspects_own(endpoint_url: str, in_flight: int, calls: int) -> tuple[Units, int]:
    """`Model.generate` through Inspect's own `bedrock/`, which takes no guardrail."""
    os.environ.update(AWS_ACCESS_KEY_ID="none", AWS_SECRET_ACCESS_KEY="none", AWS_DEFAULT_REGION=REGION)  # noqa: S106 - the stand-in reads none
    config = GenerateConfig(max_tokens=100, max_connections=in_flight)
    model = get_model(f"bedrock/{MODEL}", base_url=endpoint_url)

    async def one() -> bool:
        return bool((await model.generate(PROMPT, config=config, cache=False)).completion)

    return _together(one, in_flight, calls)


def paired_samples(endpoint_url: str, in_flight: int, calls: int) -> tuple[Units, int]:
    """Whole samples of the PII suite, as a run asks them: three calls, observation, score and log each."""
    return _paired("converse", endpoint_url, in_flight, calls // ARMS_OF_A_PAIR)


def streamed_samples(endpoint_url: str, in_flight: int, calls: int) -> tuple[Units, int]:
    """The same with both models' answers as streams."""
    return _paired("converse_stream", endpoint_url, in_flight, calls // ARMS_OF_A_PAIR)


def sidecar_samples(endpoint_url: str, in_flight: int, calls: int) -> tuple[Units, int]:
    """The same with a sidecar beside both models: seven calls a sample."""
    return _paired("sidecar", endpoint_url, in_flight, calls // CALLS_OF_A_SIDECAR_PAIR)


def _paired(route: str, endpoint_url: str, in_flight: int, samples: int) -> tuple[Units, int]:
    from evals import runner  # noqa: PLC0415 - Inspect greets its hooks on standard output

    of_an_arm = max(1, in_flight // ARMS_OF_A_PAIR)
    # More cases than calls, by the same share as the runner's own.
    cases = of_an_arm * runner.SETTINGS["max_samples"] // runner.SETTINGS["max_connections"]
    runner.SETTINGS |= {"max_samples": cases, "max_connections": of_an_arm}
    with tempfile.TemporaryDirectory() as folder:
        arms = Path(folder, "arms.yaml")
        arms.write_text(
            f"rehearsal: true\nregion: {REGION}\n"
            f"reference: {{model: {MODEL}, route: {route}, parameters: {{max_tokens: 1024}}}}\n"
            f"candidate: {{model: {CANDIDATE}, route: {route}, parameters: {{max_tokens: 1024}}}}\n"
        )
        given = ["--suite", "pii", "--arms", str(arms), "--log-dir", folder, "--limit", str(samples)]
        events = io.StringIO()
        if code := runner.main([*given, "--endpoint-url", endpoint_url], events=events):
            raise SystemExit(f"The run ended with {code}: {events.getvalue().splitlines()[-1]}")
        (log,) = Path(folder).glob("*.eval")
        summaries = read_eval_log_sample_summaries(str(log))
    units = [(_seconds(sample.started_at), _seconds(sample.completed_at)) for sample in summaries]
    return units, sum(sample.error is not None for sample in summaries)


WAYS: dict[str, tuple[Callable[[str, int, int], tuple[Units, int]], int]] = {
    "bare_boto3": (bare_boto3, 1),
    "guarded_generate": (guarded_generate, 1),
    "streamed_generate": (streamed_generate, 1),
    "sidecar_generate": (sidecar_generate, CALLS_OF_A_SIDECAR),
    "inspects_own": (inspects_own, 1),
    "paired_samples": (paired_samples, ARMS_OF_A_PAIR),
    "streamed_samples": (streamed_samples, ARMS_OF_A_PAIR),
    "sidecar_samples": (sidecar_samples, CALLS_OF_A_SIDECAR_PAIR),
}


def _deploy(endpoint_url: str) -> dict[str, str]:
    made = deployment.deploy(load_suite("pii").policy, "full", endpoint_url=endpoint_url, region=REGION)
    return made.reference.model_dump(include={"id", "version"})


def _together(one: Callable[[], Awaitable[bool]], in_flight: int, calls: int) -> tuple[Units, int]:
    """As many calls as the model's own limit lets through, after a first round that nobody times."""
    units: Units = []
    failed = 0

    async def timed(slots: anyio.Semaphore) -> None:
        nonlocal failed
        async with slots:
            started = time.time()
            failed += not await one()
            units.append((started, time.time()))

    async def all_calls() -> None:
        slots = anyio.Semaphore(in_flight)
        for count in (in_flight, calls):
            units.clear()
            async with anyio.create_task_group() as group:
                for _ in range(count):
                    group.start_soon(timed, slots)

    anyio.run(all_calls)
    return units, failed


def _seconds(moment: Any) -> float:
    return (moment if isinstance(moment, datetime) else datetime.fromisoformat(str(moment))).timestamp()


def main() -> None:
    """Run one way and print what it measured."""
    name, endpoint_url, in_flight, calls = sys.argv[1:]
    way, calls_per_unit = WAYS[name]
    units, failed = way(endpoint_url, int(in_flight), int(calls))
    used = resource.getrusage(resource.RUSAGE_SELF)
    print(
        json.dumps(
            {
                "units": units,
                "calls_per_unit": calls_per_unit,
                "cpu_s": used.ru_utime + used.ru_stime,
                "failed": failed,
            }
        )
    )


if __name__ == "__main__":
    main()
