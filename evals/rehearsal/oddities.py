"""What is told of an assessment under faults that change the telling, and nothing else."""

from __future__ import annotations

from typing import Any


def altered(document: Any, struck: frozenset[str]) -> Any:
    """A copy of an assessment, or of a list of them, as it is told.

    `no_entries` leaves nothing of it, `no_detected` takes the optional member `detected` out of every
    entry, and `no_units` says that nothing was charged.
    """
    if not struck:
        return document
    if "no_entries" in struck:
        return [] if isinstance(document, list) else {}
    return _told(document, struck)


def _told(value: Any, struck: frozenset[str]) -> Any:
    if isinstance(value, list):
        return [_told(element, struck) for element in value]
    if not isinstance(value, dict):
        return value
    told = {name: _told(inner, struck) for name, inner in value.items()}
    if "no_detected" in struck:
        told.pop("detected", None)
    if "no_units" in struck and "usage" in told:
        told["usage"] = dict.fromkeys(told["usage"], 0)
    return told
