"""The tags of guardrails: by one of them is known what was made here."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from evals.bedrock.client import client
from evals.bedrock.errors import GuardrailError
from evals.bedrock.retry import described
from suites.policy import TAG


def read(control: Any, arn: str) -> dict[str, str]:
    """All tags of a guardrail, by key."""
    return {tag["key"]: tag["value"] for tag in control.list_tags_for_resource(resourceARN=arn)["tags"]}


def of_guardrail(arn: str, *, endpoint_url: str | None, region: str) -> dict[str, str]:
    """All tags of a guardrail, by key.

    Raises:
        GuardrailError: They cannot be read.
        CredentialsMissing, EndpointSilentError: There is no Bedrock to ask.
    """
    try:
        return read(client("bedrock", endpoint_url=endpoint_url, region=region), arn)
    except (ClientError, BotoCoreError) as error:
        raise GuardrailError(f"The tags of {arn} cannot be read: {described(error)}") from error


def wanted(request: Mapping[str, Any]) -> list[dict[str, str]]:
    """The tags of a guardrail that is made from a CreateGuardrail request, ours among them."""
    return [{"key": TAG, "value": str(request["name"])}, *request.get("tags", ())]


def make_good(control: Any, arn: str, request: Mapping[str, Any]) -> None:
    """Give a guardrail of ours the tags of a request; others that it has stay."""
    there = read(control, arn)
    # All at once: who may tag only what carries our tag may not give one without it.
    if any(there.get(tag["key"]) != tag["value"] for tag in wanted(request)):
        control.tag_resource(resourceARN=arn, tags=wanted(request))
