"""Reports as files: by their ending, whole or not at all."""

from __future__ import annotations

import struct
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from analysis import report
from analysis.compare import compare, write_verdict
from analysis.errors import EvidenceError, RequestError
from analysis.result import Verdict

VerdictOf = Callable[[str], Verdict]
FolderOf = Callable[[Verdict], Path]


def test_an_html_report_is_one_page_beside_its_pictures(verdict_of: VerdictOf, folder_of: FolderOf) -> None:
    """The page and every plot, as PNG for slides and as SVG for print."""
    folder = folder_of(verdict_of("partial"))

    report.write_report(folder, folder / "report" / "index.html")

    names = {path.name for path in (folder / "report").iterdir()}
    assert {"index.html", "forest.png", "pii-categories.png", "pii-outcomes.svg"} <= names
    pictures = {Path(name).stem for name in names} - {"index"}
    assert names == {"index.html"} | {f"{name}.{form}" for name in pictures for form in ("png", "svg")}


def test_a_png_report_is_a_picture_that_names_the_verdict(
    verdict_of: VerdictOf, folder_of: FolderOf, tmp_path: Path
) -> None:
    """A PNG whose text chunk carries the headline, rehearsal included."""
    target = tmp_path / "slides" / "verdict.PNG"

    report.write_report(folder_of(verdict_of("regression")), target)

    content = target.read_bytes()
    width, height = struct.unpack(">II", content[16:24])
    assert content.startswith(b"\x89PNG\r\n")
    assert (width, height) > (1000, 500)
    assert b"REHEARSAL: Worse, beyond the agreed limit" in content


def test_every_picture_of_a_rehearsal_says_so_in_its_bytes(
    verdict_of: VerdictOf, folder_of: FolderOf
) -> None:
    """Machine-readable surfaces carry the word too."""
    paths = report.Report(folder_of(verdict_of("partial"))).write_pictures()

    titles = {".png": b"Title\x00REHEARSAL: ", ".svg": b"<title>REHEARSAL: "}
    assert len(paths) >= 6
    assert [path.name for path in paths if titles[path.suffix] not in path.read_bytes()] == []


@pytest.mark.parametrize("name", ["report.docx", "report"])
def test_an_unknown_ending_lists_the_known_ones(
    verdict_of: VerdictOf, folder_of: FolderOf, name: str
) -> None:
    """The message says what may be asked for."""
    folder = folder_of(verdict_of("parity"))

    with pytest.raises(
        RequestError, match=r"ending .* is not known\. There are: \.html, \.md, \.pdf, \.png, \.svg, \.xml\."
    ):
        report.write_report(folder, folder / name)

    assert not (folder / name).exists()


def test_without_a_verdict_the_command_that_makes_one_is_named(tmp_path: Path) -> None:
    """The next step is in the message."""
    with pytest.raises(EvidenceError, match=r"does not exist\. Make it with: parity compare"):
        report.write_report(tmp_path, tmp_path / "index.html")


@pytest.mark.parametrize("content", ["", "{", '{"schema": 1}', '{"schema": 2}'])
def test_a_damaged_verdict_is_not_reported_on(tmp_path: Path, content: str) -> None:
    """Half a file gives a message and no page."""
    (tmp_path / "verdict.json").write_text(content, encoding="utf-8")

    with pytest.raises(EvidenceError, match=r"verdict\.json is not a verdict: .*parity compare"):
        report.write_report(tmp_path, tmp_path / "index.html")

    assert [path.name for path in tmp_path.iterdir()] == ["verdict.json"]


def test_an_interrupted_write_leaves_the_earlier_page(
    verdict_of: VerdictOf, folder_of: FolderOf, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Written aside and renamed: a reader never sees half a page, and nothing is left behind."""
    folder = folder_of(verdict_of("incomplete"))
    target = folder / "report" / "index.html"
    target.parent.mkdir()
    target.write_text("the earlier page", encoding="utf-8")

    def interrupt(_self: Path, _target: Path) -> Path:
        raise KeyboardInterrupt

    monkeypatch.setattr(Path, "replace", interrupt)
    with pytest.raises(KeyboardInterrupt):
        report.write_report(folder, target)

    assert target.read_text(encoding="utf-8") == "the earlier page"
    assert [path.name for path in target.parent.iterdir()] == ["index.html"]


def test_the_same_verdict_gives_the_same_files(verdict_of: VerdictOf, folder_of: FolderOf) -> None:
    """Byte for byte, page and pictures."""
    folder = folder_of(verdict_of("partial"))

    def written() -> dict[str, bytes]:
        report.write_report(folder, folder / "report" / "index.html")
        return {path.name: path.read_bytes() for path in (folder / "report").iterdir()}

    assert written() == written()


def test_the_page_dates_itself_and_quotes_differing_cases_from_the_logs(logs: Any, read: Any) -> None:
    """Both answers of the one case that differed, as text, on the day the logs were begun."""
    attack = "<script>alert('four one one one')</script>"
    samples = logs.plan(output_candidate_leaked=1)
    (leaked,) = (sample for sample in samples if sample.id == "output-000")
    leaked.store = {
        "call:reference": {"text": "It is {EMAIL}.", "trace": {"raw_outputs": ["It is a@example.com."]}},
        "call:candidate": {"text": attack, "trace": {"raw_outputs": [attack]}},
    }
    logs.write(samples, created="2026-01-31T23:00:00+00:00")
    write_verdict(compare(logs.folder), logs.folder / "verdict.json")

    report.write_report(logs.folder, logs.folder / "report" / "index.html")

    reading = read((logs.folder / "report" / "index.html").read_text(encoding="utf-8"))
    assert "31 January 2026" in reading.text
    assert "Prompt prompt of output-000" in reading.text
    assert "Reference: what the user saw It is {EMAIL}." in reading.text
    assert "Reference: what the model said before the guardrail It is a@example.com." in reading.text
    assert f"Candidate: what the user saw {attack}" in reading.text
    assert "script" not in {tag for tag, _ in reading.elements}


def test_a_verdict_without_its_logs_still_gives_a_page(
    verdict_of: VerdictOf, folder_of: FolderOf, read: Any
) -> None:
    """Logs may have been archived elsewhere; the page says what it lacks."""
    folder = folder_of(verdict_of("partial"))

    report.write_report(folder, folder / "index.html")

    text = read((folder / "index.html").read_text(encoding="utf-8")).text
    assert text.count("The texts are not at hand") == 2
