"""Texts made legible."""

from __future__ import annotations

from analysis.quotes import LONGEST, legible


def test_a_character_that_turns_the_line_round_is_written_out() -> None:
    """A right-to-left override cannot rearrange what a reader sees."""
    assert legible("pay \u202e001") == "pay [U+202E]001"


def test_a_character_that_shows_nothing_is_written_out() -> None:
    """Zero-width disguises and terminal escapes become visible."""
    assert legible("a\u200bb\x1b[2J\x00") == "a[U+200B]b[U+001B][2J[U+0000]"


def test_lines_and_tabs_stay() -> None:
    """Tables and paragraphs keep their shape."""
    assert legible("a\tb\nc") == "a\tb\nc"


def test_a_long_text_is_cut_and_says_so() -> None:
    """The rest is in the log, and counted."""
    text = legible("x" * (LONGEST + 1234))

    assert text.startswith("x" * LONGEST)
    assert text.endswith("\n[… 1,234 more characters in the log]")
