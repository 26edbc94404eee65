"""Makes guardrails from policies, and cleans up what was made so; never touches what others made.

What is ours is told by a tag. A policy that is deployed already, rule by rule, is not deployed again; a
changed one becomes the next numbered version, and every version before it stays as it was.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from botocore.exceptions import BotoCoreError, ClientError
from tenacity import RetryError, Retrying, retry_if_result, stop_after_delay, wait_exponential

from evals.bedrock import tags
from evals.bedrock.client import client
from evals.bedrock.errors import GuardrailError
from evals.bedrock.guardrails import configuration, get, reasons, registered
from evals.bedrock.keys import with_key_arn
from evals.bedrock.listing import listed, versions
from evals.bedrock.retry import code, described
from suites.arms import GuardrailRef
from suites.case import Cut
from suites.configured import deployed_rules, differences, policy_rules
from suites.policy import TAG, Policy
from suites.registered import DeployedGuardrail

_READY_WITHIN_S = 60.0
_SETTLED = {"READY", "FAILED"}


@dataclass(frozen=True)
class Deployment:
    """A numbered version that does what one cut of a policy says."""

    name: str
    guardrail: DeployedGuardrail
    made: Literal["guardrail", "version", "nothing"]
    """What was new."""

    @property
    def reference(self) -> GuardrailRef:
        """As an arms file names it."""
        return GuardrailRef(id=self.guardrail.id, version=self.guardrail.version)


@dataclass(frozen=True)
class Ours:
    """A guardrail that carries our tag."""

    id: str
    name: str
    versions: tuple[str, ...]
    """The numbered ones."""


def deploy(policy: Policy, cut: Cut, *, endpoint_url: str | None, region: str) -> Deployment:
    """Make sure that a numbered version does what one cut of the policy says.

    Args:
        policy: The registered policy.
        cut: Which of its three cuts.
        endpoint_url: Where to deploy; None is AWS.
        region: An AWS region.

    Raises:
        GuardrailError: A guardrail of the name is not ours, the service refuses the policy, or the guardrail
            does not get ready.
        CredentialsMissing, EndpointSilentError: There is no Bedrock to ask.
    """
    control = client("bedrock", endpoint_url=endpoint_url, region=region)
    request = with_key_arn(policy.create_request(cut), endpoint_url=endpoint_url, region=region)
    name = str(request["name"])
    try:
        identifier = _created(control, request)
        if identifier is not None:
            _settled(control, identifier, "DRAFT")
            return _published(control, identifier, request, "guardrail")
        identifier = _own(control, request)
        if (there := _equal(control, identifier, request)) is not None:
            return Deployment(name, registered(there), "nothing")
        changed = {name: each for name, each in request.items() if name != "tags"}
        control.update_guardrail(guardrailIdentifier=identifier, **changed)
        wanted = configuration(_settled(control, identifier, "DRAFT"))
        for version in versions(control, identifier):
            # A member that is new at AWS is in both, so that nothing is published again for its sake.
            if configuration(there := get(control, identifier, version)) == wanted:
                return Deployment(name, registered(there), "nothing")
        return _published(control, identifier, request, "version")
    except (ClientError, BotoCoreError) as error:
        raise GuardrailError(f"Guardrail {name} cannot be deployed: {described(error)}") from error


def ours(*, endpoint_url: str | None, region: str) -> list[Ours]:
    """Every guardrail of a region that carries our tag.

    Raises:
        GuardrailError: Guardrails or their tags cannot be read.
        CredentialsMissing, EndpointSilentError: There is no Bedrock to ask.
    """
    control = client("bedrock", endpoint_url=endpoint_url, region=region)
    try:
        return list(_ours(control))
    except (ClientError, BotoCoreError) as error:
        raise GuardrailError(f"Guardrails in {region} cannot be listed: {described(error)}") from error


def delete(identifier: str, *, endpoint_url: str | None, region: str) -> None:
    """Delete a guardrail of ours with all its versions.

    The tag is looked at again, since what is deleted by mistake does not come back.

    Raises:
        GuardrailError: It is not ours, or the service does not delete it.
        CredentialsMissing, EndpointSilentError: There is no Bedrock to ask.
    """
    control = client("bedrock", endpoint_url=endpoint_url, region=region)
    try:
        if TAG not in tags.read(control, get(control, identifier, "DRAFT")["guardrailArn"]):
            raise GuardrailError(
                f"Guardrail {identifier} carries no tag {TAG}: it was not made here, and is left alone."
            )
        control.delete_guardrail(guardrailIdentifier=identifier)
    except (ClientError, BotoCoreError) as error:
        raise GuardrailError(f"Guardrail {identifier} cannot be deleted: {described(error)}") from error


def _created(control: Any, request: Mapping[str, Any]) -> str | None:
    """The id of a new guardrail; None where the name is taken."""
    if any(each["name"] == request["name"] for each in listed(control)):
        return None
    try:
        return str(control.create_guardrail(**{**request, "tags": tags.wanted(request)})["guardrailId"])
    except ClientError as error:
        if code(error) != "ConflictException":
            raise
        return None


def _own(control: Any, request: Mapping[str, Any]) -> str:
    """The id of the guardrail of this name, once it is sure that it is ours and carries the policy's tags."""
    name = request["name"]
    summary = next((each for each in listed(control) if each["name"] == name), None)
    if summary is None:
        raise GuardrailError(f"Guardrail {name} was deleted while it was being deployed. Deploy it again.")
    if TAG not in tags.read(control, summary["arn"]):
        raise GuardrailError(
            f"There is a guardrail {name} ({summary['id']}) without the tag {TAG}: it was not made here, and"
            " is left alone. If it may be changed, tag it so; or give the suite's policy another `name`."
        )
    tags.make_good(control, summary["arn"], request)
    return str(summary["id"])


def _equal(control: Any, identifier: str, request: Mapping[str, Any]) -> dict[str, Any] | None:
    """The newest numbered version that says what the request says, rule by rule."""
    wanted = policy_rules(request)
    for version in versions(control, identifier):
        there = get(control, identifier, version)
        if there.get("status") == "READY" and not differences(wanted, deployed_rules(there)):
            return there
    return None


def _published(
    control: Any, identifier: str, request: Mapping[str, Any], made: Literal["guardrail", "version"]
) -> Deployment:
    described = {name: each for name, each in request.items() if name == "description"}
    version = control.create_guardrail_version(guardrailIdentifier=identifier, **described)["version"]
    return Deployment(str(request["name"]), registered(_settled(control, identifier, version)), made)


def _ours(control: Any) -> Iterator[Ours]:
    for each in listed(control):
        if TAG in tags.read(control, each["arn"]):
            yield Ours(each["id"], each["name"], tuple(versions(control, each["id"])))


def _settled(control: Any, identifier: str, version: str) -> dict[str, Any]:
    """Wait until the service has finished making a version."""
    waiting = Retrying(
        retry=retry_if_result(lambda answer: answer.get("status") not in _SETTLED),
        wait=wait_exponential(multiplier=0.1, max=2.0),
        stop=stop_after_delay(_READY_WITHIN_S),
    )
    try:
        answer = waiting(get, control, identifier, version)
    except RetryError as error:
        raise GuardrailError(
            f"Guardrail {identifier} version {version} was not ready after {_READY_WITHIN_S:g} s."
        ) from error
    if answer.get("status") != "READY":
        raise GuardrailError(
            f"Guardrail {identifier} version {version} is {answer['status']}{reasons(answer)}."
        )
    return answer
