"""What a case may and may not say."""

from __future__ import annotations

import pytest
from pydantic import ValidationError

from suites.case import Case


def test_a_complete_row_is_a_case(row):
    """The schema accepts what docs/cases.md describes."""
    assert Case.model_validate(row()).payload == "jdoe@example.com"


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"policy": None}, "needs policy"),
        ({"action": None}, "needs action"),
        ({"payload": None}, "needs payload"),
        ({"material": None}, "needs material"),
        ({"prompt": "Read this back: Write to jdoe@example.com."}, "between <text> and </text>"),
        ({"payload": "other@example.com"}, "payload must stand in the material"),
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


@pytest.mark.parametrize("field", [{"policy": "pii"}, {"action": "mask"}, {"payload": "How"}])
def test_an_allow_case_protects_nothing(allow_row, field):
    """Where nothing may act there is no policy, action or payload."""
    with pytest.raises(ValidationError, match="an allow case has no policy, action or payload"):
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
