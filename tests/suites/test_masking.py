"""What was masked of a text: values, wholly or in part, and what beside them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from suites.case import Span
from suites.masking import Mask, Tally, masking, tally

TEXT = "Jane Doe and John Stiles wrote to jane@example.com today."
NAMES = [Span(start=0, end=8, type="NAME"), Span(start=13, end=24, type="NAME")]
SPANS = [*NAMES, Span(start=34, end=50, type="EMAIL")]


@pytest.mark.parametrize(
    ("masked", "how", "collateral"),
    [
        (TEXT, ["not", "not", "not"], 0),
        ("{NAME} and {NAME} wrote to {EMAIL} today.", ["fully", "fully", "fully"], 0),
        ("{NAME} and John Stiles wrote to {EMAIL} today.", ["fully", "not", "fully"], 0),
        ("{NAME} and John {NAME} wrote to jane@example.com {AGE}", ["fully", "partly", "not"], 6),
        ("{NAME} wrote to {EMAIL} today.", ["fully", "fully", "fully"], 3),
        ("{NAME} and {NAME} wrote to {USERNAME}@example.com today.", ["fully", "fully", "partly"], 0),
        ("{NAME}{NAME} wrote to {EMAIL} today.", ["fully", "fully", "fully"], 3),
        ("{NAME} and {NAME} {PHONE} to {EMAIL} today.", ["fully", "fully", "fully"], 5),
    ],
)
def test_values_and_what_is_beside_them(masked, how, collateral):
    """Each value is fully, partly or not masked; other characters behind a mask are collateral."""
    seen = masking(TEXT, SPANS, masked)
    assert ([each.masked for each in seen.spans], seen.collateral) == (how, collateral)


def test_another_types_mask_is_seen():
    """A mask hides a value whatever its name; that it bears another one is told."""
    seen = masking(TEXT, SPANS, "{USERNAME} and {NAME} wrote to {EMAIL} today.")
    assert [(each.labels, each.as_its_type) for each in seen.spans] == [
        (("USERNAME",), False),
        (("NAME",), True),
        (("EMAIL",), True),
    ]


@pytest.mark.parametrize(
    "masked", ["Sorry, that is not shown here.", "{NAME} and {NAME} wrote to {EMAIL}, today.", "{NAME}!", ""]
)
def test_another_text_says_nothing(masked):
    """A blocking message or a changed answer is no masked text."""
    assert masking(TEXT, SPANS, masked) is None


def test_braces_of_the_original_are_no_masks():
    """A template's `{NAME}` that stands in the text itself hides nothing."""
    text = "Dear {NAME}, Jane says hello."
    seen = masking(text, [Span(start=13, end=17, type="NAME")], "Dear {NAME}, {NAME} says hello.")
    assert (seen.masks, seen.collateral) == ((Mask(13, 17, "NAME"),), 0)


def test_of_several_layings_the_one_at_the_values_counts():
    """Between equal words the masks go where the values are."""
    spans = [Span(start=2, end=3, type="PIN"), Span(start=4, end=5, type="AGE")]
    seen = masking("1 2 3 4", spans, "1 {PIN} {AGE} 4")
    assert seen.masks == (Mask(2, 3, "PIN"), Mask(4, 5, "AGE"))


@given(st.data())
def test_what_was_masked_is_found_again(data):
    """Whichever of the places of a text are masked, recall and collateral are those that were put there."""
    words = data.draw(st.lists(st.text(alphabet="abcdefgh", min_size=1, max_size=6), min_size=3, max_size=12))
    text, spans, pieces, expected, beside = "", [], [], [], 0
    for number, word in enumerate(words):
        marked = f"{word}{number}"
        is_value, is_masked = data.draw(st.booleans()), data.draw(st.booleans())
        if is_value:
            spans.append(Span(start=len(text), end=len(text) + len(marked), type="NAME"))
            expected.append("fully" if is_masked else "not")
        elif is_masked:
            beside += len(marked)
        pieces.append("{NAME}" if is_masked else marked)
        text += marked + "; "
    seen = masking(text, spans, "".join(f"{piece}; " for piece in pieces))
    assert ([each.masked for each in seen.spans], seen.collateral) == (expected, beside)


def test_counts_over_texts_are_by_type():
    """Values count under their own type, collateral under the mask's name."""
    whole, part = "{NAME} and {NAME} wrote to {EMAIL} today.", "{AGE} and John {NAME} wrote to {EMAIL} {AGE}."
    counts = tally(masking(TEXT, SPANS, masked) for masked in (whole, part))
    assert counts == {
        "AGE": Tally(collateral=5),
        "EMAIL": Tally(spans=2, fully=2, as_its_type=2),
        "NAME": Tally(spans=4, fully=3, partly=1, as_its_type=3),
    }


def test_a_text_full_of_blanks_is_laid_over_in_no_time():
    """Many masks between pieces that stand everywhere: the work grows with length times masks, no faster."""
    text = " ".join(["a"] * 2000)
    masked = " ".join(["{NAME}" if number % 40 == 0 else "a" for number in range(2000)])
    assert len(masking(text, [], masked).masks) == 50
