"""Masks: labels, places that overlap, and that nothing of a masked value stays."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from evals.rehearsal import engine
from evals.rehearsal.masking import Mask, masked

VALUES = {
    "EMAIL": ["jane.doe@example.com", "r.roe@mail.test", "mary+news@example.org"],
    "PHONE": ["212-555-0142", "(312) 555-0107", "+1 646 555 0199", "020 7946 0958"],
    "US_SOCIAL_SECURITY_NUMBER": ["987-65-4321", "987 65 4320", "666-12-3456"],
    "CREDIT_DEBIT_CARD_NUMBER": ["4111 1111 1111 1111", "5555-5555-5555-4444", "378282246310005"],
    "IP_ADDRESS": ["192.0.2.17", "203.0.113.254"],
    "INTERNATIONAL_BANK_ACCOUNT_NUMBER": ["GB82 WEST 1234 5698 7654 32", "DE89370400440532013000"],
    "AWS_ACCESS_KEY": ["AKIAIOSFODNN7EXAMPLE"],
    "UK_NATIONAL_INSURANCE_NUMBER": ["QQ 12 34 56 C", "QQ123456A"],
}
PIECES = st.one_of(
    st.sampled_from(
        ["Please note", "and then", "the office said", "(urgent)", "\n", "- ", '"quoted"', "über alles"]
    ),
    st.sampled_from([value for values in VALUES.values() for value in values]),
)


def test_the_label_is_the_type_or_the_patterns_name(policy):
    """Bedrock puts the name of what it found in braces."""
    guardrail = policy(
        sensitiveInformationPolicyConfig={
            "piiEntitiesConfig": [{"type": "EMAIL", "action": "ANONYMIZE"}],
            "regexesConfig": [{"name": "Staff number", "pattern": r"EMP-\d{6}", "action": "ANONYMIZE"}],
        }
    )

    assessment = engine.assess(guardrail, "OUTPUT", ["jane.doe@example.com is EMP-104233."])

    assert assessment.texts == ("{EMAIL} is {Staff number}.",)


def test_overlapping_places_become_one_mask_over_both():
    """Nothing of the shorter one's rest stays readable."""
    shown = masked("abcdefghij", [Mask(1, 6, "LONG", 0.5), Mask(4, 8, "SHORT", 0.9)])

    assert shown == "a{LONG}ij"


def test_of_equally_long_places_the_surest_names_the_mask():
    """A pattern of the policy is surer than a guess of a detector."""
    assert masked("0123456789", [Mask(2, 5, "GUESS", 0.5), Mask(2, 5, "RULE", 1.0)]) == "01{RULE}56789"


def test_touching_places_stay_two_masks():
    """The end of a place is not part of it."""
    assert masked("abcd", [Mask(0, 2, "A", 1), Mask(2, 4, "B", 1)]) == "{A}{B}"


def test_an_empty_match_of_a_pattern_is_no_finding(policy):
    """A pattern like `x*` would otherwise find something between all letters."""
    guardrail = policy(
        sensitiveInformationPolicyConfig={
            "regexesConfig": [{"name": "x", "pattern": "x*", "action": "ANONYMIZE"}]
        }
    )

    assessment = engine.assess(guardrail, "OUTPUT", ["no such letter"])

    assert (assessment.action, assessment.texts) == ("NONE", ("no such letter",))


@given(st.lists(PIECES, min_size=1, max_size=6))
def test_no_masked_value_stays_in_the_text(pieces):
    """Whatever reserved values are strung together, what was reported as masked is gone."""
    text = " ; ".join(pieces)
    entities = [{"type": name, "action": "ANONYMIZE"} for name in VALUES]
    guardrail = {
        "blockedInputMessaging": "no",
        "blockedOutputsMessaging": "no",
        "sensitiveInformationPolicyConfig": {"piiEntitiesConfig": entities},
    }

    assessment = engine.assess(guardrail, "OUTPUT", [text])

    values = {value for group in VALUES.values() for value in group}
    assert not [value for value in values & set(pieces) if value in assessment.texts[0]]
    if policies := assessment.document.get("sensitiveInformationPolicy"):
        assert not [entry for entry in policies["piiEntities"] if entry["match"] in assessment.texts[0]]


@given(st.text(min_size=1, max_size=40), st.data())
def test_masking_keeps_everything_outside_the_places(text, data):
    """Taking the masks out leaves exactly the characters that no place covers."""
    places = data.draw(
        st.lists(
            st.tuples(st.integers(0, len(text) - 1), st.integers(1, len(text))).filter(lambda p: p[0] < p[1]),
            max_size=4,
        )
    )
    label = "~MASK~"

    shown = masked(text, [Mask(start, end, label, 1.0) for start, end in places])

    covered = {place for start, end in places for place in range(start, end)}
    kept = "".join(character for place, character in enumerate(text) if place not in covered)
    assert shown.replace("{" + label + "}", "") == kept


@pytest.mark.parametrize("name", VALUES)
def test_a_value_is_masked_as_its_type(pii, name):
    """Each value of the table is found as what it is."""
    for value in VALUES[name]:
        assessment = engine.assess(pii(**{name: "ANONYMIZE"}), "OUTPUT", [f"It says {value} there."])

        assert assessment.texts == (f"It says {{{name}}} there.",)
