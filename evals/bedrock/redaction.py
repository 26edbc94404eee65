"""Takes the found texts out of what the service answered, before anything of it is written down.

The member `match` of a finding holds the original personal data, by the service's design. In its place
comes the beginning of its sha256, so that equal findings can still be told from different ones. Bytes, such
as encrypted reasoning, are no JSON and come down to their number.
"""

from __future__ import annotations

import hashlib
from typing import Any

_DIGITS = 12


def without_matches(document: Any) -> Any:
    """A copy of a JSON document in which every `match` is `sha256:<12 hex digits>`."""
    if isinstance(document, dict):
        return {
            key: _digest(value) if key == "match" else without_matches(value)
            for key, value in document.items()
        }
    if isinstance(document, list):
        return [without_matches(element) for element in document]
    if isinstance(document, bytes):
        return f"<{len(document)} bytes>"
    return document


def _digest(value: Any) -> str:
    return f"sha256:{hashlib.sha256(str(value).encode()).hexdigest()[:_DIGITS]}"
