"""Finds out whether a model can be guarded in its own request, by asking and not by what pages say.

Five steps, of which each proves what the one before it cannot: the model is there, it answers, the guardrail
acts on a canary in front of it and says so in its trace, the guardrail acts on that canary alone, and without
it the canary is answered. A guardrail that is accepted and ignored fails the third.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import anyio.to_thread

from evals.bedrock import apply, converse
from evals.bedrock.account import listing
from evals.bedrock.assessments import Wanted
from evals.bedrock.client import client
from evals.bedrock.question import Question
from evals.bedrock.record import record
from evals.bedrock.retry import Patience, ask
from evals.bedrock.trace import CallRecord

_BENIGN = "What is a good name for a cat?"


@dataclass(frozen=True)
class Step:
    """One thing that was tried."""

    name: str
    passed: bool | None
    """None: it could not be tried, and nothing follows from it."""
    evidence: str

    def __str__(self) -> str:
        """For the register."""
        word = {True: "yes", False: "no", None: "not known"}[self.passed]
        return f"{self.name}: {word} ({self.evidence})"


@dataclass(frozen=True)
class Probed:
    """Which model was tried with which guardrail, and where."""

    model: str
    wanted: Wanted
    canaries: Sequence[str]
    """Texts on which the guardrail has to act as input; one of them is enough."""
    inference: Mapping[str, Any]
    """Members of botocore's InferenceConfiguration, as the arm will send them."""
    endpoint_url: str | None
    region: str
    patience: Patience


async def probe(probed: Probed) -> tuple[Step, ...]:
    """Try the steps in order, until one fails.

    Raises:
        CredentialsMissing: AWS does not know the caller.
        EndpointSilentError: Nothing answers at a loopback endpoint.
    """
    taken: list[Step] = []
    async for step in _steps(probed):
        taken.append(step)
        if step.passed is False:
            break
    return tuple(taken)


def inline(steps: Sequence[Step]) -> bool:
    """Whether all was shown that makes a model guarded in its own request."""
    return len(steps) == _NUMBER and all(step.passed is not False for step in steps)


def answers(steps: Sequence[Step]) -> bool:
    """Whether the model answers at all, guarded or not."""
    return any(step.name == _ANSWERS and step.passed for step in steps)


_NUMBER = 5
_ANSWERS = "it answers by Converse"


async def _steps(probed: Probed) -> AsyncIterator[Step]:
    yield await anyio.to_thread.run_sync(_listed, probed)
    plain = await _converse(probed, _BENIGN, guarded=False)
    yield Step(_ANSWERS, plain.error is None, _told(plain))
    acted: CallRecord | None = None
    canary = ""
    for canary in probed.canaries:
        acted = await _converse(probed, canary, guarded=True)
        if _acted(acted):
            break
    shown = acted is not None and _acted(acted)
    yield Step("its guardrail acts on a canary", shown, _told(acted) if acted else "there is no canary")
    alone = await _apply(probed, canary)
    yield Step("the guardrail alone acts on it too", _acted(alone), _told(alone))
    bare = await _converse(probed, canary, guarded=False)
    answered = bare.error is None and bare.stop_reason != "guardrail_intervened"
    yield Step("without the guardrail it is answered", answered, _told(bare))


def _listed(probed: Probed) -> Step:
    found = listing(endpoint_url=probed.endpoint_url, region=probed.region).has(probed.model)
    return Step("the region lists it", found.so, found.evidence)


async def _converse(probed: Probed, text: str, *, guarded: bool) -> CallRecord:
    wanted = probed.wanted if guarded else None
    question = Question(
        model=probed.model,
        messages=[{"role": "user", "content": [{"text": text}]}],
        inference=probed.inference,
        wanted=wanted,
        metadata={"case": "probe"},
    )
    request = converse.request(question)
    runtime = client("bedrock-runtime", endpoint_url=probed.endpoint_url, region=probed.region)
    attempted = await ask(lambda: converse.call(runtime, request), probed.patience)
    return record(attempted, operation="Converse", sent=question.given, wanted=wanted)


async def _apply(probed: Probed, text: str) -> CallRecord:
    request = apply.request(texts=[text], side="input", wanted=probed.wanted)
    runtime = client("bedrock-runtime", endpoint_url=probed.endpoint_url, region=probed.region)
    attempted = await ask(lambda: runtime.apply_guardrail(**request), probed.patience)
    return apply.record(attempted, request=request, wanted=probed.wanted)


def _acted(call: CallRecord) -> bool:
    """On evidence that names our guardrail; a rule that only reports has acted when it reported."""
    return call.error is None and call.trace.doubt is None and bool(call.trace.findings)


def _told(call: CallRecord) -> str:
    if call.error is not None:
        return call.error
    doubt = call.trace.doubt if call.trace.guardrail is None else None
    shown = f"guardrail {call.trace.guardrail} version {call.trace.version}" if not doubt else "no guardrail"
    return f"{call.stop_reason}, {shown}, request {call.request_id}"
