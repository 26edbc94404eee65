"""Two stand-in models that differ the way models do, and know nothing of what is expected of them."""

from evals.rehearsal.models.answering import Reply, reply
from evals.rehearsal.models.errors import (
    NeedsInferenceProfile,
    RejectedParameter,
    RejectedRequest,
    UnknownModel,
)
from evals.rehearsal.models.profiles import MODELS, Profile, resolve

__all__ = [
    "MODELS",
    "NeedsInferenceProfile",
    "Profile",
    "RejectedParameter",
    "RejectedRequest",
    "Reply",
    "UnknownModel",
    "reply",
    "resolve",
]
