"""Whether a document keeps the constraints of its shape, told in AWS's words.

Messages follow the form `1 validation error detected: Value 'x' at 'a.1.member.b' failed to satisfy
constraint: ...`, list places counted from 1. Values of sensitive shapes are not repeated.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from evals.rehearsal.errors import ServiceError, invalid
from evals.rehearsal.wire import Shape

_Check = Callable[[Shape, Any, str], Iterator[str]]


def validate(shape: Shape, document: Any) -> None:
    """Return if `document` keeps every constraint of `shape`.

    Raises:
        ServiceError: `SerializationException` for a value of the wrong JSON type,
            `ValidationException` naming every broken constraint otherwise.
    """
    broken = list(_violations(shape, document, ""))
    if broken:
        count = f"{len(broken)} validation error{'s' if len(broken) > 1 else ''} detected"
        raise invalid(f"{count}: {'; '.join(broken)}")


def _violations(shape: Shape, value: Any, path: str) -> Iterator[str]:
    if shape.document:
        return iter(())
    return _CHECKS[shape.kind](shape, value, path)


def _failed(path: str, constraint: str, shown: str = "Value") -> str:
    return f"{shown} at '{path}' failed to satisfy constraint: {constraint}"


def _structure(shape: Shape, value: Any, path: str) -> Iterator[str]:
    _expect(value, dict, shape, path)
    prefix = f"{path}." if path else ""
    for name in shape.required:
        if value.get(name) is None:
            yield _failed(f"{prefix}{name}", "Member must not be null", "Value null")
    present = [name for name, member in value.items() if member is not None]
    for name in present:
        member_shape = shape.members.get(name)
        if member_shape is None:
            yield _failed(f"{prefix}{name}", f"Member is not part of {shape.name}")
        else:
            yield from _violations(member_shape, value[name], f"{prefix}{name}")
    if shape.union and len(present) != 1:
        yield _failed(path, f"Exactly one member of {shape.name} must be set, found {len(present)}")


def _list(shape: Shape, value: Any, path: str) -> Iterator[str]:
    _expect(value, list, shape, path)
    yield from _length(shape, len(value), path, "Value")
    for place, element in enumerate(value, start=1):
        here = f"{path}.{place}.member"
        if element is None:
            yield _failed(here, "Member must not be null", "Value null")
        else:
            yield from _violations(shape.element, element, here)


def _map(shape: Shape, value: Any, path: str) -> Iterator[str]:
    _expect(value, dict, shape, path)
    yield from _length(shape, len(value), path, "Value")
    for key, member in value.items():
        yield from _violations(shape.key, key, f"{path}.key")
        yield from _violations(shape.value, member, f"{path}.{key}.member")


def _string(shape: Shape, value: Any, path: str) -> Iterator[str]:
    _expect(value, str, shape, path)
    shown = "Value" if shape.sensitive else f"Value '{value}'"
    if shape.enum and value not in shape.enum:
        allowed = ", ".join(shape.enum)
        yield _failed(path, f"Member must satisfy enum value set: [{allowed}]", shown)
    yield from _length(shape, len(value), path, shown)
    if shape.pattern and not shape.pattern.fullmatch(value):
        constraint = f"Member must satisfy regular expression pattern: {shape.pattern.pattern}"
        yield _failed(path, constraint, shown)


def _number(shape: Shape, value: Any, path: str) -> Iterator[str]:
    whole = shape.kind in {"integer", "long"}
    if isinstance(value, bool) or not isinstance(value, int if whole else (int, float)):
        raise _wrong_type(value, shape, path)
    if shape.minimum is not None and value < shape.minimum:
        constraint = f"Member must have value greater than or equal to {shape.minimum}"
        yield _failed(path, constraint, f"Value '{value}'")
    if shape.maximum is not None and value > shape.maximum:
        constraint = f"Member must have value less than or equal to {shape.maximum}"
        yield _failed(path, constraint, f"Value '{value}'")


def _boolean(shape: Shape, value: Any, path: str) -> Iterator[str]:
    _expect(value, bool, shape, path)
    return iter(())


def _timestamp(shape: Shape, value: Any, path: str) -> Iterator[str]:
    """A point in time, which travels as text."""
    _expect(value, str, shape, path)
    return iter(())


def _blob(shape: Shape, value: Any, path: str) -> Iterator[str]:
    """Bytes, which are a whole body or travel as text in one."""
    if isinstance(value, bytes):
        return _length(shape, len(value), path, "Value")
    _expect(value, str, shape, path)
    return iter(())


def _length(shape: Shape, length: int, path: str, shown: str) -> Iterator[str]:
    if shape.minimum is not None and length < shape.minimum:
        yield _failed(path, f"Member must have length greater than or equal to {shape.minimum}", shown)
    if shape.maximum is not None and length > shape.maximum:
        yield _failed(path, f"Member must have length less than or equal to {shape.maximum}", shown)


def _expect(value: Any, kind: type, shape: Shape, path: str) -> None:
    if not isinstance(value, kind):
        raise _wrong_type(value, shape, path)


def _wrong_type(value: Any, shape: Shape, path: str) -> ServiceError:
    where = f"'{path}'" if path else "the request body"
    return ServiceError(
        "SerializationException", f"{where} must be a JSON {shape.kind}, not {type(value).__name__}"
    )


_CHECKS: dict[str, _Check] = {
    "structure": _structure,
    "list": _list,
    "map": _map,
    "string": _string,
    "integer": _number,
    "long": _number,
    "float": _number,
    "double": _number,
    "boolean": _boolean,
    "timestamp": _timestamp,
    "blob": _blob,
}
