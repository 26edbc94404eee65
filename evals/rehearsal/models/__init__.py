"""Stand-in models that differ the way models do, and know nothing of what is expected of them."""

from evals.rehearsal.models.answering import Reply, reply
from evals.rehearsal.models.errors import (
    NeedsInferenceProfile,
    RejectedParameter,
    RejectedRequest,
    UnknownModel,
)
from evals.rehearsal.models.profile import Profile
from evals.rehearsal.models.profiles import MODELS, is_inert, resolve

__all__ = [
    "MODELS",
    "NeedsInferenceProfile",
    "Profile",
    "RejectedParameter",
    "RejectedRequest",
    "Reply",
    "UnknownModel",
    "is_inert",
    "reply",
    "resolve",
]
