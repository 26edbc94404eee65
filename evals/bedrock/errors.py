"""What a guardrail can be that nothing can be measured with, or made of."""

from __future__ import annotations


class GuardrailError(ValueError):
    """A guardrail does not exist, is not ready, may change while it is being measured, or cannot be made."""
