"""The engine's budget: a millisecond a call on texts of average length."""

import time

import pytest

from evals.rehearsal import engine

BUDGET_S = 0.001
# Machines that run tests are slower and shared; what this catches is a detector ten times as slow.
ALLOWANCE = 4
TEXT = (
    "Hello, my name is Jane Doe and I would like to change the delivery of my order 20418-7731. The parcel "
    "should go to 123 Any Street, Any Town, please, and the courier can call me on 212-555-0142 before noon. "
    "If that does not work, write to jane.doe@example.com and I will come to the counter on Friday."
)


def test_a_text_of_average_length_is_judged_within_the_budget(policy):
    """The fastest of five rounds, in processor time, with every kind of policy."""
    guardrail = policy(
        sensitiveInformationPolicyConfig={
            "piiEntitiesConfig": [
                {"type": name, "action": "ANONYMIZE"} for name in ("EMAIL", "PHONE", "NAME")
            ]
        },
        topicPolicyConfig={
            "topicsConfig": [
                {"name": "Betting", "definition": "Bets, odds and casinos.", "type": "DENY"},
                {"name": "Shares", "definition": "Which stocks and bonds to buy.", "type": "DENY"},
            ]
        },
        contentPolicyConfig={
            "filtersConfig": [
                {"type": name, "inputStrength": "HIGH", "outputStrength": "HIGH"}
                for name in ("HATE", "INSULTS", "VIOLENCE", "SEXUAL", "MISCONDUCT")
            ]
        },
    )
    engine.assess(guardrail, "INPUT", [TEXT])

    rounds = []
    for _ in range(5):
        begun = time.process_time()
        for _ in range(40):
            engine.assess(guardrail, "INPUT", [TEXT])
        rounds.append((time.process_time() - begun) / 40)

    assert min(rounds) <= ALLOWANCE * BUDGET_S


@pytest.mark.parametrize(
    "piece",
    [
        "a",
        "1 ",
        "A ",
        "Aa ",
        "a.",
        "a-",
        "@",
        ":",
        "(",
        "http://",
        "4111 ",
        "Jane ",
        "kill you ",
        "password ",
    ],
)
def test_long_texts_of_one_kind_take_no_quadratic_time(policy, piece):
    """Patterns that run on without bound would take minutes here."""
    guardrail = policy(
        sensitiveInformationPolicyConfig={"piiEntitiesConfig": [{"type": "EMAIL", "action": "ANONYMIZE"}]},
        topicPolicyConfig={
            "topicsConfig": [{"name": "Betting", "definition": "Bets, odds.", "type": "DENY"}]
        },
        contentPolicyConfig={
            "filtersConfig": [{"type": "VIOLENCE", "inputStrength": "HIGH", "outputStrength": "HIGH"}]
        },
    )
    text = (piece * 20_000)[:20_000]
    begun = time.process_time()

    engine.assess(guardrail, "INPUT", [text])

    assert time.process_time() - begun < 4.0
