"""The rates under which a run stays: those set by hand, and where asked those of the account."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass

from evals.bedrock import service_quotas
from evals.bedrock.service_quotas import Quota
from suites.arms import Arms, Quotas, RequestQuotas
from suites.case import PolicyKind
from suites.registered import RateUsed

ASSUMED = 25.0
"""A second, of requests to ApplyGuardrail and of text units: the smallest default of any region, as of
mid-2025. Taken where the account was to be asked and did not tell."""


@dataclass(frozen=True)
class Rates:
    """What a run keeps to, and where each rate is from."""

    quotas: Quotas
    used: tuple[RateUsed, ...]


def rates(arms: Arms, kinds: Collection[PolicyKind], *, endpoint_url: str | None) -> Rates:
    """The rates of a run; a rate set by hand always holds.

    Args:
        arms: With `quotas`. Without `from_account` nothing is asked.
        kinds: The kinds of policy that are charged text units.
        endpoint_url: None is AWS.

    Raises:
        EndpointSilentError: Nothing answers at a loopback endpoint.
    """
    given = arms.quotas
    by_hand = {
        "reference": given.requests_per_second.reference,
        "candidate": given.requests_per_second.candidate,
        "apply_guardrail": given.requests_per_second.apply_guardrail,
        "text_units": given.text_units_per_second,
    }
    if not given.from_account:
        named = (_by_hand(name, value) for name, value in by_hand.items() if value is not None)
        return Rates(given, tuple(named))
    regions = {name: arm.region or arms.region for name, arm in arms.compared.items()}
    told = {
        region: service_quotas.read(endpoint_url=endpoint_url, region=region)
        for region in sorted({arms.region, *regions.values()})
    }
    used = {name: _of_model(name, arm.model, told[regions[name]]) for name, arm in arms.compared.items()} | {
        "apply_guardrail": _of_guardrail("apply_guardrail", told, ()),
        "text_units": _of_guardrail("text_units", told, kinds),
    }
    used |= {name: _by_hand(name, value) for name, value in by_hand.items() if value is not None}
    per_second = {name: each.per_second for name, each in used.items()}
    kept = Quotas(
        from_account=True,
        requests_per_second=RequestQuotas(
            reference=per_second["reference"],
            candidate=per_second["candidate"],
            apply_guardrail=per_second["apply_guardrail"],
        ),
        text_units_per_second=per_second["text_units"],
    )
    return Rates(kept, tuple(used.values()))


def unlimited(arms: Arms, used: Iterable[RateUsed]) -> list[str]:
    """The compared arms whose model is asked at no limited rate, with what to set; a sentence or two each."""
    by_name = {each.name: each for each in used}
    found = []
    for name, arm in arms.compared.items():
        rate = by_name.get(name)
        if rate is not None and rate.per_second is not None:
            continue
        why = "none was set, and the account was not asked" if rate is None else rate.evidence
        found.append(
            f"No rate limits the requests to {arm.model} ({name}): {why}. AWS may throttle them, and what"
            " stays throttled is missing. Look up its requests per minute under Service Quotas, Amazon"
            " Bedrock, and set a sixtieth of them, a tenth lower, as N in the arms file:"
            f" `quotas: {{from_account: true, requests_per_second: {{{name}: N}}}}`."
        )
    return found


def _by_hand(name: str, value: float) -> RateUsed:
    return RateUsed(name=name, per_second=value, source="arms_file", evidence="set by hand")


def _of_model(name: str, model: str, told: tuple[Quota, ...] | str) -> RateUsed:
    found = None if isinstance(told, str) else service_quotas.of_model(told, model)
    if found is not None and found.value > 0:
        return RateUsed(name=name, per_second=found.value / 60, source="account", evidence=str(found))
    why = told if isinstance(told, str) else f"no quota of requests to {model} is told"
    return RateUsed(
        name=name,
        per_second=None,
        source="none",
        evidence=why,
    )


def _of_guardrail(
    name: str, told: Mapping[str, tuple[Quota, ...] | str], kinds: Iterable[PolicyKind]
) -> RateUsed:
    """The smallest over all regions: what is shared by the arms is counted in each of them."""
    of_regions: list[Quota] = []
    for region, quotas in told.items():
        if isinstance(quotas, str):
            return _assumed(name, f"{region}: {quotas}")
        found = (
            service_quotas.of_apply_guardrail(quotas)
            if name == "apply_guardrail"
            else service_quotas.of_text_units(quotas, kinds)
        )
        if found is None or found.value <= 0:
            return _assumed(name, f"{region}: no such quota is told")
        of_regions.append(found)
    least = min(of_regions, key=lambda each: each.value)
    return RateUsed(name=name, per_second=least.value, source="account", evidence=str(least))


def _assumed(name: str, why: str) -> RateUsed:
    return RateUsed(
        name=name, per_second=ASSUMED, source="assumed", evidence=f"{why}. The smallest default is kept to"
    )
