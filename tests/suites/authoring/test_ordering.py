"""The order in which every prefix is a fair sample."""

from __future__ import annotations

from collections import Counter

from hypothesis import given
from hypothesis import strategies as st

from suites.authoring.ordering import ordered
from suites.case import Case


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
