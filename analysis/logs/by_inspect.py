"""Reads a log with Inspect's own reader: any log, in any of its formats, finished or not."""

from __future__ import annotations

from pathlib import Path

from inspect_ai.log import (
    EvalSample,
    read_eval_log,
    read_eval_log_sample,
    read_eval_log_sample_summaries,
)

from analysis.logs.contents import Contents, last_of_each, sampled


def read(path: Path) -> Contents:
    """The log's contents, from its header and the summaries of its samples.

    Raises:
        Exception: Whatever a damaged file makes Inspect raise.
    """
    header = read_eval_log(str(path), header_only=True)
    summaries = read_eval_log_sample_summaries(str(path))
    return Contents(
        status=header.status,
        error=None if header.error is None else header.error.message,
        task=header.eval.task,
        task_id=header.eval.task_id,
        created=header.eval.created,
        metadata=header.eval.metadata or {},
        samples=last_of_each([sampled(summary) for summary in summaries]),
    )


def sample(path: Path, case: str, epoch: int) -> EvalSample:
    """One whole sample.

    Raises:
        Exception: Whatever a damaged file makes Inspect raise.
    """
    return read_eval_log_sample(str(path), id=case, epoch=epoch)
