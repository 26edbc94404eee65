"""The facts of one arm, on their way through a log and back."""

from __future__ import annotations

import json
import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from suites.outcomes import Facts

FACT = st.sampled_from([True, False, None])


@given(st.builds(Facts, input_acted=FACT, acted=FACT, guarded=FACT, reached=FACT, emitted=FACT, exposed=FACT))
def test_facts_survive_the_log(facts):
    """What is written as numbers and read back from JSON is the same, unknown included."""
    written = json.loads(json.dumps(facts.as_value("candidate")))

    assert Facts.from_value("candidate", written) == facts


def test_a_value_holds_numbers_only():
    """Strings inside a score would break Inspect's metrics."""
    value = Facts(acted=True, exposed=False).as_value("reference")

    assert value["reference_acted"] == 1.0
    assert value["reference_exposed"] == 0.0
    assert math.isnan(value["reference_emitted"])
    assert all(isinstance(number, float) for number in value.values())


@pytest.mark.parametrize("number", [None, math.nan, "1", "C", 0.5, 2, -1, [1], {}])
def test_what_is_neither_one_nor_zero_is_unknown(number):
    """A letter, an average or a broken field is missing, never an answer."""
    assert Facts.from_value("control", {"control_exposed": number}).exposed is None


def test_the_arms_do_not_mix():
    """One arm's numbers are not read as another's."""
    value = Facts(exposed=True).as_value("reference")

    assert Facts.from_value("candidate", value) == Facts()
