"""No protected value of a real run gets into its pack or its messages."""

from __future__ import annotations

import zipfile

import pytest

from analysis.report import write_report
from parity.pack.assemble import assemble
from parity.telling.tell import tell
from suites.batch import load_batch

pytestmark = pytest.mark.slow

LONG_ENOUGH = 7
"""Characters from which on a value is not found by chance."""


def test_no_value_and_no_prompt_of_a_run_leaves_its_folder(glance, tmp_path):
    """Every value that was to be protected, and every prompt, of the cases that were asked."""
    suites = ("pii", "topics", "toxicity")
    by_suite = {suite: load_batch(suite).cases[:12] for suite in suites}
    secrets = {case.prompt for cases in by_suite.values() for case in cases}
    # The words that toxicity blocks are in the guardrail's configuration, which a pack has to hold.
    secrets |= {value for case in by_suite["pii"] for value, _ in case.values}
    secrets = {each.encode() for each in secrets if each and len(each) >= LONG_ENOUGH}

    assemble(glance.folder, tmp_path / "x.zip")
    page = tmp_path / "page.md"
    write_report(glance.folder, tmp_path / "x.xml")
    tell(glance.folder, environment={"GITHUB_STEP_SUMMARY": str(page), "GITHUB_OUTPUT": str(page)})

    with zipfile.ZipFile(tmp_path / "x.zip") as archive:
        told = {name: archive.read(name) for name in archive.namelist()}
    told |= {"junit": (tmp_path / "x.xml").read_bytes(), "github": page.read_bytes()}
    assert len(secrets) > 30
    assert not [(name, each) for name, content in told.items() for each in secrets if each in content]
    assert not [name for name, content in told.items() if b'"match"' in content]
