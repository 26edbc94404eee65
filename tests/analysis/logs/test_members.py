"""A log's own members say the same as Inspect's reader, and are not trusted where they look otherwise."""

from __future__ import annotations

import json
import math
import shutil
import subprocess
import sys
import zipfile

import pytest
from inspect_ai.log import read_eval_log, write_eval_log

from analysis.logs import by_inspect, members


def kinds(logs):
    """Samples of every kind that a log can hold."""
    long = logs.sample("case-3", candidate="leaked")
    long.scores["parity"].metadata = {
        "candidate": {"findings": ["x" * 2000]},
        "reference": {"why": "y" * 900},
    }
    return [
        logs.sample("case-1", candidate="leaked", control="missing"),
        logs.sample("case-2", error="TimeoutError: too slow\nmore"),
        long,
        logs.sample("case-4", kind="allow", candidate="overblocked", epoch=2),
        logs.sample("case-5", scores=None),
        logs.sample("case-6", metadata={"text": "word  " * 900, "list": [1, 2], "nothing": None}),
    ]


def plain(contents):
    """The contents with something equal to itself in the place of NaN."""
    return json.loads(json.dumps([contents.__dict__, contents.samples]).replace("NaN", '"NaN"'))


@pytest.mark.parametrize(
    "how",
    [
        {},
        {"status": "cancelled"},
        {"status": "error", "error": "RuntimeError: no region\nmore"},
        {"metadata": {}},
    ],
    ids=["success", "cancelled", "error", "nothing registered"],
)
def test_both_ways_say_the_same(logs, how):
    """Every field of every sample, of logs that ended in each way."""
    path = (
        logs.write(kinds(logs), epochs=2, **how) if "metadata" not in how else logs.write(kinds(logs), **how)
    )

    ours, theirs = members.read(path), by_inspect.read(path)

    assert ours is not None
    assert plain(ours) == plain(theirs)
    assert any(math.isnan(fact) for fact in ours.samples[0].score.value.values())


def test_both_ways_say_the_same_of_a_log_that_inspect_wrote_again(logs):
    """A log that was read and written, as an edit of a score does, reads alike."""
    path = logs.write(kinds(logs), epochs=2)
    write_eval_log(read_eval_log(str(path)), str(path))

    assert plain(members.read(path)) == plain(by_inspect.read(path))


def change(path, member, edit):
    """Write the log again with one member edited; None takes it out."""
    other = path.with_suffix(".new")
    with zipfile.ZipFile(path) as old, zipfile.ZipFile(other, "w") as new:
        for name in old.namelist():
            content = old.read(name)
            if name == member and (content := edit(content)) is None:
                continue
            new.writestr(name, content)
    shutil.move(other, path)


def edited(**fields):
    """An edit that sets fields of a document, or of each document in a list."""

    def edit(content):
        document = json.loads(content)
        for each in document if isinstance(document, list) else [document]:
            each.update(fields)
        return json.dumps(document)

    return edit


@pytest.mark.parametrize(
    ("member", "edit"),
    [
        ("summaries.json", lambda _: None),
        ("header.json", lambda _: None),
        ("header.json", edited(version=3)),
        ("header.json", edited(status="started")),
        ("summaries.json", edited(epoch="first")),
        ("summaries.json", edited(metadata=None)),
        ("summaries.json", edited(scores={"other": {"value": 1}})),
        ("summaries.json", lambda content: content[:-20]),
        ("summaries.json", lambda _: "{}"),
    ],
    ids=["no summaries", "no header", "version", "status", "epoch", "metadata", "scores", "cut", "no list"],
)
def test_what_is_not_as_expected_is_left_to_inspect(logs, member, edit):
    """Nothing is guessed from a member that another version may have written."""
    path = logs.write([logs.sample("case-1")])
    change(path, member, edit)

    assert members.read(path) is None


@pytest.mark.parametrize(
    "cut", [0, 10, 2000, -30], ids=["empty", "10 bytes", "2,000 bytes", "without its end"]
)
def test_a_file_that_was_cut_short_is_left_to_inspect(logs, cut):
    """Only Inspect's reader says that a log is damaged."""
    path = logs.write([logs.sample("case-1")])
    path.write_bytes(path.read_bytes()[:cut])

    assert members.read(path) is None


def test_compressed_data_that_was_damaged_is_left_to_inspect(logs):
    """Nor does an error of the decompression come out."""
    path = logs.write([logs.sample(f"case-{place}") for place in range(9)])
    with zipfile.ZipFile(path) as archive:
        member = archive.getinfo("summaries.json")
    content = bytearray(path.read_bytes())
    middle = member.header_offset + 60 + member.compress_size // 2
    content[middle : middle + 40] = bytes(40)
    path.write_bytes(content)

    assert members.read(path) is None


def test_a_sample_that_was_asked_again_counts_once(logs):
    """Of two rows of one case and epoch the later one counts, as Inspect has it."""
    path = logs.write([logs.sample("case-1"), logs.sample("case-2")])
    change(path, "summaries.json", lambda content: json.dumps([*json.loads(content), json.loads(content)[0]]))

    assert plain(members.read(path)) == plain(by_inspect.read(path))
    assert len(members.read(path).samples) == 2


def test_a_member_whose_checksum_is_wrong_is_not_believed(logs):
    """A word that was changed without its checksum counts for nothing here."""
    path = logs.write([logs.sample("case-1")])
    change(path, "", None)
    path.write_bytes(path.read_bytes().replace(b'"expectation":"protect"', b'"expectation":"allow--"'))

    assert b"allow--" in path.read_bytes()
    assert members.read(path) is None


def test_a_comparison_of_finished_logs_does_not_import_inspect(logs):
    """Two seconds of import are spent only where a log needs them."""
    logs.write([logs.sample("case-1")])
    told = "import sys; from pathlib import Path; from analysis.compare import compare;"
    told += f"compare(Path({str(logs.folder)!r})); print('inspect_ai' in sys.modules)"

    ended = subprocess.run([sys.executable, "-c", told], capture_output=True, text=True, check=True)

    assert ended.stdout.strip() == "False"
