"""Reads a deployed guardrail's configuration, and deploys one from a policy where there is none yet.

A digest stands for what a guardrail does: two guardrails of the same configuration have the same one,
whatever they are called and whenever they were made. Only numbered versions count, since a DRAFT may
change between two calls.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError
from tenacity import RetryError, Retrying, retry_if_result, stop_after_delay, wait_exponential

from evals.bedrock.client import client
from evals.bedrock.retry import code, described
from suites.arms import GuardrailRef
from suites.case import Cut
from suites.policy import Policy, digest
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

_NUMBERED = re.compile(r"[1-9][0-9]{0,7}")
_READY_WITHIN_S = 60.0
_SETTLED = {"READY", "FAILED"}


class GuardrailError(ValueError):
    """A guardrail does not exist, is not ready, or may change while it is being measured."""


def read(identifier: str, version: str, *, endpoint_url: str | None, region: str) -> DeployedGuardrail:
    """A numbered version as the service describes it now.

    Args:
        identifier: Id or ARN.
        version: A number; DRAFT is refused.
        endpoint_url: None is AWS.
        region: An AWS region.

    Raises:
        GuardrailError: It does not exist, is not READY, or the version is no number.
        CredentialsMissing: AWS cannot be called.
    """
    if not _NUMBERED.fullmatch(version):
        raise GuardrailError(
            f"Guardrail {identifier}: version {version!r} is no numbered version. A DRAFT can change during a"
            " run; make a version of it (CreateGuardrailVersion) and give its number."
        )
    control = client("bedrock", endpoint_url=endpoint_url, region=region)
    answer = _get(control, identifier, version)
    if answer.get("status") != "READY":
        raise GuardrailError(
            f"Guardrail {identifier} version {version} is {answer.get('status')}, not READY"
            f"{_reasons(answer)}. Wait for it, or deploy another one."
        )
    configured = configuration(answer)
    return DeployedGuardrail(
        id=answer["guardrailId"],
        version=answer["version"],
        digest=digest(configured),
        configuration=configured,
    )


def configuration(answer: Mapping[str, Any]) -> dict[str, Any]:
    """What a GetGuardrail answer says of behaviour, without ids, names, times and order of rules."""
    profile = (answer.get("crossRegionDetails") or {}).get("guardrailProfileId")
    told = {name: _ordered(answer[name]) for name in _BEHAVIOUR if answer.get(name)}
    return {**told, "crossRegionProfile": profile} if profile else told


def deploy(policy: Policy, cut: Cut, *, endpoint_url: str, region: str) -> GuardrailRef:
    """A numbered version that does what one cut of the policy says; an equal one is used again.

    A guardrail of the policy's name is updated, so that a service that keeps running does not fill up.

    Args:
        policy: The registered policy.
        cut: Which of its three cuts.
        endpoint_url: Where to deploy. Given on purpose: nothing is deployed to AWS by default.
        region: An AWS region.

    Raises:
        GuardrailError: The service refuses the policy, or the guardrail does not get ready.
    """
    control = client("bedrock", endpoint_url=endpoint_url, region=region)
    request = policy.create_request(cut)
    try:
        identifier = _put(control, request)
        wanted = configuration(_settled(control, identifier, "DRAFT"))
        version = _equal_version(control, identifier, wanted)
        if version is None:
            version = control.create_guardrail_version(guardrailIdentifier=identifier)["version"]
            _settled(control, identifier, version)
    except (ClientError, BotoCoreError) as error:
        raise GuardrailError(f"Guardrail {request['name']} cannot be deployed: {described(error)}") from error
    return GuardrailRef(id=identifier, version=version)


def _put(control: Any, request: Mapping[str, Any]) -> str:
    """Create the guardrail, or make the DRAFT of the one with this name say the same."""
    try:
        return str(control.create_guardrail(**request)["guardrailId"])
    except ClientError as error:
        if code(error) != "ConflictException":
            raise
        for summary in _listed(control):
            if summary["name"] == request["name"]:
                control.update_guardrail(guardrailIdentifier=summary["id"], **request)
                return str(summary["id"])
        raise


def _equal_version(control: Any, identifier: str, wanted: Mapping[str, Any]) -> str | None:
    for summary in _listed(control, guardrailIdentifier=identifier):
        version = str(summary["version"])
        if _NUMBERED.fullmatch(version) and configuration(_get(control, identifier, version)) == wanted:
            return version
    return None


def _listed(control: Any, **which: str) -> Iterator[Mapping[str, Any]]:
    for page in control.get_paginator("list_guardrails").paginate(**which):
        yield from page["guardrails"]


def _settled(control: Any, identifier: str, version: str) -> dict[str, Any]:
    """Wait until the service has finished making a version."""
    waiting = Retrying(
        retry=retry_if_result(lambda answer: answer.get("status") not in _SETTLED),
        wait=wait_exponential(multiplier=0.1, max=2.0),
        stop=stop_after_delay(_READY_WITHIN_S),
    )
    try:
        answer = waiting(_get, control, identifier, version)
    except RetryError as error:
        raise GuardrailError(
            f"Guardrail {identifier} version {version} was not ready after {_READY_WITHIN_S:g} s."
        ) from error
    if answer.get("status") != "READY":
        raise GuardrailError(
            f"Guardrail {identifier} version {version} is {answer['status']}{_reasons(answer)}."
        )
    return answer


def _get(control: Any, identifier: str, version: str) -> dict[str, Any]:
    try:
        answer: dict[str, Any] = control.get_guardrail(
            guardrailIdentifier=identifier, guardrailVersion=version
        )
    except (ClientError, BotoCoreError) as error:
        raise GuardrailError(
            f"Guardrail {identifier} version {version} cannot be read: {described(error)}"
        ) from error
    return answer


def _reasons(answer: Mapping[str, Any]) -> str:
    reasons = answer.get("statusReasons") or ()
    return f" ({'; '.join(reasons)})" if reasons else ""


def _ordered(value: Any) -> Any:
    """Lists of rules in one order: the service need not keep the one they were written in."""
    if isinstance(value, Mapping):
        return {key: _ordered(element) for key, element in value.items()}
    if isinstance(value, list):
        return sorted((_ordered(element) for element in value), key=lambda e: json.dumps(e, sort_keys=True))
    return value
