"""Finds a guardrail of a region, and its newest numbered version."""

from __future__ import annotations

from dataclasses import dataclass

from botocore.exceptions import BotoCoreError, ClientError

from evals.bedrock.client import client
from evals.bedrock.errors import GuardrailError
from evals.bedrock.listing import listed, versions
from evals.bedrock.retry import described


@dataclass(frozen=True)
class Found:
    """A guardrail that exists."""

    id: str
    """The ARN, where it is another account's."""
    versions: tuple[str, ...]
    """The numbered ones, newest first."""

    @property
    def newest(self) -> str | None:
        """The newest numbered version; None where there is only the DRAFT."""
        return next(iter(self.versions), None)


def names(*, endpoint_url: str | None, region: str) -> list[str]:
    """The names of all guardrails of the account in a region.

    Raises:
        GuardrailError: They cannot be listed.
        CredentialsMissing, EndpointSilentError: There is no Bedrock to ask.
    """
    control = client("bedrock", endpoint_url=endpoint_url, region=region)
    try:
        return sorted(str(each["name"]) for each in listed(control))
    except (ClientError, BotoCoreError) as error:
        raise GuardrailError(f"Guardrails in {region} cannot be listed: {described(error)}") from error


def find(named: str, *, endpoint_url: str | None, region: str) -> Found | None:
    """The guardrail of a name, id or ARN, whoever made it; None where there is none.

    Raises:
        GuardrailError: The guardrails or the versions of this one cannot be listed.
        CredentialsMissing, EndpointSilentError: There is no Bedrock to ask.
    """
    control = client("bedrock", endpoint_url=endpoint_url, region=region)
    try:
        own = next((x["id"] for x in listed(control) if named in {x["name"], x["id"], x["arn"]}), None)
        # What another account shares is in no list, and can be asked for by its ARN.
        identifier = own or (named if named.startswith("arn:") else None)
        return None if identifier is None else Found(identifier, tuple(versions(control, identifier)))
    except (ClientError, BotoCoreError) as error:
        raise GuardrailError(f"Guardrail {named} cannot be found in {region}: {described(error)}") from error
