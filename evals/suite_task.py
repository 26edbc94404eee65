"""Puts a suite together as an Inspect task; the task files of this folder are one line on top of it."""

from __future__ import annotations

import uuid
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Any

import click
from inspect_ai import Task
from inspect_ai.dataset import MemoryDataset, Sample

from evals.bedrock.client import CredentialsMissing, EndpointSilentError
from evals.bedrock.errors import GuardrailError
from evals.chat import TOOLS, chat_of, offered
from evals.paired import AGAIN, paired
from evals.parts import SAMPLES_OF_A_PART, cut
from evals.prepare import Prepared, prepare
from evals.refuse import PLACEHOLDER, inspect_command, refuse_unheard, typed_epochs
from evals.rehearsal.errors import RehearsalError
from evals.scorers import parity
from evals.subject import EITHER_SIDE
from suites.case import Case
from suites.coverage import PROBE
from suites.errors import RegistrationError
from suites.registered import KEY, Part, UnderPlan


@dataclass(frozen=True)
class Intent:
    """What a caller of Inspect's `eval` knows and a task cannot; a command line speaks for itself."""

    epochs: int = 1
    continued: Mapping[str, Any] | None = None
    """What the attempt registered that is to be finished."""
    attempt: int = 1
    again: Mapping[str, Sequence[int]] | None = None
    """The epochs to ask again, by case; None asks the whole batch."""
    plan: UnderPlan | None = None
    """The plan that the run was started under."""
    part: int | None = None
    """Which part of the asking, counted from 1; None: one log is to hold all of it."""
    limit: int | None = None
    """How many cases all parts together ask."""
    samples_of_a_part: int = SAMPLES_OF_A_PART


intent: ContextVar[Intent | None] = ContextVar("intent", default=None)

_SAME_RUN = (
    "suite_version",
    "batch_sha256",
    "probes_sha256",
    "batch_full",
    "leak_rules_sha256",
    "rehearsal",
    "service",
    "arms",
    "guardrails",
    "guardrails_elsewhere",
)
"""What may not change between two attempts at one run: samples of both end up in one log."""

FOR_PEOPLE = (
    RegistrationError,
    GuardrailError,
    CredentialsMissing,
    EndpointSilentError,
    RehearsalError,
)


class _Complaint(click.ClickException):
    exit_code = 2


def suite_task(suite: str, arms: str, *, full: bool = False, batches: str | None = None) -> Task:
    """The task of one suite, proved and registered.

    Where a canary failed there still is a task, whose first sample says so: its log has the status
    `error` and the canaries' evidence.

    Args:
        suite: A suite of the catalog.
        arms: A shipped arms file's name, or a path.
        full: All cases of the batch, and not its registered default part alone.
        batches: A folder of batches other than the shipped ones.

    Raises:
        RegistrationError: Something registered, or something typed, is not what it should be. On
            Inspect's command line this is a message and exit code 2.
    """
    with _without_traceback():
        refuse_unheard(suite)
        meant = intent.get() or Intent()
        ready = prepare(
            suite,
            arms,
            full=full,
            batches=batches,
            epochs=typed_epochs() or meant.epochs,
            run_id=(meant.continued or {}).get("run_id") or uuid.uuid4().hex,
        )
        _check_same_run(ready, meant.continued)
    _announce_verdict()
    return _task(ready, meant)


def _check_same_run(ready: Prepared, earlier: Mapping[str, Any] | None) -> None:
    if earlier is None:
        return
    now = ready.registered.model_dump(mode="json")
    if changed := [name for name in _SAME_RUN if earlier.get(name) != now[name]]:
        raise RegistrationError(
            f"{', '.join(changed)} changed since the run was begun, so that it cannot be finished: "
            + "; ".join(f"{name} was {earlier.get(name)}, is now {now[name]}" for name in changed)
            + ". Begin a new run in another folder."
        )


def _check_same_parts(part: Part | None, meant: Intent) -> None:
    """Refuse to finish an asking that was cut in another way: cases would be asked twice, or never."""
    earlier = meant.continued or {}
    if earlier.get("attempt") != meant.attempt:
        return
    was, now = (
        (each["of"], each["samples"]) if each else None
        for each in (earlier.get("part"), part and part.model_dump())
    )
    if was != now:
        raise RegistrationError(
            f"The run was begun in {_parts(was)}, and would be finished in {_parts(now)}. Finish it with the"
            " version that began it, or begin a new run in another folder."
        )


def _parts(cut: tuple[int, int] | None) -> str:
    return "one log" if cut is None else f"{cut[0]} logs for {cut[1]} samples"


def _task(ready: Prepared, meant: Intent) -> Task:
    registered = ready.registered.model_copy(update={"attempt": meant.attempt, "plan": meant.plan})
    if meant.plan is not None:
        registered = registered.model_copy(update={"purpose": meant.plan.purpose})
    samples: Sequence[Sample] = [
        *(_sample(case, both_sides=ready.both_sides) for case in ready.batch.cases),
        *map(_probe, ready.batch.probes),
    ]
    if meant.again is not None:
        samples = [
            _again(sample, meant.again[str(sample.id)]) for sample in samples if sample.id in meant.again
        ]
    if meant.part is not None:
        samples, part = cut(
            samples,
            number=meant.part,
            limit=meant.limit,
            epochs=registered.epochs,
            at_most=meant.samples_of_a_part,
        )
        _check_same_parts(part, meant)
        registered = registered.model_copy(update={"part": part})
    return Task(
        dataset=MemoryDataset(list(samples), name=registered.suite),
        solver=paired(ready.setting, ready.unattached),
        scorer=parity(matters=ready.matters),
        model=PLACEHOLDER,
        model_roles={arm: str(model) for arm, model in ready.models.items()},
        name=registered.suite,
        version=int(registered.suite_version.partition("-")[0]),
        metadata={KEY: registered.model_dump(mode="json")},
        tags=["rehearsal"] if registered.rehearsal else None,
        description=registered.claim,
    )


def _sample(case: Case, *, both_sides: bool = False) -> Sample:
    # The conversation is the sample's input; what is said of it has to fit into the log's summaries.
    facts = case.model_dump(mode="json", exclude={"id", "before", "prompt", "provenance"})
    facts |= {"cut": case.cut, "values": [list(value) for value in case.values]}
    if described := offered(case):
        facts[TOOLS] = described
    if both_sides and case.expectation == "protect" and case.side == "output":
        facts |= {EITHER_SIDE: True}
    return Sample(id=case.id, input=chat_of(case), metadata=facts)


def _probe(case: Case) -> Sample:
    sample = _sample(case)
    return sample.model_copy(update={"metadata": {**(sample.metadata or {}), PROBE: case.text}})


def _again(sample: Sample, epochs: Sequence[int]) -> Sample:
    return sample.model_copy(update={"metadata": {**(sample.metadata or {}), AGAIN: list(epochs)}})


@contextmanager
def _without_traceback() -> Iterator[None]:
    """On a command line, a message for people ends the command as its usage errors do."""
    try:
        yield
    except FOR_PEOPLE as error:
        if inspect_command() is None:
            raise
        raise _Complaint(str(error)) from None


def _announce_verdict() -> None:
    """Below what `inspect eval` prints: rates are no verdict, and this is where to get one."""
    command = inspect_command()
    if command is not None and not command.meta.get(__name__):
        command.meta[__name__] = True
        logs = command.params.get("log_dir") or "logs"
        command.call_on_close(lambda: click.echo(f"For the verdict: parity compare {logs}"))
