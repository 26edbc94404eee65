"""The guardrail that an arms file names for all suites, as it is configured, for an estimate."""

from __future__ import annotations

from dataclasses import dataclass

from suites.arms import Arms
from suites.configured import Configured, deployed_rules


@dataclass(frozen=True)
class Existing:
    """What is known of it before a run."""

    name: str
    """Id and version."""
    rules: tuple[Configured, ...] = ()
    """Of every place that an arm is in; empty where it could not be read."""
    unread: str | None = None
    """Why it could not."""


def existing(arms: Arms, *, endpoint_url: str | None) -> Existing | None:
    """Read it (GetGuardrail, which costs nothing); None where the guardrails are the suites' own."""
    from evals.bedrock.client import CredentialsMissing, EndpointSilentError
    from evals.bedrock.errors import GuardrailError
    from evals.bedrock.guardrails import fetch

    if arms.guardrail is None:
        return None
    name = f"{arms.guardrail.id} version {arms.guardrail.version}"
    places = [(arms.region, arms.guardrail)]
    places += [(arm.region, arm.guardrail) for arm in arms.compared.values() if arm.region and arm.guardrail]
    try:
        told = [
            fetch(guardrail.id, guardrail.version, endpoint_url=endpoint_url, region=region)
            for region, guardrail in places
        ]
    except (CredentialsMissing, EndpointSilentError, GuardrailError) as error:
        return Existing(name, unread=str(error))
    return Existing(name, tuple(map(deployed_rules, told)))
