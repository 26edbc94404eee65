"""Whether a drill's replay agrees with runs from end to end, answer by answer and count by count.

Beside an undisturbed run stands one with a fault planted in the service, of the same seed: the stand-in
models say the same in both, so that they differ where the fault struck and nowhere else. Each answer that
differs has to be what the replay makes of it. How many were struck, and how many failures of each metric came
of it, has to be what so many independent draws give; that is tested exactly, and corrected for the number of
tests by Holm.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
from pydantic import BaseModel, ConfigDict
from scipy import stats

from analysis.records import SuiteRecords
from analysis.stats.multiplicity import holm
from suites.metrics import METRICS, Metric, MetricName, judge
from suites.outcomes import ARMS, FACTS, Facts

Key = tuple[str, str, int]
"""Suite, case and epoch."""
Change = Mapping[str, float | str]
"""By column of the suite's table what stands there under the fault."""
ALPHA = 0.05
"""Chance that any count of a whole drill is called different where none is."""
_CANDIDATE = "candidate"
_TIE = 1 + 1e-7
"""Outcomes as likely as the one that was seen belong to its tail, whatever rounding made of them."""


class _Closed(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Counted(_Closed):
    """The candidate's failures of one metric, in undisturbed runs and in those with the fault."""

    suite: str
    metric: MetricName
    undisturbed: int
    gained: int
    """Failures more, by the replay, if the fault struck every answer."""
    lost: int
    """Failures fewer."""
    expected: float
    """By the replay, at the fault's rate."""
    found: int
    """In the runs from end to end."""
    p: float
    """Two-sided and exact, under the replay."""


class Agreement(_Closed):
    """One kind of fault at one rate: runs from end to end beside the replay of the same runs undisturbed."""

    kind: str
    rate: float
    runs: int
    left_out: int
    """Runs that did not come to their end, or whose guardrail was not proved; nothing of them is compared."""
    concerned: int
    """Answers that the replay would change."""
    struck: int
    """Of those, the ones that came out otherwise than undisturbed."""
    p_struck: float
    """Two-sided and exact (binomial), under the fault's rate."""
    as_replayed: int
    """Of those that were struck, the ones that came out as the replay has them, in every fact."""
    otherwise: dict[str, int]
    """Those that did not, by what differs, the replay first."""
    unforeseen: int
    """Answers of the candidate that came out otherwise, and the replay would change nothing in them."""
    others: int
    """Answers of the other arms that came out otherwise than undisturbed."""
    ended_alike: int
    """Runs whose verdict the replay reaches too, where it strikes the same answers."""
    counts: tuple[Counted, ...]

    @property
    def tests(self) -> tuple[float, ...]:
        """The p-values of all its tests; a count that cannot move by the replay is one only if it moved."""
        told = (each.p for each in self.counts if each.gained or each.lost or each.found != each.undisturbed)
        return (self.p_struck, *told) if self.concerned else tuple(told)


@dataclass(frozen=True)
class Beside:
    """One seed: the undisturbed run, the run with the fault, and what the replay would change."""

    undisturbed: Sequence[SuiteRecords]
    planted: Sequence[SuiteRecords]
    changes: Mapping[Key, Change]

    def struck(self) -> list[Key]:
        """The answers that came out otherwise, of those that the replay would change."""
        return [
            row.key
            for row in _rows(self)
            if row.replayed is not None and row.seen[_CANDIDATE] != row.before[_CANDIDATE]
        ]


def agreement(
    kind: str, rate: float, runs: Sequence[Beside], *, left_out: int = 0, ended_alike: int
) -> Agreement:
    """Hold runs from end to end against the replay; `runs` are pooled.

    Raises:
        ValueError: A run with the fault asked other cases than the undisturbed one.
    """
    concerned = struck = as_replayed = unforeseen = others = 0
    otherwise: Counter[str] = Counter()
    tallies: dict[tuple[str, MetricName], _Tally] = {}
    for row in (row for each in runs for row in _rows(each)):
        before, seen, replayed = row.before[_CANDIDATE], row.seen[_CANDIDATE], row.replayed
        others += sum(row.before[arm] != row.seen[arm] for arm in ARMS if arm != _CANDIDATE)
        differs = seen != before
        if replayed is None:
            unforeseen += differs
        else:
            concerned += 1
            struck += differs
            as_replayed += differs and seen == replayed
            if differs and seen != replayed:
                otherwise[_difference(replayed, seen)] += 1
        for name, metric in METRICS.items():
            if metric.applies(row.case):
                tallies.setdefault((row.suite, name), _Tally()).add(metric, row)
    return Agreement(
        kind=kind,
        rate=rate,
        runs=len(runs),
        left_out=left_out,
        concerned=concerned,
        struck=struck,
        p_struck=count_p(struck, gained=concerned, lost=0, rate=rate),
        as_replayed=as_replayed,
        otherwise=dict(otherwise),
        unforeseen=unforeseen,
        others=others,
        ended_alike=ended_alike,
        counts=tuple(
            tally.counted(suite, metric, rate) for (suite, metric), tally in sorted(tallies.items())
        ),
    )


def count_p(change: int, *, gained: int, lost: int, rate: float) -> float:
    """Two-sided exact p of a change in a count.

    Each of `gained` answers adds one with the chance `rate`, each of `lost` takes one away, all of them by
    themselves. Whatever is no likelier than what was seen counts, as in the exact binomial test, which this
    is where `lost` is 0.
    """
    chances = np.convolve(_binomial(gained, rate), _binomial(lost, rate)[::-1])
    place = change + lost
    if not 0 <= place < chances.size:
        return 0.0
    return float(min(1.0, chances[chances <= chances[place] * _TIE].sum()))


def lowest(found: Sequence[Agreement]) -> float:
    """The least p of all tests, corrected for their number (Holm 1979); 1 where there is none."""
    tests = [p for each in found for p in each.tests]
    return float(holm(tests, family_size=len(tests)).min()) if tests else 1.0


def sentences(found: Sequence[Agreement]) -> Iterator[str]:
    """What runs from end to end say of the replay, for people."""
    if not found:
        return
    runs, left_out = sum(each.runs for each in found), sum(each.left_out for each in found)
    struck = sum(each.struck for each in found)
    least, tests = lowest(found), sum(len(each.tests) for each in found)
    agree = "agree with" if least >= ALPHA else "DIFFER from"
    yield (
        f"From end to end: the counts of {runs} runs with a fault in the service {agree} the replay of the"
        f" same runs undisturbed ({tests} exact tests, least p {least:.2g} after Holm's correction)."
    )
    yield (
        f"Of {struck} answers that the fault struck there, {sum(each.as_replayed for each in found)} came out"
        f" as the replay has them in every fact; {sum(each.unforeseen for each in found)} more changed in"
        f" which it changes nothing. {sum(each.ended_alike for each in found)} of {runs} runs ended as the"
        " replay of the same answers does."
    )
    differences: Counter[str] = Counter()
    for each in found:
        differences.update(each.otherwise)
    for what, many in differences.most_common():
        yield f"In {many} of them the replay and the service differ: {what}."
    if others := sum(each.others for each in found):
        yield (
            f"{others} answers of the other arms came out otherwise too: the runs do not differ in the fault"
            " alone, and their comparison with the replay says little."
        )
    if left_out:
        yield f"{left_out} runs more were not whole, or without proof of the guardrail, and were left out."


@dataclass(frozen=True)
class _Seen:
    """Everything that is known of one arm's answer."""

    facts: Facts
    outcome: str

    @classmethod
    def of(cls, arm: str, row: Mapping[str, Any]) -> _Seen:
        return cls(Facts.from_value(arm, row), str(row[f"{arm}_outcome"]))


@dataclass(frozen=True)
class _Case:
    """As much of a case as a metric needs."""

    expectation: str
    side: Any


@dataclass(frozen=True)
class _Row:
    suite: str
    key: Key
    case: _Case
    before: Mapping[str, _Seen]
    """By arm, undisturbed."""
    seen: Mapping[str, _Seen]
    """By arm, with the fault in the service."""
    replayed: _Seen | None
    """The candidate by the replay; None where it would change nothing."""


@dataclass
class _Tally:
    """The counts of one metric over pairs."""

    undisturbed: int = 0
    found: int = 0
    gained: int = 0
    lost: int = 0

    def add(self, metric: Metric, row: _Row) -> None:
        before = self._failed(metric, row.case, row.before["reference"], row.before[_CANDIDATE])
        self.undisturbed += before
        self.found += self._failed(metric, row.case, row.seen["reference"], row.seen[_CANDIDATE])
        if row.replayed is not None:
            after = self._failed(metric, row.case, row.before["reference"], row.replayed)
            self.gained += after and not before
            self.lost += before and not after

    def counted(self, suite: str, metric: MetricName, rate: float) -> Counted:
        return Counted(
            suite=suite,
            metric=metric,
            undisturbed=self.undisturbed,
            gained=self.gained,
            lost=self.lost,
            expected=self.undisturbed + (self.gained - self.lost) * rate,
            found=self.found,
            p=count_p(self.found - self.undisturbed, gained=self.gained, lost=self.lost, rate=rate),
        )

    @staticmethod
    def _failed(metric: Metric, case: _Case, reference: _Seen, candidate: _Seen) -> bool:
        pair = judge(metric, case, reference.facts, candidate.facts)
        return pair.counted and pair.candidate


def _rows(runs: Beside) -> Iterator[_Row]:
    planted = {each.suite: each for each in runs.planted}
    for each in runs.undisturbed:
        before, seen = _by_case(each.table), _by_case(planted[each.suite].table)
        if before.keys() != seen.keys():
            raise ValueError(f"The runs of {each.suite} did not ask the same cases.")
        for (case, epoch), row in before.items():
            key = (each.suite, case, epoch)
            now = {arm: _Seen.of(arm, row) for arm in ARMS}
            change = runs.changes.get(key)
            replayed = None if change is None else _Seen.of(_CANDIDATE, {**row, **change})
            yield _Row(
                suite=each.suite,
                key=key,
                case=_Case(row["expectation"], row["side"]),
                before=now,
                seen={arm: _Seen.of(arm, seen[case, epoch]) for arm in ARMS},
                replayed=None if replayed == now[_CANDIDATE] else replayed,
            )


def _by_case(table: pd.DataFrame) -> dict[tuple[str, int], dict[str, Any]]:
    return {
        (row["case"], row["epoch"]): {str(name): each for name, each in row.items()}
        for row in table.to_dict("records")
    }


def _difference(replayed: _Seen, seen: _Seen) -> str:
    told = [
        f"{name} {_word(getattr(replayed.facts, name))}, there {_word(getattr(seen.facts, name))}"
        for name in FACTS
        if getattr(replayed.facts, name) != getattr(seen.facts, name)
    ]
    if replayed.outcome != seen.outcome:
        told.append(f"outcome {replayed.outcome}, there {seen.outcome}")
    return "; ".join(told)


def _word(fact: bool | None) -> str:
    return "unknown" if fact is None else "yes" if fact else "no"


def _binomial(of: int, rate: float) -> npt.NDArray[np.float64]:
    return np.asarray(stats.binom.pmf(np.arange(of + 1), of, rate), dtype=np.float64)
