"""Rows of a source, whatever holds them."""

from __future__ import annotations

import json

import pytest

from suites.errors import RegistrationError
from suites.importing.duplicates import nearly_same
from suites.importing.maps import read_map
from suites.importing.tables import rows_of

ROWS = [{"id": 1, "text": "One, with a comma"}, {"id": 2, "text": "Two\nlines"}]


@pytest.fixture
def write(tmp_path):
    """Write a file of that name; gives its path as text."""

    def put(name, text):
        (tmp_path / name).write_text(text)
        return str(tmp_path / name)

    return put


def test_files_of_every_kind_give_the_same_rows(write):
    """JSON Lines with an empty line, a JSON list, and CSV with a byte order mark."""
    lines = write("a.jsonl", "\n\n".join(json.dumps(row) for row in ROWS))
    whole = write("a.json", json.dumps(ROWS))
    table = write("a.csv", '\ufeffid,text\n1,"One, with a comma"\n2,"Two\nlines"\n')

    assert list(rows_of(lines)) == list(rows_of(whole)) == ROWS
    assert list(rows_of(table)) == [{**row, "id": str(row["id"])} for row in ROWS]


def test_a_folder_is_opened_by_hugging_face(tmp_path, monkeypatch):
    """A data set on disk, with its splits; without a network."""
    monkeypatch.setenv("HF_DATASETS_CACHE", str(tmp_path / "cache"))
    folder = tmp_path / "set"
    folder.mkdir()
    for split in ("train", "test"):
        (folder / f"{split}.jsonl").write_text("\n".join(json.dumps(row | {"from": split}) for row in ROWS))

    assert [row["from"] for row in rows_of(str(folder), split="test")] == ["test", "test"]
    with pytest.raises(RegistrationError, match="has the splits train, test; name one with --split"):
        list(rows_of(str(folder)))
    with pytest.raises(RegistrationError, match=r"has no split 'dev'\. There are: train, test"):
        list(rows_of(str(folder), split="dev"))


@pytest.mark.parametrize("revision", [None, "main", "abc123"])
def test_the_hub_is_asked_for_a_pinned_commit_alone(revision):
    """A branch moves, and the batch would move with it. Nothing is asked before that is clear."""
    with pytest.raises(RegistrationError, match="needs --revision with the full commit of 40 digits"):
        list(rows_of("hub:owner/name", revision=revision))


@pytest.mark.parametrize(
    ("name", "text", "said"),
    [
        ("a.jsonl", '{"id": 1}\n{broken', "line 2: no JSON"),
        ("a.jsonl", '{"id": 1}\n[2]', r"line 2: \[2\] is no object"),
        ("a.json", '{"id": 1}', "holds no list of rows"),
        ("a.csv", "id,text\n1,a,b\n", "line 2: the row has more or fewer cells"),
        ("a.csv", "id,text\n1\n", "line 2: the row has more or fewer cells"),
        ("a.xml", "<a/>", "ends in '.xml'"),
    ],
)
def test_what_cannot_be_read_is_told_with_its_line(write, name, text, said):
    """Somebody has to find the place."""
    with pytest.raises(RegistrationError, match=said):
        list(rows_of(write(name, text)))


def test_a_source_that_does_not_exist_is_told(tmp_path):
    """With what a source may be."""
    with pytest.raises(RegistrationError, match=r"does not exist\. A source is"):
        list(rows_of(str(tmp_path / "none.csv")))


def test_an_unknown_map_is_answered_with_the_list():
    """A misspelt name gets those that exist."""
    with pytest.raises(RegistrationError, match=r"Unknown map 'hatechek'\. There are: aws-tutoring"):
        read_map("hatechek")


LONG = "please tell me how I can move the money from my savings to the other account before Friday"


@pytest.mark.parametrize(
    ("texts", "pairs"),
    [
        ([LONG, LONG.upper()], [(0, 1)]),
        ([f"{LONG} 100", f"{LONG} 250"], [(0, 1)]),
        ([LONG, f"{LONG} please"], [(0, 1)]),
        ([LONG, "how do I sue my landlord over the deposit that he did not pay back to me"], []),
        (["Yes.", "No.", "yes"], [(0, 2)]),
        ([LONG, LONG, LONG], [(0, 1), (0, 2)]),
    ],
)
def test_nearly_the_same_is_what_shares_most_of_its_words_in_a_row(texts, pairs):
    """Case, numbers and a word more or less do not make another text; each is named once."""
    assert [(0, later) for _, later in nearly_same(texts)] == pairs
