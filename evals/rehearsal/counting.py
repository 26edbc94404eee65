"""What the service was asked: calls by operation, model and request metadata, and how each ended."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass
class _Group:
    """The calls that have operation, model and metadata in common."""

    outcomes: Counter[str] = field(default_factory=Counter)
    requests: Counter[str] = field(default_factory=Counter)
    """How often each request came, by its digest."""


class Calls:
    """Counts from the start of the service on."""

    def __init__(self) -> None:
        self._groups: dict[tuple[str, str | None, str], _Group] = {}
        self._came: Counter[str] = Counter()

    def came(self, digest: str) -> int:
        """Count a request, and tell how often the same one came before."""
        before = self._came[digest]
        self._came[digest] = before + 1
        return before

    def ended(
        self, operation: str, model_id: str | None, metadata: Mapping[str, str], digest: str, outcome: str
    ) -> None:
        """Count how a request ended: `answered`, the code of an exception, or the kind of a fault."""
        key = (operation, model_id, json.dumps(dict(metadata), sort_keys=True))
        group = self._groups.setdefault(key, _Group())
        group.outcomes[outcome] += 1
        group.requests[digest] += 1

    def document(self) -> dict[str, Any]:
        """All counts, for `GET /rehearsal/calls`."""
        return {
            "calls": [
                {
                    "operation": operation,
                    "model": model_id,
                    "metadata": json.loads(metadata),
                    "count": group.outcomes.total(),
                    "outcomes": dict(group.outcomes),
                    "distinct": len(group.requests),
                    "most_repeated": max(group.requests.values()),
                }
                for (operation, model_id, metadata), group in self._groups.items()
            ]
        }
