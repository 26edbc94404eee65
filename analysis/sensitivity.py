"""What a run could have seen: the smallest loss that it would have called one, four times in five.

The same counts are asked about as if the prompts were asked again (`analysis.plan.of_run`), with the
discordance at its exact upper limit. A run that could not have seen a loss is no news of there being none.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

from analysis import plan, wording
from analysis.plan import Question
from analysis.result import Verdict
from analysis.stats import power
from suites.metrics import MetricName

NOTABLE = 0.02
"""A loss of two in a hundred: a run that could have missed it is said to be blind to it."""

_SMALLEST = "The smallest true loss per 1,000 that such a run calls a regression four times in five"


@dataclass(frozen=True, kw_only=True)
class Sight:
    """The smallest loss that one metric of one suite would have shown."""

    suite: str
    metric: MetricName
    question: Question
    caught: float | None
    """As a fraction; None where not even the largest loss would have been called a regression."""

    @property
    def blind(self) -> bool:
        """Whether a loss of `NOTABLE` could well have been missed."""
        return self.caught is None or self.caught > NOTABLE


def sights(verdict: Verdict) -> Iterator[Sight]:
    """By suite and primary metric, as far as there were pairs."""
    for suite, metric, question in plan.questions(verdict):
        yield Sight(suite=suite, metric=metric, question=question, caught=_caught(question))


@lru_cache(maxsize=256)
def _caught(question: Question) -> float | None:
    if question.pairs is None or question.margin is None:
        return None
    return power.regression_caught(
        pairs=question.pairs,
        margin=question.margin,
        discordance=question.discordance,
        power=question.power,
        levels=question.levels,
    )


def sentences(verdict: Verdict, seen: list[Sight]) -> tuple[str, ...]:
    """For page one: by suite from which loss on it would have been seen, then to what the run was blind."""
    if not seen:
        return ("Nothing: no pair of answers was had on both arms, so no loss of any size could be seen.",)
    parts = []
    for result in verdict.suites:
        mine = [sight.caught for sight in seen if sight.suite == result.suite]
        if mine:
            parts.append(f"{result.title} {_from_to(mine)}")
    told = [f"{_SMALLEST}, by line: {'; '.join(parts)}."]
    if blind := sum(sight.blind for sight in seen):
        told.append(
            f"A loss of {wording.plain(NOTABLE)} per 1,000 could well have been missed in {blind} of "
            f"{len(seen)} lines; there, not having seen one is no news of there being none."
        )
    return tuple(told)


def _from_to(caught: list[float | None]) -> str:
    known = sorted(each for each in caught if each is not None)
    if not known:
        return "none at all"
    least, most = wording.rate(known[0]), wording.rate(known[-1])
    span = least if least == most else f"{least} to {most}"
    return span if len(known) == len(caught) else f"{span}, in some lines none at all"
