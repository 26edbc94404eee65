"""What the stand-in answers with under AWS's own names, and what keeps it from answering at all."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from suites.errors import RegistrationError

NO_SUCH_GUARDRAIL = "The guardrail identifier or version provided in the request does not exist."
"""What the runtime says of a wrong id and of a wrong version alike."""


class ServiceError(Exception):
    """An error for the caller.

    Args:
        code: A shape of the service model (`ValidationException`), or one of the protocol's own
            (`SerializationException`, `UnknownOperationException`). boto3 shows it as `Error.Code`.
        message: What is wrong, for a person.
        members: What the exception's shape carries beside the message.
    """

    def __init__(self, code: str, message: str, members: Mapping[str, object] = MappingProxyType({})) -> None:
        super().__init__(f"{code}: {message}")
        self.code = code
        self.message = message
        self.members = members


def invalid(message: str) -> ServiceError:
    """The service understood the request and refuses it."""
    return ServiceError("ValidationException", message)


def not_modelled(what: str) -> ServiceError:
    """AWS would take this; the stand-in says so instead of ignoring it."""
    return invalid(f"The rehearsal does not model {what}. Remove it from the request, or call AWS.")


class RehearsalError(Exception):
    """The stand-in could not be started; the message says why, for a person."""


class PortTakenError(RehearsalError, RegistrationError):
    """The port that was asked for belongs to another process, or to the system."""
