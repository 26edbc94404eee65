"""The operations that the stand-in models."""

from __future__ import annotations

OPERATIONS = (
    "CreateGuardrail",
    "GetGuardrail",
    "UpdateGuardrail",
    "CreateGuardrailVersion",
    "ListGuardrails",
    "DeleteGuardrail",
    "ListTagsForResource",
    "TagResource",
    "UntagResource",
    "PutEnforcedGuardrailConfiguration",
    "ListEnforcedGuardrailsConfiguration",
    "DeleteEnforcedGuardrailConfiguration",
    "GetFoundationModel",
    "GetInferenceProfile",
    "ListFoundationModels",
    "ListInferenceProfiles",
    "ApplyGuardrail",
    "Converse",
    "ConverseStream",
    "InvokeModel",
    "InvokeModelWithResponseStream",
)
