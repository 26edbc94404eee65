"""What a region of an account holds that a comparison can be made of: guardrails, profiles, models."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from evals.bedrock.client import client
from evals.bedrock.errors import GuardrailError
from evals.bedrock.listing import listed, versions
from evals.bedrock.profiles import profiles
from evals.bedrock.retry import described


@dataclass(frozen=True)
class Kept:
    """A guardrail of the account."""

    id: str
    name: str
    versions: tuple[str, ...]
    """The numbered ones, newest first."""


@dataclass(frozen=True)
class Inventory:
    """All that was found in a region."""

    region: str
    guardrails: tuple[Kept, ...]
    models: tuple[str, ...]
    """Ids that can be called: inference profiles first, then models that are called by their own id."""


def inventory(*, endpoint_url: str | None, region: str) -> Inventory:
    """Ask a region what exists; nothing is called and nothing costs.

    Raises:
        GuardrailError: It may not be asked.
        CredentialsMissing, EndpointSilentError: There is no Bedrock to ask.
    """
    control = client("bedrock", endpoint_url=endpoint_url, region=region)
    try:
        return Inventory(region, tuple(_guardrails(control)), tuple(_models(control)))
    except (ClientError, BotoCoreError) as error:
        raise GuardrailError(
            f"What exists in {region} cannot be read: {described(error)}. docs/iam.md says which permissions"
            " are needed."
        ) from error


def _guardrails(control: Any) -> Iterator[Kept]:
    for each in listed(control):
        yield Kept(each["id"], each["name"], tuple(versions(control, each["id"])))


def _models(control: Any) -> Iterator[str]:
    yield from (each["inferenceProfileId"] for each in profiles(control))
    for each in control.list_foundation_models(byOutputModality="TEXT")["modelSummaries"]:
        if "ON_DEMAND" in each.get("inferenceTypesSupported", ()):
            yield each["modelId"]
