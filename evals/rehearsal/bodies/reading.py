"""Bodies held against a format: what is wrong is refused, and so is what the stand-in does not model."""

from __future__ import annotations

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


def _place(location: tuple[int | str, ...]) -> str:
    return ".".join(str(part) for part in location) or "#"
