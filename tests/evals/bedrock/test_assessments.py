from __future__ import annotations

from typing import Any

import pytest

from evals.bedrock.assessments import Wanted, read_apply, read_converse
from evals.bedrock.trace import GuardTrace

OURS = Wanted("abc123", "3")
APPLIED = {"guardrailId": "abc123", "guardrailVersion": "3", "guardrailOrigin": ["REQUEST"]}
THEIRS = {"guardrailId": "zzz999", "guardrailVersion": "1", "guardrailOrigin": ["ACCOUNT_ENFORCED"]}


def pii(action: str, **more: Any) -> dict[str, Any]:
    entry = {"match": "jo@example.com", "type": "EMAIL", "action": action, **more}
    return {"sensitiveInformationPolicy": {"piiEntities": [entry], "regexes": []}}


def assessment(*parts: dict[str, Any], applied: dict[str, Any] | None = APPLIED) -> dict[str, Any]:
    metrics = {"usage": {"sensitiveInformationPolicyUnits": 1, "sensitiveInformationPolicyFreeUnits": 5}}
    document: dict[str, Any] = {"invocationMetrics": metrics}
    for part in parts:
        document |= part
    return document | ({"appliedGuardrailDetails": applied} if applied else {})


def converse(stop: str = "end_turn", **trace: Any) -> dict[str, Any]:
    return {"stopReason": stop, "trace": {"guardrail": trace}}


def on_input(*parts: dict[str, Any]) -> dict[str, Any]:
    return {"inputAssessment": {"abc123": assessment(*parts)}}


ABSENT = "carries no assessment by our guardrail"
UNEXPLAINED = "no finding of our guardrail explains"
NO_STOP = "a finding says blocked"
OK = None

TRACES: dict[str, tuple[Any, str | None, str | None]] = {
    # what the trace holds: (trace.guardrail, doubt if intervened, doubt with any other stop reason)
    "trace disabled": (None, ABSENT, ABSENT),
    "empty trace": ({}, ABSENT, ABSENT),
    "no assessments": ({"inputAssessment": {}, "outputAssessments": {}}, ABSENT, ABSENT),
    "only the model's words": ({"modelOutput": ["hi"]}, ABSENT, ABSENT),
    "nothing found": (on_input(), UNEXPLAINED, OK),
    "empty assessment of ours": ({"inputAssessment": {"abc123": {}}}, UNEXPLAINED, OK),
    "blocked on input": (on_input(pii("BLOCKED")), OK, NO_STOP),
    "masked on input": (on_input(pii("ANONYMIZED")), OK, OK),
    "found, not acted on": (on_input(pii("NONE", detected=True)), UNEXPLAINED, OK),
    "looked for, not found": (on_input(pii("NONE", detected=False)), UNEXPLAINED, OK),
    "blocked, detected absent": (on_input(pii("BLOCKED")), OK, NO_STOP),
    "blocked, detected false": (on_input(pii("BLOCKED", detected=False)), OK, NO_STOP),
    "masked on output": (
        {
            "inputAssessment": {"abc123": assessment()},
            "outputAssessments": {"abc123": [assessment(pii("ANONYMIZED"))]},
        },
        OK,
        OK,
    ),
    "blocked on output": (
        {
            "inputAssessment": {"abc123": assessment()},
            "outputAssessments": {"abc123": [assessment(pii("BLOCKED"))]},
        },
        OK,
        NO_STOP,
    ),
    "the second of two output assessments blocked": (
        {"outputAssessments": {"abc123": [assessment(), assessment(pii("BLOCKED"))]}},
        OK,
        NO_STOP,
    ),
    "masked on input, blocked on output": (
        {
            "inputAssessment": {"abc123": assessment(pii("ANONYMIZED"))},
            "outputAssessments": {"abc123": [assessment(pii("BLOCKED"))]},
        },
        OK,
        NO_STOP,
    ),
    "action unknown here": (on_input(pii("REDACTED")), "action REDACTED", "action REDACTED"),
    "policy unknown here acts": (
        on_input({"contextualGroundingPolicy": {"filters": [{"type": "GROUNDING", "action": "BLOCKED"}]}}),
        "contextualGroundingPolicy.filters with action BLOCKED",
        "contextualGroundingPolicy.filters with action BLOCKED",
    ),
    "policy unknown here does not act": (
        on_input({"contextualGroundingPolicy": {"filters": [{"type": "GROUNDING", "action": "NONE"}]}}),
        UNEXPLAINED,
        OK,
    ),
    "another guardrail alone": (
        {"inputAssessment": {"zzz999": assessment(pii("BLOCKED"), applied=THEIRS)}},
        "zzz999 version 1 (ACCOUNT_ENFORCED)",
        "zzz999 version 1 (ACCOUNT_ENFORCED)",
    ),
    "another guardrail beside ours acted": (
        {
            "inputAssessment": {
                "abc123": assessment(),
                "zzz999": assessment(pii("BLOCKED"), applied=THEIRS),
            }
        },
        "zzz999 version 1 (ACCOUNT_ENFORCED)",
        OK,
    ),
    "another guardrail beside ours, ours acted": (
        {
            "inputAssessment": {
                "abc123": assessment(pii("BLOCKED")),
                "zzz999": assessment(applied=THEIRS),
            }
        },
        OK,
        NO_STOP,
    ),
    "another version of ours": (
        {"inputAssessment": {"abc123": assessment(applied={**APPLIED, "guardrailVersion": "2"})}},
        "abc123 version 2",
        "abc123 version 2",
    ),
    "ours, but only the account enforces it": (
        {
            "inputAssessment": {
                "abc123": assessment(applied={**APPLIED, "guardrailOrigin": ["ACCOUNT_ENFORCED"]})
            }
        },
        "abc123 version 3 (ACCOUNT_ENFORCED)",
        "abc123 version 3 (ACCOUNT_ENFORCED)",
    ),
    "ours by its key, another by its details": (
        {"inputAssessment": {"abc123": assessment(applied=THEIRS)}},
        "zzz999",
        "zzz999",
    ),
    "no id anywhere": (
        {"inputAssessment": {"": assessment(pii("BLOCKED"), applied=None)}},
        "unnamed",
        "unnamed",
    ),
    "ours by its key alone": (
        {"inputAssessment": {"abc123": assessment(pii("BLOCKED"), applied=None)}},
        OK,
        NO_STOP,
    ),
}


@pytest.mark.parametrize(
    "stop", ["guardrail_intervened", "end_turn", "max_tokens", "stop_sequence", "content_filtered"]
)
@pytest.mark.parametrize("name", TRACES)
def test_trace_and_stop_reason_must_tell_the_same_story(name: str, stop: str) -> None:
    """Every combination of trace, action and stop reason is an observation, or says why it is none."""
    guardrail, if_intervened, otherwise = TRACES[name]
    response = {"stopReason": stop, **({"trace": {"guardrail": guardrail}} if guardrail is not None else {})}

    doubt = read_converse(response, OURS).doubt

    expected = if_intervened if stop == "guardrail_intervened" else otherwise
    assert (doubt is None) if expected is None else (doubt is not None and expected in doubt)


@pytest.mark.parametrize("name", TRACES)
def test_present_means_an_assessment_of_ours(name: str) -> None:
    """`present` is false exactly where the doubt is that our guardrail is not there."""
    guardrail, _, doubt = TRACES[name]
    trace = read_converse({"stopReason": "end_turn", "trace": {"guardrail": guardrail}}, OURS)

    ours = doubt in {None, NO_STOP} or doubt.endswith(("REDACTED", "BLOCKED"))
    assert trace.present is ours
    assert (trace.guardrail, trace.version) == (("abc123", "3") if ours else (None, None))
    assert (trace.sides != ()) is ours


@pytest.mark.parametrize(
    ("action", "detected", "expected"),
    [
        ("BLOCKED", True, "blocked"),
        ("BLOCKED", None, "blocked"),
        ("BLOCKED", False, "blocked"),
        ("ANONYMIZED", True, "masked"),
        ("ANONYMIZED", None, "masked"),
        ("NONE", True, "none"),
        ("NONE", None, "none"),
        ("NONE", False, None),
    ],
)
def test_action_decides_and_detected_may_be_absent(
    action: str, detected: bool | None, expected: str | None
) -> None:
    """A finding counts by its action; without one, unless the entry says that it was not detected."""
    more = {} if detected is None else {"detected": detected}
    trace = read_converse(converse(**on_input(pii(action, **more))), OURS)
    assert [finding.action for finding in trace.findings] == ([expected] if expected else [])


@pytest.mark.parametrize(
    ("part", "policy", "rule", "confidence"),
    [
        (
            {"topicPolicy": {"topics": [{"name": "Betting", "type": "DENY", "action": "BLOCKED"}]}},
            "topic",
            "Betting",
            None,
        ),
        (
            {"contentPolicy": {"filters": [{"type": "HATE", "confidence": "LOW", "action": "BLOCKED"}]}},
            "content",
            "HATE",
            "LOW",
        ),
        (
            {"wordPolicy": {"customWords": [{"match": "zqx", "action": "BLOCKED"}], "managedWordLists": []}},
            "word",
            "CUSTOM",
            None,
        ),
        (
            {
                "wordPolicy": {
                    "customWords": [],
                    "managedWordLists": [{"match": "zqx", "type": "PROFANITY", "action": "BLOCKED"}],
                }
            },
            "profanity",
            "PROFANITY",
            None,
        ),
        (pii("BLOCKED"), "pii", "EMAIL", None),
        (
            {
                "sensitiveInformationPolicy": {
                    "piiEntities": [],
                    "regexes": [{"name": "Staff", "match": "E-1", "regex": "E-.", "action": "BLOCKED"}],
                }
            },
            "regex",
            "Staff",
            None,
        ),
        (
            {
                "sensitiveInformationPolicy": {
                    "piiEntities": [],
                    "regexes": [{"match": "E-1", "action": "BLOCKED"}],
                }
            },
            "regex",
            "CUSTOM",
            None,
        ),
    ],
)
def test_each_policy_has_its_kind_and_rule(
    part: dict[str, Any], policy: str, rule: str, confidence: str | None
) -> None:
    """A finding says which rule of which policy it is, and never what was found."""
    trace = read_converse(converse("guardrail_intervened", **on_input(part)), OURS)
    (finding,) = trace.findings
    assert (finding.policy, finding.rule, finding.confidence) == (policy, rule, confidence)
    assert "E-1" not in trace.model_dump_json()
    assert "zqx" not in trace.model_dump_json()


def test_content_filter_without_confidence_found_nothing() -> None:
    """A full trace lists filters with the confidence NONE; those are no findings."""
    part = {"contentPolicy": {"filters": [{"type": "HATE", "confidence": "NONE", "action": "NONE"}]}}
    assert read_converse(converse(**on_input(part)), OURS).findings == ()


def test_sides_are_told_apart() -> None:
    """A finding belongs to the side whose assessment holds it."""
    trace = read_converse(
        converse(
            "guardrail_intervened",
            inputAssessment={"abc123": assessment(pii("ANONYMIZED"))},
            outputAssessments={"abc123": [assessment(pii("BLOCKED"))]},
        ),
        OURS,
    )
    assert [(finding.side, finding.action) for finding in trace.findings] == [
        ("input", "masked"),
        ("output", "blocked"),
    ]
    assert trace.sides == ("input", "output")


def test_findings_of_others_are_not_ours() -> None:
    """A guardrail that the account enforces is named, and its findings are left to it."""
    trace = read_converse(
        converse(
            inputAssessment={
                "abc123": assessment(pii("ANONYMIZED")),
                "zzz999": assessment(pii("BLOCKED"), applied=THEIRS),
            }
        ),
        OURS,
    )
    assert [finding.action for finding in trace.findings] == ["masked"]
    assert trace.others == ("zzz999 version 1 (ACCOUNT_ENFORCED)",)


def test_guardrail_may_be_named_by_arn() -> None:
    """An ARN in the request and an id in the trace are the same guardrail."""
    wanted = Wanted("arn:aws:bedrock:us-east-1:111122223333:guardrail/abc123", "3")
    trace = read_converse(converse(**on_input()), wanted)
    assert trace.present
    assert trace.guardrail == "abc123"


def test_units_are_summed_over_sides_without_the_free_ones() -> None:
    """Text units of both sides add up; what costs nothing is left out."""
    both = {
        "inputAssessment": {"abc123": assessment()},
        "outputAssessments": {"abc123": [assessment(), assessment()]},
    }
    assert read_converse(converse(**both), OURS).units == 3


def test_raw_outputs_and_reason_are_kept() -> None:
    """What the model said before the guardrail is the evidence for emission."""
    trace = read_converse(converse(**on_input(), modelOutput=["raw"], actionReason="No action."), OURS)
    assert trace.raw_outputs == ("raw",)
    assert trace.action_reason == "No action."


def apply(action: str | None = "NONE", assessments: Any = ({},), **more: Any) -> GuardTrace:
    usage = {"sensitiveInformationPolicyUnits": 2}
    response = {"action": action, "usage": usage, "assessments": list(assessments), **more}
    return read_apply({key: value for key, value in response.items() if value is not None}, OURS, "output")


APPLY: dict[str, tuple[Any, bool, str | None, str | None]] = {
    # what is assessed: (assessments, present, doubt if intervened, doubt if not)
    "one empty assessment": ([{}], True, UNEXPLAINED, OK),
    "no assessment": ([], True, UNEXPLAINED, OK),
    "blocked": ([assessment(pii("BLOCKED"))], True, OK, NO_STOP),
    "masked": ([assessment(pii("ANONYMIZED"))], True, OK, OK),
    "found, not acted on": ([assessment(pii("NONE", detected=True))], True, UNEXPLAINED, OK),
    "without details": ([assessment(pii("BLOCKED"), applied=None)], True, OK, NO_STOP),
    "another guardrail's": ([assessment(pii("BLOCKED"), applied=THEIRS)], False, "zzz999", "zzz999"),
    "another version's": (
        [assessment(applied={**APPLIED, "guardrailVersion": "2"})],
        False,
        "abc123 version 2",
        "abc123 version 2",
    ),
}


@pytest.mark.parametrize("action", ["GUARDRAIL_INTERVENED", "NONE"])
@pytest.mark.parametrize("name", APPLY)
def test_apply_action_and_assessments_must_tell_the_same_story(name: str, action: str) -> None:
    """The guardrail alone is read by the same rules."""
    assessments, present, if_intervened, otherwise = APPLY[name]
    trace = apply(action, assessments)
    expected = if_intervened if action == "GUARDRAIL_INTERVENED" else otherwise
    assert trace.present is present
    assert (trace.doubt is None) if expected is None else expected in str(trace.doubt)


@pytest.mark.parametrize("lacking", [{"action": None}, {"usage": None}])
def test_apply_answer_without_its_required_members_shows_no_guardrail(lacking: dict[str, Any]) -> None:
    """An endpoint that answers anything with an empty document is no guardrail."""
    assert not apply(**lacking).present


def test_apply_units_come_from_the_answer_itself() -> None:
    """ApplyGuardrail reports its usage beside the assessments."""
    assert apply(assessments=[assessment()]).units == 2
