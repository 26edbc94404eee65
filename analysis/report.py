"""Writes a run's report, in the form that the file's ending asks for.

The page is made from `verdict.json` alone; the logs give only the date and the texts of cases on which the
arms differed, and a page without them says so.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from pydantic import ValidationError

from analysis import junit, page, quotes, summary, wording
from analysis.errors import EvidenceError
from analysis.plots import categories, matrix, poster, style
from analysis.result import Verdict
from suites.files import write_atomically


def write_report(folder: Path, target: Path) -> None:
    """Write the report of the run in `folder` to `target`; an `.html` page also writes its pictures.

    The pictures go to `folder/report/`. Everything is written to a temporary file first and renamed.

    Raises:
        EvidenceError: `target` has an ending that is not known, or `folder` holds no readable verdict.
    """
    form = _FORMS.get(target.suffix.lower())
    if form is None:
        raise EvidenceError(
            f"Cannot write {target}: the ending {target.suffix or '(none)'!r} is not known. "
            f"There are: {', '.join(sorted(_FORMS))}."
        )
    verdict = read_verdict(folder)
    write_atomically(target, form(folder, verdict))
    if form is _html:
        write_pictures(folder, verdict)


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


def write_pictures(folder: Path, verdict: Verdict) -> list[Path]:
    """Save the plots as PNG into `folder/report/`; returns their paths.

    `forest.png` is always there; categories and outcomes are drawn for the suites that have any.
    """
    prefix = f"{wording.BANNER}: " if verdict.rehearsal else ""
    pictures = {"forest": _png(folder, verdict)}
    for result in verdict.suites:
        title = f"{prefix}{result.title}"
        if cells := categories.cells(verdict.findings, result.suite):
            drawn = categories.draw(cells, title=result.title, rehearsal=verdict.rehearsal)
            pictures[f"{result.suite}-categories"] = style.png(drawn, title=title)
        if matrix.grid(result.outcomes).outcomes:
            drawn = matrix.draw(result.outcomes, title=result.title, rehearsal=verdict.rehearsal)
            pictures[f"{result.suite}-outcomes"] = style.png(drawn, title=title)
    paths = {name: folder / "report" / f"{name}.png" for name in pictures}
    for name, content in pictures.items():
        write_atomically(paths[name], content)
    return list(paths.values())


def _html(folder: Path, verdict: Verdict) -> bytes:
    evidence = quotes.evidence_of(folder)
    date = None if evidence.began is None else f"{evidence.began.day} {evidence.began:%B %Y}"
    return page.render(page.build(verdict, date=date, quoter=evidence.quote)).encode()


def _png(_folder: Path, verdict: Verdict) -> bytes:
    return style.png(poster.draw(verdict), title=verdict.headline)


def _junit(_folder: Path, verdict: Verdict) -> bytes:
    return junit.junit(verdict)


def _markdown(_folder: Path, verdict: Verdict) -> bytes:
    return summary.markdown(verdict).encode()


_FORMS: dict[str, Callable[[Path, Verdict], bytes]] = {
    ".html": _html,
    ".md": _markdown,
    ".png": _png,
    ".xml": _junit,
}
