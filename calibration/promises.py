"""What is promised, and whether what was measured keeps it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from analysis.stats.intervals import rate_upper

Side = Literal["at most", "at least"]

SURE = 0.005
"""Error on either side of the Monte Carlo limits: 99 %, since a page of many figures must not cry wolf."""
ROUNDING = 1e-6
"""What an enumeration leaves out, of chance, at the most."""


@dataclass(frozen=True)
class Promise:
    """One thing that the methods say of themselves."""

    key: str
    says: str
    nominal: float
    """A fraction."""
    side: Side
    where: str
    """Where it is stated."""


PROMISES = {
    promise.key: promise
    for promise in (
        Promise(
            "fay_lumbard",
            "the 95 % interval of a difference covers the truth",
            0.95,
            "at least",
            "Fay and Lumbard 2021; conjectured, not proved",
        ),
        Promise(
            "clopper_pearson",
            "the one-sided 95 % limit of one arm's rate is not exceeded by the truth",
            0.95,
            "at least",
            "Clopper and Pearson 1934",
        ),
        Promise(
            "parity",
            "a metric that is worse by exactly its margin is called within it",
            0.05,
            "at most",
            "docs/methods.md, the rule",
        ),
        Promise(
            "worse",
            "a metric that is not worse is called worse",
            0.05,
            "at most",
            "docs/methods.md, the rule",
        ),
        Promise(
            "beyond",
            "a metric that is worse by exactly its margin is called worse by more",
            0.05,
            "at most",
            "docs/methods.md, the rule",
        ),
        Promise(
            "page_alarm",
            "anything on a page of 40 unchanged metrics is called worse",
            0.05,
            "at most",
            "docs/methods.md, sentence 4",
        ),
        Promise(
            "page_parity",
            "a suite with one metric worse by exactly its margin is signed off",
            0.05,
            "at most",
            "docs/methods.md, sentence 5",
        ),
        Promise(
            "clusters",
            "prompts like these, worse by exactly the margin, are called within it",
            0.05,
            "at most",
            "docs/methods.md, two estimands; for correlations up to the registered floor",
        ),
        Promise(
            "acute",
            "a year of unchanged nights raises an acute alarm",
            0.05,
            "at most",
            "docs/methods.md, nights",
        ),
        Promise(
            "drift",
            "a year of unchanged nights raises a drift alarm",
            0.1,
            "at most",
            "docs/methods.md, nights: one in ten years on average",
        ),
        Promise(
            "sequence",
            "the confidence sequence misses the truth on any night of a year",
            0.05,
            "at most",
            "Waudby-Smith and Ramdas 2024",
        ),
        Promise(
            "frozen",
            "a year of unchanged nights against a frozen baseline raises an alarm",
            0.05,
            "at most",
            "docs/methods.md, nights",
        ),
    )
}


@dataclass(frozen=True)
class Measured:
    """One figure: how often something happened in one setting."""

    promise: str | None
    """Key of the promise it is held against; None: shown for comparison alone."""
    method: str
    setting: Mapping[str, float | int | str]
    rate: float
    trials: int | None = None
    """None where all tables were enumerated, so that the figure has no error of its own."""

    @property
    def limits(self) -> tuple[float, float]:
        """Exact 99 % limits of a simulated rate; an enumerated one is its own limits."""
        if self.trials is None:
            return self.rate, self.rate
        events = round(self.rate * self.trials)
        high = float(rate_upper(events, self.trials, alpha=SURE))
        low = 1 - float(rate_upper(self.trials - events, self.trials, alpha=SURE))
        return low, high

    @property
    def broken(self) -> bool:
        """Whether it breaks its promise beyond its own error."""
        if self.promise is None:
            return False
        promise, (low, high) = PROMISES[self.promise], self.limits
        if promise.side == "at most":
            return low > promise.nominal + ROUNDING
        return high < promise.nominal - ROUNDING
