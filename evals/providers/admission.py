"""Lets calls through at the rates of the arms file, where it sets any."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable
from functools import cache

from evals.bedrock.quota import Quota, text_units
from evals.providers.route import Route

Admit = Callable[[], Awaitable[None]]

APPLY_GUARDRAIL = "apply-guardrail"
_TEXT_UNITS = "text-units"


def model_call(route: Route, model: str, texts: Iterable[str], *, guarded: bool) -> Admit | None:
    """What every attempt at a model waits for: its own rate, and that of the guardrail in its request.

    Args:
        route: With the rates, if any.
        model: Quotas are counted per model.
        texts: What the guardrail reads on the way in.
        guarded: Whether a guardrail stands in the request.
    """
    units = route.quotas.text_units if guarded and route.quotas else None
    requests = route.quotas.requests if route.quotas else None
    return _both(route, model, requests, units, texts)


def guardrail_call(route: Route, texts: Iterable[str]) -> Admit | None:
    """What every attempt at ApplyGuardrail waits for."""
    quotas = route.quotas
    if quotas is None:
        return None
    return _both(route, APPLY_GUARDRAIL, quotas.apply_guardrail, quotas.text_units, texts)


def heard(route: Route, said: str) -> None:
    """Take on what the guardrail read of an answer, of which nobody knew the length before."""
    if route.quotas and (rate := route.quotas.text_units) and said:
        _quota(_name(route, _TEXT_UNITS), rate).take(text_units(len(said)))


def _both(
    route: Route, counted: str, requests: float | None, units: float | None, texts: Iterable[str]
) -> Admit | None:
    if requests is None and units is None:
        return None
    cost = text_units(*map(len, texts))

    async def admit() -> None:
        if requests is not None:
            await _quota(_name(route, counted), requests).wait(1)
        if units is not None:
            await _quota(_name(route, _TEXT_UNITS), units).wait(cost)

    return admit


def _name(route: Route, counted: str) -> str:
    """An account has each quota once in each region."""
    return f"{route.endpoint_url}|{route.region}|{counted}"


@cache
def _quota(name: str, rate: float) -> Quota:
    return Quota(name, rate)
