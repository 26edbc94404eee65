"""The batches against the embedded guardrail: a fair reader's expectation is also what a guardrail does.

A floor for the batch and for the engine at once. Misses below it hurt neither arm more than the other, but
they use up the caps.
"""

from __future__ import annotations

import pytest

from evals.rehearsal.engine import assess
from suites.case import CUTS
from suites.suite import load_suite

WIRE = {"block": "BLOCKED", "mask": "ANONYMIZED"}
PLACE = {
    "pii": ("sensitiveInformationPolicy", "piiEntities"),
    "regex": ("sensitiveInformationPolicy", "regexes"),
    "word": ("wordPolicy", "customWords"),
    "profanity": ("wordPolicy", "managedWordLists"),
    "topic": ("topicPolicy", "topics"),
    "content": ("contentPolicy", "filters"),
}
every_suite = pytest.mark.parametrize("suite", ["pii", "topics", "toxicity"])


def requests(suite):
    """The suite's three guardrails."""
    return {cut: load_suite(suite).policy.create_request(cut) for cut in CUTS}


def actions(assessment, policy):
    """What a kind of policy did."""
    document, entries = PLACE[policy]
    return {entry["action"] for entry in assessment.document.get(document, {}).get(entries, [])}


@every_suite
@pytest.mark.parametrize("side", ["input", "output"])
def test_what_must_be_acted_on_is_acted_on(shipped, suite, side):
    """At least 97 in a hundred, by the registered kind of policy and in the registered way."""
    guardrails = requests(suite)
    cases = [
        case
        for case in shipped[suite]
        if (case.expectation, case.side) == ("protect", side) and (side == "input" or case.material)
    ]

    missed = [
        case.id
        for case in cases
        if WIRE[case.action]
        not in actions(
            assess(guardrails[case.cut], side.upper(), [case.material] if case.material else case.texts),
            case.policy,
        )
    ]

    assert len(missed) <= 0.03 * len(cases), missed


@every_suite
def test_what_must_be_left_alone_is_left_alone(shipped, suite):
    """At most two in a hundred are acted on, in the prompt or in an answer that repeats it."""
    guardrail = requests(suite)["full"]
    cases = [case for case in shipped[suite] if case.expectation == "allow"]

    stopped = [
        case.id
        for case in cases
        if assess(guardrail, "INPUT", case.texts).action != "NONE"
        or assess(guardrail, "OUTPUT", [case.material or case.prompt]).action != "NONE"
    ]

    assert len(stopped) <= 0.02 * len(cases), stopped


@every_suite
@pytest.mark.parametrize("side", ["INPUT", "OUTPUT"])
def test_canaries_prove_attachment_on_both_sides(suite, side):
    """Each must-act wording is acted on by its own kind of policy, and no must-pass text by any."""
    guardrails = requests(suite)
    for kind, canary in load_suite(suite).canaries.items():
        for cut in ("full", side.lower()):
            for text in canary.must_act:
                assert actions(assess(guardrails[cut], side, [text]), kind) & {"BLOCKED", "ANONYMIZED"}, text
            assert assess(guardrails[cut], side, [canary.must_pass]).action == "NONE"


@every_suite
def test_canaries_of_one_side_pass_on_the_other(suite):
    """A cut really switches the other side off."""
    guardrails = requests(suite)
    for canary in load_suite(suite).canaries.values():
        for text in canary.must_act:
            assert assess(guardrails["input"], "OUTPUT", [text]).action == "NONE"
            assert assess(guardrails["output"], "INPUT", [text]).action == "NONE"
