"""Tells "the detectors were changed" from "the model changed", by the anchor set.

Every night the guardrail alone is asked about the same texts. No model is in between, and the service is
deterministic: where an outcome is not that of the night before, and neither batch, policy nor deployed
guardrail changed, the service itself detects otherwise. One text is enough.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from datetime import date

from analysis.history import segments, tables
from analysis.history.entries import Change
from analysis.history.store import History

DETECTOR = "detector"

_EXPLAINED = ("batch", "policy", "guardrail")
"""Heads that change what the guardrail makes of a text; then no change of detectors can be told."""

_MOST_NAMED = 3


def changes(history: History, job: str, night: date) -> list[Change]:
    """What is different from the latest night before, for each suite that was compared.

    Args:
        history: Holds the night itself already.
        job: The job.
        night: The night.
    """
    before = history.latest(job, night)
    found: list[Change] = []
    for row in history.read(tables.SUITES, job, since=night, until=night):
        suite = row["suite"]
        if not row["compared"] or suite not in before:
            continue
        earlier, facts = before[suite]
        broken = segments.breaks(facts, segments.read(row["facts"]))
        found += [Change(suite=suite, kind=head, message=told) for head, told in broken.items()]
        if not set(broken) & set(_EXPLAINED):
            found += _detector(history, job, suite, earlier, night)
    return found


def _detector(history: History, job: str, suite: str, earlier: date, night: date) -> Iterator[Change]:
    then = _anchor(history, job, suite, earlier)
    now = _anchor(history, job, suite, night)
    common = then.keys() & now.keys()
    moved = {case: (then[case], now[case]) for case in sorted(common) if then[case] != now[case]}
    if moved:
        yield Change(suite=suite, kind=DETECTOR, message=_told(moved, len(common), earlier))


def _anchor(history: History, job: str, suite: str, night: date) -> Mapping[str, str]:
    rows = history.read(tables.ANCHORS, job, since=night, until=night, suite=suite)
    return segments.read_outcomes(rows[0]["outcomes"]) if rows else {}


def _told(moved: Mapping[str, tuple[str, str]], of: int, earlier: date) -> str:
    ways = Counter(f"{_word(then)} → {_word(now)}" for then, now in moved.values())
    told = ", ".join(f"{times} {way}" for way, times in ways.most_common())
    named = ", ".join(list(moved)[:_MOST_NAMED]) + (" …" if len(moved) > _MOST_NAMED else "")
    return (
        f"The guardrail alone judges {len(moved)} of {of} anchor texts otherwise than on {earlier} ({told}):"
        f" the service changed its detectors, not a model. First: {named}"
    )


def _word(outcome: str) -> str:
    return outcome.partition("/")[0].replace("_", " ")
