"""Makes a suite ready to run: arms, endpoint, guardrails, proof of attachment, and the register of it all."""

from __future__ import annotations

from collections.abc import Callable, Coroutine, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

import anyio
from inspect_ai.model import Model

from evals import STARTED_IN, roles
from evals.applicability import Applied, applied, canaries
from evals.attachment import failure, prove, shown_by_control_alone
from evals.calls import COMPARED, Setting
from evals.checks import Conditions, check
from evals.choose import choose
from evals.endpoint import Endpoint, find_endpoint
from evals.judge.grader import ROLE, check_family, grader
from evals.judge.local import VERSION
from evals.judge.matters import matters_of
from evals.judge.rubric import rubric_digest
from evals.places import check_same_behaviour, describe, find_places
from evals.provenance import git_commit, packages
from evals.rates import Rates, rates
from suites.arms import Arms, arms_file, load_arms
from suites.batch import DATASETS, Batch, load_batch
from suites.case import Cut, PolicyKind
from suites.configured import Configured, deployed_rules
from suites.differences import Difference
from suites.errors import RegistrationError
from suites.leak_rules import leak_rules_digest
from suites.registered import Attachment, Check, DeployedGuardrail, Registered
from suites.suite import Canary, Suite, critical_family_size, family_size, load_suite

_Result = TypeVar("_Result")

_FOUND_LATER: frozenset[Difference] = frozenset({"guardrail", "enforcement"})
"""Differences that no arms file shows."""


@dataclass(frozen=True)
class Prepared:
    """Everything that a task is made of."""

    batch: Batch
    setting: Setting
    models: Mapping[str, Model]
    """By arm."""
    registered: Registered
    matters: Mapping[str, str]
    """By category in words what its cases are about, for whoever judges an answer."""
    both_sides: bool
    """Whether one guardrail stands before all cases, on for both sides at once."""
    unattached: str | None
    """Why no comparison is possible; None where every canary passed."""


def prepare(
    suite_name: str,
    arms_name: str,
    *,
    full: bool = False,
    batches: str | None = None,
    epochs: int,
    run_id: str,
) -> Prepared:
    """Read what is registered, bring up what is missing in a rehearsal, and ask the canaries.

    Nothing is ever created in AWS. Takes about a second, and blocks.

    Args:
        suite_name: A suite of the catalog.
        arms_name: A shipped arms file's name, or a path.
        full: All cases of the batch, and not its registered default part alone.
        batches: A folder of batches other than the shipped ones.
        epochs: How often each case will be asked, as far as that is known.
        run_id: What the account's own invocation log will know the run by.

    Raises:
        RegistrationError: Suite, batch or arms file are not what they should be.
        GuardrailError: A registered guardrail does not exist or is not ready.
        CredentialsMissing, EndpointSilentError, RehearsalError: There is no Bedrock to ask.
    """
    file = _file(arms_name)
    suite, arms = load_suite(suite_name), load_arms(file)
    whole = load_batch(suite_name, _folder(batches), full=full)
    if arms.guardrail is None:
        _check_configured(suite, whole)
    models = roles.models(arms)
    endpoint = find_endpoint(arms)
    place, places = find_places(suite, arms, endpoint, file)
    reasons: Mapping[str, tuple[str, ...]] = {}
    if "auto" in {arm.route for arm in arms.compared.values()}:
        where = {name: places.get(name, place) for name in COMPARED}
        named = {name: models[name].name for name in COMPARED}
        arms, reasons = _in_own_loop(lambda: choose(arms, suite, endpoint, where, named, file))
        models = roles.models(arms)
    kept = rates(arms, suite.policy.kinds, endpoint_url=endpoint.url)
    setting = Setting(
        endpoint_url=endpoint.url,
        place=place,
        arms=arms.compared,
        places=places,
        run=run_id,
        quotas=kept.quotas,
    )
    deployed = describe(place, endpoint)
    elsewhere = {name: describe(each, endpoint) for name, each in places.items()}
    check_same_behaviour(deployed, elsewhere, arms, file)
    used = _used_as_it_is(suite, whole, arms, deployed, elsewhere)
    batch = whole if used is None else used.applied.batch
    rules = None if used is None else used.rules
    asking = suite if used is None else suite.model_copy(update={"canaries": used.canaries})
    proved = _in_own_loop(lambda: prove(asking, setting, models, rules))
    conditions = Conditions(
        suite=suite,
        setting=setting,
        models=models,
        guardrails={name: elsewhere.get(name, deployed) for name in COMPARED},
        others=proved.others,
        accepted=arms.accept,
    )
    checks = _in_own_loop(lambda: check(conditions))
    registered = _register(
        suite,
        whole,
        arms,
        models,
        endpoint=endpoint,
        deployed=deployed,
        elsewhere=elsewhere,
        proofs=proved.proofs,
        checks=checks,
        epochs=epochs,
        run_id=run_id,
        reasons=reasons,
        used=used,
        kept=kept,
    )
    return Prepared(
        batch,
        setting,
        models,
        registered,
        matters_of(suite),
        used is not None,
        failure(proved.proofs, checks),
    )


@dataclass(frozen=True)
class _UsedAsItIs:
    """What follows from using one guardrail as somebody else configured it."""

    applied: Applied
    rules: Configured
    canaries: Mapping[PolicyKind, Canary]
    not_shown: tuple[str, ...]
    """What canaries cannot show of it in front of the models."""


def _used_as_it_is(
    suite: Suite,
    batch: Batch,
    arms: Arms,
    deployed: Mapping[Cut, DeployedGuardrail],
    elsewhere: Mapping[str, Mapping[Cut, DeployedGuardrail]],
) -> _UsedAsItIs | None:
    """None where the guardrails are the suite's own.

    Raises:
        RegistrationError: No case of the batch is about the guardrail.
    """
    if arms.guardrail is None:
        return None
    places = (deployed, *elsewhere.values())
    rules = [deployed_rules(cuts["full"].configuration or {}) for cuts in places]
    left = applied(batch, rules, f"{arms.guardrail.id} version {arms.guardrail.version}")
    asked = canaries(suite, left.batch)
    kinds = shown_by_control_alone(asked, rules[0])
    not_shown = (
        f"That the guardrail acts on outputs in front of the models, for {', '.join(kinds)}: it acts on the"
        " same text as input first, so that this was shown by the guardrail alone"
    )
    return _UsedAsItIs(
        applied=left,
        rules=rules[0],
        canaries=asked,
        not_shown=(not_shown,) if kinds else (),
    )


def _folder(batches: str | None) -> Path:
    return DATASETS if batches is None else STARTED_IN / batches


def _check_configured(suite: Suite, batch: Batch) -> None:
    """Make sure that the policy has a rule for every case that it has to act on."""
    for case in (*batch.cases, *batch.probes):
        if case.expectation == "protect" and case.policy not in suite.policy.kinds:
            asked = f"{case.policy} rule"
        elif case.expectation == "protect" and case.policy in {"pii", "regex", "topic", "content"}:
            if suite.policy.rule_of(case.category, case.side) is not None:
                continue
            asked = f"rule for {case.category!r} on the {case.side} side"
        else:
            continue
        raise RegistrationError(
            f"The policy {suite.policy.name} has no {asked}, which the case {case.id} asks for: it would"
            " count as missed on every arm. Add the rule to the suite, or leave such cases out of the batch."
        )


def _file(arms_name: str) -> Path:
    typed = STARTED_IN / arms_name
    return arms_file(typed if typed.is_file() else arms_name)


def _in_own_loop(ask: Callable[[], Coroutine[Any, Any, _Result]]) -> _Result:
    """Run to the end beside the event loop in which a task is made, which cannot wait for itself."""
    with ThreadPoolExecutor(max_workers=1) as thread:
        return thread.submit(anyio.run, ask).result()


def _judge(models: Mapping[str, Model]) -> dict[str, Any]:
    """Who judges the cases that have no payload.

    Raises:
        RegistrationError: The grader is of the same family as an arm.
    """
    model = grader()
    if model is not None:
        check_family(str(model), {arm: models[arm].name for arm in COMPARED})
    return {
        "local": VERSION,
        ROLE: None if model is None else str(model),
        "rubric_sha256": rubric_digest(),
    }


def _register(
    suite: Suite,
    batch: Batch,
    arms: Arms,
    models: Mapping[str, Model],
    *,
    endpoint: Endpoint,
    deployed: Mapping[Cut, DeployedGuardrail],
    elsewhere: Mapping[str, Mapping[Cut, DeployedGuardrail]],
    proofs: tuple[Attachment, ...],
    checks: tuple[Check, ...],
    epochs: int,
    run_id: str,
    reasons: Mapping[str, tuple[str, ...]],
    used: _UsedAsItIs | None,
    kept: Rates,
) -> Registered:
    return Registered(
        run_id=run_id,
        suite=suite.name,
        suite_version=suite.version,
        purpose=suite.purpose,
        title=suite.title,
        claim=suite.claim,
        languages=suite.languages,
        not_tested=(*suite.not_tested, *(used.not_shown if used else ())),
        metrics=suite.metrics,
        family_size=family_size(),
        critical=suite.critical,
        critical_family_size=critical_family_size(),
        icc_floor=suite.icc_floor,
        min_clusters=suite.min_clusters,
        batch_sha256=batch.sha256,
        batch_cases=len(batch.cases),
        batch_full=batch.full,
        batch_source=batch.source,
        probes_sha256=batch.probes_sha256,
        epochs=epochs,
        rehearsal=endpoint.rehearsal is not None,
        service=endpoint.described,
        arms=roles.registered(arms, models),
        route_reasons=dict(reasons),
        accepted=tuple(name for name in arms.accept if name in arms.different or name in _FOUND_LATER),
        guardrails=dict(deployed),
        guardrails_elsewhere={name: dict(cuts) for name, cuts in elsewhere.items()},
        rates=kept.used,
        not_applicable=used.applied.not_applicable if used else (),
        as_deployed=used.applied.as_deployed if used else (),
        attachment=proofs,
        checks=checks,
        judge=_judge(models),
        leak_rules_sha256=leak_rules_digest(),
        git_commit=git_commit(),
        packages=packages(),
    )
