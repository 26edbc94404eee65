"""All recognisers together: what personal data a text holds, one finding a place."""

from __future__ import annotations

from collections.abc import Iterable

from evals.rehearsal.detectors.pii import contact, credentials, finance, government, person
from evals.rehearsal.detectors.pii.recogniser import Recogniser
from evals.rehearsal.detectors.protocol import Detection

RECOGNISERS: tuple[Recogniser, ...] = (
    *contact.RECOGNISERS,
    *credentials.RECOGNISERS,
    *finance.RECOGNISERS,
    *government.RECOGNISERS,
    *person.RECOGNISERS,
)


class PiiDetector:
    """Finds the personal data of some of Bedrock's types."""

    def __init__(self, rules: Iterable[str]) -> None:
        wanted = frozenset(rules)
        self._recognisers = tuple(recogniser for recogniser in RECOGNISERS if recogniser.rule in wanted)

    def detect(self, text: str) -> list[Detection]:
        """Findings that do not overlap, ordered by place."""
        return resolve(finding for recogniser in self._recognisers for finding in recogniser.find(text))


def resolve(findings: Iterable[Detection]) -> list[Detection]:
    """Of findings that overlap, keep the surest; of equally sure ones the longest; then by place."""
    kept: list[Detection] = []
    for finding in sorted(findings, key=lambda f: (-round(f.score, 2), f.start - f.end, f)):
        if all(finding.end <= other.start or other.end <= finding.start for other in kept):
            kept.append(finding)
    return sorted(kept)
