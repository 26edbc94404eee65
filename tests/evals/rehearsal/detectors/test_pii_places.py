"""Places of personal data: they match the text, do not overlap, and go to the right type."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from evals.rehearsal.detectors.pii.detector import TYPES, PiiDetector, resolve
from evals.rehearsal.detectors.protocol import Detection

WRITTEN = st.lists(
    st.one_of(
        st.text(max_size=12),
        st.sampled_from(
            [
                "jane.doe@example.com",
                "https://example.com/?to=jane.doe@example.com",
                "4111 1111 1111 1111",
                "212-555-0142",
                "SSN 987-65-4321",
                "Dr. Jane Doe",
                "password: ExamplePassw0rd!",
                "2024-03-15",
                "\uff11\uff12\uff13",
                "\U0001f600",
            ]
        ),
    ),
    max_size=6,
).map(" ".join)


@given(WRITTEN)
def test_places_lie_in_the_text_and_do_not_overlap(text):
    """Offsets are code points of the text as given, in order."""
    found = PiiDetector(TYPES).detect(text)

    assert found == sorted(found)
    assert all(0 <= finding.start < finding.end <= len(text) for finding in found)
    assert all(one.end <= other.start for one, other in pairwise(found))


def test_the_longest_of_overlapping_findings_is_kept():
    """An address in the parameters of a URL is part of the URL."""
    found = PiiDetector({"URL", "EMAIL"}).detect("https://example.com/?to=jane.doe@example.com")

    assert [finding.rule for finding in found] == ["URL"]


def test_a_configured_type_is_found_inside_one_that_is_not():
    """Where only EMAIL is configured, the URL around it hides nothing."""
    found = PiiDetector({"EMAIL"}).detect("https://example.com/?to=jane.doe@example.com")

    assert [finding.rule for finding in found] == ["EMAIL"]


def test_of_equally_long_findings_the_surest_is_kept():
    """A passing check digit or a nearer word decides."""
    kept = resolve(
        [Detection(0, 9, "ONE", 0.6), Detection(0, 9, "OTHER", 0.9), Detection(3, 5, "INSIDE", 1.0)]
    )

    assert kept == [Detection(0, 9, "OTHER", 0.9)]


@pytest.mark.parametrize(
    ("text", "types"),
    [
        (
            "Routing number 110000000, account number 000123456789.",
            ["US_BANK_ROUTING_NUMBER", "US_BANK_ACCOUNT_NUMBER"],
        ),
        ("SSN 987654321 and passport 000000000", ["US_SOCIAL_SECURITY_NUMBER", "US_PASSPORT_NUMBER"]),
        ("user jdoe_example, password Correct-Horse-Example-1", ["USERNAME", "PASSWORD"]),
    ],
)
def test_the_nearest_word_names_a_number(personal, text, types):
    """Of two cues in reach, the nearer one counts."""
    assert [rule for rule, _ in personal(text)] == types


def test_a_number_that_is_surely_something_else_is_not_the_next_best_type():
    """A routing number is no social security number where routing numbers are not configured."""
    text = "My social worker asked for the routing number 110000000."

    assert PiiDetector({"US_SOCIAL_SECURITY_NUMBER"}).detect(text) == []
