"""Why the arms differ: each cause by itself, from logs and what the guardrail alone did afterwards."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from analysis import attribution, counts
from analysis.compare import compare
from analysis.errors import EvidenceError
from suites import swap
from suites.metrics import METRICS
from suites.outcomes import ARMS, FACTS, Facts
from suites.swap import Swapped

SAID = Facts(input_acted=False, acted=False, guarded=False, reached=True, emitted=True, exposed=True)
CAUGHT = Facts(input_acted=False, acted=True, guarded=True, reached=True, emitted=True, exposed=False)
DECLINED = Facts(input_acted=False, acted=False, guarded=False, reached=True, emitted=False, exposed=False)
STOPPED = Facts(input_acted=False, acted=False, guarded=True, reached=True, emitted=False, exposed=False)
LEFT_ALONE = Facts(input_acted=False, acted=False, guarded=False, reached=True, emitted=False, exposed=False)


def alone(arm: str, case: str, *, acts: bool, through: str = "control", **changes: Any) -> Swapped:
    """What the guardrail alone did with one arm's words."""
    facts = {"input_acted": None, "acted": acts, "guarded": acts, "exposed": not acts}
    return Swapped.model_validate(
        {
            "suite": "pii",
            "case": case,
            "epoch": 1,
            "arm": arm,
            "through": through,
            "side": "output",
            "guardrail": "abcdefghijkl",
            "version": "1",
            "request_id": "r-1",
        }
        | facts
        | changes
    )


@pytest.fixture
def causes(logs: Any) -> Callable[..., dict[str, dict[str, int]]]:
    """Causes by metric, of a run in which one case came out as given and all others alike."""

    def find(
        kind: str,
        *shown: Swapped,
        reference: Facts,
        candidate: Facts,
        control: Facts | None = None,
    ) -> dict[str, dict[str, int]]:
        samples = [logs.sample(f"{kind}-{place:03d}", kind=kind) for place in range(5, 10)]
        (odd,) = (sample for sample in samples if sample.id == f"{kind}-007")
        for arm, facts in (("reference", reference), ("candidate", candidate), ("control", control)):
            if facts is not None:
                odd.scores["parity"].value |= facts.as_value(arm)
        logs.write(samples)
        swap.write(logs.folder, shown)
        (pii,) = compare(logs.folder, allow_partial=True).suites
        return {
            each.metric: {share.cause: share.candidate_only - share.reference_only for share in each.shares}
            for each in pii.attribution
        }

    return find


def test_words_that_the_guardrail_alone_stops_passed_by_the_route(causes: Any) -> None:
    """Enforcement: the candidate's way let through what the guardrail catches."""
    shown = [alone("reference", "output-007", acts=True), alone("candidate", "output-007", acts=True)]

    found = causes("output", *shown, reference=CAUGHT, candidate=SAID)

    assert found["exposure"] == {"route": 1}
    assert found["uncaught"] == {"route": 1}


def test_words_that_only_one_model_said_are_the_models(causes: Any) -> None:
    """Emission: the other declined, and the guardrail alone misses what was said."""
    shown = [alone("reference", "output-007", acts=False), alone("candidate", "output-007", acts=False)]

    found = causes("output", *shown, reference=DECLINED, candidate=SAID)

    assert found == {"exposure": {"model": 1}}


def test_one_wording_caught_and_one_missed_is_the_detectors(causes: Any) -> None:
    """Detection: both said it, both routes did what the guardrail alone does."""
    shown = [alone("reference", "output-007", acts=True), alone("candidate", "output-007", acts=False)]

    found = causes("output", *shown, reference=CAUGHT, candidate=SAID)

    assert found["exposure"] == {"detector": 1}


def test_two_guardrails_that_differ_on_the_same_words_are_the_detectors(causes: Any) -> None:
    """In a region with detectors of its own the arm's guardrail misses what the control's catches."""
    shown = [
        alone("reference", "output-007", acts=True),
        alone("candidate", "output-007", acts=True),
        alone("candidate", "output-007", acts=False, through="own", guardrail="zyxwvutsrqpo"),
    ]

    found = causes("output", *shown, reference=CAUGHT, candidate=SAID)

    assert found["exposure"] == {"detector": 1}


def test_an_input_that_control_stops_passed_by_the_route(causes: Any) -> None:
    """Nothing has to be shown again: control had the same input at the same moment."""
    found = causes("protect", reference=CAUGHT_AT_INPUT, candidate=SAID)

    assert found["input_miss"] == {"route": 1}


CAUGHT_AT_INPUT = Facts(
    input_acted=True, acted=True, guarded=True, reached=False, emitted=False, exposed=False
)


def test_harmless_words_that_the_guardrail_alone_leaves_alone_were_stopped_by_the_route(causes: Any) -> None:
    """Over-blocking that the guardrail itself does not do."""
    shown = [alone("reference", "allow-007", acts=False), alone("candidate", "allow-007", acts=False)]

    assert causes("allow", *shown, reference=LEFT_ALONE, candidate=STOPPED) == {"overblock": {"route": 1}}


def test_harmless_words_that_set_the_guardrail_off_are_the_models(causes: Any) -> None:
    """Had it answered like the other, it would have been left alone."""
    shown = [alone("reference", "allow-007", acts=False), alone("candidate", "allow-007", acts=True)]

    assert causes("allow", *shown, reference=LEFT_ALONE, candidate=STOPPED) == {"overblock": {"model": 1}}


def test_a_better_candidate_is_attributed_too(causes: Any) -> None:
    """Pairs on which only the reference failed count the other way."""
    shown = [alone("reference", "output-007", acts=True), alone("candidate", "output-007", acts=True)]

    assert causes("output", *shown, reference=SAID, candidate=CAUGHT)["exposure"] == {"route": -1}


@pytest.mark.parametrize(
    "shown",
    [
        [],
        [alone("reference", "output-007", acts=True)],
        [
            alone("reference", "output-007", acts=True),
            alone("candidate", "output-007", acts=True, missing="ThrottlingException: slow down"),
        ],
    ],
)
def test_what_was_not_shown_again_is_not_known(causes: Any, shown: list[Swapped]) -> None:
    """Without both answers there is no telling, and none is made up."""
    assert causes("output", *shown, reference=CAUGHT, candidate=SAID)["exposure"] == {"unknown": 1}


def test_a_damaged_file_is_named(logs: Any) -> None:
    """Half a file is no evidence."""
    logs.write(logs.plan())
    (logs.folder / swap.FILE).write_text("{", encoding="utf-8")

    with pytest.raises(EvidenceError, match=r"swap\.json cannot be used"):
        compare(logs.folder)


def test_only_pairs_that_differ_are_to_be_shown_again(logs: Any) -> None:
    """By suite, case and epoch, with the log that holds the words."""
    path = logs.write(logs.plan(output_candidate_leaked=2))

    assert [(each.suite, each.case, each.epoch, each.log) for each in attribution.wanted(logs.folder)] == [
        ("pii", "output-000", 1, path),
        ("pii", "output-001", 1, path),
    ]


facts = st.builds(Facts, **dict.fromkeys(FACTS, st.sampled_from([True, False, None])))


@given(
    rows=st.lists(
        st.tuples(
            st.sampled_from([("protect", "input"), ("protect", "output"), ("allow", "input")]),
            *(facts for _ in ARMS),
        ),
        max_size=12,
    ),
    known=st.dictionaries(
        st.tuples(
            st.integers(0, 11),
            st.sampled_from(["reference", "candidate"]),
            st.sampled_from(["own", "control"]),
        ),
        facts,
        max_size=20,
    ),
)
def test_causes_add_up_to_the_difference(rows: list[Any], known: dict[Any, Facts]) -> None:
    """Whatever is on record, every pair that differs has one cause and no other pair has any."""
    table = pd.DataFrame(
        [
            {"case": f"c{place}", "epoch": 1, "expectation": kind[0], "side": kind[1]}
            | {
                key: value
                for arm, seen in zip(ARMS, arms, strict=True)
                for key, value in seen.as_value(arm).items()
            }
            for place, (kind, *arms) in enumerate(rows)
        ],
        columns=[
            "case",
            "epoch",
            "expectation",
            "side",
            *(f"{arm}_{fact}" for arm in ARMS for fact in FACTS),
        ],
    )
    observed = counts.judged(table)
    swapped = {("pii", f"c{place}", 1, arm, through): one for (place, arm, through), one in known.items()}

    found = {each.metric: each for each in attribution.of_suite("pii", table, observed, swapped)}

    for number, metric in enumerate(METRICS):
        alone_worse = int(np.sum(observed.candidate[number] & ~observed.reference[number]))
        alone_better = int(np.sum(observed.reference[number] & ~observed.candidate[number]))
        shares = found[metric].shares if metric in found else []
        assert sum(share.candidate_only for share in shares) == alone_worse
        assert sum(share.reference_only for share in shares) == alone_better
