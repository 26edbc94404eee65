"""Which calls a fault strikes: the same ones in every run, whatever their order."""

from __future__ import annotations

import random

import pytest

from evals.rehearsal.scenario.document import Fault, Latency, Scenario
from evals.rehearsal.scenario.striking import Request, Striking

GPT, OPUS = "us.openai.gpt-5.5", "us.anthropic.claude-opus-4-7"


def request(number, *, repetition=0, model=GPT, operation="Converse", body=b""):
    return Request(operation=operation, model_id=model, digest=str(number), repetition=repetition, body=body)


def struck(faults, requests, seed=0):
    """The digests of the requests that are struck by a new service."""
    striking = Striking(Scenario(faults=faults), seed=seed, latency_ms=0)
    return {each.digest for each in requests if striking.faults(each)}


@pytest.mark.parametrize("rate", [0.0, 0.05, 0.5, 1.0])
def test_rate_is_the_share_of_calls(rate):
    """Within five standard errors on 4,000 requests."""
    requests = [request(number) for number in range(4000)]

    share = len(struck([Fault(kind="reset", rate=rate)], requests)) / 4000

    assert abs(share - rate) <= 5 * (rate * (1 - rate) / 4000) ** 0.5


def test_order_decides_nothing_and_the_seed_does():
    """The same requests are struck in any order, others under another seed."""
    requests = [request(number) for number in range(300)]
    shuffled = random.Random(1).sample(requests, 300)
    faults = [Fault(kind="reset", rate=0.3)]

    assert struck(faults, requests) == struck(faults, shuffled)
    assert struck(faults, requests) != struck(faults, requests, seed=1)


def test_two_faults_strike_independently():
    """Of equal rates, each its own requests; some meet both."""
    requests = [request(number) for number in range(1000)]
    one, two = (Fault(kind=kind, rate=0.3) for kind in ("reset", "throttled"))
    striking = Striking(Scenario(faults=[one, two]), seed=0, latency_ms=0)
    met = [frozenset(fault.kind for fault in striking.faults(each)) for each in requests]

    assert 40 < met.count(frozenset({"reset", "throttled"})) < 150
    assert met.count(frozenset({"reset"})) > 100 < met.count(frozenset({"throttled"}))


def test_trying_again_helps_unless_the_fault_persists():
    """Every repetition is drawn anew; a persistent fault stays with its requests."""
    again = [request(number, repetition=repetition) for number in range(200) for repetition in range(40)]
    last = {each.digest for each in again}
    for repetition in range(40):
        round_ = [each for each in again if each.repetition == repetition]
        last &= struck([Fault(kind="reset", rate=0.5)], round_)

    assert last == set()
    persistent = [Fault(kind="reset", rate=0.5, persistent=True)]
    first, later = ([each for each in again if each.repetition == number] for number in (0, 39))
    assert struck(persistent, first) == struck(persistent, later)


def test_fault_begins_and_ends_by_number_of_calls():
    """Only the calls that are meant are counted."""
    fault = Fault(kind="expired", models=(GPT,), after=3, during=2)
    requests = [request(number, model=model) for number in range(8) for model in (GPT, OPUS)]
    striking = Striking(Scenario(faults=[fault]), seed=0, latency_ms=0)

    met = [(each.digest, each.model_id) for each in requests if striking.faults(each)]

    assert met == [("3", GPT), ("4", GPT)]


@pytest.mark.parametrize(
    ("given", "meets"),
    [
        ({}, {"Converse", "ApplyGuardrail"}),
        ({"operations": ("Converse",)}, {"Converse"}),
        ({"models": ("openai.gpt-5.5",)}, {"Converse"}),
        ({"models": (GPT,)}, {"Converse"}),
        ({"models": (OPUS,)}, set()),
        ({"models": ("global.openai.gpt-5.5",)}, set()),
    ],
)
def test_fault_meets_operations_and_models(given, meets):
    """By base id or by profile; a fault of a model never meets ApplyGuardrail."""
    fault = Fault(kind="reset", **given)
    calls = {"Converse": GPT, "ApplyGuardrail": None}

    assert {operation for operation, model in calls.items() if fault.meets(operation, model)} == meets


def test_parameter_is_rejected_where_it_is_given():
    """A request without it is none of the fault's business."""
    fault = Fault(kind="rejected", parameter="topP")

    assert struck([fault], [request(1, body=b'{"inferenceConfig":{"topP":0.5}}'), request(2)]) == {"1"}


def test_first_latency_that_meets_a_call_counts():
    """Its spread is drawn from the request; without a rule it is the service's own, for models alone."""
    rules = [Latency(ms=100, spread_ms=50, models=(GPT,)), Latency(ms=7, operations=("Converse",))]
    striking = Striking(Scenario(latency=rules), seed=0, latency_ms=3)
    waits = [striking.waits_ms(request(number)) for number in range(50)]

    assert min(waits) >= 100
    assert max(waits) <= 150
    assert len(set(waits)) == 50
    assert striking.waits_ms(request(0, model=OPUS)) == 7
    assert striking.waits_ms(request(0, model=None, operation="ApplyGuardrail")) == 3
    assert striking.waits_ms(request(0, model=None, operation="ListGuardrails")) == 0
