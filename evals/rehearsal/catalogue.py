"""The models one can see: ListFoundationModels and ListInferenceProfiles over the stand-in models."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from evals.rehearsal.errors import ServiceError
from evals.rehearsal.guardrails import ACCOUNT, REGION
from evals.rehearsal.models import MODELS, Profile
from evals.rehearsal.paging import page

_NOT_IN_NAMES = re.compile(r"[^0-9a-zA-Z]+")


def list_foundation_models(request: Mapping[str, Any]) -> dict[str, Any]:
    """ListFoundationModels with its four filters."""
    summaries = [_summary(profile) for profile in MODELS.values()]
    kept = [
        summary
        for summary in summaries
        if request.get("byProvider", summary["providerName"]).lower() == summary["providerName"].lower()
        and _among(request.get("byOutputModality"), summary["outputModalities"])
        and _among(request.get("byInferenceType"), summary["inferenceTypesSupported"])
        and _among(request.get("byCustomizationType"), summary["customizationsSupported"])
    ]
    return {"modelSummaries": kept}


def list_inference_profiles(request: Mapping[str, Any]) -> dict[str, Any]:
    """ListInferenceProfiles: the system-defined ones, since nobody can make others here."""
    profiles = _inference_profiles()
    if request.get("typeEquals") == "APPLICATION":
        profiles = []
    shown, token = page(profiles, request)
    return {"inferenceProfileSummaries": shown, **token}


def get_foundation_model(request: Mapping[str, Any]) -> dict[str, Any]:
    """GetFoundationModel, by id or ARN.

    Raises:
        ServiceError: `ResourceNotFoundException`: there is no such model.
    """
    identifier = request["modelIdentifier"]
    for profile in MODELS.values():
        if identifier in {profile.base_id, _model_arn(profile)}:
            return {"modelDetails": _summary(profile)}
    raise _not_found("model", identifier)


def get_inference_profile(request: Mapping[str, Any]) -> dict[str, Any]:
    """GetInferenceProfile, by id or ARN.

    Raises:
        ServiceError: `ResourceNotFoundException`: there is no such profile.
    """
    identifier = request["inferenceProfileIdentifier"]
    for profile in _inference_profiles():
        if identifier in {profile["inferenceProfileId"], profile["inferenceProfileArn"]}:
            return profile
    raise _not_found("inference profile", identifier)


def _inference_profiles() -> list[dict[str, Any]]:
    return [
        _inference_profile(profile, scope)
        for profile in MODELS.values()
        for scope in (*profile.scopes, *profile.inert_scopes)
    ]


def _not_found(what: str, identifier: str) -> ServiceError:
    return ServiceError("ResourceNotFoundException", f"There is no {what} '{identifier}'.")


def _among(wanted: str | None, offered: list[str]) -> bool:
    return wanted is None or wanted in offered


def _model_arn(profile: Profile) -> str:
    return f"arn:aws:bedrock:{REGION}::foundation-model/{profile.base_id}"


def _summary(profile: Profile) -> dict[str, Any]:
    return {
        "modelArn": _model_arn(profile),
        "modelId": profile.base_id,
        "modelName": profile.model_name,
        "providerName": profile.provider_name,
        "inputModalities": ["TEXT", "IMAGE"] if profile.reads_images else ["TEXT"],
        "outputModalities": ["TEXT"],
        "responseStreamingSupported": True,
        "customizationsSupported": [],
        # An empty list says that the model cannot be called by its bare id.
        "inferenceTypesSupported": ["ON_DEMAND"] if profile.on_demand else [],
        "modelLifecycle": {"status": "ACTIVE"},
    }


def _inference_profile(profile: Profile, scope: str) -> dict[str, Any]:
    identifier = f"{scope}.{profile.base_id}"
    # AWS's pattern for names has no dot.
    name = _NOT_IN_NAMES.sub(" ", f"{scope} {profile.provider_name} {profile.model_name}")
    return {
        "inferenceProfileName": name,
        "inferenceProfileArn": f"arn:aws:bedrock:{REGION}:{ACCOUNT}:inference-profile/{identifier}",
        "inferenceProfileId": identifier,
        "models": [{"modelArn": _model_arn(profile)}],
        "status": "ACTIVE",
        "type": "SYSTEM_DEFINED",
    }
