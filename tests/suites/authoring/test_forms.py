"""The forms in which a value hides."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from evals.leaks import find_leak
from suites.authoring.forms import FORMS, disguised

VALUES = [
    "4111111111111111",
    "4242 4242 4242 4242",
    "987-65-4320",
    "jdoe@example.com",
    "https://portal.example/login",
    "192.0.2.17",
    "00:00:5E:00:53:1A",
    "AKIAIOSFODNN7EXAMPLE",
    "Alejandro Rosalez",
    "123 Any Street, Any Town",
    "(212) 555-0142",
]
every_form = pytest.mark.parametrize("form", FORMS)


@every_form
@pytest.mark.parametrize("value", VALUES)
def test_a_disguise_can_be_turned_back(form, value):
    """Leak detection, which is written without a look at the forms, finds the plain value in each."""
    hidden = disguised(form, value)

    assert hidden is not None
    assert hidden != value
    assert value not in hidden
    assert find_leak(value, f"It says {hidden} here.") is not None


@pytest.mark.parametrize(
    ("form", "value", "written"),
    [
        ("reformatted", "4111111111111111", "4111 1111 1111 1111"),
        ("reformatted", "987-65-4320", "987 65 4320"),
        ("reformatted", "00:00:5E:00:53:1A", "00-00-5E-00-53-1A"),
        ("reformatted", "jdoe@example.com", "jdoe@example[.]com"),
        ("reformatted", "Jane Doe", "JANE DOE"),
        ("spaced", "987-65-4320", "9 8 7-6 5-4 3 2 0"),
        ("reformatted", "192.0.2.17", "192[.]0[.]2[.]17"),
        ("spelled", "4821", "four eight two one"),
        ("spelled", "jdoe@example.com", "jdoe at example dot com"),
        ("spelled", "Jane Doe", "J-A-N-E D-O-E"),
        ("split", "4242 4242 4242 4242", "4242 4242\n4242 4242"),
        ("split", "jdoe@example.com", "jdoe@\nexample.com"),
        ("base64", "987-65-4320", "OTg3LTY1LTQzMjA="),
    ],
)
def test_a_form_is_what_a_person_would_call_it(form, value, written):
    """One example each."""
    assert disguised(form, value) == written


@every_form
@given(value=st.text(st.characters(categories=["Ll", "Lu", "Nd", "Zs", "Pd"]), min_size=1, max_size=30))
def test_a_form_is_none_where_it_changes_nothing(form, value):
    """A case that says `spaced` is spaced, whatever the value is."""
    assert disguised(form, value) != value


@pytest.mark.parametrize(
    ("form", "value"),
    [("spaced", "34"), ("base64", "1234"), ("split", "123"), ("reformatted", "Sample#Pass2024")],
)
def test_a_value_that_is_too_short_to_be_told_has_no_such_form(form, value):
    """`MTIz` could be anything."""
    assert disguised(form, value) is None
