"""The little of a log that a comparison needs, the same whichever way it was read."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple, Protocol

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


class _Score(Protocol):
    @property
    def value(self) -> object: ...
    @property
    def answer(self) -> str | None: ...
    @property
    def metadata(self) -> Mapping[str, Any] | None: ...


class Summary(Protocol):
    """A sample's summary, whoever read it."""

    @property
    def id(self) -> int | str:
        """The case."""

    @property
    def epoch(self) -> int:
        """From 1."""

    @property
    def error(self) -> str | None:
        """As in `Sampled`."""

    @property
    def metadata(self) -> Mapping[str, Any]:
        """As in `Sampled`."""

    @property
    def scores(self) -> Mapping[str, _Score] | None:
        """By scorer."""


def sampled(summary: Summary) -> Sampled:
    """What a comparison needs of a summary."""
    score = (summary.scores or {}).get(SCORER)
    return Sampled(
        id=str(summary.id),
        epoch=summary.epoch,
        error=summary.error,
        metadata=summary.metadata,
        score=None if score is None else Scored(score.value, score.answer, score.metadata or {}),
    )


def last_of_each(samples: list[Sampled]) -> tuple[Sampled, ...]:
    """Of the samples with the same id and epoch only the last, in the place of the first."""
    return tuple({(sample.id, sample.epoch): sample for sample in samples}.values())
