from __future__ import annotations

import pytest

from analysis.errors import RequestError
from analysis.show import case_view


@pytest.fixture
def leak(logs):
    """A case that leaked on the candidate, with the records of both calls in its store."""
    sample = logs.sample("pii-email-1", candidate="leaked")
    sample.metadata |= {"material": "jane@example.com", "payload": "jane@example.com"}
    finding = {"policy": "pii", "side": "output", "rule": "EMAIL", "action": "masked", "confidence": None}
    sample.store = {
        "guardrail": {"id": "abcdefghijkl", "version": "1"},
        "call:reference": {
            "text": "It is {EMAIL}.",
            "reasoning": "",
            "trace": {"findings": [finding], "raw_outputs": ["It is jane@example.com."]},
        },
        "call:candidate": {"text": "It is jane@example.com.", "reasoning": "Let me see", "trace": {}},
    }
    logs.write([sample, logs.sample("pii-email-2")])
    return logs


def test_a_case_is_shown_with_prompt_and_facts(leak):
    """What was asked and what was expected stand beside each other."""
    view = case_view(leak.folder, "pii-email-1")

    assert (view.suite, view.case, view.rehearsal) == ("pii", "pii-email-1", True)
    assert view.epochs[0].prompt == "prompt of pii-email-1"
    assert (view.facts["expectation"], view.facts["action"]) == ("protect", "mask")
    assert view.payload == "jane@example.com"


def test_both_answers_are_shown_before_and_after_the_guardrail(leak):
    """What the user saw, what the model said, what it thought."""
    arms = case_view(leak.folder, "pii-email-1").epochs[0].arms

    assert arms["reference"].text == "It is {EMAIL}."
    assert arms["reference"].raw == ("It is jane@example.com.",)
    assert arms["candidate"].text == "It is jane@example.com."
    assert (arms["reference"].reasoning, arms["candidate"].reasoning) == (None, "Let me see")


def test_both_traces_are_shown(leak):
    """Each finding reads as policy, rule, side and action."""
    arms = case_view(leak.folder, "pii-email-1").epochs[0].arms

    assert arms["reference"].findings == ("pii:EMAIL:output:masked",)
    assert arms["candidate"].findings == ()
    assert (arms["reference"].outcome, arms["candidate"].outcome) == ("masked", "answered")


def test_the_judgement_is_shown_by_metric(leak):
    """Exactly the metrics that the pair counts for, each with who failed."""
    judgement = case_view(leak.folder, "pii-email-1").epochs[0].judgement

    assert judgement == {
        "exposure": "only the candidate failed",
        "uncaught": "only the candidate failed",
    }


def test_an_arm_without_a_record_is_shown_as_such(leak):
    """No call on record is None, not an empty answer."""
    control = case_view(leak.folder, "pii-email-1").epochs[0].arms["control"]

    assert control.text is None
    assert control.facts["acted"] is True


def test_a_missing_arm_says_why(logs):
    """The reason stands where the answer would."""
    logs.write([logs.sample("case-1", candidate="missing")])

    (epoch,) = case_view(logs.folder, "case-1").epochs

    assert epoch.arms["candidate"].missing == "ThrottlingException: slow down"
    assert epoch.judgement == {"exposure": "missing", "uncaught": "missing", "wrong_action": "missing"}


def test_every_epoch_is_shown(logs):
    """A case that was asked three times is shown three times, in order."""
    logs.write([logs.sample("case-1", epoch=epoch) for epoch in (3, 1, 2)], epochs=3)

    assert [epoch.epoch for epoch in case_view(logs.folder, "case-1").epochs] == [1, 2, 3]


def test_an_unknown_case_is_answered_with_near_ones(leak):
    """A slip of the finger finds the case that was meant."""
    with pytest.raises(
        RequestError, match=r"has the case 'pii-emial-1'\. Near it are: pii-email-1, pii-email-2\."
    ):
        case_view(leak.folder, "pii-emial-1")
