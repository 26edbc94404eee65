"""Reads a deployed guardrail's configuration.

A digest stands for what a guardrail does: two guardrails of the same configuration have the same one,
whatever they are called and whenever they were made. Only numbered versions count, since a DRAFT may
change between two calls.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from evals.bedrock.client import client
from evals.bedrock.errors import GuardrailError
from evals.bedrock.retry import described
from suites.arms import NUMBERED
from suites.policy import digest
from suites.registered import DeployedGuardrail

_BEHAVIOUR = (
    "topicPolicy",
    "contentPolicy",
    "wordPolicy",
    "sensitiveInformationPolicy",
    "contextualGroundingPolicy",
    "automatedReasoningPolicy",
    "blockedInputMessaging",
    "blockedOutputsMessaging",
)
"""The members of GetGuardrail that decide what a guardrail does."""


def read(identifier: str, version: str, *, endpoint_url: str | None, region: str) -> DeployedGuardrail:
    """What is registered of a numbered version, from what `fetch` returns; raises what `fetch` raises."""
    return registered(fetch(identifier, version, endpoint_url=endpoint_url, region=region))


def fetch(identifier: str, version: str, *, endpoint_url: str | None, region: str) -> dict[str, Any]:
    """A numbered version as GetGuardrail describes it now.

    Args:
        identifier: Id or ARN.
        version: A number; DRAFT is refused.
        endpoint_url: None is AWS.
        region: An AWS region.

    Raises:
        GuardrailError: It does not exist, is not READY, or the version is no number.
        CredentialsMissing: AWS cannot be called.
    """
    if not re.fullmatch(NUMBERED, version):
        raise GuardrailError(
            f"Guardrail {identifier}: version {version!r} is no numbered version. A DRAFT can change during a"
            " run; make a version of it (CreateGuardrailVersion) and give its number."
        )
    answer = get(client("bedrock", endpoint_url=endpoint_url, region=region), identifier, version)
    if answer.get("status") != "READY":
        raise GuardrailError(
            f"Guardrail {identifier} version {version} is {answer.get('status')}, not READY"
            f"{reasons(answer)}. Wait for it, or deploy another one."
        )
    return answer


def registered(answer: Mapping[str, Any]) -> DeployedGuardrail:
    """What is registered of a version."""
    configured = configuration(answer)
    return DeployedGuardrail(
        id=answer["guardrailId"],
        version=answer["version"],
        digest=digest(configured),
        configuration=configured,
    )


def configuration(answer: Mapping[str, Any]) -> dict[str, Any]:
    """What a GetGuardrail answer says of behaviour and key, without ids, names, times and order of rules."""
    profile = (answer.get("crossRegionDetails") or {}).get("guardrailProfileId")
    told = {name: _ordered(answer[name]) for name in _BEHAVIOUR if answer.get(name)}
    # By its id, which a key of several regions has in each of them.
    key = (answer.get("kmsKeyArn") or "").rpartition("/")[2]
    return told | {name: each for name, each in (("crossRegionProfile", profile), ("kmsKey", key)) if each}


def get(control: Any, identifier: str, version: str) -> dict[str, Any]:
    """One version, DRAFT too, by GetGuardrail.

    Raises:
        GuardrailError: It cannot be read.
    """
    try:
        answer: dict[str, Any] = control.get_guardrail(
            guardrailIdentifier=identifier, guardrailVersion=version
        )
    except (ClientError, BotoCoreError) as error:
        raise GuardrailError(
            f"Guardrail {identifier} version {version} cannot be read: {described(error)}"
        ) from error
    return answer


def reasons(answer: Mapping[str, Any]) -> str:
    """Why a guardrail is in the state it is in, in brackets; empty where nothing is said."""
    told = answer.get("statusReasons") or ()
    return f" ({'; '.join(told)})" if told else ""


def _ordered(value: Any) -> Any:
    """Lists of rules in one order: the service need not keep the one they were written in."""
    if isinstance(value, Mapping):
        return {key: _ordered(element) for key, element in value.items()}
    if isinstance(value, list):
        return sorted((_ordered(element) for element in value), key=lambda e: json.dumps(e, sort_keys=True))
    return value
