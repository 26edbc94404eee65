"""What is checked beside the canaries before the first case: that the two arms stand under equal conditions.

A canary shows that our guardrail acts. It does not show that nothing else does: a guardrail that the account
enforces before one model alone, or an endpoint that stops a text whoever asks, would be measured as a
difference between the models.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

import anyio.to_thread
from inspect_ai.model import ChatMessageUser, Model

from evals.bedrock.account import Enforced, Listing, enforced, listing
from evals.bedrock.trace import CallRecord
from evals.calls import COMPARED, Setting, record_of
from evals.providers.bare import BareAPI
from evals.providers.guarded import GuardedAPI
from suites.case import Cut
from suites.differences import Difference
from suites.registered import CANARY, Check, CheckName, DeployedGuardrail
from suites.suite import Suite

_INTERVENED = "guardrail_intervened"
_BARE = "bare/"


@dataclass(frozen=True)
class Conditions:
    """What is known of both arms before these checks."""

    suite: Suite
    setting: Setting
    models: Mapping[str, Model]
    """By arm."""
    guardrails: Mapping[str, Mapping[Cut, DeployedGuardrail]]
    """By compared arm, as the service described them."""
    others: Mapping[str, Collection[str]]
    """By arm, the guardrails beside ours that assessed its canaries."""
    accepted: Collection[Difference]


async def check(known: Conditions) -> tuple[Check, ...]:
    """Make all checks of a suite; control-plane calls that are not allowed leave theirs open.

    Raises:
        CredentialsMissing: AWS does not know the caller.
        EndpointSilentError: Nothing answers at a loopback endpoint.
    """
    region = {arm: known.setting.places.get(arm, known.setting.place).region for arm in COMPARED}
    accounts = {each: await _account(known, each) for each in dict.fromkeys(region.values())}
    checks: list[Check] = []
    for arm in COMPARED:
        model = bedrock_model(known.models[arm])
        if model is not None:
            checks += await _of_model(known, arm, model, accounts[region[arm]])
    standing = {arm: accounts[region[arm]].enforced for arm in COMPARED}
    return (*checks, _same_guardrail(known), _same_others(known), _same_enforcement(known, standing))


def bedrock_model(model: Model) -> str | None:
    """The id by which Bedrock knows an arm's model; None for one that another provider is asked for."""
    if isinstance(model.api, GuardedAPI):
        return model.name
    return model.name.removeprefix(_BARE) if model.name.startswith(_BARE) else None


@dataclass(frozen=True)
class _Account:
    """What one region says."""

    listing: Listing
    enforced: Sequence[Enforced] | str
    """As `evals.bedrock.account.enforced` gives it."""


async def _account(known: Conditions, region: str) -> _Account:
    url = known.setting.endpoint_url
    return await anyio.to_thread.run_sync(
        lambda: _Account(listing(endpoint_url=url, region=region), enforced(endpoint_url=url, region=region))
    )


async def _of_model(known: Conditions, arm: str, model: str, account: _Account) -> tuple[Check, Check]:
    found, standing = account.listing.has(model), account.enforced
    call = await _unguarded(known, arm, model)
    answered = call.error is None
    expected = isinstance(standing, str) or any(each.meets(model) for each in standing)
    stopped = call.stop_reason == _INTERVENED
    told = f"{call.error or call.stop_reason}, request {call.request_id}"
    if stopped and not expected:
        told += "; it was stopped although no guardrail was named, and the account enforces none before it"
    # A model that answers is there, whatever a list says; and an account may well forbid unguarded calls.
    there = None if found.so is False and answered else found.so
    open_ = None if expected or not stopped else False
    return (
        Check(arm=arm, check="listed", passed=there, evidence=found.evidence),
        Check(arm=arm, check="unguarded", passed=True if answered and not stopped else open_, evidence=told),
    )


async def _unguarded(known: Conditions, arm: str, model: str) -> CallRecord:
    """A must-act text by the arm's own route, without our guardrail."""
    canary = next(iter(known.suite.canaries.values()))
    text = next(iter(canary.must_act.values()))[0]
    config = known.setting.to_model(arm, cut="input", epoch=1, case=f"{CANARY}unguarded")
    answer = await BareAPI(model).generate([ChatMessageUser(content=text)], [], "none", config)
    return record_of(answer[0])


def _same_guardrail(known: Conditions) -> Check:
    reference, candidate = (known.guardrails[arm] for arm in COMPARED)
    same = {cut: each.digest == candidate[cut].digest for cut, each in reference.items()}
    told = "; ".join(
        f"{cut}: {each.id} version {each.version}, configuration {each.digest[:12]}"
        + ("" if same[cut] else f" against {candidate[cut].digest[:12]}, accepted")
        for cut, each in reference.items()
    )
    return _of_both("same_guardrail", passed=True, told=told)


def _same_others(known: Conditions) -> Check:
    reference, candidate = (set(known.others.get(arm, ())) for arm in COMPARED)
    if reference == candidate:
        return _of_both("other_guardrails", passed=True, told=_series(reference))
    told = f"before the reference {_series(reference)}, before the candidate {_series(candidate)}"
    return _of_both("other_guardrails", passed="enforcement" in known.accepted, told=told)


def _same_enforcement(known: Conditions, standing: Mapping[str, Sequence[Enforced] | str]) -> Check:
    before: dict[str, set[str]] = {}
    for arm in COMPARED:
        there, model = standing[arm], bedrock_model(known.models[arm])
        if isinstance(there, str):
            return _of_both("enforced", passed=None, told=there)
        before[arm] = {each.guardrail for each in there if model is not None and each.meets(model)}
    if before["reference"] == before["candidate"]:
        return _of_both("enforced", passed=True, told=_series(before["reference"]))
    told = "; ".join(f"the account enforces {_series(before[arm])} before the {arm}" for arm in COMPARED)
    return _of_both("enforced", passed="enforcement" in known.accepted, told=told)


def _of_both(name: CheckName, *, passed: bool | None, told: str) -> Check:
    return Check(arm=None, check=name, passed=passed, evidence=told)


def _series(guardrails: Collection[str]) -> str:
    return ", ".join(sorted(guardrails)) or "none"
