"""The guardrails that stand before one call: what they read, what they did, and their trace."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

from evals.rehearsal.assessment import NO_ACTION
from evals.rehearsal.channels import Channel, Passage, readable
from evals.rehearsal.disturbance import Disturbance, disturbed
from evals.rehearsal.engine import Assessment
from evals.rehearsal.guardrails import Configuration
from evals.rehearsal.oddities import altered
from evals.rehearsal.rules import Side

TraceLevel = Literal["disabled", "enabled", "enabled_full"]


@dataclass(frozen=True, kw_only=True)
class Judgement:
    """What the guardrails made of the texts of one side."""

    assessment: Assessment
    texts: tuple[str, ...]
    """Every text that was given, those that were read as the guardrail left them."""

    @property
    def canned(self) -> str | None:
        """What is said instead, None where nothing was blocked."""
        return self.assessment.texts[0] if self.assessment.blocked else None


@dataclass(frozen=True, kw_only=True)
class Guard:
    """A guardrail before one call."""

    configuration: Configuration
    evaluated: Mapping[Channel, bool]
    disturbance: Disturbance = field(default_factory=Disturbance)
    trace: TraceLevel = "disabled"
    struck: frozenset[str] = frozenset()
    """The faults that change what is told of it."""

    def judge(self, side: Side, found: Sequence[Passage]) -> Judgement:
        """Assess the texts of a request (INPUT) or of an answer, or a part of one (OUTPUT)."""
        read = readable(found, self.evaluated)
        texts = [passage.text for passage, is_read in zip(found, read, strict=True) if is_read]
        assessment = disturbed(
            self.configuration,
            side,
            texts,
            unread=sum(len(passage.text) for passage in found) - sum(map(len, texts)),
            full=self.trace == "enabled_full",
            disturbance=self.disturbance,
        )
        left = iter(assessment.texts)
        return Judgement(
            assessment=assessment,
            texts=tuple(
                next(left) if is_read and not assessment.blocked else passage.text
                for passage, is_read in zip(found, read, strict=True)
            ),
        )


@dataclass
class Record:
    """What the guardrail did during one call, as it goes into the trace."""

    guard: Guard
    asked: Judgement
    heard: list[Judgement] = field(default_factory=list)
    said: list[str] | None = None
    """The model's own words, None where it was not asked."""

    @property
    def intervened(self) -> bool:
        """Whether anything was blocked or masked."""
        return any(judgement.assessment.action != "NONE" for judgement in (self.asked, *self.heard))

    @property
    def blocked(self) -> bool:
        """Whether anything was blocked."""
        return any(judgement.assessment.blocked for judgement in (self.asked, *self.heard))

    def trace(self) -> dict[str, Any] | None:
        """GuardrailTraceAssessment; None where the caller asked for none."""
        if self.guard.trace == "disabled" or "no_trace" in self.guard.struck:
            return None
        identifier = self.guard.configuration.guardrail
        struck = self.guard.struck
        document: dict[str, Any] = {
            "inputAssessment": {identifier: altered(self._signed(self.asked), struck)}
        }
        if self.said is not None:
            document["modelOutput"] = self.said
            heard = [altered(self._signed(heard), struck) for heard in self.heard]
            document["outputAssessments"] = {identifier: heard}
        document["actionReason"] = self._reason()
        return document

    def _signed(self, judgement: Judgement) -> dict[str, Any]:
        applied = self.guard.configuration.applied
        return {**judgement.assessment.document, "appliedGuardrailDetails": applied}

    def _reason(self) -> str:
        """The weightiest reason: blocked before masked before nothing."""
        assessments = [judgement.assessment for judgement in (self.asked, *self.heard)]
        acted = sorted(
            (assessment for assessment in assessments if assessment.action != "NONE"),
            key=lambda assessment: not assessment.blocked,
        )
        return (acted[0].reason if acted else None) or NO_ACTION
