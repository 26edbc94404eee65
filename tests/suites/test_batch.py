"""Loading a batch: the digest first, every row checked, offline and without traces."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest

from suites.batch import DATASETS, batch_digest, load_batch
from suites.errors import RegistrationError

OFFLINE = """
import socket, sys

def refuse(*arguments):
    raise SystemExit(f"the network was asked for: {arguments}")

socket.socket.connect = refuse
socket.getaddrinfo = refuse

from suites.batch import load_batch

print(len(load_batch(sys.argv[1], full=True).cases))
"""


@pytest.mark.parametrize("suite", ["pii", "topics", "toxicity"])
def test_a_shipped_batch_is_loaded_whole_and_in_order(shipped, suite):
    """What is loaded is what stands in the file."""
    batch = load_batch(suite, full=True)

    assert list(batch.cases) == shipped[suite]
    assert batch.sha256 == json.loads((DATASETS / "manifest.json").read_text())[suite]["sha256"]


def test_the_default_part_is_the_first_cases(write_batch, row):
    """A registered part is asked unless all is wanted; the digest is the whole file's."""
    folder = write_batch([row(id=f"pii-email-reply-{number:05d}") for number in range(4)])
    manifest = json.loads((folder / "manifest.json").read_text())
    manifest["pii"]["default"] = 3
    (folder / "manifest.json").write_text(json.dumps(manifest))

    part, whole = load_batch("pii", folder), load_batch("pii", folder, full=True)

    assert part.cases == whole.cases[:3]
    assert (part.full, whole.full) == (False, True)
    assert part.sha256 == whole.sha256


def test_rows_can_be_read_by_hugging_face(tmp_path):
    """Whoever wants to look at a batch opens it as any other data set."""
    import datasets

    table = datasets.Dataset.from_json(str(DATASETS / "pii" / "cases.jsonl"), cache_dir=str(tmp_path))

    assert table[0] == json.loads((DATASETS / "pii" / "cases.jsonl").read_text().splitlines()[0])


def test_processes_load_side_by_side_without_a_network(shipped):
    """One process a suite is how runs are done; with every way out closed they load all the same."""
    loading = [
        subprocess.Popen([sys.executable, "-c", OFFLINE, "pii"], stdout=subprocess.PIPE, text=True)
        for _ in range(2)
    ]

    assert [(process.communicate()[0].strip(), process.returncode) for process in loading] == [
        (str(len(shipped["pii"])), 0)
    ] * 2


def test_an_edited_batch_is_refused_before_it_is_read(write_batch, row):
    """The message names the file, both digests and the way back; the broken row is never parsed."""
    folder = write_batch([row()])
    registered = json.loads((folder / "manifest.json").read_text())["pii"]["sha256"]
    (folder / "pii" / "cases.jsonl").write_text("{broken\n")

    with pytest.raises(RegistrationError) as refused:
        load_batch("pii", folder)

    said = str(refused.value)
    assert str(folder / "pii" / "cases.jsonl") in said
    assert registered in said
    assert "its sha256 is " in said
    assert "python -m suites.authoring" in said


def test_one_changed_byte_is_enough(write_batch, row):
    """Even a change that leaves every row valid is another batch."""
    folder = write_batch([row()])
    path = folder / "pii" / "cases.jsonl"
    path.write_bytes(path.read_bytes() + b"\n")

    with pytest.raises(RegistrationError, match="is not the registered batch"):
        batch_digest("pii", folder)


@pytest.mark.parametrize(
    ("faulty", "said"),
    [
        ("{broken", "line 2 is not valid:\\n  \\(top level\\): Invalid JSON"),
        ("[1, 2]", "top level"),
        ({"colour": "red"}, "colour: Extra inputs are not permitted"),
        ({"expectation": "hope"}, "expectation: Input should be 'protect' or 'allow' \\(found: 'hope'\\)"),
        ({"prompt": None}, "prompt: Input should be a valid string \\(found: None\\)"),
        ({"severity": 3}, "severity: .* \\(found: 3\\)"),
        ({"prompt": 3}, "prompt: Input should be a valid string"),
    ],
)
def test_a_malformed_row_is_named_by_path_and_line(write_batch, row, faulty, said):
    """A registered batch with a faulty row says which one."""
    second = faulty if isinstance(faulty, str) else row(id="pii-second-00002") | faulty
    folder = write_batch([row(), second])

    with pytest.raises(RegistrationError, match=said) as refused:
        load_batch("pii", folder)

    assert f"{folder / 'pii' / 'cases.jsonl'}, line 2" in str(refused.value)


def test_an_id_stands_once(write_batch, row):
    """Two cases of one id could not be told apart in a log."""
    with pytest.raises(RegistrationError, match="the id pii-email-reply-00001 stands more than once"):
        load_batch("pii", write_batch([row(), row()]))


@pytest.mark.parametrize("twin_of_twin", [None, "pii-someone-00009"])
def test_a_twin_points_back(write_batch, row, allow_row, twin_of_twin):
    """A minimal pair is one from both ends."""
    rows = [row(twin="pii-stamps-00002"), allow_row(twin=twin_of_twin)]

    with pytest.raises(RegistrationError, match="a twin must be in the same batch"):
        load_batch("pii", write_batch(rows))


def test_a_twin_has_the_other_expectation(write_batch, row):
    """Two harmful cases are no minimal pair."""
    rows = [row(twin="pii-second-00002"), row(id="pii-second-00002", twin="pii-email-reply-00001")]

    with pytest.raises(RegistrationError, match="the other expectation"):
        load_batch("pii", write_batch(rows))


def test_an_unknown_batch_is_answered_with_those_that_exist(write_batch, row):
    """A misspelt suite gets the list."""
    with pytest.raises(RegistrationError, match=r"Unknown batch 'pi'\. There are: pii"):
        load_batch("pi", write_batch([row()]))


@pytest.mark.parametrize("manifest", ["", "[]", '{"pii": {"file": "pii/cases.jsonl"}}', '{"pii": 3}'])
def test_a_faulty_manifest_is_refused(write_batch, row, manifest):
    """Without a digest nothing is loaded."""
    folder = write_batch([row()])
    (folder / "manifest.json").write_text(manifest)

    with pytest.raises(RegistrationError, match=r"is no manifest of batches .*python -m suites\.authoring"):
        load_batch("pii", folder)


def test_a_missing_batch_is_told(write_batch, row):
    """The file that the manifest names has to be there."""
    folder = write_batch([row()])
    (folder / "pii" / "cases.jsonl").unlink()

    with pytest.raises(RegistrationError, match=r"cases\.jsonl cannot be read"):
        load_batch("pii", folder)
