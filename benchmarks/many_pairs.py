"""Logs of as many pairs as one likes, made of real ones.

A few cases of each suite are run through `eval()` against the local stand-in, with faults planted in the
candidate. Their scored samples are then written again and again under new ids with Inspect's own API,
without the transcripts, which no comparison reads. The texts, which a report quotes, stay on request.
"""

from __future__ import annotations

import os
import tempfile
from collections.abc import Sequence
from itertools import cycle, islice
from pathlib import Path

from inspect_ai import eval as run
from inspect_ai.log import EvalLog, EvalSample, read_eval_log, write_eval_log

from evals.rehearsal import child
from suites.registered import KEY
from suites.suite import suite_names

PLANTS = ("masking=0.02", "blocking=0.01", "overblock=0.01")
_TASKS = Path(__file__).resolve().parent.parent / "evals"


def write(
    folder: Path, *, pairs: int, seeds: int = 60, plants: Sequence[str] = PLANTS, texts: bool = False
) -> None:
    """Fill the folder with one log for each suite, of so many pairs together.

    Args:
        folder: Is made if it is not there.
        pairs: Cases in all logs together.
        seeds: Real cases that each suite is run with.
        plants: Faults in front of the candidate.
        texts: Keep what was said in each sample.

    Raises:
        RuntimeError: A suite did not run to its end.
    """
    folder.mkdir(parents=True, exist_ok=True)
    names = suite_names()
    with child.start(plants=plants) as rehearsal, tempfile.TemporaryDirectory() as real:
        os.environ["PARITY_ENDPOINT_URL"] = rehearsal.endpoint_url
        for place, name in enumerate(names):
            share = pairs // len(names) + (place < pairs % len(names))
            log = multiplied(_real(name, Path(real), seeds), share, texts=texts)
            write_eval_log(log, str(folder / f"2026-01-01T00-00-00_{name}.eval"))


def multiplied(log: EvalLog, cases: int, *, texts: bool = False) -> EvalLog:
    """The log with its samples again and again until there are so many cases, all of them its batch."""
    samples = log.samples or []
    again = islice(cycle(samples), cases)
    metadata = dict(log.eval.metadata or {})
    metadata[KEY] = metadata[KEY] | {"batch_cases": cases}
    return log.model_copy(
        update={
            "samples": [_renamed(sample, place, len(samples), texts) for place, sample in enumerate(again)],
            "eval": log.eval.model_copy(update={"metadata": metadata}),
        }
    )


def _renamed(sample: EvalSample, place: int, real: int, texts: bool) -> EvalSample:
    """A sample under another id, of another template, without its transcript."""
    template = f"{sample.metadata['template']}-{place // real}"
    return sample.model_copy(
        update={
            "id": f"{sample.id}-{place:06d}",
            "uuid": f"{sample.uuid}-{place:06d}",
            "metadata": sample.metadata | {"template": template},
            "events": [],
            "messages": [],
        }
        | ({} if texts else {"attachments": {}, "store": {}})
    )


def _real(suite: str, folder: Path, cases: int) -> EvalLog:
    (log,) = run(
        f"{_TASKS / suite}.py@{suite}",
        limit=cases,
        log_dir=str(folder / suite),
        log_realtime=False,
        score_display=False,
        display="none",
    )
    if log.status != "success":
        raise RuntimeError(f"{suite} ended as {log.status}: {log.error and log.error.message}")
    return read_eval_log(log.location)
