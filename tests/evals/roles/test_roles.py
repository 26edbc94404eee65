"""The arms as model roles, what is registered of them, and which guardrails they meet."""

from __future__ import annotations

import pytest

from evals import roles
from evals.calls import Place
from evals.endpoint import Endpoint
from evals.places import check_same_behaviour, find_places
from suites.arms import Arms, GuardrailRef
from suites.case import CUTS
from suites.errors import RegistrationError
from suites.registered import DeployedGuardrail
from suites.suite import load_suite

CUTS_OF = {cut: {"id": f"{cut}1", "version": "1"} for cut in CUTS}
AWS = Endpoint(None, "us-east-1", None)


def arms(candidate=None, **more):
    """Two arms, of which the candidate can be changed."""
    return Arms.model_validate(
        {"reference": {"model": "us.openai.a"}, "candidate": {"model": "us.openai.b"} | (candidate or {})}
        | more
    )


def test_routes_and_enforcement_are_registered():
    """Two logs can be compared by what each arm was, and a sidecar is never taken for an inline guardrail."""
    compared = arms(
        {"route": "sidecar", "region": "eu-west-1"},
        reference={"model": "us.anthropic.a", "route": "invoke_stream", "service_tier": "flex"},
    )

    assert roles.registered(compared, roles.models(compared)) == {
        "reference": {
            "model": "us.anthropic.a",
            "route": "invoke_stream",
            "enforcement": "inline",
            "stream": "sync",
            "service_tier": "flex",
            "parameters": {"max_tokens": 1024},
        },
        "candidate": {
            "model": "bare/us.openai.b",
            "route": "sidecar",
            "enforcement": "sidecar",
            "region": "eu-west-1",
            "parameters": {"max_tokens": 1024},
        },
        "control": {"model": "apply-guardrail", "route": "apply_guardrail", "parameters": {}},
    }


def test_a_model_that_cannot_be_asked_is_told():
    """Before anything is asked, with its name."""
    with pytest.raises(RegistrationError, match="The model nobody/x behind a sidecar cannot be asked"):
        roles.models(arms({"route": "sidecar", "model": "nobody/x"}))


@pytest.mark.parametrize(("route", "model"), [("converse", "sidecar/bare/m"), ("sidecar", "guarded/m")])
def test_a_role_cannot_change_the_route(route, model, monkeypatch):
    """What is registered is what was asked: another provider in the role is another route."""
    get_model = roles.get_model
    monkeypatch.setattr(
        roles, "get_model", lambda *, role, default: get_model(model if role == "candidate" else default)
    )
    with pytest.raises(
        RegistrationError, match=rf"--model-role candidate={model}.*registers the route {route}"
    ):
        roles.models(arms({"route": route}))


def test_an_arm_in_another_region_meets_the_guardrails_there():
    """By arm; whoever has no region of its own meets those of the file."""
    there = {cut: {"id": f"{cut}2", "version": "4"} for cut in CUTS}
    compared = arms({"region": "eu-west-1", "guardrails": {"pii": there}}, guardrails={"pii": CUTS_OF})

    place, places = find_places(load_suite("pii"), compared, AWS, "arms.yaml")

    assert (place.region, place.guardrails["full"]) == ("us-east-1", GuardrailRef(id="full1", version="1"))
    assert places == {
        "candidate": Place("eu-west-1", {cut: GuardrailRef(id=f"{cut}2", version="4") for cut in CUTS})
    }


def test_guardrails_of_another_region_have_to_be_named():
    """A guardrail exists in its region alone."""
    compared = arms({"region": "eu-west-1"}, guardrails={"pii": CUTS_OF})
    with pytest.raises(
        RegistrationError, match=r"the suite pii for the arm candidate, which is in eu-west-1"
    ):
        find_places(load_suite("pii"), compared, AWS, "arms.yaml")


def test_two_guardrails_are_one_by_their_configuration():
    """Other ids are no difference; another configuration is one, and is refused until it is accepted."""

    def deployed(number, digest):
        return {cut: DeployedGuardrail(id=f"{cut}{number}", version="1", digest=digest) for cut in CUTS}

    here, same, other = deployed(1, "a" * 64), deployed(2, "a" * 64), deployed(3, "b" * 64)

    check_same_behaviour(here, {"candidate": same}, arms(), "arms.yaml")
    with pytest.raises(RegistrationError, match=r"differ in guardrail \(.*aaaaaaaaaaaa.*bbbbbbbbbbbb"):
        check_same_behaviour(here, {"candidate": other}, arms(), "arms.yaml")
    check_same_behaviour(here, {"candidate": other}, arms(accept=["guardrail"]), "arms.yaml")
