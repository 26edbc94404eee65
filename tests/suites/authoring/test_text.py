"""Texts that know where their values stand."""

from __future__ import annotations

import json

from hypothesis import given
from hypothesis import strategies as st

from suites.authoring.text import Marked, Piece

WORDS = st.text(st.characters(exclude_characters="{}", exclude_categories=["Cs"]), max_size=12)
PIECES = st.lists(st.builds(Piece, WORDS, st.sampled_from([None, "EMAIL", "PHONE"])), min_size=1, max_size=6)


@given(PIECES, WORDS, WORDS)
def test_spans_follow_their_values_into_every_setting(pieces, before, after):
    """Whatever stands around them, in code points, in order and apart."""
    marked = Marked.of(pieces)

    for setting in (marked, marked.within(f"{before}{{text}}{after}", "{text}")):
        values = [(span.type, setting.text[span.start : span.end]) for span in setting.spans]
        assert values == [(piece.type, piece.text) for piece in pieces if piece.type and piece.text]


@given(PIECES)
def test_a_json_setting_escapes_and_keeps_the_spans(pieces):
    """The document can be read, and says the text; spans are those of the escaped values."""
    marked = Marked.of(pieces)

    record = marked.within('{"comment": "{text}"}', "{text}")

    assert json.loads(record.text) == {"comment": marked.text}
    values = [record.text[span.start : span.end] for span in record.spans]
    assert [json.loads(f'"{value}"') for value in values] == [p.text for p in pieces if p.type and p.text]


def test_a_capital_is_for_words_and_not_for_values():
    """A user name that begins with a small letter keeps it."""
    assert Marked.of([Piece("our baker sings")]).capitalised().text == "Our baker sings"
    assert Marked.of([Piece("jdoe", "USERNAME"), Piece(" sings")]).capitalised().text == "jdoe sings"
