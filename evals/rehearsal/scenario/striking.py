"""Which faults strike a call, and how long it waits: by a hash of the request, not by chance or order."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

from evals.rehearsal.draw import uniform
from evals.rehearsal.scenario.document import Fault, Scenario
from evals.rehearsal.scenario.kinds import RUNTIME


@dataclass(frozen=True, kw_only=True)
class Request:
    """A call as far as faults look at it."""

    operation: str
    model_id: str | None
    digest: str
    """Of everything that the request says."""
    repetition: int
    """How often the same request came before."""
    body: bytes


class Striking:
    """Decides for one service; it counts, and so knows when a fault begins and ends.

    Args:
        scenario: What can go wrong.
        seed: The service's seed; another one strikes other calls.
        latency_ms: How long calls wait where the scenario says nothing else.
    """

    def __init__(self, scenario: Scenario, *, seed: int, latency_ms: float) -> None:
        self._scenario = scenario
        self._seed = seed
        self._latency_ms = latency_ms
        self._met: Counter[int] = Counter()

    def faults(self, request: Request) -> list[Fault]:
        """The faults that strike, in the order of the file."""
        return [
            fault
            for place, fault in enumerate(self._scenario.faults)
            if fault.meets(request.operation, request.model_id) and self._strikes(place, fault, request)
        ]

    def waits_ms(self, request: Request) -> float:
        """How long the caller is kept waiting, by the first rule that meets the call."""
        for latency in self._scenario.latency:
            if latency.meets(request.operation, request.model_id):
                return latency.ms + latency.spread_ms * uniform("latency", self._seed, request.digest)
        return self._latency_ms if request.operation in RUNTIME else 0.0

    def _strikes(self, place: int, fault: Fault, request: Request) -> bool:
        if fault.parameter is not None and f'"{fault.parameter}"'.encode() not in request.body:
            return False
        self._met[place] += 1
        if not 0 < self._met[place] - fault.after <= (fault.during or self._met[place]):
            return False
        repetition = 0 if fault.persistent else request.repetition
        drawn = uniform("fault", place, fault.kind, self._seed, request.digest, repetition)
        return drawn < fault.rate
