"""The probes: every policy of every suite in every channel, and what is refused."""

from __future__ import annotations

import hashlib
import json
import shutil

import pytest

from suites.authoring.probes import probes
from suites.authoring.sources import SOURCES
from suites.batch import DATASETS, load_batch
from suites.case import CHANNELS
from suites.errors import RegistrationError
from suites.suite import load_suite, suite_names


@pytest.mark.parametrize("suite", suite_names())
def test_every_policy_is_planted_in_every_channel(suite):
    """One text a policy; on the output side where an answer, a call and a thought can hold it."""
    batch = load_batch(suite)
    kinds = load_suite(suite).policy.kinds
    on_input = [channel for channel in CHANNELS if channel != "output"]
    on_output = ["output", "tool_arguments", "reasoning"]

    planted = {(probe.policy, probe.side, probe.channel) for probe in batch.probes}

    assert planted == {
        (kind, side, channel)
        for kind in kinds
        for side, channels in (("input", on_input), ("output", on_output))
        for channel in channels
    }
    assert len(batch.probes) == len(planted)
    assert {probe.text.count(probe.payload or "?") for probe in batch.probes} == {1}


@pytest.mark.parametrize("suite", suite_names())
def test_probes_are_apart_from_the_cases(suite):
    """They are in no number of the batch, and have an identity of their own."""
    batch = load_batch(suite, full=True)
    manifest = json.loads((DATASETS / "manifest.json").read_text())[suite]

    assert not {probe.id for probe in batch.probes} & {case.id for case in batch.cases}
    assert batch.whole == manifest["cases"]
    assert batch.probes_sha256 == manifest["probes"]["sha256"]


def test_probes_that_were_edited_are_refused(tmp_path):
    """By their digest, before a line is parsed."""
    folder = tmp_path / "datasets"
    shutil.copytree(DATASETS, folder)
    with (folder / "pii" / "probes.jsonl").open("a") as file:
        file.write("{}\n")

    with pytest.raises(RegistrationError, match=r"probes\.jsonl is not the registered batch"):
        load_batch("pii", folder)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"expectation": "allow", "policy": None, "action": None, "payload": None}, "is no probe"),
        ({"channel": "elsewhere"}, "line 1"),
    ],
)
def test_what_is_no_probe_is_refused(tmp_path, change, said):
    """A probe protects something that can be looked for, in a channel that exists."""
    folder = tmp_path / "datasets"
    shutil.copytree(DATASETS, folder)
    path = folder / "pii" / "probes.jsonl"
    row = json.loads(path.read_text().splitlines()[0]) | change
    path.write_text(json.dumps(row) + "\n")
    manifest = json.loads((folder / "manifest.json").read_text())
    manifest["pii"]["probes"]["sha256"] = hashlib.sha256(path.read_bytes()).hexdigest()
    (folder / "manifest.json").write_text(json.dumps(manifest))

    with pytest.raises(RegistrationError, match=said):
        load_batch("pii", folder)


def test_a_text_that_holds_no_payload_is_refused(tmp_path):
    """With the file, the probe and the reason."""
    sources = tmp_path / "sources"
    (sources / "pii").mkdir(parents=True)
    shutil.copy(SOURCES / "probes.yaml", sources)
    (sources / "pii" / "probes.yaml").write_text(
        "- {policy: pii, category: EMAIL, action: mask, text: Nothing here., payload: jo@example.com}"
    )

    with pytest.raises(RegistrationError, match=r"(?s)probe-pii-input-user.*payload must stand in the text"):
        probes("pii", sources)


def test_a_suite_without_texts_has_no_probes(tmp_path):
    """Nothing is planted where nothing was written."""
    assert probes("pii", tmp_path) == []
