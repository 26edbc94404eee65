"""The one place that reads botocore's service model: operations, routes and shapes of the two services.

Nothing about the API is typed by hand, so that the stand-in takes and answers what the installed
boto3 sends and reads.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from botocore.loaders import Loader
from botocore.model import OperationModel, ServiceModel

SERVICES = ("bedrock", "bedrock-runtime")

_PROTOCOL_STATUS = {
    "SerializationException": 400,
    "UnknownOperationException": 404,
    "ExpiredTokenException": 403,
}


class Shape:
    """A shape of the service model, read when it is first needed."""

    def __init__(self, raw: Any, *, sensitive: bool = False) -> None:
        self._raw = raw
        self.name: str = raw.name
        self.kind: str = raw.type_name
        metadata = raw.metadata
        self.enum: tuple[str, ...] = tuple(metadata.get("enum", ()))
        self.minimum: float | None = metadata.get("min")
        self.maximum: float | None = metadata.get("max")
        self.sensitive: bool = sensitive or metadata.get("sensitive", False)
        """Its values, and what they hold, never appear in an error message."""
        self.required: tuple[str, ...] = tuple(metadata.get("required", ()))
        self.union: bool = metadata.get("union", False)
        self.document: bool = metadata.get("document", False)
        """Any JSON at all."""

    @cached_property
    def pattern(self) -> re.Pattern[str] | None:
        """What the whole of a string must match."""
        pattern = self._raw.metadata.get("pattern")
        return re.compile(pattern) if pattern else None

    @cached_property
    def members(self) -> Mapping[str, Shape]:
        """The members of a structure, by name."""
        return {name: self._inner(raw) for name, raw in self._raw.members.items()}

    @cached_property
    def element(self) -> Shape:
        """What a list holds."""
        return self._inner(self._raw.member)

    @cached_property
    def key(self) -> Shape:
        """The keys of a map."""
        return self._inner(self._raw.key)

    @cached_property
    def value(self) -> Shape:
        """The values of a map."""
        return self._inner(self._raw.value)

    def _inner(self, raw: Any) -> Shape:
        return Shape(raw, sensitive=self.sensitive)

    @cached_property
    def query(self) -> Mapping[str, str]:
        """The members sent in the query string: name on the wire to member name."""
        located = {name: raw.serialization for name, raw in self._raw.members.items()}
        return {
            where.get("name", name): name
            for name, where in located.items()
            if where.get("location") == "querystring"
        }

    @cached_property
    def headers(self) -> Mapping[str, str]:
        """The members sent as headers: name on the wire, in lower case, to member name."""
        located = {name: raw.serialization for name, raw in self._raw.members.items()}
        return {
            where.get("name", name).lower(): name
            for name, where in located.items()
            if where.get("location") == "header"
        }

    @cached_property
    def payload(self) -> str | None:
        """The member that is the whole body, as bytes; None where the body is a document of members."""
        name = self._raw.serialization.get("payload")
        return name if name is not None and self.members[name].kind == "blob" else None

    @cached_property
    def labels(self) -> Mapping[str, str]:
        """The members sent in the path: name in the route to member name."""
        located = {name: raw.serialization for name, raw in self._raw.members.items()}
        return {
            where.get("name", name): name for name, where in located.items() if where.get("location") == "uri"
        }


class Operation:
    """One operation of one service."""

    def __init__(self, service: str, raw: OperationModel) -> None:
        self._raw = raw
        self.service = service
        self.name: str = raw.name
        self.method: str = raw.http["method"]
        self.route: str = raw.http["requestUri"]
        """A path with labels in braces."""
        self.status: int = raw.http.get("responseCode", 200)
        """The HTTP status of success."""

    @cached_property
    def input(self) -> Shape:
        """What it takes."""
        return Shape(self._raw.input_shape)

    @cached_property
    def output(self) -> Shape:
        """What it answers."""
        return Shape(self._raw.output_shape)


@dataclass(frozen=True)
class Api:
    """The operations and errors of all services behind the one endpoint."""

    operations: Mapping[str, Operation]
    """By name; names are unique over both services."""
    statuses: Mapping[str, int]
    """HTTP status by error code."""


def load() -> Api:
    """Read the service models that boto3 itself uses (about 0.1 s)."""
    loader = Loader()
    operations: dict[str, Operation] = {}
    statuses = dict(_PROTOCOL_STATUS)
    for service in SERVICES:
        model = ServiceModel(loader.load_service_model(service, "service-2"), service)
        for name in model.operation_names:
            operations[name] = Operation(service, model.operation_model(name))
        for error in model.error_shapes:
            statuses[error.name] = error.metadata["error"]["httpStatusCode"]
    return Api(operations=operations, statuses=statuses)
