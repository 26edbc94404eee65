"""The arms as Inspect's model roles, and what is registered of each."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from inspect_ai.model import Model, get_model

from evals.calls import CONTROL
from evals.providers.route import RouteError
from evals.refuse import CONTROL_API
from suites.arms import Arm, Arms
from suites.errors import RegistrationError


def models(arms: Arms) -> dict[str, Model]:
    """By arm its model; what `--model-role` says comes first.

    Raises:
        RegistrationError: There is no such model, or it is not asked by the route that is registered.
    """
    default = {name: arm.provider for name, arm in arms.compared.items()}
    default[CONTROL] = f"{CONTROL_API}/apply-guardrail"
    try:
        found = {name: get_model(role=name, default=model) for name, model in default.items()}
    except RouteError as error:
        raise RegistrationError(str(error)) from None
    for name, arm in arms.compared.items():
        _check_route(name, arm, str(found[name]))
    return found


def _check_route(name: str, arm: Arm, model: str) -> None:
    """A role can be given another model, and with it another provider; the route stays registered."""
    if arm.route == "auto":
        return
    meant, is_sidecar = arm.route == "sidecar", model.startswith("sidecar/")
    if meant != is_sidecar:
        raise RegistrationError(
            f"--model-role {name}={model} goes by {'a sidecar' if is_sidecar else 'a route of its own'}, and"
            f" the arms file registers the route {arm.route} for it. Change `route` in a copy of the arms"
            " file and give that with -T arms=<copy>."
        )


def registered(arms: Arms, found: Mapping[str, Model]) -> dict[str, dict[str, Any]]:
    """Per arm: model, route, enforcement and parameters as sent; what is not said is as it is by default."""
    facts: dict[str, dict[str, Any]] = {}
    for name, arm in arms.compared.items():
        optional = {"stream": arm.streaming, "service_tier": arm.service_tier, "region": arm.region}
        facts[name] = {
            "model": found[name].name,
            "route": arm.route,
            "enforcement": "sidecar" if arm.route == "sidecar" else "inline",
            **{key: value for key, value in optional.items() if value is not None},
            "parameters": arm.parameters.model_dump(exclude_none=True),
        }
    facts[CONTROL] = {"model": found[CONTROL].name, "route": "apply_guardrail", "parameters": {}}
    return facts
