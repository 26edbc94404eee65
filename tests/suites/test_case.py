"""What a case may and may not say."""

from __future__ import annotations

import pytest
from pydantic import ValidationError

from suites.case import Case

EMAIL = {"start": 9, "end": 25, "type": "EMAIL"}
NOTE = {"role": "system", "text": "Write to jdoe@example.com.", "subject": True}
ASKED = {"role": "user", "text": "Whom do I write to?"}


def test_a_complete_row_is_a_case(row):
    """The schema accepts what docs/cases.md describes."""
    assert Case.model_validate(row()).payload == "jdoe@example.com"


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"policy": None}, "needs policy"),
        ({"action": None}, "needs action"),
        ({"payload": None}, "needs payload"),
        ({"material": None, "payload": "Read"}, "needs material"),
        ({"prompt": "Read this back: Write to jdoe@example.com."}, "between <text> and </text>"),
        ({"payload": "other@example.com"}, "payload must stand in the text that matters"),
        ({"channel": "user"}, "channel is `output` where side is"),
        ({"spans": [{"start": 9, "end": 99, "type": "EMAIL"}]}, "outside of the text that matters"),
        ({"spans": [EMAIL, EMAIL]}, "in order and apart"),
        ({"policy": "word", "spans": [EMAIL]}, "for personal data alone"),
        ({"id": "PII 1"}, "should match pattern"),
        ({"id": "p" * 81}, "at most 80 characters"),
        ({"side": "tool"}, "'input' or 'output'"),
        ({"action": "delete"}, "'block', 'mask' or 'detect'"),
        ({"policy": "vibes"}, "'pii', 'regex', 'word'"),
        ({"language": "english"}, "should match pattern"),
        ({"prompt": ""}, "at least 1 character"),
        ({"colour": "red"}, "Extra inputs are not permitted"),
    ],
)
def test_a_faulty_protect_case_is_refused(row, fields, said):
    """Each fault of a protect case is told with what is allowed."""
    with pytest.raises(ValidationError, match=said):
        Case.model_validate(row(**fields))


@pytest.mark.parametrize(
    "field",
    [
        {"policy": "pii"},
        {"action": "mask"},
        {"payload": "How"},
        {"spans": [{"start": 0, "end": 3, "type": "NAME"}]},
    ],
)
def test_an_allow_case_protects_nothing(allow_row, field):
    """Where nothing may act there is no policy, action, payload or span."""
    with pytest.raises(ValidationError, match="an allow case has no policy, action, payload or spans"):
        Case.model_validate(allow_row(**field))


@pytest.mark.parametrize(
    ("expectation", "side", "cut"),
    [
        ("protect", "input", "input"),
        ("protect", "output", "output"),
        ("allow", "input", "full"),
        ("allow", "output", "full"),
    ],
)
def test_the_cut_follows_from_expectation_and_side(row, allow_row, expectation, side, cut):
    """Protect cases meet the cut of their side, allow cases the whole policy."""
    make = row if expectation == "protect" else allow_row

    assert Case.model_validate(make(side=side)).cut == cut


@pytest.mark.parametrize(
    ("channel", "before"),
    [
        ("system", [NOTE]),
        ("history", [NOTE | {"role": "user"}, ASKED | {"role": "assistant"}]),
        ("history", [ASKED, NOTE | {"role": "assistant"}]),
        ("tool_result", [ASKED, NOTE | {"role": "tool"}]),
        ("unguarded", [NOTE | {"role": "user"}]),
        ("tool_definition", [NOTE | {"role": "tool_definition"}]),
        ("tool_arguments", [ASKED, NOTE | {"role": "tool_call"}]),
        ("reasoning", [ASKED, NOTE | {"role": "reasoning"}]),
    ],
)
def test_the_text_that_matters_may_lie_before_the_prompt(row, channel, before):
    """It is the subject among the turns; payload and spans are found there."""
    case = Case.model_validate(
        row(side="input", channel=channel, before=before, prompt="Well?", material=None, spans=[EMAIL])
    )

    assert case.text == NOTE["text"]
    assert case.texts == (*(turn["text"] for turn in before), "Well?")
    assert [case.text[span.start : span.end] for span in case.spans] == ["jdoe@example.com"]


@pytest.mark.parametrize(
    ("channel", "before", "said"),
    [
        ("system", [], "needs a turn that is its subject"),
        ("tool_result", [NOTE], "a turn of system is no text of the channel tool_result"),
        ("user", [NOTE], "a turn of system is no text of the channel user"),
        ("history", [], "needs earlier turns"),
        ("system", [NOTE, NOTE], "2 turns are the subject"),
        ("system", [ASKED, NOTE], "a system prompt comes first"),
    ],
)
def test_a_conversation_that_does_not_fit_its_channel_is_refused(row, channel, before, said):
    """A channel that is named is one that holds the text."""
    with pytest.raises(ValidationError, match=said):
        Case.model_validate(row(side="input", channel=channel, before=before, material=None))


@pytest.mark.parametrize("channel", ["output", "tool_arguments", "reasoning"])
def test_an_answer_has_channels_too(row, channel):
    """What a model sends to tools and what it thinks may be what matters, and needs no earlier turn."""
    assert Case.model_validate(row(channel=channel)).text == "Write to jdoe@example.com."


@pytest.mark.parametrize(("policy", "judged"), [("content", True), ("topic", True), ("pii", False)])
def test_meaning_may_do_without_a_payload(row, policy, judged):
    """What an answer does with a topic takes a judge; a value is found or it is not."""
    fields = row(policy=policy, action="block", payload=None, material=None, prompt="Write an insult.")

    if judged:
        assert Case.model_validate(fields).judged
    else:
        with pytest.raises(ValidationError, match="needs payload"):
            Case.model_validate(fields)
