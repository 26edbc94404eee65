"""A guardrail that the account enforces: before every call to the models that it names, whoever calls.

Shapes: botocore PutEnforcedGuardrailConfiguration and its siblings; user guide, "Apply cross-account
safeguards with Amazon Bedrock Guardrails enforcements". There is at most one.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from evals.rehearsal.channels import Tags
from evals.rehearsal.errors import ServiceError, invalid
from evals.rehearsal.guardrails import ACCOUNT, Configuration, Guardrails
from evals.rehearsal.models import MODELS, RejectedRequest, resolve

_ALL = "ALL"
_COMPREHENSIVE = "COMPREHENSIVE"
_WHO = f"arn:aws:iam::{ACCOUNT}:root"


@dataclass(frozen=True, kw_only=True)
class Enforced:
    """The enforced guardrail, and before which models it stands."""

    identifier: str
    configuration: Configuration
    included: tuple[str, ...]
    excluded: tuple[str, ...]
    guarding: Mapping[str, str]
    """SELECTIVE or COMPREHENSIVE, by part of the request."""
    created_at: str
    updated_at: str

    @property
    def tags(self) -> Tags:
        """What tags mean to it: comprehensive guarding reads everything, whatever is tagged."""
        selective = {part: value != _COMPREHENSIVE for part, value in self.guarding.items()}
        return Tags(system=selective["system"], messages=selective["messages"], asked_for=selective["system"])

    def meets(self, model_id: str) -> bool:
        """Whether it stands before a model; an exclusion outweighs an inclusion."""
        names = {model_id, resolve(model_id).base_id}
        return not names & set(self.excluded) and bool({_ALL, *names} & set(self.included))

    def described(self) -> dict[str, Any]:
        """AccountEnforcedGuardrailOutputConfiguration."""
        return {
            "configId": self.identifier,
            "guardrailArn": self.configuration.arn,
            "guardrailId": self.configuration.guardrail,
            "guardrailVersion": self.configuration.version,
            "selectiveContentGuarding": dict(self.guarding),
            "modelEnforcement": {
                "includedModels": list(self.included),
                "excludedModels": list(self.excluded),
            },
            "createdAt": self.created_at,
            "createdBy": _WHO,
            "updatedAt": self.updated_at,
            "updatedBy": _WHO,
            "owner": "ACCOUNT",
        }


def _now() -> datetime:
    return datetime.now(UTC)


class Enforcement:
    """The account's enforced guardrail configuration.

    Args:
        guardrails: Where guardrails are looked up; an enforced one cannot be deleted there.
        clock: Gives the time of changes.
    """

    def __init__(self, guardrails: Guardrails, clock: Callable[[], datetime] = _now) -> None:
        self._guardrails = guardrails
        self._clock = clock
        self._enforced: Enforced | None = None
        guardrails.in_use = self._needs

    def before(self, model_id: str) -> Enforced | None:
        """What is enforced before a model, None where nothing is."""
        return self._enforced if self._enforced and self._enforced.meets(model_id) else None

    def put(self, request: Mapping[str, Any]) -> dict[str, Any]:
        """PutEnforcedGuardrailConfiguration."""
        wanted = request["guardrailInferenceConfig"]
        existing = self._enforced
        given = request.get("configId")
        if given is not None and (existing is None or existing.identifier != given):
            raise _no_configuration(given)
        if given is None and existing is not None:
            raise ServiceError(
                "ConflictException",
                f"The account enforces a guardrail already, in the configuration '{existing.identifier}'."
                " Give its configId to change it.",
            )
        configuration = self._found(wanted["guardrailIdentifier"], wanted["guardrailVersion"])
        models = wanted.get("modelEnforcement") or {"includedModels": [_ALL], "excludedModels": []}
        for name in (*models["includedModels"], *models["excludedModels"]):
            _check_model(name)
        guarding = wanted.get("selectiveContentGuarding") or {}
        now = self._clock().strftime("%Y-%m-%dT%H:%M:%SZ")
        self._enforced = Enforced(
            identifier=existing.identifier if existing else _identifier(configuration, now),
            configuration=configuration,
            included=tuple(models["includedModels"]),
            excluded=tuple(models["excludedModels"]),
            guarding={part: guarding.get(part, _COMPREHENSIVE) for part in ("system", "messages")},
            created_at=existing.created_at if existing else now,
            updated_at=now,
        )
        return {"configId": self._enforced.identifier, "updatedAt": now, "updatedBy": _WHO}

    def list_configurations(self, _request: Mapping[str, Any]) -> dict[str, Any]:
        """ListEnforcedGuardrailsConfiguration: none or one."""
        return {"guardrailsConfig": [self._enforced.described()] if self._enforced else []}

    def delete(self, request: Mapping[str, Any]) -> dict[str, Any]:
        """DeleteEnforcedGuardrailConfiguration."""
        if self._enforced is None or self._enforced.identifier != request["configId"]:
            raise _no_configuration(request["configId"])
        self._enforced = None
        return {}

    def _found(self, identifier: str, version: str) -> Configuration:
        configuration = self._guardrails.find(identifier, version)
        if configuration is None:
            raise ServiceError(
                "ResourceNotFoundException", f"There is no version '{version}' of a guardrail '{identifier}'."
            )
        return configuration

    def _needs(self, guardrail: str, version: str | None) -> bool:
        enforced = self._enforced.configuration if self._enforced else None
        return (
            enforced is not None and enforced.guardrail == guardrail and version in {None, enforced.version}
        )


def _check_model(name: str) -> None:
    if name == _ALL or name in MODELS:
        return
    try:
        resolve(name)
    except RejectedRequest:
        raise invalid(f"modelEnforcement names the model '{name}', which does not exist") from None


def _identifier(configuration: Configuration, now: str) -> str:
    return hashlib.sha256(f"{configuration.arn}\n{now}".encode()).hexdigest()[:12]


def _no_configuration(identifier: str) -> ServiceError:
    return ServiceError(
        "ResourceNotFoundException", f"There is no enforced guardrail configuration '{identifier}'."
    )
