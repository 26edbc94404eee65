"""`parity interval`: the oracle's numbers, and what is said of numbers that are none."""

from __future__ import annotations

import json

import pytest
from click.testing import CliRunner

from parity.cli import main


def interval(*words):
    """The command with these words."""
    return CliRunner().invoke(main, ["interval", *words])


def counts(candidate="7", reference="1", pairs="21"):
    """Three counts as they are typed."""
    return ["--candidate-only", candidate, "--reference-only", reference, "--pairs", pairs]


def test_numbers_are_the_oracles():
    """Fay and Lumbard's limits for 7 and 1 of 21 by the R package exact2x2, to its own tolerance."""
    answer = json.loads(interval(*counts(), "--json").stdout)

    assert answer["difference"] == pytest.approx(6 / 21)
    assert (answer["low"], answer["high"]) == pytest.approx((-0.02045, 0.54550), abs=5e-5)


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (
            [*counts(), "--margin", "2"],
            "margin is 2.0; it must be a fraction between 0 and 1, for example 0.01. For",
        ),
        ([*counts(), "--margin", "2"], "For 2 % write 0.02"),
        ([*counts(), "--margin", "0"], "margin is 0.0"),
        ([*counts(), "--margin", "-0.01"], "margin is -0.01"),
        (counts(pairs="0"), "pairs is 0; without a pair"),
        (counts(pairs="7"), "make 8.0 pairs, but pairs is 7.0"),
        (counts(candidate="-1"), "candidate_only is -1.0"),
        (counts(reference="nan"), "reference_only is nan"),
        (counts(pairs="inf"), "pairs is inf"),
    ],
)
def test_numbers_that_are_no_table_are_named(words, said):
    """The count or margin, its value, and what is allowed; exit code 2."""
    result = interval(*words)

    assert result.exit_code == 2
    assert said in " ".join(result.output.split())
