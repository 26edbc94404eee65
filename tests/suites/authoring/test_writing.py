"""Writing `datasets/`: the same bytes again, whole files, a check that finds every difference."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from suites.authoring.__main__ import main
from suites.authoring.cards import read_words
from suites.authoring.sources import SOURCES, Category, read_categories
from suites.authoring.wrappers import read_wrappers
from suites.authoring.writing import batch_files, differing, write
from suites.batch import DATASETS
from suites.documents import read_yaml
from suites.errors import RegistrationError
from suites.suite import load_suite

CHECKOUT = Path(__file__).parents[3]


@pytest.fixture(scope="module")
def files():
    """What the sources give, made once."""
    return batch_files()


@pytest.fixture
def made(files, monkeypatch):
    """The command writes what was made already; that it makes it is seen in a process of its own."""
    monkeypatch.setattr("suites.authoring.__main__.batch_files", lambda: files)
    return files


def test_the_shipped_files_are_what_the_sources_give(files):
    """Batches, cards and manifest: nothing in `datasets/` was edited by hand."""
    assert differing(files, DATASETS) == []


def test_nothing_else_stands_in_the_folder(files):
    """A file that no source gives would be shipped without a digest."""
    there = {str(path.relative_to(DATASETS)) for path in DATASETS.rglob("*") if path.is_file()}

    assert there == set(files)


def test_another_process_with_another_hash_seed_gives_the_same_bytes(tmp_path, files):
    """No set or dict order gets into a batch."""
    ended = subprocess.run(
        [sys.executable, "-m", "suites.authoring", "--folder", str(tmp_path)],
        env=os.environ | {"PYTHONHASHSEED": "4711"},
        cwd=CHECKOUT,
        capture_output=True,
        text=True,
        check=True,
    )

    assert "13 of 13 files written" in ended.stdout
    assert differing(files, tmp_path) == []


def test_the_manifest_names_file_digest_and_size_of_every_batch():
    """The digest is that of the bytes beside it."""
    manifest = json.loads((DATASETS / "manifest.json").read_text())

    assert set(manifest) == {"pii", "topics", "toxicity"}
    for entry in manifest.values():
        content = (DATASETS / entry["file"]).read_bytes()
        assert entry["sha256"] == hashlib.sha256(content).hexdigest()
        assert entry["cases"] == content.count(b"\n")


@pytest.mark.parametrize("path", ["pii/cases.jsonl", "topics/README.md", "manifest.json"])
@pytest.mark.usefixtures("made")
def test_check_finds_an_edit_and_writes_nothing(tmp_path, capsys, path):
    """Exit 1, the file's name, and the edit is still there."""
    shutil.copytree(DATASETS, tmp_path, dirs_exist_ok=True)
    with (tmp_path / path).open("a") as file:
        file.write("\n")
    edited = (tmp_path / path).read_bytes()

    code = main(["--check", "--folder", str(tmp_path)])

    assert code == 1
    assert capsys.readouterr().out == f"{tmp_path / path} is not what the sources give\n"
    assert (tmp_path / path).read_bytes() == edited


@pytest.mark.usefixtures("made")
def test_check_is_content_with_what_is_shipped(capsys):
    """Exit 0 and not a word."""
    assert main(["--check"]) == 0
    assert capsys.readouterr().out == ""


@pytest.mark.usefixtures("made")
def test_writing_repairs_what_differs_and_only_that(tmp_path, capsys):
    """A second run has nothing to do."""
    shutil.copytree(DATASETS, tmp_path, dirs_exist_ok=True)
    (tmp_path / "pii" / "cases.jsonl").write_text("")

    first, second = main(["--folder", str(tmp_path)]), main(["--folder", str(tmp_path)])

    assert (first, second) == (0, 0)
    assert capsys.readouterr().out.splitlines() == [
        f"1 of 13 files written in {tmp_path}",
        f"0 of 13 files written in {tmp_path}",
    ]


@pytest.mark.parametrize("suite", ["pii", "topics", "toxicity"])
def test_the_counts_on_a_card_are_those_of_the_batch(suite):
    """Every row of the table of categories, counted anew from the rows of the batch."""
    rows = [json.loads(line) for line in (DATASETS / suite / "cases.jsonl").read_text().splitlines()]
    default = json.loads((DATASETS / "manifest.json").read_text())[suite]["default"]
    table = (DATASETS / suite / "README.md").read_text().split("| category |")[1].split("\n\n")[0]

    for line in table.splitlines()[2:]:
        name, *numbers = [cell.strip() for cell in line.strip("|").split("|")]
        held = [row for row in rows if name in {"all", row["category"]}]
        protect = [row for row in held if row["expectation"] == "protect"]
        twins = sum(row["expectation"] == "allow" and row["twin"] is not None for row in held)
        assert [int(number.replace(",", "")) for number in numbers] == [
            sum(row["side"] == "input" for row in protect),
            sum(row["side"] == "output" for row in protect),
            twins,
            len(held) - len(protect) - twins,
            len(held),
            sum(name in {"all", row["category"]} for row in rows[:default]),
        ], name


@pytest.mark.parametrize("suite", ["pii", "topics", "toxicity"])
def test_a_card_names_the_registered_version_first(suite):
    """Whoever raises the version says how scores may move."""
    words = read_words(suite, SOURCES)

    assert words.versions[0].version == load_suite(suite).version


def test_running_a_suite_draws_nothing():
    """Matplotlib is for whoever writes batches, and loads in no run."""
    code = "import sys, suites.batch, suites.suite, suites.registered; sys.exit('matplotlib' in sys.modules)"

    assert subprocess.run([sys.executable, "-c", code], cwd=CHECKOUT, check=False).returncode == 0


def test_a_write_that_fails_leaves_the_old_file_and_no_litter(tmp_path, monkeypatch):
    """Half a batch would be worse than an old one."""
    (tmp_path / "a.txt").write_text("old")

    def full(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "replace", full)

    with pytest.raises(OSError, match="No space left"):
        write({"a.txt": b"new"}, tmp_path)

    assert [path.name for path in tmp_path.iterdir()] == ["a.txt"]
    assert (tmp_path / "a.txt").read_text() == "old"


def test_faulty_sources_are_told_without_a_traceback(monkeypatch, capsys):
    """Exit 2 and the message."""

    def faulty():
        raise RegistrationError("hate.yaml is not valid")

    monkeypatch.setattr("suites.authoring.__main__.batch_files", faulty)

    assert main([]) == 2
    assert capsys.readouterr().err == "hate.yaml is not valid\n"


def test_a_faulty_source_is_named_by_path_and_key(tmp_path):
    """An unquoted time is a number in YAML: the author is told where."""
    shutil.copytree(SOURCES, tmp_path, dirs_exist_ok=True)
    path = tmp_path / "pii" / "email.yaml"
    path.write_text(path.read_text().replace('at: ["@ 2 euros each",', "at: [14:30,"))

    with pytest.raises(RegistrationError, match=r"email\.yaml is not valid:\n  slots\.at\.0: .*found: 870"):
        read_categories("pii", tmp_path)


def test_a_suite_without_sources_is_told(tmp_path):
    """An empty folder is not an empty batch."""
    (tmp_path / "pii").mkdir()

    with pytest.raises(RegistrationError, match="holds no category files"):
        read_categories("pii", tmp_path)


@pytest.mark.parametrize(
    ("faulty", "said"),
    [
        ("instructions: []\n", r"wrappers\.yaml is not valid"),
        ("instructions: {en: [Say it.]}\n", "'Say it.' must hold {text} once"),
        ("instructions: {}\ncontexts: {en: {chat: hello}}\n", "chat must hold {sentence} once"),
        (
            "{instructions: {}, channels: {system: {en: [{name: x, turns: [{user: '{text}'}], prompt: x}]}}}",
            "x: a turn of user is no system",
        ),
        (
            "instructions: {}\nchannels: {history: {en: [{name: x, turns: [{user: '{text}'}], prompt: y}]}}",
            "x: a history has at least two turns",
        ),
        (
            "{instructions: {}, channels: {system: {en: [{name: x, turns: [{system: hello}], prompt: x}]}}}",
            "{text} stands in exactly one turn",
        ),
    ],
)
def test_faulty_wrappers_are_told(tmp_path, faulty, said):
    """Without its place the material would get lost, and a subject needs a role of its channel."""
    (tmp_path / "wrappers.yaml").write_text(faulty)

    with pytest.raises(RegistrationError, match=said):
        read_wrappers(tmp_path)


def test_every_language_has_its_instructions_contexts_and_channels():
    """At least thirty instructions in English and a dozen in each other language."""
    wrappers = read_wrappers(SOURCES)

    languages = {"en", "es", "fr", "de", "ja"}
    assert {name: len(texts) >= 12 for name, texts in wrappers.instructions.items()} == dict.fromkeys(
        languages, True
    )
    assert len(wrappers.instructions["en"]) >= 30
    for part in (wrappers.contexts, wrappers.records, wrappers.pastes, *wrappers.channels.values()):
        assert set(part) == languages
    assert set(wrappers.channels) == {"system", "history", "tool_result"}


def test_the_example_in_the_documents_is_a_valid_category(tmp_path):
    """What docs/cases.md shows can be typed as it stands."""
    page = (CHECKOUT / "docs" / "cases.md").read_text()
    (tmp_path / "example.yaml").write_text(page.split("```yaml\n")[1].split("```")[0])

    assert Category.model_validate(read_yaml(tmp_path / "example.yaml")).category == "EMAIL"


def test_the_documents_explain_every_field_of_a_case():
    """The table of docs/cases.md has the schema's fields, in its order of importance."""
    from suites.case import Case

    page = (CHECKOUT / "docs" / "cases.md").read_text()
    table = page.split("## Adding prompts")[0]
    explained = {line.split("`")[1] for line in table.splitlines() if line.startswith("| `")}

    assert explained == set(Case.model_fields)
