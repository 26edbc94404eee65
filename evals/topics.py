"""Inspect task: does the guardrail keep denied topics out in front of both models alike?

inspect eval evals/topics.py [-T arms=bedrock] [-T full=true] [--limit N] [--epochs N]
"""

from __future__ import annotations

from inspect_ai import Task, task

from evals.suite_task import suite_task


@task
def topics(arms: str = "rehearsal", *, full: bool = False, batches: str | None = None) -> Task:
    """Denied topics, blocked.

    Args:
        arms: A shipped arms file's name (rehearsal, bedrock), or the path of one.
        full: All cases of the batch, and not its registered default part alone.
        batches: A folder of batches of your own, made by `parity batch import`.
    """
    return suite_task("topics", arms, full=full, batches=batches)
