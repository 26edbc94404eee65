"""The little of a log that a comparison needs, the same whichever way it was read."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

SCORER = "parity"
"""Under this name a sample's score is ours."""


class Scored(NamedTuple):
    """What our scorer left with one sample."""

    value: object
    """By `<arm>_<fact>` 1.0, 0.0 or NaN, where it is one of ours."""
    answer: str | None
    """`reference=... candidate=... control=...`, the outcomes in short."""
    metadata: Mapping[str, Any]
    """By arm its evidence."""


class Sampled(NamedTuple):
    """One sample, as the log's summaries have it."""

    id: str
    epoch: int
    error: str | None
    """What ended it before its end, where something did."""
    metadata: Mapping[str, Any]
    """The case as registered."""
    score: Scored | None
    """None where it was not scored by us."""


@dataclass(frozen=True)
class Contents:
    """One log without its transcripts."""

    status: str
    """Inspect's: started, success, cancelled, error."""
    error: str | None
    """What ended it, where it did not succeed."""
    task: str
    task_id: str
    created: str
    metadata: Mapping[str, Any]
    """What the task registered."""
    samples: tuple[Sampled, ...]
    """One per case and epoch; of a sample that was asked again only the last."""


def last_of_each(samples: list[Sampled]) -> tuple[Sampled, ...]:
    """Of the samples with the same id and epoch only the last, in the place of the first."""
    return tuple({(sample.id, sample.epoch): sample for sample in samples}.values())
