"""Everything that a call depends on beside itself."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass, field

from evals.rehearsal.calls.pace import Pace
from evals.rehearsal.channels import Channel
from evals.rehearsal.enforcement import Enforcement
from evals.rehearsal.faults import Plants
from evals.rehearsal.guardrails import Guardrails
from evals.rehearsal.models import Profile
from evals.rehearsal.scenario.document import Scenario


@dataclass(frozen=True)
class Stage:
    """The service around a call."""

    guardrails: Guardrails
    enforcement: Enforcement
    plants: Plants
    seed: int
    latency_ms: float = 0.0
    """What the caller was kept waiting on purpose; it counts as the model's time."""
    scenario: Scenario = field(default_factory=Scenario)
    struck: frozenset[str] = frozenset()
    """The injected faults that change the answer of this call."""

    def reads(self, model_id: str) -> Mapping[Channel, bool]:
        """By channel, whether a guardrail before a model reads it."""
        return self.scenario.reads(model_id)

    def pace(self, profile: Profile) -> Pace:
        """How streams of a model are cut and read."""
        return self.scenario.pace(profile)


def spent_ms(started: float, stage: Stage) -> int:
    """Milliseconds since a moment of `time.perf_counter`, with what the caller was kept waiting."""
    return round((time.perf_counter() - started) * 1000 + stage.latency_ms)
