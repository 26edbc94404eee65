"""What Converse refuses before anything is assessed: as AWS does, or because it is not modelled here."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from evals.rehearsal.errors import invalid, not_modelled

_MODELLED = {
    "modelId",
    "messages",
    "system",
    "inferenceConfig",
    "toolConfig",
    "guardrailConfig",
    "additionalModelRequestFields",
    "requestMetadata",
}
_SYSTEM_BLOCKS = {"text", "guardContent", "cachePoint"}
_BLOCKS = {"text", "guardContent", "image", "toolUse", "toolResult", "reasoningContent", "cachePoint"}
_RESULT_BLOCKS = {"text", "json"}
_ONLY_IN = {"toolUse": "assistant", "reasoningContent": "assistant", "toolResult": "user", "image": "user"}


def check_modelled(request: Mapping[str, Any]) -> None:
    """Refuse by name what AWS would take and the stand-in does not know.

    Raises:
        ServiceError: `ValidationException` with the name of it.
    """
    for name, value in request.items():
        # An empty one asks for nothing; some clients send every member there is.
        if name not in _MODELLED and value not in (None, [], {}):
            raise not_modelled(f"{name} of Converse")
    for block in request.get("system") or ():
        _check_kind(block, _SYSTEM_BLOCKS, "blocks in the system prompt of Converse")
    for message in request.get("messages") or ():
        for block in message["content"]:
            _check_kind(block, _BLOCKS, "blocks in Converse")
            for inner in block.get("toolResult", {}).get("content", ()):
                _check_kind(inner, _RESULT_BLOCKS, "blocks in a toolResult")
            if block.get("toolUse", {}).get("type"):
                raise not_modelled(f"toolUse of the type {block['toolUse']['type']}")
    for tool in (request.get("toolConfig") or {}).get("tools", ()):
        _check_kind(tool, {"toolSpec", "cachePoint"}, "in toolConfig")


def _check_kind(block: Mapping[str, Any], modelled: set[str], where: str) -> None:
    for kind in block:
        if kind not in modelled:
            raise not_modelled(f"{kind} {where}")
    if "s3Location" in block.get("image", {}).get("source", {}):
        raise not_modelled("images in S3")
    guarded = block.get("guardContent", {})
    if "image" in guarded:
        raise not_modelled("images in guardContent")
    qualifiers = set(guarded.get("text", {}).get("qualifiers") or ()) - {"guard_content"}
    if qualifiers:
        raise not_modelled(f"the qualifier {min(qualifiers)} (contextual grounding)")


def check_conversation(request: Mapping[str, Any]) -> None:
    """Refuse a conversation that no model could answer.

    Raises:
        ServiceError: `ValidationException` with the place.
    """
    messages = request.get("messages") or []
    if not messages or messages[0]["role"] != "user":
        raise invalid(
            "A conversation must start with a user message. "
            "Try again with a conversation that starts with a user message."
        )
    if messages[-1]["role"] != "user":
        raise invalid("The conversation must end with a user message; no model here continues its own words.")
    for place, message in enumerate(messages):
        if not message["content"]:
            raise invalid(f"The content field in the Message object at messages.{place} is empty.")
        for block_place, block in enumerate(message["content"]):
            _check_block(block, message["role"], f"messages.{place}.content.{block_place}")
    _check_tools(request, messages)


def _check_block(block: Mapping[str, Any], role: str, where: str) -> None:
    if "text" in block and not block["text"].strip():
        raise invalid(f"The text field in the ContentBlock object at {where} is blank.")
    for kind, allowed in _ONLY_IN.items():
        if kind in block and role != allowed:
            raise invalid(f"A {kind} block can only stand in a message of the role {allowed}: {where}")


def _check_tools(request: Mapping[str, Any], messages: Sequence[Mapping[str, Any]]) -> None:
    """Every call is answered in the next turn, and nothing else is."""
    uses = [list(_identifiers(message, "toolUse")) for message in messages]
    results = [list(_identifiers(message, "toolResult")) for message in messages]
    config = request.get("toolConfig")
    if not config and any((*uses, *results)):
        raise invalid(
            "The toolConfig field must be defined when using toolUse and toolResult content blocks."
        )
    for place in range(len(messages)):
        called = uses[place - 1] if place else []
        if lacking := [identifier for identifier in called if identifier not in results[place]]:
            raise invalid(
                f"Expected toolResult blocks at messages.{place}.content for the following Ids:"
                f" {', '.join(lacking)}"
            )
        if len(results[place]) > len(called):
            raise invalid(
                f"The number of toolResult blocks at messages.{place}.content exceeds the number of toolUse"
                " blocks of previous turn."
            )
    _check_choice(config or {})


def _identifiers(message: Mapping[str, Any], kind: str) -> Iterator[str]:
    return (block[kind]["toolUseId"] for block in message["content"] if kind in block)


def _check_choice(config: Mapping[str, Any]) -> None:
    names = [tool["toolSpec"]["name"] for tool in config.get("tools", ()) if "toolSpec" in tool]
    if twice := {name for name in names if names.count(name) > 1}:
        raise invalid(f"toolConfig.tools holds the name '{min(twice)}' more than once")
    chosen = (config.get("toolChoice") or {}).get("tool")
    if chosen and chosen["name"] not in names:
        raise invalid(f"toolChoice names the tool '{chosen['name']}', which toolConfig.tools does not hold")
