"""The one error for what a person wrote wrongly: a suite, a policy, an arms file, a batch, a name."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from pydantic import ValidationError


class RegistrationError(ValueError):
    """Something registered is missing, malformed or not what its digest says.

    The message names the culprit, its value, what is allowed and the next step. It is meant to be
    printed as it is, without a traceback.
    """


def unknown(what: str, value: str, allowed: Iterable[str]) -> RegistrationError:
    """The error for a name that does not exist: it lists the names that do."""
    return RegistrationError(f"Unknown {what} {value!r}. There are: {', '.join(sorted(allowed))}.")


def malformed(path: Path | str, error: ValidationError) -> RegistrationError:
    """Turn pydantic's findings into lines of path, key, value and what is allowed."""
    lines = [
        f"  {'.'.join(str(part) for part in finding['loc']) or '(top level)'}: {finding['msg']}"
        f" (found: {finding['input']!r:.80})"
        for finding in error.errors()
    ]
    return RegistrationError(f"{path} is not valid:\n" + "\n".join(lines))
