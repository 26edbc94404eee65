"""What a model does not take, told in its own words before it is asked."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from evals.rehearsal.models.errors import NoCaching, RejectedParameter, RejectedRequest, UnsupportedField
from evals.rehearsal.models.profile import Profile

_CONVERSE_NAMES = {"temperature": "temperature", "topP": "top_p", "topK": "top_k"}


def check_parameters(profile: Profile, *, inference: Mapping[str, Any], extra: Mapping[str, Any]) -> None:
    """Refuse the parameters that this model does not take.

    Raises:
        RejectedParameter: A sampling parameter is not the caller's to set, or a field is unknown, or its
            value is.
    """
    given = {_CONVERSE_NAMES[name]: value for name, value in inference.items() if name in _CONVERSE_NAMES}
    for name, value in (given | dict(extra)).items():
        if name in profile.fixed_parameters and value != profile.fixed_parameters[name]:
            raise RejectedParameter(profile.rejection.format(name=name, value=value))
        if name in profile.unknown_fields:
            raise RejectedParameter(f"Unknown parameter: '{name}'.")
    asked = extra.get(profile.thinking.asked_by)
    kind = str(asked.get("type")) if isinstance(asked, Mapping) else ""
    if kind in profile.thinking.refused:
        raise RejectedParameter(profile.thinking.refused[kind])


def unknown_fields(profile: Profile, extra: Mapping[str, Any]) -> list[str]:
    """The additional request fields that the model may know and the stand-in does not model."""
    known = {*profile.fixed_parameters, profile.thinking.asked_by}
    return [name for name in extra if name not in known]


def check_conversation(
    profile: Profile,
    *,
    messages: Sequence[Mapping[str, Any]],
    system: Sequence[Mapping[str, Any]],
    tools: Sequence[Mapping[str, Any]],
    tool_choice: Mapping[str, Any],
) -> None:
    """Refuse the parts of a conversation that this model does not take.

    Raises:
        RejectedRequest: Images, cache points, reasoning sent back, a tool that the caller insists on.
    """
    if not profile.caches and any("cachePoint" in block for block in (*system, *tools)):
        raise NoCaching
    for choice in ("any", "tool"):
        if choice in tool_choice and not profile.forces_tools:
            raise UnsupportedField(f"toolConfig.toolChoice.{choice}")
    for message in messages:
        for refusal in _refusals(profile, message["content"]):
            raise refusal


def _refusals(profile: Profile, content: Sequence[Mapping[str, Any]]) -> Iterator[RejectedRequest]:
    for place, block in enumerate(content):
        if "image" in block and not profile.reads_images:
            yield UnsupportedField("image", " for user messages")
        if "reasoningContent" in block and not profile.thinking.returns:
            yield UnsupportedField("reasoningContent")
        if "cachePoint" in block:
            if not profile.caches:
                yield NoCaching()
            elif place and "reasoningContent" in content[place - 1]:
                yield RejectedParameter("A cache point cannot follow a reasoning block.")
