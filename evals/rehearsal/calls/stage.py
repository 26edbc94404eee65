"""Everything that a call depends on beside itself."""

from __future__ import annotations

import time
from dataclasses import dataclass

from evals.rehearsal.calls.pace import Pace
from evals.rehearsal.faults import Plants
from evals.rehearsal.guardrails import Guardrails
from evals.rehearsal.models import resolve


@dataclass(frozen=True)
class Stage:
    """The service around a call."""

    guardrails: Guardrails
    plants: Plants
    seed: int
    latency_ms: float = 0.0
    """What the caller was kept waiting on purpose; it counts as the model's time."""

    def pace(self, model_id: str) -> Pace:
        """How streams of a model are cut and read."""
        return Pace(piece=resolve(model_id).piece)


def spent_ms(started: float, stage: Stage) -> int:
    """Milliseconds since a moment of `time.perf_counter`, with what the caller was kept waiting."""
    return round((time.perf_counter() - started) * 1000 + stage.latency_ms)
