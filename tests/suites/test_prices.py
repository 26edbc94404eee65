"""What was used becomes money by the dated list alone."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from suites.errors import RegistrationError
from suites.prices import Used, bill, prices, require_model


def evidence(tokens=(0, 0), **told):
    return {"tokens": list(tokens), **told}


def test_the_list_says_its_day_and_its_sources():
    """Prices without a day and a source cannot be checked by anybody."""
    assert prices().as_of.year >= 2026
    assert any(source.startswith("https://aws.amazon.com/") for source in prices().sources)


def test_tokens_and_text_units_are_priced_by_policy():
    """A million tokens each way of a US profile, and a thousand units of each policy."""
    used = Used.together(
        [
            evidence((600_000, 0), charged={"pii": 400}),
            evidence((400_000, 1_000_000), charged={"pii": 600, "topic": 1000}),
        ]
    )

    found = bill(used, "guarded/us.openai.gpt-5.5")

    assert found.tokens == pytest.approx(5.5 + 33)
    assert found.units == pytest.approx({"pii": 0.10, "topic": 0.15})
    assert found.usd == pytest.approx(38.75)


def test_the_guardrail_alone_costs_no_tokens():
    """Control has no model."""
    assert bill(Used.together([evidence(charged={"content": 2000})]), None).usd == pytest.approx(0.30)


def test_a_global_profile_is_cheaper_and_an_arn_is_known_by_its_end():
    """As the list has it."""
    arn = "arn:aws:bedrock:us-east-1:111122223333:inference-profile/global.anthropic.claude-opus-4-7"

    assert (require_model(arn).input, require_model("us.anthropic.claude-opus-4-7").input) == (5.0, 5.5)


def test_a_model_without_a_price_is_named():
    """Before a run it is refused, and after one the bill says that it does not know."""
    with pytest.raises(RegistrationError, match=r"No price is known for the model 'eu\.other\.model'"):
        require_model("eu.other.model")
    assert bill(Used(calls=1), "eu.other.model").usd is None


def test_units_of_an_unknown_policy_are_taken_at_the_dearest():
    """No bill is too low because a log does not say, or the list does not know, what a unit was for."""
    dearest = max(prices().guardrail.values())

    assert bill(Used.together([evidence(units=1000)]), None).usd == pytest.approx(dearest)
    assert bill(Used.together([evidence(charged={"new": 1000})]), None).usd == pytest.approx(dearest)


def test_a_call_that_was_never_answered_took_nothing():
    """A sample whose arm has no record of a call is not counted."""
    assert Used.together([{"outcome": "error", "missing": "no call was recorded"}]) == Used()


calls = st.lists(
    st.builds(
        lambda tokens, charged: evidence(tokens, charged=charged),
        st.tuples(st.integers(0, 10**6), st.integers(0, 10**6)),
        st.dictionaries(st.sampled_from(["pii", "topic", "content", "word"]), st.integers(0, 1000)),
    ),
    max_size=6,
)


@given(calls, calls)
def test_bills_add_up(some, others):
    """Two halves of a run cost together what the whole does."""
    model = "us.anthropic.claude-opus-4-7"
    halves = [bill(Used.together(half), model).usd for half in (some, others)]

    assert sum(halves) == pytest.approx(bill(Used.together(some + others), model).usd)
