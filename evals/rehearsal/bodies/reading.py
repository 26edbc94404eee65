"""Bodies held against a format: what is wrong is refused, and so is what the stand-in does not model."""

from __future__ import annotations

import json
from typing import Annotated, Any, TypeVar

from pydantic import BaseModel, BeforeValidator, ConfigDict, ValidationError

from evals.rehearsal.errors import invalid, not_modelled


class Closed(BaseModel):
    """A part of a body; what it does not name is refused."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True, defer_build=True)


def _as_list(value: Any) -> Any:
    return [value] if isinstance(value, str) else value


TextOrTexts = Annotated[list[str], BeforeValidator(_as_list)]
"""One text, or a list of them."""

Read = TypeVar("Read", bound=Closed)


def read_as(kind: type[Read], document: dict[str, Any], called: str) -> Read:
    """The body as a format.

    Raises:
        ServiceError: `ValidationException` that names the first member which is unknown or wrong.
    """
    try:
        return kind.model_validate(document)
    except ValidationError as error:
        findings = error.errors(include_url=False, include_input=False)
        for finding in findings:
            if finding["type"] == "extra_forbidden":
                raise not_modelled(f"{_place(finding['loc'])} of {called}") from None
        first = findings[0]
        raise invalid(f"Malformed input request: {_place(first['loc'])}: {first['msg']}") from None


def given(**members: Any) -> dict[str, Any]:
    """The members that a caller gave, those that are None left out."""
    return {name: value for name, value in members.items() if value is not None}


def parsed_arguments(call_id: str, written: str) -> Any:
    """The arguments of a tool call, which two formats carry as JSON in a text.

    Raises:
        ServiceError: `ValidationException`: they are no JSON.
    """
    try:
        return json.loads(written)
    except ValueError as error:
        raise invalid(f"The arguments of the tool call '{call_id}' are not JSON: {error}") from None


def _place(location: tuple[int | str, ...]) -> str:
    return ".".join(str(part) for part in location) or "#"
