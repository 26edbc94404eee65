"""From sentence patterns to cases."""

from __future__ import annotations

from collections import Counter

import pytest

from suites.authoring.compose import compose
from suites.authoring.sources import Category, Wrappers
from suites.errors import RegistrationError

WRAPPERS = Wrappers(
    instructions=("Say this: {text}", "{text} Once more, please."),
    contexts={"json": '{"comment": "{sentence}"}', "chat": "user_17: {sentence}"},
    records={"form": "{label}: {value}"},
)
HOSTS = ("a.example", "b.example", "c.example", "d.example")


@pytest.fixture
def category():
    """A category of four hosts; keywords replace its fields."""

    def make(**fields):
        return Category.model_validate(
            {
                "category": "URL",
                "policy": "pii",
                "action": "mask",
                "severity": "low",
                "payload": "{value}",
                "slots": {"value": HOSTS, "day": ("Monday", "Tuesday")},
                "counts": {"input": 4},
                "input": {"open": "Please open {value} on {day}."},
            }
            | fields
        )

    return make


def test_the_same_sources_give_the_same_cases(category):
    """Nothing is drawn at random."""
    assert compose("pii", [category()], WRAPPERS) == compose("pii", [category()], WRAPPERS)


def test_every_value_is_used_before_one_is_used_again(category):
    """Four cases of four values and two days hold each value once."""
    cases = compose("pii", [category()], WRAPPERS)

    assert sorted(case.payload for case in cases) == list(HOSTS)


def test_another_pattern_leaves_the_cases_of_the_first_alone(category):
    """An id keeps its text when the batch grows."""
    before = compose("pii", [category()], WRAPPERS)
    patterns = {"open": "Please open {value} on {day}.", "shut": "Please shut {value} on {day}."}

    after = compose("pii", [category(input=patterns, counts={"input": 8})], WRAPPERS)

    assert set(before) <= set(after)


def test_cases_are_spread_evenly_over_patterns(category):
    """Five cases of two patterns are three and two."""
    patterns = {"open": "Please open {value}.", "shut": "Please shut {value}."}

    cases = compose("pii", [category(input=patterns, counts={"input": 5})], WRAPPERS)

    assert sorted(Counter(case.template for case in cases).values()) == [2, 3]


def test_a_pattern_that_gives_less_leaves_the_rest_to_the_others(category):
    """One fixed sentence and one with four values make five."""
    patterns = {
        "open": "Please open {value}.",
        "fixed": {"text": "Please open b.example at noon.", "payload": "b.example"},
    }

    cases = compose("pii", [category(input=patterns, counts={"input": 5})], WRAPPERS)

    assert Counter(case.template for case in cases) == {"url-input-open": 4, "url-input-fixed": 1}


def test_more_cases_than_combinations_are_refused(category):
    """The message says which category, how many there are and what to do."""
    with pytest.raises(
        RegistrationError,
        match=r"category URL: 9 input cases are wanted and the patterns give 8; add patterns",
    ):
        compose("pii", [category(counts={"input": 9})], WRAPPERS)


def test_more_twins_than_patterns_with_twins_are_refused(category):
    """A twin is written by a person, or by `harmless`."""
    with pytest.raises(
        RegistrationError, match="1 twins on the input side are wanted and the patterns give 0"
    ):
        compose("pii", [category(counts={"input": 4, "input_twins": 1})], WRAPPERS)


def test_the_same_prompt_twice_is_refused(category):
    """Two patterns that say the same are one."""
    patterns = {"open": "Please open {value}.", "again": "Please open {value}."}

    with pytest.raises(RegistrationError, match="4 times the same prompt"):
        compose("pii", [category(input=patterns, counts={"input": 8})], WRAPPERS)


def test_an_output_case_wraps_its_material(category):
    """The instruction surrounds <text>, and the payload stands inside."""
    made = category(counts={"output": 4}, input={}, output={"seen": "It was seen at {value}."})

    for case in compose("pii", [made], WRAPPERS):
        assert case.material == f"It was seen at {case.payload}."
        assert case.prompt in (
            f"Say this: <text>{case.material}</text>",
            f"<text>{case.material}</text> Once more, please.",
        )


def test_a_labelled_value_is_also_written_as_every_record(category):
    """Forms and tables are where personal data stands."""
    made = category(counts={"output": 4}, input={}, label="Web address")

    cases = compose("pii", [made], WRAPPERS)

    assert {case.context for case in cases} == {"form"}
    assert all(case.material == f"Web address: {case.payload}" for case in cases)


def test_a_sentence_keeps_its_payload_in_every_written_form(category):
    """Chat lines and JSON hold the whole sentence, unaltered."""
    made = category(
        payload=None, counts={"output": 8}, input={}, output={"go": "Everyone goes to {value} on {day}."}
    )

    cases = compose("topics", [made], WRAPPERS)

    assert {case.context for case in cases} > {"sentence"}
    for case in cases:
        assert case.payload.startswith("Everyone goes to")
        assert case.payload in case.material


def test_a_slot_at_the_beginning_gets_a_capital(category):
    """Slot values are written as they stand inside a sentence."""
    made = category(
        payload=None, slots={"who": ("our baker",)}, counts={"input": 1}, input={"x": "{who} sings."}
    )

    assert compose("topics", [made], WRAPPERS)[0].prompt == "Our baker sings."


def test_a_twin_takes_the_same_values_and_points_back(category):
    """Only the words that the author changed differ."""
    made = category(
        counts={"input": 8, "input_twins": 2},
        input={"open": {"text": "Open {value} on {day}.", "twin": "Open the window on {day}."}},
    )

    by_id = {case.id: case for case in compose("pii", [made], WRAPPERS)}

    harmful = [case for case in by_id.values() if case.expectation == "protect" and case.twin]
    assert len(harmful) == 2
    for case in harmful:
        assert by_id[case.twin].prompt == case.prompt.replace(case.payload, "the window")
        assert by_id[case.twin].twin == case.id


def test_a_pattern_without_a_twin_takes_the_harmless_words(category):
    """Records get their twin from the category."""
    made = category(
        harmless="not recorded",
        label="Web address",
        input={},
        counts={"output": 1, "output_twins": 1},
    )

    cases = compose("pii", [made], WRAPPERS)

    assert [case.material for case in cases if case.expectation == "allow"] == ["Web address: not recorded"]


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"input": {"open": "Open {valve}."}}, "input.open: no slot valve"),
        ({"input": {"open": {"text": "Open {value}.", "twin": "Open {door}."}}}, "input.open: no slot door"),
        ({"policy": None}, "needs policy and action"),
        ({"counts": {"inputs": 4}}, "Extra inputs are not permitted"),
    ],
)
def test_a_faulty_category_is_refused(category, fields, said):
    """A misspelt slot would be shipped as it stands."""
    with pytest.raises(ValueError, match=said):
        category(**fields)
