"""The swap: the words that were recorded of both arms, shown to the guardrail alone after the run.

Where the arms came out differently it tells whether the route did with a text what the guardrail alone does
with it, and whether the guardrail alone treats the two models' words alike. No text goes into what is kept.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, Literal

import anyio
from inspect_ai.log import read_eval_log, read_eval_log_sample

from evals.bedrock import apply
from evals.bedrock.assessments import Wanted as Guardrail
from evals.bedrock.client import CredentialsMissing, EndpointSilentError, client, is_loopback
from evals.bedrock.retry import LOCAL, SERVICE, ask
from evals.bedrock.trace import CallRecord
from evals.calls import CONTROL, kept
from evals.chat import given_to_control
from evals.observe import Observation, observe_control, spoken
from evals.subject import Subject
from evals.together import together
from suites import swap
from suites.arms import GuardrailRef
from suites.case import Side
from suites.registered import KEY
from suites.swap import Swapped, Through, Wanted

_AT_ONCE = 8


_Arm = Literal["reference", "candidate"]
_BOTH: tuple[_Arm, ...] = ("reference", "candidate")


@dataclass(frozen=True)
class _Question:
    wanted: Wanted
    arm: _Arm
    through: Through
    side: Side
    texts: tuple[str, ...]
    subject: Subject
    guardrail: GuardrailRef
    region: str

    @property
    def key(self) -> tuple[str, str, int, str, str]:
        return (self.wanted.suite, self.wanted.case, self.wanted.epoch, self.arm, self.through)


def show_again(folder: Path, wanted: Sequence[Wanted], *, endpoint_url: str | None) -> int:
    """Ask about every text of the pairs that is not on file yet; returns how many stay without an answer.

    Args:
        folder: The run's, in which the answers are kept.
        wanted: The pairs.
        endpoint_url: Where the guardrails are; None is AWS.

    Raises:
        RegistrationError: What is on file is not what it should be.
    """
    entries = {
        (each.suite, each.case, each.epoch, each.arm, each.through): each for each in swap.read(folder)
    }
    questions = [question for question in _questions(wanted) if question.key not in entries]
    if not questions:
        return 0
    answers = anyio.run(_ask_all, questions, endpoint_url)
    swap.write(folder, [*entries.values(), *(each for each in answers if each.missing is None)])
    return sum(each.missing is not None for each in answers)


def _questions(wanted: Sequence[Wanted]) -> Iterator[_Question]:
    registered: dict[Path, dict[str, Any]] = {}
    for pair in wanted:
        if pair.log not in registered:
            header = read_eval_log(str(pair.log), header_only=True)
            registered[pair.log] = (header.eval.metadata or {}).get(KEY) or {}
        yield from _of_pair(pair, registered[pair.log])


def _of_pair(pair: Wanted, registered: dict[str, Any]) -> Iterator[_Question]:
    sample = read_eval_log_sample(str(pair.log), id=pair.case, epoch=pair.epoch)
    control = kept(sample.store, CONTROL)
    if control is None:
        return
    subject = Subject.of(sample.metadata)
    region = str((registered.get("service") or {}).get("region"))
    for arm in _BOTH:
        if (found := kept(sample.store, arm)) is None:
            continue
        call, guardrail = found
        alone: list[tuple[Through, GuardrailRef, str]] = [("control", control[1], region)]
        if guardrail != control[1]:
            place = ((registered.get("arms") or {}).get(arm) or {}).get("region") or region
            alone.append(("own", guardrail, str(place)))
        side: Side = "output"
        if subject.expectation == "protect" and subject.side == "input":
            # Of the input, which was the same for all, control's own record tells what its guardrail does.
            side, alone = "input", alone[1:]
            texts = given_to_control("input", None, sample.input)
        else:
            said = spoken(call)
            texts = [] if said is None else [said]
        for through, asked, where in alone if texts else ():
            yield _Question(pair, arm, through, side, tuple(texts), subject, asked, where)


async def _ask_all(questions: Sequence[_Question], endpoint_url: str | None) -> list[Swapped]:
    answers: dict[int, Swapped] = {}
    limiter = anyio.CapacityLimiter(_AT_ONCE)

    async def one(place: int, question: _Question) -> None:
        async with limiter:
            answers[place] = await _ask(question, endpoint_url)

    await together([partial(one, place, question) for place, question in enumerate(questions)])
    return [answers[place] for place in range(len(questions))]


async def _ask(question: _Question, endpoint_url: str | None) -> Swapped:
    wanted = Guardrail(question.guardrail.id, question.guardrail.version)
    request = apply.request(texts=question.texts, side=question.side, wanted=wanted)
    patience = LOCAL if is_loopback(endpoint_url) else SERVICE
    try:
        runtime = client("bedrock-runtime", endpoint_url=endpoint_url, region=question.region)
        attempted = await ask(lambda: runtime.apply_guardrail(**request), patience)
    except (CredentialsMissing, EndpointSilentError) as error:
        return _answer(question, None, missing=str(error))
    record = apply.record(attempted, request=request, wanted=wanted)
    seen = observe_control(
        question.subject,
        record,
        question.guardrail,
        given="\n".join(question.texts),
        side=question.side,
    )
    return _answer(question, record, seen=seen, missing=seen.missing)


def _answer(
    question: _Question,
    record: CallRecord | None,
    *,
    seen: Observation | None = None,
    missing: str | None,
) -> Swapped:
    facts = seen.facts if seen else None
    return Swapped(
        suite=question.wanted.suite,
        case=question.wanted.case,
        epoch=question.wanted.epoch,
        arm=question.arm,
        through=question.through,
        side=question.side,
        guardrail=question.guardrail.id,
        version=question.guardrail.version,
        request_id=record.request_id if record else None,
        input_acted=facts.input_acted if facts else None,
        acted=facts.acted if facts else None,
        guarded=facts.guarded if facts else None,
        exposed=facts.exposed if facts else None,
        missing=missing,
    )
