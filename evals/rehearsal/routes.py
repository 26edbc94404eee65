"""Which operation an HTTP request means, and with which parameters."""

from __future__ import annotations

import json
import re
from collections import defaultdict
from collections.abc import Iterable, Mapping
from typing import Any
from urllib.parse import parse_qsl, unquote

from evals.rehearsal.errors import ServiceError
from evals.rehearsal.wire import Operation, Shape

_LABEL = re.compile(r"\{(\w+)\+?\}")


class Routes:
    """Finds operations by method and path.

    The path is matched as it was sent, still percent-encoded: an ARN in it carries encoded slashes.
    """

    def __init__(self, operations: Iterable[Operation]) -> None:
        self._routes: dict[tuple[str, int], list[tuple[re.Pattern[str], Operation]]] = defaultdict(list)
        # A literal segment wins over a label, so routes with fewer labels are tried first.
        for operation in sorted(operations, key=lambda operation: operation.route.count("{")):
            route = operation.route.partition("?")[0]
            literals = _LABEL.split(route)[::2]
            labels = _LABEL.findall(route)
            pattern = re.escape(literals[0])
            for label, literal in zip(labels, literals[1:], strict=True):
                pattern += f"(?P<{label}>[^/]+){re.escape(literal)}"
            key = (operation.method, route.count("/"))
            self._routes[key].append((re.compile(pattern), operation))

    def match(self, method: str, raw_path: str) -> tuple[Operation, dict[str, str]]:
        """The operation and the values in its path, decoded.

        Raises:
            ServiceError: `UnknownOperationException`: no service has such a route.
        """
        for pattern, operation in self._routes.get((method, raw_path.count("/")), ()):
            if found := pattern.fullmatch(raw_path):
                return operation, {label: unquote(value) for label, value in found.groupdict().items()}
        raise ServiceError(
            "UnknownOperationException",
            f"{method} {raw_path} is no route of Amazon Bedrock (bedrock, bedrock-runtime).",
        )


def parameters(
    operation: Operation, labels: dict[str, str], query: str, headers: Mapping[str, str], body: bytes
) -> dict[str, Any]:
    """The operation's parameters as boto3's caller wrote them, from path, query string, headers and body.

    Raises:
        ServiceError: `SerializationException`: the body is not a JSON object, or a number in the query
            string is none.
    """
    shape = operation.input
    collected: dict[str, Any] = {shape.payload: body} if shape.payload else _document(body)
    for header, name in shape.headers.items():
        if (given := headers.get(header)) is not None:
            collected[name] = _from_text(shape.members[name], given, name)
    for wire_name, value in parse_qsl(query, keep_blank_values=True):
        member = shape.query.get(wire_name)
        if member is None:
            raise ServiceError(
                "SerializationException", f"{operation.name} has no query parameter '{wire_name}'"
            )
        collected[member] = _from_text(shape.members[member], value, member)
    for wire_name, value in labels.items():
        collected[shape.labels[wire_name]] = value
    return collected


def _document(body: bytes) -> dict[str, Any]:
    if not body:
        return {}
    try:
        document = json.loads(body, parse_constant=_no_number)
        if b"\\u" in body:
            # JSON can spell half of a surrogate pair, which is no text and cannot be encoded later.
            json.dumps(document, ensure_ascii=False).encode()
    except (ValueError, RecursionError) as error:
        raise ServiceError("SerializationException", f"The request body is not JSON: {error}") from None
    if not isinstance(document, dict):
        raise ServiceError("SerializationException", "The request body must be a JSON object")
    return document


def _no_number(name: str) -> float:
    raise ValueError(f"{name} is no JSON number")


def _from_text(shape: Shape, text: str, name: str) -> Any:
    if shape.kind not in {"integer", "long"}:
        return text
    try:
        return int(text)
    except ValueError:
        raise ServiceError(
            "SerializationException", f"'{name}' must be a whole number, not '{text}'"
        ) from None
