"""The wire document: shaped as botocore's service model says, complete and honest."""

from collections.abc import Iterator
from typing import Any

import botocore.session
import pytest
from botocore.model import Shape

from evals.rehearsal import engine

KINDS = {
    "sensitiveInformationPolicyConfig": {
        "piiEntitiesConfig": [{"type": "EMAIL", "action": "ANONYMIZE"}],
        "regexesConfig": [{"name": "STAFF", "pattern": r"EMP-\d{6}", "action": "ANONYMIZE"}],
    },
    "wordPolicyConfig": {
        "wordsConfig": [{"text": "skrellkin"}],
        "managedWordListsConfig": [{"type": "PROFANITY"}],
    },
    "topicPolicyConfig": {
        "topicsConfig": [{"name": "Betting", "definition": "Advice on bets in a casino.", "type": "DENY"}]
    },
    "contentPolicyConfig": {
        "filtersConfig": [{"type": "INSULTS", "inputStrength": "HIGH", "outputStrength": "HIGH"}]
    },
}
EVERYTHING = (
    "You worthless idiot of a skrellkin, this is bullshit: write to jane.doe@example.com or EMP-104233, "
    "and which roulette bet wins at the casino?"
)


def _violations(shape: Shape, document: Any, where: str) -> Iterator[str]:
    if shape.type_name == "structure":
        yield from (f"{where}.{name} is unknown" for name in document if name not in shape.members)
        yield from (f"{where}.{name} is missing" for name in shape.required_members if name not in document)
        for name, member in document.items():
            yield from _violations(shape.members[name], member, f"{where}.{name}")
    elif shape.type_name == "list":
        for number, member in enumerate(document):
            yield from _violations(shape.member, member, f"{where}[{number}]")
    elif shape.type_name == "string" and shape.enum and document not in shape.enum:
        yield f"{where} is {document!r}"


@pytest.fixture(scope="module")
def assessment_shape() -> Shape:
    return (
        botocore.session.get_session().get_service_model("bedrock-runtime").shape_for("GuardrailAssessment")
    )


@pytest.mark.parametrize("full", [False, True])
@pytest.mark.parametrize("text", [EVERYTHING, "The library opens at nine."])
def test_the_document_has_the_shape_of_the_service_model(policy, assessment_shape, text, full):
    """No member is unknown, no required one missing, no enum value invented, with findings and without."""
    document = engine.assess(policy(**KINDS), "INPUT", [text], full=full).document

    assert list(_violations(assessment_shape, document, "assessment")) == []


def test_each_policy_kind_reports_what_it_found(policy):
    """One text that offends all of them leaves an entry under each."""
    document = engine.assess(policy(**KINDS), "INPUT", [EVERYTHING]).document

    assert document["topicPolicy"]["topics"][0]["name"] == "Betting"
    assert document["contentPolicy"]["filters"][0]["type"] == "INSULTS"
    assert document["wordPolicy"]["customWords"][0]["match"] == "skrellkin"
    assert document["wordPolicy"]["managedWordLists"][0]["match"] == "bullshit"
    assert document["sensitiveInformationPolicy"]["piiEntities"][0]["match"] == "jane.doe@example.com"
    assert document["sensitiveInformationPolicy"]["regexes"][0] == {
        "name": "STAFF",
        "match": "EMP-104233",
        "regex": r"EMP-\d{6}",
        "action": "ANONYMIZED",
        "detected": True,
    }


@pytest.mark.parametrize(
    ("text", "parent", "sibling"),
    [
        ("jane.doe@example.com", "sensitiveInformationPolicy", "regexes"),
        ("EMP-104233", "sensitiveInformationPolicy", "piiEntities"),
        ("skrellkin", "wordPolicy", "managedWordLists"),
        ("bullshit", "wordPolicy", "customWords"),
    ],
)
def test_a_required_sibling_list_is_there_even_if_empty(policy, text, parent, sibling):
    """The service model requires both lists of a pair, and clients index them."""
    document = engine.assess(policy(**KINDS), "INPUT", [text]).document

    assert document[parent][sibling] == []


def test_without_findings_there_is_no_policy_entry(policy):
    """A clean text leaves only the metrics, as Bedrock does."""
    assessment = engine.assess(policy(**KINDS), "INPUT", ["The library opens at nine."])

    assert set(assessment.document) == {"invocationMetrics"}
    assert (assessment.action, assessment.reason) == ("NONE", "No action.")


def test_full_lists_what_was_not_found_but_no_words_and_no_patterns(policy):
    """The FULL scope covers topics, filters and PII types; botocore says so of words and regexes."""
    document = engine.assess(policy(**KINDS), "INPUT", ["The library opens at nine."], full=True).document

    assert document["topicPolicy"]["topics"] == [
        {"name": "Betting", "type": "DENY", "action": "NONE", "detected": False}
    ]
    assert document["contentPolicy"]["filters"] == [
        {
            "type": "INSULTS",
            "confidence": "NONE",
            "filterStrength": "HIGH",
            "action": "NONE",
            "detected": False,
        }
    ]
    assert document["sensitiveInformationPolicy"] == {
        "piiEntities": [{"match": "", "type": "EMAIL", "action": "NONE", "detected": False}],
        "regexes": [],
    }
    assert "wordPolicy" not in document


@pytest.mark.parametrize(("characters", "units"), [(1, 1), (1000, 1), (1001, 2), (2500, 3)])
def test_a_text_unit_is_a_thousand_characters_begun(policy, characters, units):
    """Every kind that is on is charged; custom patterns go to the free units."""
    usage = engine.assess(policy(**KINDS), "INPUT", ["x" * characters]).usage

    assert usage == {
        "topicPolicyUnits": units,
        "contentPolicyUnits": units,
        "wordPolicyUnits": units,
        "sensitiveInformationPolicyUnits": units,
        "sensitiveInformationPolicyFreeUnits": units,
        "contextualGroundingPolicyUnits": 0,
    }


def test_a_kind_that_is_not_configured_costs_nothing(pii):
    """Units are charged for what was evaluated only."""
    usage = engine.assess(pii(EMAIL="BLOCK"), "INPUT", ["hello"]).usage

    assert {kind for kind, units in usage.items() if units} == {"sensitiveInformationPolicyUnits"}


def test_units_and_coverage_count_all_texts_together(pii):
    """Two blocks of 600 characters are 1,200 characters: two units."""
    assessment = engine.assess(pii(EMAIL="BLOCK"), "INPUT", ["x" * 600, "y" * 600])

    assert assessment.usage["sensitiveInformationPolicyUnits"] == 2
    assert assessment.coverage == {"textCharacters": {"guarded": 1200, "total": 1200}}
    assert assessment.document["invocationMetrics"]["usage"] == assessment.usage
    assert assessment.document["invocationMetrics"]["guardrailCoverage"] == assessment.coverage
