"""ApplyGuardrail: what the guardrail alone answers."""

from __future__ import annotations

WORD_AND_EMAIL = {
    "wordPolicyConfig": {"wordsConfig": [{"text": "krakatoa"}]},
    "sensitiveInformationPolicyConfig": {"piiEntitiesConfig": [{"type": "EMAIL", "action": "ANONYMIZE"}]},
}
POLICIES = {
    "contentPolicy",
    "sensitiveInformationPolicy",
    "topicPolicy",
    "wordPolicy",
}


def test_clean_text_gives_no_outputs(aws):
    """Action NONE comes with empty outputs and one assessment without findings."""
    answer = aws.apply(aws.guardrail(**WORD_AND_EMAIL), "A quiet afternoon.")

    assert (answer["action"], answer["actionReason"], answer["outputs"]) == ("NONE", "No action.", [])
    assert len(answer["assessments"]) == 1
    assert not POLICIES & set(answer["assessments"][0])


def test_masked_text_gives_one_output_for_each_block(aws):
    """Blocks come back in their order, masked where there was something to mask."""
    answer = aws.apply(
        aws.guardrail(**WORD_AND_EMAIL), "Write to ada@example.com.", "Nothing here.", source="OUTPUT"
    )

    assert answer["action"] == "GUARDRAIL_INTERVENED"
    assert answer["actionReason"] == "Guardrail masked."
    assert answer["outputs"] == [{"text": "Write to {EMAIL}."}, {"text": "Nothing here."}]


def test_blocked_text_gives_the_message_of_its_side(aws):
    """One output whatever the number of blocks: the message for input or for output."""
    identifier = aws.guardrail(**WORD_AND_EMAIL)

    asked = aws.apply(identifier, "krakatoa", "ada@example.com")
    heard = aws.apply(identifier, "krakatoa", "ada@example.com", source="OUTPUT")

    assert asked["outputs"] == [{"text": "Input stopped."}]
    assert heard["outputs"] == [{"text": "Output stopped."}]
    assert asked["actionReason"] == heard["actionReason"] == "Guardrail blocked."


def test_match_keeps_the_original_text(aws):
    """The trace holds what was masked, as it does at AWS."""
    answer = aws.apply(aws.guardrail(**WORD_AND_EMAIL), "Write to ada@example.com.")

    assert answer["assessments"][0]["sensitiveInformationPolicy"] == {
        "piiEntities": [
            {"type": "EMAIL", "match": "ada@example.com", "action": "ANONYMIZED", "detected": True}
        ],
        "regexes": [],
    }


def test_assessment_names_guardrail_and_version(aws):
    """Evidence that it was this guardrail in this version."""
    identifier = aws.guardrail()
    aws.control.create_guardrail_version(guardrailIdentifier=identifier)

    answer = aws.apply(identifier, "Hello.", guardrailVersion="1")

    details = answer["assessments"][0]["appliedGuardrailDetails"]
    assert (details["guardrailId"], details["guardrailVersion"]) == (identifier, "1")
    assert details["guardrailOrigin"] == ["REQUEST"]


def test_usage_counts_begun_thousands_of_characters(aws):
    """A text unit is up to 1,000 characters; policies that are not configured cost nothing."""
    answer = aws.apply(aws.guardrail(**WORD_AND_EMAIL), "a" * 1001)

    assert answer["usage"]["wordPolicyUnits"] == 2
    assert answer["usage"]["sensitiveInformationPolicyUnits"] == 2
    assert answer["usage"]["topicPolicyUnits"] == 0
    assert answer["guardrailCoverage"] == {"textCharacters": {"guarded": 1001, "total": 1001}}


def test_side_that_is_switched_off_is_not_evaluated(aws):
    """A rule with inputEnabled false does nothing to input, costs nothing, and still acts on output."""
    identifier = aws.guardrail(
        wordPolicyConfig={"wordsConfig": [{"text": "krakatoa", "inputEnabled": False}]}
    )

    asked = aws.apply(identifier, "krakatoa")
    heard = aws.apply(identifier, "krakatoa", source="OUTPUT")

    assert (asked["action"], asked["usage"]["wordPolicyUnits"]) == ("NONE", 0)
    assert asked["assessments"][0]["appliedGuardrailDetails"]["guardrailId"] == identifier
    assert heard["action"] == "GUARDRAIL_INTERVENED"


def test_full_scope_also_lists_what_was_not_found(aws):
    """FULL names topics and filters that stayed silent; words are listed only when found."""
    identifier = aws.guardrail(
        wordPolicyConfig={"wordsConfig": [{"text": "krakatoa"}]},
        topicPolicyConfig={
            "topicsConfig": [
                {"name": "Tides", "definition": "Times of high water at sea.", "type": "DENY"},
            ]
        },
    )

    brief = aws.apply(identifier, "Hello.")["assessments"][0]
    full = aws.apply(identifier, "Hello.", outputScope="FULL")["assessments"][0]

    assert not POLICIES & set(brief)
    assert full["topicPolicy"]["topics"] == [
        {"name": "Tides", "type": "DENY", "action": "NONE", "detected": False}
    ]
    assert "wordPolicy" not in full


def test_guard_content_is_the_plain_meaning_of_a_block(aws):
    """The qualifier guard_content changes nothing where no grounding is configured."""
    identifier = aws.guardrail()

    answer = aws.runtime.apply_guardrail(
        guardrailIdentifier=identifier,
        guardrailVersion="DRAFT",
        source="INPUT",
        content=[{"text": {"text": "krakatoa", "qualifiers": ["guard_content"]}}],
    )

    assert answer["action"] == "GUARDRAIL_INTERVENED"
