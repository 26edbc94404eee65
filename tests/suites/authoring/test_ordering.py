"""The order in which every prefix is a fair sample."""

from __future__ import annotations

from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from suites.authoring.ordering import Part, ordered, read_part
from suites.case import Case
from suites.errors import RegistrationError


def cases_of(counts):
    """Allow cases: as many per side and category as `counts` says."""
    return [
        Case(
            id=f"x-{side}-{category}-{number}",
            template=f"t{number % 3}",
            category=category,
            expectation="allow",
            side=side,
            channel="output" if side == "output" else "user",
            prompt=f"{side} {category} {number}",
            provenance="Written for this test",
        )
        for (side, category), count in counts.items()
        for number in range(count)
    ]


KINDS = st.tuples(st.sampled_from(["input", "output"]), st.sampled_from(["a", "b", "c"]))


@given(st.dictionaries(KINDS, st.integers(1, 30), min_size=1))
def test_every_prefix_is_off_by_less_than_two_cases(counts):
    """For whatever numbers of cases, each side and each category is near its share in every prefix."""
    cases = ordered(cases_of(counts))
    sides = Counter(case.side for case in cases)

    taken = Counter()
    for size, case in enumerate(cases, start=1):
        taken[case.side] += 1
        for side, number in sides.items():
            assert abs(taken[side] - number * size / len(cases)) < 2


@given(st.dictionaries(KINDS, st.integers(1, 12), min_size=1), st.randoms(use_true_random=False))
def test_the_order_does_not_depend_on_the_order_before(counts, random):
    """The batch is the same whichever file was read first; nothing is lost or doubled."""
    cases = cases_of(counts)
    shuffled = random.sample(cases, len(cases))

    assert ordered(shuffled) == ordered(cases)
    assert Counter(case.id for case in ordered(cases)) == Counter(case.id for case in cases)


def test_templates_of_a_category_take_turns():
    """Three templates of four cases each come one after the other."""
    templates = [case.template for case in ordered(cases_of({("input", "a"): 12}))]

    assert all(set(templates[place : place + 3]) == {"t0", "t1", "t2"} for place in (0, 3, 6, 9))


PART = Part.model_validate(
    {"layers": [{"cases": 4, "categories": ["a"]}, {"cases": 6, "side": "input"}, {"cases": 5}]}
)
MANY = cases_of({(side, category): 10 for side in ("input", "output") for category in "abc"})


def test_the_default_part_comes_first_and_holds_what_each_layer_wants():
    """A case belongs to the first layer that holds it; the rest is asked by --full alone."""
    first = ordered(MANY, PART)[: PART.size]

    assert PART.size == 15
    assert Counter(
        "a" if case.category == "a" else case.side if case.side == "input" else "rest" for case in first
    ) == {"a": 4, "input": 6, "rest": 5}


def test_the_whole_batch_is_there_once_whatever_the_part():
    """A case is not lost or doubled by being chosen."""
    assert Counter(case.id for case in ordered(MANY, PART)) == Counter(case.id for case in MANY)


def test_every_prefix_of_the_default_part_is_a_fair_sample_of_it():
    """`--limit` takes a small picture of what a run asks, not of the whole file."""
    first = ordered(MANY, PART)[: PART.size]
    sides = Counter(case.side for case in first)

    taken = Counter()
    for size, case in enumerate(first, start=1):
        taken[case.side] += 1
        assert all(abs(taken[side] - number * size / PART.size) < 2 for side, number in sides.items())


def test_a_layer_that_wants_more_than_there_is_is_told():
    """The message says which layer, what it holds and how many there are."""
    greedy = Part.model_validate({"layers": [{"cases": 21, "categories": ["a"]}]})

    with pytest.raises(RegistrationError, match=r"layer 1 .*'a'.* wants 21 cases and there are 20"):
        ordered(MANY, greedy)


def test_the_same_layer_twice_is_refused():
    """The second would get nothing."""
    with pytest.raises(ValidationError, match="two layers hold the same cases"):
        Part.model_validate({"layers": [{"cases": 1, "side": "input"}, {"cases": 2, "side": "input"}]})


def test_a_suite_without_a_part_is_asked_whole_and_a_faulty_one_is_told(tmp_path):
    """Path and key stand in the message."""
    (tmp_path / "pii").mkdir()
    assert read_part("pii", tmp_path) is None
    (tmp_path / "pii" / "batch.yaml").write_text("wordings: 11\nlayers: [{cases: 1}]\n")

    with pytest.raises(RegistrationError, match=r"batch\.yaml is not valid:\n  wordings: .*10.*found: 11"):
        read_part("pii", tmp_path)
