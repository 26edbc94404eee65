"""The guardrails that exist, their DRAFT and numbered versions, and the control-plane operations on them.

Parameters come in as boto3's caller wrote them and already keep their shapes; answers go out in the
shapes of the service model. Ids are made from name and number of creations, so that the same commands
against a fresh service give the same ids.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any

from evals.rehearsal.configuration import as_described, read_configuration
from evals.rehearsal.errors import ServiceError
from evals.rehearsal.keys import key_of_guardrail
from evals.rehearsal.overlooked import Overlooked
from evals.rehearsal.paging import page

REGION = "us-east-1"
ACCOUNT = "111122223333"
DRAFT = "DRAFT"

_ALPHABET = "0123456789abcdefghijklmnopqrstuvwxyz"
_ID_LENGTH = 12
_MOST_TAGS = 50


@dataclass(frozen=True, eq=False)
class Configuration:
    """One version of one guardrail. Compared by identity, so that it can key a cache."""

    guardrail: str
    arn: str
    version: str
    policy: Mapping[str, Any]
    """In the shape of a CreateGuardrail request."""
    created_at: str
    updated_at: str
    overlooked: Overlooked = ()
    """What the service's detectors do not find; no part of the guardrail, and never told."""

    def applied(self, origins: Sequence[str] = ("REQUEST",)) -> dict[str, Any]:
        """`appliedGuardrailDetails` of an assessment that this version made, and why it did."""
        return {
            "guardrailId": self.guardrail,
            "guardrailVersion": self.version,
            "guardrailArn": self.arn,
            "guardrailOrigin": list(origins),
            "guardrailOwnership": "SELF",
        }


@dataclass
class _Guardrail:
    """The versions of one guardrail; numbers are given once, even after a version is deleted."""

    draft: Configuration
    numbered: dict[str, Configuration] = field(default_factory=dict)
    tags: dict[str, str] = field(default_factory=dict)
    last_number: int = 0

    @property
    def versions(self) -> list[Configuration]:
        return [self.draft, *self.numbered.values()]


def _now() -> datetime:
    return datetime.now(UTC)


class Guardrails:
    """The store behind the control plane.

    Args:
        clock: Gives the time of creations and updates.
        overlooked: What the service's detectors do not find.
    """

    def __init__(self, clock: Callable[[], datetime] = _now, overlooked: Overlooked = ()) -> None:
        self._clock = clock
        self._overlooked = overlooked
        self._guardrails: dict[str, _Guardrail] = {}
        self._creations: Counter[str] = Counter()
        self._answered: dict[tuple[str, str], dict[str, Any]] = {}
        self.in_use: Callable[[str, str | None], bool] = lambda _identifier, _version: False
        """Whether something still needs a version, or any version, of a guardrail, given its id."""

    def find(self, identifier: str, version: str) -> Configuration | None:
        """The configuration by id or ARN and by version; None if there is none."""
        guardrail = self._by_identifier(identifier)
        if guardrail is None:
            return None
        return guardrail.draft if version == DRAFT else guardrail.numbered.get(version)

    def create(self, request: Mapping[str, Any]) -> dict[str, Any]:
        """CreateGuardrail."""
        if (answer := self._already("CreateGuardrail", request)) is not None:
            return answer
        policy = read_configuration(request, key_arn=_key_arn)
        name = policy["name"]
        self._refuse_taken_name(name)
        self._creations[name] += 1
        identifier = _identifier(name, self._creations[name])
        now = self._time()
        draft = Configuration(
            guardrail=identifier,
            arn=_arn(f"guardrail/{identifier}"),
            version=DRAFT,
            policy=policy,
            overlooked=self._overlooked,
            created_at=now,
            updated_at=now,
        )
        self._guardrails[identifier] = _Guardrail(draft, tags=_tags(request.get("tags")))
        answer = {
            "guardrailId": identifier,
            "guardrailArn": draft.arn,
            "version": DRAFT,
            "createdAt": now,
        }
        self._remember("CreateGuardrail", request, answer)
        return answer

    def get(self, request: Mapping[str, Any]) -> dict[str, Any]:
        """GetGuardrail; without a version it is the DRAFT."""
        identifier = request["guardrailIdentifier"]
        version = request.get("guardrailVersion", DRAFT)
        self._existing(identifier)
        found = self.find(identifier, version)
        if found is None:
            raise _no_version(identifier, version)
        return {
            **as_described(found.policy, arn_of=_arn),
            "guardrailId": found.guardrail,
            "guardrailArn": found.arn,
            "version": found.version,
            "status": "READY",
            "createdAt": found.created_at,
            "updatedAt": found.updated_at,
        }

    def update(self, request: Mapping[str, Any]) -> dict[str, Any]:
        """UpdateGuardrail: the DRAFT becomes what the request says, numbered versions stay as they are."""
        guardrail = self._existing(request["guardrailIdentifier"])
        policy = read_configuration(request, key_arn=_key_arn)
        if policy["name"] != guardrail.draft.policy["name"]:
            self._refuse_taken_name(policy["name"])
        guardrail.draft = replace(guardrail.draft, policy=policy, updated_at=self._time())
        return {
            "guardrailId": guardrail.draft.guardrail,
            "guardrailArn": guardrail.draft.arn,
            "version": DRAFT,
            "updatedAt": guardrail.draft.updated_at,
        }

    def create_version(self, request: Mapping[str, Any]) -> dict[str, Any]:
        """CreateGuardrailVersion: freezes the DRAFT under the next number."""
        guardrail = self._existing(request["guardrailIdentifier"])
        if (answer := self._already("CreateGuardrailVersion", request)) is not None:
            return answer
        guardrail.last_number += 1
        number = str(guardrail.last_number)
        now = self._time()
        policy = {key: value for key, value in guardrail.draft.policy.items() if key != "description"}
        if request.get("description") is not None:
            policy["description"] = request["description"]
        guardrail.numbered[number] = replace(
            guardrail.draft, version=number, policy=policy, created_at=now, updated_at=now
        )
        answer = {"guardrailId": guardrail.draft.guardrail, "version": number}
        self._remember("CreateGuardrailVersion", request, answer)
        return answer

    def delete(self, request: Mapping[str, Any]) -> dict[str, Any]:
        """DeleteGuardrail: one numbered version, or without a version everything."""
        identifier = request["guardrailIdentifier"]
        guardrail = self._existing(identifier)
        version = request.get("guardrailVersion")
        if self.in_use(guardrail.draft.guardrail, version):
            raise ServiceError(
                "ResourceInUseException",
                f"Guardrail '{identifier}' is enforced in this account. Delete the enforcement first.",
            )
        if version is None:
            del self._guardrails[guardrail.draft.guardrail]
        elif guardrail.numbered.pop(version, None) is None:
            raise _no_version(identifier, version)
        return {}

    def list_versions(self, request: Mapping[str, Any]) -> dict[str, Any]:
        """ListGuardrails: all DRAFTs, or with an identifier all versions of that guardrail."""
        identifier = request.get("guardrailIdentifier")
        if identifier is None:
            found = [guardrail.draft for guardrail in self._guardrails.values()]
        else:
            found = self._existing(identifier).versions
        shown, token = page([_summary(version) for version in found], request)
        return {"guardrails": shown, **token}

    def tags(self, request: Mapping[str, Any]) -> dict[str, Any]:
        """ListTagsForResource."""
        tags = self._existing(request["resourceARN"]).tags
        return {"tags": [{"key": key, "value": value} for key, value in tags.items()]}

    def tag(self, request: Mapping[str, Any]) -> dict[str, Any]:
        """TagResource: adds tags, or gives those that are there another value."""
        guardrail = self._existing(request["resourceARN"])
        together = guardrail.tags | _tags(request["tags"])
        if len(together) > _MOST_TAGS:
            raise ServiceError(
                "TooManyTagsException",
                f"{len(together)} tags are more than the {_MOST_TAGS} that a guardrail may have.",
                {"resourceName": guardrail.draft.arn},
            )
        guardrail.tags = together
        return {}

    def untag(self, request: Mapping[str, Any]) -> dict[str, Any]:
        """UntagResource: takes tags away; one that is not there is no error."""
        for key in request["tagKeys"]:
            self._existing(request["resourceARN"]).tags.pop(key, None)
        return {}

    def _by_identifier(self, identifier: str) -> _Guardrail | None:
        guardrail = self._guardrails.get(identifier.rpartition("/")[2])
        if guardrail is None or identifier not in {guardrail.draft.guardrail, guardrail.draft.arn}:
            return None
        return guardrail

    def _existing(self, identifier: str) -> _Guardrail:
        guardrail = self._by_identifier(identifier)
        if guardrail is None:
            raise ServiceError("ResourceNotFoundException", f"There is no guardrail '{identifier}'.")
        return guardrail

    def _refuse_taken_name(self, name: str) -> None:
        if any(guardrail.draft.policy["name"] == name for guardrail in self._guardrails.values()):
            raise ServiceError(
                "ConflictException", f"Another guardrail has the name '{name}'. Give this one its own name."
            )

    def _already(self, operation: str, request: Mapping[str, Any]) -> dict[str, Any] | None:
        """The answer to an earlier request with the same token: a retry must not create twice."""
        token = request.get("clientRequestToken")
        return None if token is None else self._answered.get((operation, token))

    def _remember(self, operation: str, request: Mapping[str, Any], answer: dict[str, Any]) -> None:
        if (token := request.get("clientRequestToken")) is not None:
            self._answered[operation, token] = answer

    def _time(self) -> str:
        return self._clock().strftime("%Y-%m-%dT%H:%M:%SZ")


def _arn(resource: str) -> str:
    return f"arn:aws:bedrock:{REGION}:{ACCOUNT}:{resource}"


def _key_arn(key: str) -> str:
    return key_of_guardrail(key, region=REGION, account=ACCOUNT)


def _tags(given: Sequence[Mapping[str, str]] | None) -> dict[str, str]:
    return {tag["key"]: tag["value"] for tag in given or ()}


def _identifier(name: str, creation: int) -> str:
    number = int.from_bytes(hashlib.sha256(f"{name}\n{creation}".encode()).digest(), "big")
    letters = []
    for _ in range(_ID_LENGTH):
        number, letter = divmod(number, len(_ALPHABET))
        letters.append(_ALPHABET[letter])
    return "".join(letters)


def _summary(version: Configuration) -> dict[str, Any]:
    summary = {
        "id": version.guardrail,
        "arn": version.arn,
        "status": "READY",
        "name": version.policy["name"],
        "version": version.version,
        "createdAt": version.created_at,
        "updatedAt": version.updated_at,
    }
    if "description" in version.policy:
        summary["description"] = version.policy["description"]
    return summary


def _no_version(identifier: str, version: str) -> ServiceError:
    return ServiceError("ResourceNotFoundException", f"Guardrail '{identifier}' has no version '{version}'.")
