"""`parity drill` on a finished rehearsal."""

from __future__ import annotations

import json
import shutil

import pytest

pytestmark = pytest.mark.slow


@pytest.fixture
def run(glance, tmp_path):
    """A small finished rehearsal that may be written to."""
    return shutil.copytree(glance.folder, tmp_path / "run")


def test_a_drill_plants_compares_and_finishes_what_was_begun(parity, run):
    """Every masked answer is changed at a rate of 1; a second start asks for no repetition again."""
    logs = {path: path.read_bytes() for path in run.rglob("*.eval")}
    given = ("drill", run, "--kind", "masking", "--repeats", 2)

    ended = parity(*given, "--rates", "1.0", "--json")

    told = json.loads(ended.out)
    (planted,) = told["points"]
    assert ended.code == 0, ended.all
    assert (planted["kind"], planted["rate"], planted["noticed"]["of"]) == ("masking", 1.0, 2)
    assert planted["struck"] >= 1
    assert told["rehearsal"] is True
    assert (run / "drill" / "drill.png").read_bytes().startswith(b"\x89PNG")
    again = json.loads(parity(*given, "--rates", "0.5,1.0", "--json").out)
    assert again["points"][0] == planted
    assert again["points"][1]["struck"] <= planted["struck"]
    assert {path: path.read_bytes() for path in run.rglob("*.eval")} == logs


@pytest.mark.parametrize(("rates", "message"), [("2", "2 is no fraction in (0, 1]"), ("a", "give fractions")])
def test_rates_that_are_none_are_refused(parity, run, rates, message):
    """With what would be right."""
    ended = parity("drill", run, "--rates", rates)

    assert ended.code == 2
    assert message in " ".join(ended.err.split())
