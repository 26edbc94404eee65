"""`route: auto` against the local Bedrock: what is tried, what is chosen, and what is refused."""

from __future__ import annotations

import anyio
import pytest

from evals.bedrock import deployment
from evals.bedrock.client import close_clients
from evals.calls import Place
from evals.choose import choose
from evals.endpoint import Endpoint
from evals.rehearsal import child
from suites.arms import Arms
from suites.errors import RegistrationError
from suites.suite import load_suite

SUITE = load_suite("pii")
GPT, INERT = "us.openai.gpt-5.5", "mantle.openai.gpt-5.5"


@pytest.fixture(scope="module")
def endpoint():
    """A rehearsal, where one profile of GPT accepts a guardrail and ignores it."""
    with child.start() as rehearsal:
        yield Endpoint(rehearsal.endpoint_url, "us-east-1", {"rehearsal": True})
    close_clients()


@pytest.fixture(scope="module")
def place(endpoint):
    """The suite's policy on the input, deployed."""
    deployed = deployment.deploy(SUITE.policy, "input", endpoint_url=endpoint.url, region=endpoint.region)
    return Place(endpoint.region, {"input": deployed.reference})


@pytest.fixture
def chosen(endpoint, place):
    """Choose for a candidate whose route is open."""

    def run(model, *, place=place, accept=("route",), **candidate):
        arms = Arms.model_validate(
            {
                "reference": {"model": "us.anthropic.claude-opus-4-7"},
                "candidate": {"model": model, "route": "auto"} | candidate,
                "accept": accept,
            }
        )
        models = {name: arm.model for name, arm in arms.compared.items()}
        places = dict.fromkeys(models, place)
        return anyio.run(choose, arms, SUITE, endpoint, places, models, "arms.yaml")

    return run


def test_a_model_that_is_shown_to_be_guarded_is_asked_inline(chosen):
    """All five steps pass, and each says on what evidence; the other arm's route stays as it is."""
    arms, reasons = chosen(GPT, accept=())

    assert (arms.candidate.route, arms.candidate.provider) == ("converse", f"guarded/{GPT}")
    assert list(reasons) == ["candidate"]
    told = reasons["candidate"]
    assert [step.partition(" (")[0] for step in told] == [
        "the region lists it: yes",
        "it answers by Converse: yes",
        "its guardrail acts on a canary: yes",
        "the guardrail alone acts on it too: yes",
        "without the guardrail it is answered: yes",
    ]
    assert "guardrail_intervened, guardrail " in told[2]
    assert "request " in told[2]


def test_a_guardrail_that_is_accepted_and_ignored_is_no_route(chosen):
    """The request is answered as if nothing had been asked for; then the guardrail stands beside."""
    arms, reasons = chosen(INERT)

    assert (arms.candidate.route, arms.candidate.provider) == ("sidecar", f"sidecar/bare/{INERT}")
    assert reasons["candidate"][-1].startswith(
        "its guardrail acts on a canary: no (end_turn, no guardrail, request "
    )


def test_another_provider_is_put_beside_where_one_is_named(chosen):
    """A model that the region does not have may be reached elsewhere, and the reason is kept."""
    arms, reasons = chosen("us.openai.gpt-9", sidecar="openai/bedrock/gpt-9")

    assert arms.candidate.provider == "sidecar/openai/bedrock/gpt-9"
    assert reasons["candidate"] == (
        "the region lists it: no (us.openai.gpt-9 is no inference profile and no model in us-east-1)",
    )


def test_a_model_that_nothing_reaches_is_told(chosen):
    """With what was tried last, and what could be written."""
    with pytest.raises(
        RegistrationError, match=r"the model of candidate\. the region lists it: no.*`sidecar: "
    ):
        chosen("us.openai.gpt-9")


def test_a_choice_that_makes_a_difference_has_to_be_accepted(chosen):
    """Nobody can know beforehand how it ends, and still nothing differs that nobody accepted."""
    with pytest.raises(
        RegistrationError, match=r"differ in route \(reference: converse, candidate: sidecar\)"
    ):
        chosen(INERT, accept=())


def test_a_wrong_guardrail_is_no_evidence(chosen, endpoint):
    """A policy without the canaries' rules acts on none of them, inline or alone."""
    policy = load_suite("topics").policy
    other = deployment.deploy(policy, "input", endpoint_url=endpoint.url, region=endpoint.region)

    arms, reasons = chosen(GPT, place=Place(endpoint.region, {"input": other.reference}))

    assert arms.candidate.route == "sidecar"
    assert "its guardrail acts on a canary: no (end_turn, guardrail " in reasons["candidate"][-1]
