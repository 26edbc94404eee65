"""Takes the probes out of a log's samples: what a guardrail did with a text planted in one channel."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from analysis.logs.contents import Sampled
from suites.coverage import COVERAGES, PROBE, Coverage
from suites.outcomes import ARMS


@dataclass(frozen=True)
class Seen:
    """What one arm's call showed."""

    coverage: Coverage
    why: str


@dataclass(frozen=True)
class Probe:
    """One text in one channel, asked once."""

    case: str
    epoch: int
    policy: str
    side: str
    channel: str
    seen: Mapping[str, Seen]
    """By arm; of `control`, which has no channels, whether it acts on the text at all."""


def is_probe(sample: Sampled) -> bool:
    """Whether a sample is no pair of the suite."""
    return PROBE in sample.metadata


def probes(samples: Iterable[Sampled]) -> tuple[Probe, ...]:
    """The probes among the samples, in their order; what is not understood is unknown."""
    return tuple(
        Probe(
            case=sample.id,
            epoch=sample.epoch,
            policy=str(sample.metadata.get("policy")),
            side=str(sample.metadata.get("side")),
            channel=str(sample.metadata.get("channel")),
            seen={arm: _seen(sample, arm) for arm in ARMS},
        )
        for sample in samples
        if is_probe(sample)
    )


def _seen(sample: Sampled, arm: str) -> Seen:
    if sample.error or sample.score is None:
        return Seen("unknown", (sample.error or "the sample has no score").strip().partition("\n")[0])
    evidence = sample.score.metadata.get(arm)
    told = evidence if isinstance(evidence, Mapping) else {}
    unknown: Coverage = "unknown"
    coverage = next((each for each in COVERAGES if each == told.get("coverage")), unknown)
    return Seen(coverage, str(told.get("why") or ""))
