"""Writes a run's report, in the forms that the files' endings ask for, all from one `Page`.

The report is made from `verdict.json` and what stands beside it in the run's folder; the logs give only the
date and the texts of cases on which the arms differed, and a report without them says so.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from functools import cached_property
from pathlib import Path

from matplotlib.figure import Figure
from pydantic import ValidationError

from analysis import contents, junit, page, paper, quotes, sheet, summary, wording
from analysis.errors import EvidenceError, RequestError
from analysis.page import Page
from analysis.plots import matrix, poster, style
from analysis.result import Verdict
from analysis.revealed import record
from suites.files import write_atomically


class Report:
    """One run's report, gathered when the first form is asked for and then once for all."""

    def __init__(self, folder: Path, *, texts: bool = True, reveal: str | None = None) -> None:
        """Read the verdict.

        Without `texts` no prompt or answer is quoted; `reveal`, the reason, leaves protected values in them.

        Raises:
            EvidenceError: `folder` holds no readable verdict.
        """
        self._folder = folder
        self._texts = texts
        self._reveal = reveal
        self.verdict = read_verdict(folder)

    @cached_property
    def page(self) -> Page:
        """What every form says."""
        evidence = quotes.evidence_of(self._folder, reveal=self._reveal is not None)
        date = None if evidence.began is None else f"{evidence.began.day} {evidence.began:%B %Y}"
        blocks = contents.blocks(self.verdict, self._folder)
        return page.build(
            self.verdict,
            date=date,
            quoter=evidence.quote if self._texts else quotes.absent,
            revealed=self._reveal,
            blocks=blocks,
        )

    @cached_property
    def poster(self) -> Figure:
        """The first screen as one picture."""
        return poster.draw(self.verdict)

    def render(self, ending: str) -> bytes:
        """One form, such as `.html`.

        Raises:
            RequestError: The ending is not known.
        """
        return _form(Path(f"report{ending}"))(self)

    def write(self, target: Path) -> None:
        """Write one form; an `.html` page also writes every picture to the run's `report/`.

        Raises:
            RequestError: `target` has an ending that is not known.
        """
        form = _form(target)
        write_atomically(target, form(self))
        if form is _html:
            self.write_pictures()

    def write_pictures(self) -> list[Path]:
        """Save every plot as PNG and SVG into the run's `report/`; returns their paths."""
        prefix = f"{wording.BANNER}: " if self.verdict.rehearsal else ""
        paths = []
        for name, figure, title in self._pictures():
            for ending, save in (("png", style.png), ("svg", style.svg_file)):
                path = self._folder / "report" / f"{name}.{ending}"
                write_atomically(path, save(figure, title=prefix + title.removeprefix(prefix)))
                paths.append(path)
        return paths

    def _pictures(self) -> Iterator[tuple[str, Figure, str]]:
        """Name, drawing and title; the first screen stands for the forest plot."""
        yield "forest", self.poster, self.verdict.headline
        for picture in self.page.pictures():
            if picture is not self.page.forest:
                yield picture.name, picture.figure, picture.alt
        for result in self.verdict.suites:
            if matrix.grid(result.outcomes).outcomes:
                drawn = matrix.draw(result.outcomes, title=result.title, rehearsal=self.verdict.rehearsal)
                yield f"{result.suite}-outcomes", drawn, f"{result.title}: pairs by outcome"


def write_report(folder: Path, *targets: Path, reveal: str | None = None) -> None:
    """Write the report of the run in `folder` to every target, each in the form that its ending asks for.

    Every file is written to a temporary one first and renamed. With `reveal`, the reason, protected
    values stay in the texts of cases; that is recorded in the folder before anything is written.

    Raises:
        RequestError: A target has an ending that is not known.
        EvidenceError: `folder` holds no readable verdict.
    """
    check_endings(targets)
    report = Report(folder, reveal=reveal)
    if reveal is not None:
        record(folder, targets, reason=reveal)
    for target in targets:
        report.write(target)


def check_endings(targets: Iterable[Path]) -> None:
    """Refuse files in no form that there is, before anything is made of them.

    Raises:
        RequestError: The ending is not known.
    """
    for target in targets:
        _form(target)


def read_verdict(folder: Path) -> Verdict:
    """The verdict in a run's folder.

    Raises:
        EvidenceError: There is none, or it is not one.
    """
    path = folder / "verdict.json"
    try:
        return Verdict.model_validate_json(path.read_bytes())
    except FileNotFoundError:
        raise EvidenceError(f"{path} does not exist. Make it with: parity compare {folder}") from None
    except OSError as error:
        raise EvidenceError(f"{path} cannot be read: {error}") from error
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(str(part) for part in first["loc"]) or "(top level)"
        raise EvidenceError(
            f"{path} is not a verdict: {where}: {first['msg']}. Make it again with: parity compare {folder}"
        ) from None


def _form(target: Path) -> Callable[[Report], bytes]:
    form = _FORMS.get(target.suffix.lower())
    if form is None:
        raise RequestError(
            f"Cannot write {target}: the ending {target.suffix or '(none)'!r} is not known. "
            f"There are: {', '.join(sorted(_FORMS))}."
        )
    return form


def _html(report: Report) -> bytes:
    return sheet.render(report.page).encode()


def _pdf(report: Report) -> bytes:
    return paper.render(report.page)


def _junit(report: Report) -> bytes:
    return junit.junit(report.verdict)


def _markdown(report: Report) -> bytes:
    return summary.markdown(report.verdict).encode()


def _png(report: Report) -> bytes:
    return style.png(report.poster, title=report.verdict.headline)


def _svg(report: Report) -> bytes:
    return style.svg_file(report.poster, title=report.verdict.headline)


_FORMS: dict[str, Callable[[Report], bytes]] = {
    ".html": _html,
    ".md": _markdown,
    ".pdf": _pdf,
    ".png": _png,
    ".svg": _svg,
    ".xml": _junit,
}
