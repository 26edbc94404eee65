"""What a fault on the way back makes of a recorded call, and how it is judged then."""

from __future__ import annotations

import pytest

from evals.bedrock.trace import CallRecord, Finding, GuardTrace
from evals.drill import KINDS, MARK, plant
from evals.observe import observe
from evals.subject import Subject
from suites.arms import GuardrailRef

OURS = GuardrailRef(id="abcdefghijkl", version="1")
EMAIL = "jane.doe@example.com"
SUBJECT = Subject(
    expectation="protect", side="output", policy="pii", action="mask", payload=EMAIL, category="EMAIL"
)


def call(*findings, text="Write to her.", raw=(), stop="end_turn", sides=("input", "output")):
    acted = any(finding.action != "none" for finding in findings)
    return CallRecord(
        operation="Converse",
        stop_reason="guardrail_intervened" if acted else stop,
        text=text,
        request_id="r-1",
        trace=GuardTrace(
            present=True,
            guardrail=OURS.id,
            version=OURS.version,
            findings=findings,
            intervened=acted,
            sides=sides,
            raw_outputs=raw,
        ),
    )


def found(action, side="output"):
    return Finding(policy="pii", side=side, rule="EMAIL", action=action)


MASKED = call(found("masked"), text="Write to {EMAIL}.", raw=(f"Write to {EMAIL}.",))
BLOCKED = call(found("blocked"), text="Sorry, no.", raw=(f"Write to {EMAIL}.",))


@pytest.mark.parametrize(("kind", "before"), [("masking", MASKED), ("blocking", BLOCKED)])
def test_what_the_guardrail_did_to_the_answer_is_undone(kind, before):
    """The user sees what the model said, and the case is judged as exposed by the ordinary rules."""
    assert observe(SUBJECT, before, OURS).facts.exposed is False

    after = plant(before, kind)
    seen = observe(SUBJECT, after, OURS)

    assert seen.missing is None
    assert (seen.outcome, seen.facts.acted, seen.facts.emitted, seen.facts.exposed) == (
        "answered",
        False,
        True,
        True,
    )


def test_a_block_that_is_invented_is_over_blocking():
    """Nothing was found, and all the same the user gets a message; no policy of a case's own did it."""
    seen = observe(Subject("allow", "input", None, None, None), plant(call(), "overblock"), OURS)

    assert (seen.outcome, seen.missing, seen.facts.guarded) == ("blocked_output", None, True)


def test_a_blocked_input_passes_with_an_empty_answer():
    """It is a miss at the input, and no more is claimed: nobody knows what the model would have said."""
    before = call(found("blocked", "input"), text="Sorry, no.", sides=("input",))
    subject = Subject("protect", "input", "pii", "block", EMAIL, "EMAIL")

    seen = observe(subject, plant(before, "blocking"), OURS)

    assert observe(subject, before, OURS).facts.input_acted is True
    assert (seen.missing, seen.facts.input_acted, seen.facts.exposed) == (None, False, False)


@pytest.mark.parametrize("kind", KINDS)
def test_a_planted_record_says_so(kind):
    """Nobody takes it for what the service said."""
    before = {"masking": MASKED, "blocking": BLOCKED, "overblock": call()}[kind]

    assert plant(before, kind).trace.action_reason == MARK


@pytest.mark.parametrize(
    ("before", "kind"),
    [
        (call(), "masking"),
        (call(), "blocking"),
        (MASKED, "blocking"),
        (MASKED, "overblock"),
        (call(found("masked"), text="Write to {EMAIL}."), "masking"),
        (CallRecord(operation="Converse", error="ThrottlingException: slow down"), "overblock"),
    ],
    ids=["no mask", "no block", "a mask is no block", "acted already", "raw answer unknown", "no answer"],
)
def test_where_there_is_nothing_to_change_nothing_is_changed(before, kind):
    """Such an answer is not counted as struck."""
    assert plant(before, kind) is None


def test_a_mask_beside_a_block_stays_a_block():
    """Undoing the one does not undo the other."""
    both = call(found("masked"), found("blocked"), text="Sorry, no.", raw=(f"Write to {EMAIL}.",))

    after = plant(both, "masking")

    assert after.stop_reason == "guardrail_intervened"
    assert [finding.action for finding in after.trace.findings] == ["blocked"]
