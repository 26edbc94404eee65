"""What another version of the service's detectors does not find any more.

AWS changes its detectors without a word: the guardrail, its version and its digest stay as they were. Here
a rule's findings are overlooked by a share of what would be found, decided by rule and text alone, so that
the same text fares the same before every model and without one.
"""

from __future__ import annotations

from evals.rehearsal.draw import uniform

Overlooked = tuple[tuple[str, float], ...]
"""By rule (a PII type, filter or topic) the share of texts in which it is not found, a fraction."""


def overlooks(overlooked: Overlooked, rule: str, text: str) -> bool:
    """Whether the detectors overlook this rule in this text."""
    return any(name == rule and uniform("overlooked", rule, text) < share for name, share in overlooked)
