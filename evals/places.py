"""Where each arm is, which guardrails it meets there, and whether they are the same ones."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from evals.bedrock.deployment import deploy
from evals.bedrock.errors import GuardrailError
from evals.bedrock.guardrails import read
from evals.calls import COMPARED, Place
from evals.endpoint import Endpoint
from suites.arms import Arm, Arms, GuardrailRef
from suites.case import CUTS, Cut
from suites.differences import refuse_unaccepted
from suites.errors import RegistrationError
from suites.registered import DeployedGuardrail
from suites.suite import Suite


def find_places(suite: Suite, arms: Arms, endpoint: Endpoint, file: Path) -> tuple[Place, dict[str, Place]]:
    """The place of the run, and by arm that of an arm in a region of its own.

    In a rehearsal the guardrails are deployed now, the same ones for every region.

    Raises:
        RegistrationError: The arms file does not name the guardrails of the suite in every region.
        GuardrailError: One cannot be deployed.
    """
    apart = {name: arm for name, arm in arms.compared.items() if arm.region is not None}
    if arms.rehearsal and endpoint.url is not None:
        made = {
            cut: deploy(suite.policy, cut, endpoint_url=endpoint.url, region=endpoint.region).reference
            for cut in CUTS
        }
        return Place(endpoint.region, made), {
            name: Place(arm.region or "", made) for name, arm in apart.items()
        }
    place = Place(endpoint.region, _named(suite, arms, file))
    return place, {
        name: Place(arm.region or "", _named(suite, arm, file, arm=name, region=arm.region))
        for name, arm in apart.items()
    }


def describe(place: Place, endpoint: Endpoint) -> dict[Cut, DeployedGuardrail]:
    """The guardrails of a place as the service describes them now.

    Raises:
        GuardrailError: One does not exist, is not ready, or is not what the arms file recorded of it.
    """
    return {cut: _described(each, place, endpoint) for cut, each in place.guardrails.items()}


def _described(each: GuardrailRef, place: Place, endpoint: Endpoint) -> DeployedGuardrail:
    there = read(each.id, each.version, endpoint_url=endpoint.url, region=place.region)
    if each.digest not in {None, there.digest}:
        raise GuardrailError(
            f"Guardrail {each.id} version {each.version} in {place.region} is not the one that the arms file"
            f" recorded: its configuration has the digest {there.digest}, recorded is {each.digest}. See what"
            " differs with `parity guardrails diff`, then deploy it again, or correct `digest` in the file."
        )
    return there


def check_same_behaviour(
    deployed: Mapping[Cut, DeployedGuardrail],
    elsewhere: Mapping[str, Mapping[Cut, DeployedGuardrail]],
    arms: Arms,
    file: Path,
) -> None:
    """Make sure that both arms meet one guardrail: one configuration, whatever the ids.

    Raises:
        RegistrationError: They do not, and the arms file does not accept it.
    """
    reference, candidate = (elsewhere.get(name, deployed) for name in COMPARED)
    for cut in deployed:
        one, other = reference[cut].digest, candidate[cut].digest
        if one != other:
            different = (f"{cut} cut, configuration {one[:12]}", f"{other[:12]}")
            refuse_unaccepted({"guardrail": different}, arms.accept, file)


def _named(
    suite: Suite, naming: Arms | Arm, file: Path, *, arm: str | None = None, region: str | None = None
) -> dict[Cut, GuardrailRef]:
    if naming.guardrail is not None:
        return dict.fromkeys(CUTS, naming.guardrail)
    if suite.name in naming.guardrails:
        return dict(naming.guardrails[suite.name])
    cuts = ", ".join(f'{cut}: {{id: ..., version: "1"}}' for cut in CUTS)
    of_arm = f" for the arm {arm}, which is in {region}" if arm else ""
    raise RegistrationError(
        f"{file} names no guardrails for the suite {suite.name}{of_arm}. A run never creates any in AWS:"
        " deploy the suite's policy in its three cuts, with `parity guardrails deploy --arms FILE --write`,"
        f" which adds\n{f'{arm}.' if arm else ''}guardrails:\n  {suite.name}: {{{cuts}}}\n"
        'or name one of your own for all suites: `guardrail: {id: ..., version: "1"}`.'
    )
