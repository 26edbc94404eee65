"""What two arms may differ in beside their models, by name, and the refusal of what nobody accepted."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from pathlib import Path
from typing import Literal

from suites.errors import RegistrationError

Difference = Literal[
    "route",
    "stream",
    "region",
    "service_tier",
    "guardrail",
    "enforcement",
    "max_tokens",
    "temperature",
    "top_p",
]
"""`guardrail`: the configuration of the guardrails that both arms meet, its tier among it; `enforcement`: the
guardrails beside ours that the account, or its organisation, puts before a model."""
Different = Mapping[Difference, tuple[object, object]]
"""By name, the reference's value and the candidate's."""


def refuse_unaccepted(different: Different, accepted: Collection[Difference], file: Path | str) -> None:
    """Refuse a comparison that would measure more than its models.

    Raises:
        RegistrationError: The arms differ in something that the arms file does not accept by name.
    """
    refused = {name: values for name, values in different.items() if name not in accepted}
    if not refused:
        return
    told = "; ".join(
        f"{name} (reference: {_shown(reference)}, candidate: {_shown(candidate)})"
        for name, (reference, candidate) in refused.items()
    )
    raise RegistrationError(
        f"{file}: the arms differ in {told}. Whatever differs beside the model is measured with it, and no"
        " verdict can tell them apart. Make the arms equal there, or accept it by name, and the report will"
        f" say so: `accept: [{', '.join(sorted({*accepted, *refused}))}]`."
    )


def _shown(value: object) -> str:
    return "not sent" if value is None else str(value)
