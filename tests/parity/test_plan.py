"""`parity plan` with typed numbers, as a user types it."""

from __future__ import annotations

import json

import pytest
from click.testing import CliRunner

from parity.cli import main


@pytest.fixture
def plan():
    """Type `parity plan` within this process."""

    def run(*arguments):
        return CliRunner().invoke(main, ["plan", *map(str, arguments)])

    return run


def test_a_margin_is_answered_with_the_pairs_it_needs(parity):
    """The studied number, in a sentence, with the loss that they would catch."""
    ended = parity("plan", "--margin", "0.01", "--discordance", "0.004")

    assert ended.code == 0, ended.all
    assert "552 pairs show them to be within 10 per 1,000, with a chance of 80%." in ended.out
    assert "call a regression, with a chance of 80%: 15.5 per 1,000." in ended.out


def test_pairs_are_answered_with_the_margin_they_can_show(plan):
    """As JSON: fractions, and null where nothing was asked."""
    ended = plan("--pairs", "300", "--discordance", "0", "--json")

    document = json.loads(ended.stdout)
    assert document["margin_shown"] == pytest.approx(1 - 0.05 ** (1 / 300), rel=1e-3)
    assert document["pairs_needed"] is None
    assert document["margin"] is None


def test_what_was_seen_is_taken_at_its_upper_limit(plan):
    """3 of 400 may be 19 in 1,000."""
    document = json.loads(plan("--margin", "0.02", "--seen", "3/400", "--json").stdout)

    assert document["discordance"] == pytest.approx(0.01927, abs=1e-5)


def test_a_larger_family_needs_a_larger_loss(plan):
    """--family corrects the regression, not the sign-off."""
    alone, among = (
        json.loads(plan("--margin", "0.02", "--pairs", 400, "--discordance", 0.01, "--json", *more).stdout)
        for more in ([], ["--family", "15"])
    )

    assert alone["regression_caught"] < among["regression_caught"]
    assert alone["pairs_needed"] == among["pairs_needed"]


def test_a_picture_is_drawn_where_asked(plan, tmp_path):
    """The command names it."""
    ended = plan("--pairs", "300", "--discordance", "0.01", "-o", tmp_path / "power.png")

    assert ended.exit_code == 0, ended.output
    assert "power.png" in ended.stdout
    assert (tmp_path / "power.png").read_bytes().startswith(b"\x89PNG")


def test_what_no_batch_can_show_is_said(plan):
    """Not an error: an answer."""
    ended = plan("--margin", "0.0000001", "--discordance", "0.01")

    assert ended.exit_code == 0, ended.output
    assert "No number of pairs up to 2,000,000 shows them to be within 0.0001 per 1,000" in ended.stdout


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ([], ["--margin", "--pairs", "folder"]),
        (["--margin", "0.01"], ["--discordance 0.004", "--seen 3/400"]),
        (["--margin", "0.01", "--discordance", "0.1", "--seen", "3/400"], ["in one way"]),
        (["--margin", "2", "--discordance", "0.1"], ["margin is 2", "write 0.02"]),
        (["--margin", "-0.01", "--discordance", "0.1"], ["margin is -0.01"]),
        (["--margin", "0.01", "--discordance", "5"], ["discordance is 5", "write 0.05"]),
        (["--margin", "0.01", "--seen", "three of 400"], ["three of 400", "3/400"]),
        (["--margin", "0.01", "--seen", "7/4"], ["7 of 4 pairs"]),
        (["--pairs", "0", "--discordance", "0.1"], ["--pairs", "0"]),
        (["--pairs", "9", "--discordance", "0.1", "--power", "80"], ["power is 80"]),
        (["--pairs", "9", "--discordance", "0.1", "-o", "power.jpg"], ["power.jpg", ".png"]),
        (["nowhere"], ["nowhere"]),
    ],
)
def test_what_cannot_be_planned_is_refused_with_what_would(plan, arguments, said):
    """Exit code 2, the culprit, and the way to say it."""
    ended = plan(*arguments)

    assert ended.exit_code == 2, ended.output
    for words in said:
        assert words in ended.stderr
