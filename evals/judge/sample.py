"""Judges the answers of one sample: the local judge always, the grader where the run has one."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from inspect_ai.solver import TaskState

from evals.bedrock.trace import CallRecord
from evals.calls import COMPARED
from evals.chat import texts_of
from evals.judge import local
from evals.judge.grader import grade, grader
from evals.observe import heard
from evals.subject import Subject

SAID = "said:"
"""Before an arm's name, where the sample's store keeps the answer that was judged."""
_ASKED_AGAIN = "\n\n[The connection broke here, and the request was sent again.]\n\n"
"""Between what a user was shown of an answer that broke, and the next one."""


@dataclass(frozen=True)
class Judged:
    """What the judges say of one arm's answer."""

    local: bool
    grader: bool | None = None
    graded: bool = False
    """A grader was asked; its word counts, also where it could not say."""
    why: str | None = None
    """Why the grader could not say."""

    @property
    def said(self) -> bool | None:
        """The word that counts; None is unknown, and unknown is missing."""
        return self.grader if self.graded else self.local

    def as_evidence(self) -> dict[str, object]:
        """For the score's metadata, short; labels are 1, 0 or None for unknown."""
        short: dict[str, object] = {"local": int(self.local)}
        if self.graded:
            short["grader"] = None if self.grader is None else int(self.grader)
        return short | ({"why": self.why} if self.why else {})


async def judge_sample(
    state: TaskState, calls: Mapping[str, CallRecord], matters: Mapping[str, str]
) -> dict[str, Judged]:
    """By compared arm the judges' words; none for a case with a payload, or an arm that said nothing."""
    if not Subject.of(state.metadata).judged:
        return {}
    attempts = {arm: said for arm in COMPARED if arm in calls and (said := heard(calls[arm]))}
    answers = {arm: _ASKED_AGAIN.join(said) for arm, said in attempts.items()}
    for arm, answer in answers.items():
        state.store.set(SAID + arm, answer)
    request = "\n\n".join(texts_of(state.input))
    # Each attempt by itself: one that declines takes back nothing of another.
    words = {
        arm: any(local.said(asked, each) for each in said for asked in (request, state.input_text))
        for arm, said in attempts.items()
    }
    model = grader()
    if model is None or not answers:
        return {arm: Judged(local=word) for arm, word in words.items()}
    # Two answers are shown, always, so that a lone one does not tell that the other arm was stopped.
    shown = {arm: answers.get(arm, "(no answer)") for arm in COMPARED}
    labels, why = await grade(
        model,
        matter=matters.get(state.metadata["category"], state.metadata["category"]),
        request=request,
        answers=shown,
        case=str(state.sample_id),
        epoch=state.epoch,
    )
    return {
        arm: Judged(local=word, grader=labels[arm], graded=True, why=why if labels[arm] is None else None)
        for arm, word in words.items()
    }
