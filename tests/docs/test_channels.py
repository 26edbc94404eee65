"""The page of channels: thirty-two rows, and every play that it names is a test that there is."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

CHECKOUT = Path(__file__).parents[2]
ROW = re.compile(r"^\| C(\d+) \| (.+?) \| (.+?) \| (.+?) \|$", re.MULTILINE)
PLAY = re.compile(r"^`(tests/[\w/]+\.py)::(\w+)`$")
ROWS = {
    int(number): (what, play, says)
    for number, what, play, says in ROW.findall((CHECKOUT / "docs" / "channels.md").read_text("utf-8"))
}
PLAYED = {number: found for number, (_, play, _) in ROWS.items() if (found := PLAY.match(play))}


def test_every_channel_has_a_row():
    """Thirty-two of them, each with words for what it is and for what is said of it."""
    assert list(ROWS) == list(range(1, 33))
    assert all(what and says for what, _, says in ROWS.values())


def test_nearly_all_are_played_and_the_rest_say_that_they_are_not():
    """A row names a test, or admits that there is none."""
    assert len(PLAYED) >= 31
    assert {play for number, (_, play, _) in ROWS.items() if number not in PLAYED} <= {"not played"}
    assert len({found[0] for found in PLAYED.values()}) == len(PLAYED)


@pytest.mark.parametrize("number", sorted(PLAYED))
def test_a_play_that_is_named_exists(number):
    """A test of that name stands in that file and asserts something; a play of ours says whose it is."""
    path, name = PLAYED[number].groups()
    functions = {
        node.name: node
        for node in ast.parse((CHECKOUT / path).read_text("utf-8")).body
        if isinstance(node, ast.FunctionDef)
    }

    assert name.startswith("test_")
    assert any(isinstance(node, ast.Assert) for node in ast.walk(functions[name]))
    if path.startswith("tests/channels/"):
        assert (ast.get_docstring(functions[name]) or "").startswith(f"C{number}: ")


def test_every_play_has_a_row():
    """A play that the page does not name would not be found."""
    named = {f"{found[1]}::{found[2]}" for found in PLAYED.values()}
    plays = {
        f"tests/channels/{path.name}::{node.name}"
        for path in (CHECKOUT / "tests" / "channels").glob("test_*.py")
        for node in ast.parse(path.read_text("utf-8")).body
        if isinstance(node, ast.FunctionDef) and node.name.startswith("test_")
    }

    assert plays <= named
