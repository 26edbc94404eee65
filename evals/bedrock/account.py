"""What an account says of the models it can ask and of the guardrails it enforces before them.

Shapes: botocore ListInferenceProfiles, ListFoundationModels and ListEnforcedGuardrailsConfiguration. Whoever
may not read them can still run; then nothing is known, and nothing follows.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from evals.bedrock.client import client
from evals.bedrock.profiles import profiles
from evals.bedrock.retry import described

_EVERY = "ALL"
_SCOPE = re.compile(r"^[a-z]+(-gov)?\.(?=[a-z0-9-]+\.)")
"""The geography before the name of an inference profile: `us.` in `us.anthropic.claude-opus-4-7`."""


@dataclass(frozen=True)
class Found:
    """Whether something is so, and how that is known."""

    so: bool | None
    """None: it could not be found out."""
    evidence: str


@dataclass(frozen=True)
class Listing:
    """The models of a region as it lists them, or why that is not known."""

    region: str
    known: frozenset[str]
    """Ids and ARNs."""
    told: str
    """How many there are; the error where they could not be read."""
    read: bool

    def has(self, model: str) -> Found:
        """Whether a model is among them, by its id, by an inference profile or by the ARN of either."""
        if not self.read or model in self.known:
            return Found(self.read or None, self.told)
        # Application profiles and routers of the account have lists of their own.
        if model.startswith("arn:"):
            return Found(None, "an ARN that is in neither list")
        return Found(False, f"{model} is no inference profile and no model in {self.region}")


def listing(*, endpoint_url: str | None, region: str) -> Listing:
    """Ask a region for its inference profiles and models.

    Raises:
        CredentialsMissing: AWS does not know the caller.
        EndpointSilentError: Nothing answers at a loopback endpoint.
    """
    control = client("bedrock", endpoint_url=endpoint_url, region=region)
    try:
        there = list(profiles(control))
        models = control.list_foundation_models()["modelSummaries"]
    except (ClientError, BotoCoreError) as error:
        return Listing(region, frozenset(), described(error), read=False)
    known = {each[key] for each in there for key in ("inferenceProfileId", "inferenceProfileArn")}
    known |= {each[key] for each in models for key in ("modelId", "modelArn")}
    told = f"among {len(there)} inference profiles and {len(models)} models"
    return Listing(region, frozenset(known), told, read=True)


@dataclass(frozen=True)
class Enforced:
    """A guardrail that the account, or its organisation, puts before models whoever calls them."""

    guardrail: str
    included: tuple[str, ...]
    excluded: tuple[str, ...]

    def meets(self, model: str) -> bool:
        """Whether it stands before a model; an exclusion outweighs an inclusion."""
        names = {model, _SCOPE.sub("", model)}
        return not names & set(self.excluded) and bool({_EVERY, *names} & set(self.included))


def enforced(*, endpoint_url: str | None, region: str) -> Sequence[Enforced] | str:
    """The enforced guardrails of a region; where they cannot be read, why.

    Raises:
        CredentialsMissing: AWS does not know the caller.
        EndpointSilentError: Nothing answers at a loopback endpoint.
    """
    control = client("bedrock", endpoint_url=endpoint_url, region=region)
    try:
        return tuple(_enforced(control))
    except (ClientError, BotoCoreError) as error:
        return described(error)


def _enforced(control: Any) -> Iterator[Enforced]:
    pages = control.get_paginator("list_enforced_guardrails_configuration").paginate()
    for page in pages:
        for entry in page["guardrailsConfig"]:
            models: Mapping[str, Sequence[str]] = entry.get("modelEnforcement") or {}
            yield Enforced(
                guardrail=f"{entry.get('guardrailId')} version {entry.get('guardrailVersion')}"
                f" ({str(entry.get('owner', 'account')).lower()})",
                included=tuple(models.get("includedModels", (_EVERY,))),
                excluded=tuple(models.get("excludedModels", ())),
            )
