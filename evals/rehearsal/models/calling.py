"""Whether a model calls one of the tools it was given, and with which arguments."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from typing import Any

_EMPTY: dict[str, Any] = {"integer": 0, "number": 0, "boolean": False, "array": [], "object": {}}
_ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"
_ID_LENGTH = 22


def chosen_tool(
    tools: Sequence[Mapping[str, Any]], choice: Mapping[str, Any], request: str, *, has_result: bool
) -> Mapping[str, Any] | None:
    """The specification of the tool to call, None where the answer needs none.

    A tool that the caller insists on is called; one that is left to the model is called where the
    request names it, unless a tool has just answered.
    """
    specs: list[Mapping[str, Any]] = [tool["toolSpec"] for tool in tools if "toolSpec" in tool]
    if "tool" in choice:
        return next((spec for spec in specs if spec["name"] == choice["tool"]["name"]), None)
    if has_result:
        return None
    asked = request.lower().replace("_", " ").replace("-", " ")
    named = [spec for spec in specs if spec["name"].lower().replace("_", " ").replace("-", " ") in asked]
    if named:
        return named[0]
    return specs[0] if specs and "any" in choice else None


def tool_use(spec: Mapping[str, Any], said: str, about: Sequence[str | int]) -> dict[str, Any]:
    """A toolUse block: what there is to say goes into the first text that the tool takes.

    Args:
        spec: The tool's specification.
        said: The material, or the request where there is none.
        about: What the identifier depends on.
    """
    return {
        "toolUse": {
            "toolUseId": f"tooluse_{_identifier(spec['name'], about)}",
            "name": spec["name"],
            "input": _arguments(spec["inputSchema"]["json"], said),
        }
    }


def _arguments(schema: Any, said: str) -> dict[str, Any]:
    properties = schema.get("properties", {}) if isinstance(schema, Mapping) else {}
    required = list(schema.get("required", ())) if isinstance(schema, Mapping) else []
    kinds = {name: _kind(properties.get(name)) for name in (*required, *properties)}
    place = next((name for name, kind in kinds.items() if kind == "string"), None)
    arguments = {name: _EMPTY.get(kinds[name], "") for name in required}
    return arguments | ({place: said} if place is not None else {})


def _kind(schema: Any) -> str:
    return str(schema.get("type", "string")) if isinstance(schema, Mapping) else "string"


def _identifier(name: str, about: Sequence[str | int]) -> str:
    number = int.from_bytes(hashlib.sha256("\n".join(map(str, (name, *about))).encode()).digest(), "big")
    letters = []
    for _ in range(_ID_LENGTH):
        number, letter = divmod(number, len(_ALPHABET))
        letters.append(_ALPHABET[letter])
    return "".join(letters)
