"""What an account says of its own quotas for Bedrock (service-quotas ListServiceQuotas).

Quotas of guardrails are known by code and by name: newer accounts have one for each tier. Those of models are
known by name alone, and are counted by the minute.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from botocore.exceptions import BotoCoreError, ClientError

from evals.bedrock.client import CredentialsMissing, client
from evals.bedrock.retry import described
from suites.case import PolicyKind

_APPLY = ("L-9072D6F0", "requests per second")
_UNITS: dict[PolicyKind, tuple[str, str]] = {
    "content": ("L-01F3CD81", "content filter policy"),
    "topic": ("L-124DCF3D", "denied topic policy"),
    "pii": ("L-CFCAAB0E", "sensitive information policy"),
    "regex": ("L-CFCAAB0E", "sensitive information policy"),
    "word": ("L-9F4DB459", "word policy"),
    "profanity": ("L-9F4DB459", "word policy"),
}
"""By kind of policy, code and name of the quota of its text units a second."""
_OF_A_MODEL = re.compile(r"(?P<way>.+) model inference requests per minute for (?P<model>.+)", re.IGNORECASE)
_WAYS = {"global": "global cross-region", "": "on-demand"}
_NO_WORD = re.compile(r"[^a-z0-9]+")
_PROFILE = re.compile(r"^(?P<scope>[a-z]+(-gov)?)\.(?P<model>[a-z0-9-]+\..+)$")


@dataclass(frozen=True)
class Quota:
    """One quota as the account has it now."""

    code: str
    name: str
    value: float

    def __str__(self) -> str:
        """For the register."""
        return f"{self.name} ({self.code}): {self.value:g}"


def read(*, endpoint_url: str | None, region: str) -> tuple[Quota, ...] | str:
    """All quotas of Bedrock in a region; where they cannot be read, why.

    Raises:
        EndpointSilentError: Nothing answers at a loopback endpoint.
    """
    try:
        asked = client("service-quotas", endpoint_url=endpoint_url, region=region)
        pages = asked.get_paginator("list_service_quotas").paginate(ServiceCode="bedrock")
        found = [Quota(q["QuotaCode"], q["QuotaName"], q["Value"]) for page in pages for q in page["Quotas"]]
    except CredentialsMissing as error:
        return str(error)
    except (ClientError, BotoCoreError) as error:
        return described(error)
    return tuple(found) or "the account tells of no quota of Bedrock"


def of_apply_guardrail(quotas: Iterable[Quota]) -> Quota | None:
    """The smallest quota of requests to ApplyGuardrail a second; None where none is told."""
    code, name = _APPLY
    return _smallest(each for each in quotas if each.code == code or _guards(each, name))


def of_text_units(quotas: Iterable[Quota], kinds: Iterable[PolicyKind]) -> Quota | None:
    """The smallest quota of text units a second over the kinds; None where one of them is not told."""
    there = tuple(quotas)
    by_kind = [
        _smallest(each for each in there if each.code == code or (_guards(each, name) and _units(each)))
        for code, name in {_UNITS[kind] for kind in kinds}
    ]
    known = [each for each in by_kind if each is not None]
    return _smallest(known) if len(known) == len(by_kind) else None


def of_model(quotas: Iterable[Quota], model: str) -> Quota | None:
    """The quota of requests a minute to a model, by id or inference profile; None where none is told."""
    scope, base = _scoped(model.rpartition("/")[2])
    wanted = _plain(base.partition(".")[2] or base)
    for each in quotas:
        found = _OF_A_MODEL.match(each.name)
        if found is None or not _plain(found["model"]).endswith(wanted):
            continue
        if found["way"].lower() == _WAYS.get(scope, "cross-region"):
            return each
    return None


def _scoped(model: str) -> tuple[str, str]:
    found = _PROFILE.match(model)
    return (found["scope"], found["model"]) if found else ("", model)


def _plain(name: str) -> str:
    return _NO_WORD.sub("", name.lower())


def _guards(quota: Quota, words: str) -> bool:
    name = quota.name.lower()
    return "applyguardrail" in name and words in name


def _units(quota: Quota) -> bool:
    return "text units per second" in quota.name.lower()


def _smallest(quotas: Iterable[Quota]) -> Quota | None:
    return min(quotas, key=lambda each: each.value, default=None)
