"""`parity drill` on a finished rehearsal."""

from __future__ import annotations

import json
import shutil

import pytest

from parity.end_to_end import undisturbed
from suites.errors import RegistrationError

pytestmark = pytest.mark.slow


@pytest.fixture
def run(glance, tmp_path):
    """A small finished rehearsal that may be written to."""
    return shutil.copytree(glance.folder, tmp_path / "run")


def test_a_drill_plants_compares_and_finishes_what_was_begun(parity, run):
    """Every masked answer is changed at a rate of 1, and as by a service that is broken after the proof.

    A second start asks for no repetition again.
    """
    logs = {path: path.read_bytes() for path in run.rglob("*.eval")}
    given = ("drill", run, "--kind", "masking", "--repeats", 2)

    ended = parity(*given, "--rates", "1.0", "--live", 1, "--json")

    assert ended.code == 0, ended.all
    told = json.loads(ended.out)
    planted, whole = told["points"]
    assert (planted["kind"], planted["rate"], planted["noticed"]["of"]) == ("masking", 1.0, 2)
    assert planted["struck"] >= 1
    assert told["rehearsal"] is True
    assert (run / "drill" / "drill.png").read_bytes().startswith(b"\x89PNG")
    (found,) = told["agreement"]
    assert (whole["replayed"], whole["noticed"]["of"], found["runs"]) == (False, 1, 1)
    assert found["struck"] == found["concerned"] == planted["struck"]
    assert found["as_replayed"] + sum(found["otherwise"].values()) == found["struck"]
    assert found["as_replayed"] >= found["struck"] - 1
    assert (found["unforeseen"], found["others"], found["ended_alike"]) == (0, 0, 1)
    again = json.loads(parity(*given, "--rates", "0.5,1.0", "--json").out)
    assert again["points"][0] == planted
    assert again["points"][-1]["struck"] <= planted["struck"]
    assert {path: path.read_bytes() for path in run.rglob("*.eval")} == logs


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"plants": ["masking=0.1"]}, r"was made with faults \(masking=0\.1\)\. Leave --live out"),
        ({"faults_sha256": "0" * 64}, r"was made with faults \(those of a file of faults\)"),
        ({"rehearsal": False}, r"this run asked AWS\. Leave it out"),
    ],
)
def test_runs_from_end_to_end_begin_with_an_undisturbed_one(tmp_path, changes, message):
    """Anything else is refused, with what it was and what to do."""
    fields = {"rehearsal": True, "suites": ["pii"], "suite_versions": {}, "batches": {}, "arms": "rehearsal"}
    (tmp_path / "manifest.json").write_text(json.dumps({**fields, "arms_sha256": "0" * 64, **changes}))

    with pytest.raises(RegistrationError, match=message):
        undisturbed(tmp_path)


@pytest.mark.parametrize(("rates", "message"), [("2", "2 is no fraction in (0, 1]"), ("a", "give fractions")])
def test_rates_that_are_none_are_refused(parity, run, rates, message):
    """With what would be right."""
    ended = parity("drill", run, "--rates", rates)

    assert ended.code == 2
    assert message in " ".join(ended.err.split())
