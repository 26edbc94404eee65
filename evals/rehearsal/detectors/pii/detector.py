"""All recognisers together: what personal data a text holds, one finding a place."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Protocol

from evals.rehearsal.detectors.pii import (
    addresses,
    contact,
    credentials,
    finance,
    government,
    languages,
    person,
)
from evals.rehearsal.detectors.pii.decoys import places_of_decoys
from evals.rehearsal.detectors.pii.names import NameRecogniser
from evals.rehearsal.detectors.protocol import Detection

_LOOK_ALIKES = str.maketrans(
    {chr(code): chr(code - 0xFEE0) for code in range(0xFF01, 0xFF5F)}
    | dict.fromkeys("\N{NO-BREAK SPACE}\N{NARROW NO-BREAK SPACE}\N{THIN SPACE}\N{FIGURE SPACE}", " ")
    | dict.fromkeys("\N{HYPHEN}\N{NON-BREAKING HYPHEN}\N{FIGURE DASH}\N{EN DASH}\N{MINUS SIGN}", "-")
)
"""Wide forms, special spaces and dashes as their plain ones; one for one, so that places stay."""


_SURE = 0.6
"""From this score on, a finding inside what looks like an order number is reported all the same."""


class Finder(Protocol):
    """What finds the places of one type."""

    @property
    def rule(self) -> str:
        """Bedrock's name of the type."""
        ...

    def find(self, text: str) -> Iterator[Detection]:
        """Its places in a text, in any order, with a score of at least 0.5."""
        ...


FINDERS: tuple[Finder, ...] = (
    *contact.RECOGNISERS,
    *credentials.RECOGNISERS,
    *finance.RECOGNISERS,
    *government.RECOGNISERS,
    *person.RECOGNISERS,
    *addresses.RECOGNISERS,
    *languages.ADDRESSES,
    *languages.NAMES,
    NameRecogniser(),
)


TYPES = frozenset(finder.rule for finder in FINDERS)
"""Every type that is looked for."""


class PiiDetector:
    """Finds the personal data of some of Bedrock's types."""

    def __init__(self, rules: Iterable[str]) -> None:
        self._rules = frozenset(rules)

    def detect(self, text: str) -> list[Detection]:
        """Findings that do not overlap, ordered by place.

        All types are looked for, whatever the policy names: a number that is surely something else is
        not reported as the next best type.
        """
        plain = text.translate(_LOOK_ALIKES)
        found = [finding for finder in FINDERS for finding in finder.find(plain)]
        decoys = places_of_decoys(plain)
        surest: dict[tuple[int, int], float] = {}
        for finding in found:
            place = (finding.start, finding.end)
            surest[place] = max(finding.score, surest.get(place, 0.0))
        return resolve(
            finding
            for finding in found
            if finding.rule in self._rules
            and finding.score >= surest[finding.start, finding.end]
            and (
                finding.score >= _SURE
                or not any(start <= finding.start and finding.end <= end for start, end in decoys)
            )
        )


def resolve(findings: Iterable[Detection]) -> list[Detection]:
    """Of findings that overlap, keep the longest; of equally long ones the surest; then by place."""
    kept: list[Detection] = []
    for finding in sorted(findings, key=lambda f: (f.start - f.end, -f.score, f)):
        if all(finding.end <= other.start or other.end <= finding.start for other in kept):
            kept.append(finding)
    return sorted(kept)
