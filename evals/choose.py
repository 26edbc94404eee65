"""Chooses the route of an arm that leaves it open (`route: auto`), on evidence, and keeps the evidence."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from evals.bedrock.assessments import Wanted
from evals.bedrock.client import is_loopback
from evals.bedrock.probe import Probed, Step, answers, inline, probe
from evals.bedrock.retry import LOCAL, SERVICE
from evals.calls import Place
from evals.endpoint import Endpoint
from suites.arms import Arm, Arms
from suites.differences import refuse_unaccepted
from suites.errors import RegistrationError
from suites.suite import Suite


async def choose(
    arms: Arms,
    suite: Suite,
    endpoint: Endpoint,
    places: Mapping[str, Place],
    models: Mapping[str, str],
    file: Path,
) -> tuple[Arms, dict[str, tuple[str, ...]]]:
    """The arms with every route known, and by arm why the route was chosen where it was open.

    Args:
        arms: As the file has them.
        suite: Its canaries are what is tried.
        endpoint: Where.
        places: By arm, its region and guardrails.
        models: By arm, the name of the model that is asked; a role may have another one than the file.
        file: The arms file, for messages.

    Raises:
        RegistrationError: A model answers by no route, or the choice makes a difference that nobody accepted.
        CredentialsMissing, EndpointSilentError: There is no Bedrock to ask.
    """
    chosen: dict[str, Arm] = {}
    reasons: dict[str, tuple[str, ...]] = {}
    for name, arm in arms.compared.items():
        if arm.route != "auto":
            continue
        steps = await probe(_probed(arm, models[name], suite, endpoint, places[name]))
        chosen[name] = _chosen(name, arm, steps, file)
        reasons[name] = tuple(map(str, steps))
    if not chosen:
        return arms, {}
    known = arms.model_copy(update=chosen)
    refuse_unaccepted(known.different, known.accept, file)
    return known, reasons


def _probed(arm: Arm, model: str, suite: Suite, endpoint: Endpoint, place: Place) -> Probed:
    guardrail = place.guardrails["input"]
    return Probed(
        model=model,
        wanted=Wanted(guardrail.id, guardrail.version),
        canaries=tuple(
            text
            for kind in suite.policy.kinds
            for texts in suite.canaries[kind].texts(kind, "input", suite.policy.rules).values()
            for text in texts
        ),
        inference={
            "maxTokens": arm.parameters.max_tokens,
            "temperature": arm.parameters.temperature,
            "topP": arm.parameters.top_p,
        },
        endpoint_url=endpoint.url,
        region=place.region,
        patience=LOCAL if is_loopback(endpoint.url) else SERVICE,
    )


def _chosen(name: str, arm: Arm, steps: tuple[Step, ...], file: Path) -> Arm:
    if inline(steps):
        return arm.model_copy(update={"route": "converse", "sidecar": None})
    if arm.sidecar is None and not answers(steps):
        raise RegistrationError(
            f"{file}: no route leads to the model of {name}. {steps[-1]}. If another provider of Inspect"
            f" reaches it, name it there: `sidecar: openai/bedrock/<model>` beside `route: auto`."
        )
    return arm.model_copy(update={"route": "sidecar", "model": arm.sidecar or arm.model, "sidecar": None})
