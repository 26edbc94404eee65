"""The slow drift: evidence that starts anew whenever it was all gone (a CUSUM of bets).

For each share of `betting` the capital C of night t is the night's e-value times what was there, but
at least 1: the good past is forgotten,

    C_t = max(C_{t-1}, 1) e_t          alarm when the average over shares reaches M * ARL

for M metrics. Each such sum grows by at most 1 a night on average while nothing changes, so that one
false alarm of the whole watch comes, on average, no sooner than after ARL nights, however the metrics
depend on each other (Shin, Ramdas and Rinaldo 2023, "E-detectors", New England Journal of Statistics
in Data Science 2:229).

The state between nights is nine numbers a metric (`state` keeps them in a file). Both arms must have
been asked anew each night: a night against a frozen baseline is refused by its type.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date

import numpy as np
from scipy import special

from analysis.stats.sequential import betting
from analysis.stats.sequential.nights import ConcurrentNight, concurrent

TEN_YEARS = 3650
"""Nights between false alarms of the whole watch, on average: the promise."""


@dataclass(frozen=True)
class Drift:
    """What one metric has gathered against "not worse by more than delta"."""

    delta: float = 0.0
    """The difference that is not to be exceeded, a fraction: 0, or the margin."""
    nights: int = 0
    log_capital: tuple[float, ...] = (0.0,) * len(betting.SHARES)
    """log C by share, in the order of `betting.SHARES`."""

    def after(self, night: ConcurrentNight) -> Drift:
        """The state with one more night.

        Raises:
            TypeError: It is a night against a frozen baseline; the message says why not.
        """
        night = concurrent(night)
        bets = betting.log_capital(night.candidate_only, night.reference_only, night.pairs, self.delta)
        capital = np.maximum(self.log_capital, 0.0) + bets
        return replace(self, nights=self.nights + 1, log_capital=tuple(capital.tolist()))

    @property
    def log_evidence(self) -> float:
        """Logarithm of the average capital over shares."""
        return float(special.logsumexp(self.log_capital) - np.log(len(betting.SHARES)))


@dataclass(frozen=True)
class Watch:
    """All metrics that are watched together, and the alarm they share."""

    metrics: Mapping[str, Drift]
    arl: int = TEN_YEARS
    last: date | None = None
    """The night that was added last."""

    def after(self, night: date, counts: Mapping[str, ConcurrentNight]) -> Watch:
        """The watch with one more night. A metric without counts that night gathers nothing.

        Raises:
            ValueError: The night was added before, or a metric is not watched.
            TypeError: Counts are of a night against a frozen baseline.
        """
        if self.last is not None and night <= self.last:
            raise ValueError(
                f"The night of {night} cannot be added: the watch already holds {self.last}. "
                "Counting a night twice would double its evidence."
            )
        if unknown := set(counts) - set(self.metrics):
            raise ValueError(
                f"Not watched: {', '.join(sorted(unknown))}. Watched: {', '.join(sorted(self.metrics))}."
            )
        added = {name: drift.after(counts[name]) for name, drift in self.metrics.items() if name in counts}
        return replace(self, metrics={**self.metrics, **added}, last=night)

    @property
    def log_limit(self) -> float:
        """What a metric's evidence has to reach for an alarm, as a logarithm."""
        return math.log(len(self.metrics) * self.arl)

    @property
    def alarms(self) -> list[str]:
        """The metrics whose evidence of having drifted is at the limit after the last night."""
        return [name for name, drift in self.metrics.items() if drift.log_evidence >= self.log_limit]


def start(metrics: Sequence[str], *, delta: float = 0.0, arl: int = TEN_YEARS) -> Watch:
    """A watch that has seen nothing yet.

    Raises:
        ValueError: No metric, one of them twice, or a difference outside (-1, 1).
    """
    if not metrics or len(set(metrics)) < len(metrics):
        raise ValueError(f"A watch needs metrics, each of them once; given were {list(metrics)}.")
    if not -1 < delta < 1:
        raise ValueError(f"delta is {delta}; it must be a fraction between -1 and 1.")
    return Watch(metrics={name: Drift(delta=delta) for name in metrics}, arl=arl)
