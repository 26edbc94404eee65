"""The guardrails that stand before one call: what they read, what they did, and their trace."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Literal

from evals.rehearsal.assessment import NO_ACTION
from evals.rehearsal.channels import HONOURED, Channel, Passage, Tags, readable
from evals.rehearsal.disturbance import Disturbance, disturbed
from evals.rehearsal.engine import Assessment
from evals.rehearsal.guardrails import Configuration
from evals.rehearsal.oddities import altered
from evals.rehearsal.rules import Side

TraceLevel = Literal["disabled", "enabled", "enabled_full"]


@dataclass(frozen=True, kw_only=True)
class Judgement:
    """What the guardrails made of the texts of one side."""

    assessments: tuple[Assessment, ...]
    """One of each guardrail, in their order."""
    texts: tuple[str, ...]
    """Every text that was given, those that were read as the guardrails left them."""

    @property
    def canned(self) -> str | None:
        """What is said instead, by the first guardrail that blocked; None where none did."""
        return next((each.texts[0] for each in self.assessments if each.blocked), None)


@dataclass(frozen=True, kw_only=True)
class Guard:
    """One guardrail before one call."""

    configuration: Configuration
    origins: tuple[str, ...] = ("REQUEST",)
    """Why it stands there: guardrailOrigin of its details."""
    tags: Tags = HONOURED
    disturbance: Disturbance = field(default_factory=Disturbance)

    def assess(
        self, side: Side, found: Sequence[Passage], evaluated: Mapping[Channel, bool], *, full: bool
    ) -> tuple[Assessment, list[str]]:
        """Its assessment, and every text as it leaves it."""
        read = readable(found, evaluated, self.tags)
        texts = [passage.text for passage, is_read in zip(found, read, strict=True) if is_read]
        assessment = disturbed(
            self.configuration,
            side,
            texts,
            unread=sum(len(passage.text) for passage in found) - sum(map(len, texts)),
            full=full,
            disturbance=self.disturbance,
        )
        if assessment.blocked:
            return assessment, [passage.text for passage in found]
        left = iter(assessment.texts)
        return assessment, [
            next(left) if is_read else passage.text for passage, is_read in zip(found, read, strict=True)
        ]


@dataclass(frozen=True, kw_only=True)
class Watch:
    """The guardrails before one call, at least one."""

    guards: tuple[Guard, ...]
    evaluated: Mapping[Channel, bool]
    trace: TraceLevel = "disabled"
    struck: frozenset[str] = frozenset()
    """The faults that change what is told of them."""

    def judge(self, side: Side, found: Sequence[Passage]) -> Judgement:
        """Assess the texts of a request (INPUT) or of an answer, or a part of one (OUTPUT).

        Each guardrail judges the texts as they are; what one has masked stays masked for those after it.
        """
        assessments, shown = [], list(found)
        for guard in self.guards:
            assessment, texts = self._assess(guard, side, found)
            assessments.append(assessment)
            if shown != list(found):
                texts = self._assess(guard, side, shown)[1]
            shown = [replace(passage, text=text) for passage, text in zip(found, texts, strict=True)]
        return Judgement(assessments=tuple(assessments), texts=tuple(passage.text for passage in shown))

    def _assess(self, guard: Guard, side: Side, found: Sequence[Passage]) -> tuple[Assessment, list[str]]:
        return guard.assess(side, found, self.evaluated, full=self.trace == "enabled_full")


@dataclass
class Record:
    """What the guardrails did during one call, as it goes into the trace."""

    watch: Watch
    asked: Judgement
    heard: list[Judgement] = field(default_factory=list)
    said: list[str] | None = None
    """The model's own words, None where it was not asked."""

    @property
    def _assessments(self) -> list[Assessment]:
        return [each for judgement in (self.asked, *self.heard) for each in judgement.assessments]

    @property
    def intervened(self) -> bool:
        """Whether anything was blocked or masked."""
        return any(assessment.action != "NONE" for assessment in self._assessments)

    @property
    def blocked(self) -> bool:
        """Whether anything was blocked."""
        return any(assessment.blocked for assessment in self._assessments)

    def trace(self) -> dict[str, Any] | None:
        """GuardrailTraceAssessment; None where the caller asked for none."""
        if self.watch.trace == "disabled" or "no_trace" in self.watch.struck:
            return None
        document: dict[str, Any] = {
            "inputAssessment": {
                guard.configuration.guardrail: self._told(guard, assessment)
                for guard, assessment in zip(self.watch.guards, self.asked.assessments, strict=True)
            }
        }
        if self.said is not None:
            document["modelOutput"] = self.said
            document["outputAssessments"] = {
                guard.configuration.guardrail: [
                    self._told(guard, judgement.assessments[place]) for judgement in self.heard
                ]
                for place, guard in enumerate(self.watch.guards)
            }
        document["actionReason"] = self._reason()
        return document

    def _told(self, guard: Guard, assessment: Assessment) -> Any:
        applied = guard.configuration.applied(guard.origins)
        return altered({**assessment.document, "appliedGuardrailDetails": applied}, self.watch.struck)

    def _reason(self) -> str:
        """The weightiest reason: blocked before masked before nothing."""
        acted = sorted(
            (assessment for assessment in self._assessments if assessment.action != "NONE"),
            key=lambda assessment: not assessment.blocked,
        )
        return (acted[0].reason if acted else None) or NO_ACTION
