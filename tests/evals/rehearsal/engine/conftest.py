from collections.abc import Callable
from typing import Any

import pytest


@pytest.fixture
def policy() -> Callable[..., dict[str, Any]]:
    """A guardrail as CreateGuardrail takes it, with the policies that are given."""

    def build(**policies: Any) -> dict[str, Any]:
        return {
            "name": "tested",
            "blockedInputMessaging": "The question was stopped.",
            "blockedOutputsMessaging": "The answer was stopped.",
            **policies,
        }

    return build


@pytest.fixture
def pii(policy: Callable[..., dict[str, Any]]) -> Callable[..., dict[str, Any]]:
    """A guardrail with PII types only: `pii(EMAIL="ANONYMIZE")`; a mapping gives further members."""

    def build(**types: str | dict[str, Any]) -> dict[str, Any]:
        entities = [
            {"type": name, **(rule if isinstance(rule, dict) else {"action": rule})}
            for name, rule in types.items()
        ]
        return policy(sensitiveInformationPolicyConfig={"piiEntitiesConfig": entities})

    return build
