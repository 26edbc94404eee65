"""The report as one HTML page: what stands in it, in which order. Words and layout are the templates'.

The page works from a file, without network or script: pictures are inline SVG, and its own
Content-Security-Policy forbids everything else. All values are escaped by Jinja.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup
from pydantic import BaseModel

from analysis import gates, statement, wording
from analysis.plots import categories, forest, matrix, style
from analysis.quotes import Quote, Quoter, absent, legible
from analysis.result import Finding, PathDefect, SuiteResult, Verdict
from suites.metrics import METRICS
from suites.registered import Attachment, Registered

QUOTED_CASES = 50
"""Discordant cases per suite whose texts are on the page; the others are named without."""

_TEMPLATES = Path(__file__).parent / "templates"


@dataclass(frozen=True, kw_only=True)
class DifferingCase:
    """A case on which the arms came out differently, with its texts where they could be had."""

    case: str
    epoch: int
    category: str
    metrics: tuple[tuple[str, str], ...]
    """The metrics in which exactly one arm failed, and which it was."""
    reference: str
    candidate: str
    quote: Quote | None


@dataclass(frozen=True, kw_only=True)
class SuitePart:
    """Everything the page says of one suite."""

    result: SuiteResult
    words: wording.Words
    record: str
    findings: tuple[Finding, ...]
    strata: tuple[gates.Stratum, ...]
    estimates: tuple[gates.Estimates, ...]
    signals: tuple[Finding, ...]
    hidden_loss: str | None
    cells: tuple[Finding, ...]
    picture: Markup | None
    grid: matrix.Grid
    defects: tuple[PathDefect, ...]
    cases: tuple[DifferingCase, ...]
    unquoted: tuple[DifferingCase, ...]
    attachment: tuple[dict[str, Any], ...]
    masked_types: tuple[str, ...]
    facts: dict[str, Any] | None


@dataclass(frozen=True, kw_only=True)
class Page:
    """Everything the templates need; nothing is computed there."""

    verdict: Verdict
    words: wording.Words
    date: str | None
    lead: str
    next_step: str
    small_losses: tuple[str, ...]
    signals: tuple[Finding, ...]
    unproved: tuple[str, ...]
    untested: tuple[tuple[str, tuple[str, ...]], ...]
    """What was not tested: of all suites under the first heading, then suite by suite."""
    models: tuple[str, str] | None
    """Reference and candidate, as the first suite registered them."""
    forest: Markup | None
    forest_narrow: Markup | None
    suites: tuple[SuitePart, ...]


def build(verdict: Verdict, *, date: str | None = None, quoter: Quoter = absent) -> Page:
    """Gather the page. `quoter` finds texts; it is asked for at most `QUOTED_CASES` cases of a suite."""
    compared = any(f.family == "primary" for f in verdict.findings)
    return Page(
        verdict=verdict,
        words=wording.words_of_run(verdict),
        date=date,
        lead=statement.lead(verdict),
        next_step=statement.next_step(verdict),
        small_losses=tuple(statement.small_losses(verdict)),
        signals=tuple(statement.signals(verdict)),
        unproved=tuple(statement.unproved(verdict)),
        untested=tuple(_untested(verdict.suites)),
        models=_models(verdict),
        forest=Markup(style.svg(forest.draw(verdict), salt="forest")) if compared else None,  # noqa: S704 - our own drawing, labels escaped by matplotlib's XML writer
        forest_narrow=Markup(style.svg(forest.draw(verdict, "narrow"), salt="narrow")) if compared else None,  # noqa: S704 - as above
        suites=tuple(_suite_part(verdict, result, date, quoter) for result in verdict.suites),
    )


def render(page: Page) -> str:
    """The page as HTML. The same page gives the same text."""
    environment = Environment(
        loader=FileSystemLoader(_TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters |= {
        "before": wording.words_of_earlier,
        "bound": wording.bound,
        "category": wording.category,
        "count": wording.count,
        "flag": wording.flag,
        "interval": wording.interval,
        "legible": legible,
        "percent": wording.percent,
        "plain": wording.plain,
        "probability": wording.probability,
        "rate": wording.rate,
        "readable": wording.readable,
        "series": wording.series,
        "signed": wording.signed,
        "words": wording.words_of_finding,
    }
    environment.globals |= {
        "BANNER": wording.BANNER,
        "BANNER_MEANING": wording.BANNER_MEANING,
        "METRICS": METRICS,
        "NOT_PROOF": wording.NOT_PROOF,
        "SIGNAL_P": wording.SIGNAL_P,
        "SIGNS": wording.ALL_WORDS,
        "COLOURS": style.COLOURS,
        "SHADES": matrix.SHADES,
        "title_of": statement.title_of,
    }
    return environment.get_template("page.html.j2").render(page=page, verdict=page.verdict)


def _suite_part(verdict: Verdict, result: SuiteResult, date: str | None, quoter: Quoter) -> SuitePart:
    cells = categories.cells(verdict.findings, result.suite)
    facts = verdict.registered.get(result.suite)
    differing = tuple(_differing(result, quoter))
    picture = categories.draw(cells, title=result.title, rehearsal=verdict.rehearsal) if cells else None
    return SuitePart(
        result=result,
        words=wording.words_of_suite(verdict, result.suite),
        record=statement.record(verdict, result, date),
        findings=tuple(statement.primary(verdict, result.suite)),
        strata=tuple(gates.strata(verdict, result.suite)),
        estimates=tuple(gates.estimates(verdict, result.suite)),
        signals=tuple(statement.signals(verdict, result.suite)),
        hidden_loss=statement.hidden_loss(verdict, result.suite),
        cells=tuple(cells),
        picture=Markup(style.svg(picture, salt=f"categories-{result.suite}")) if picture else None,  # noqa: S704 - as above
        grid=matrix.grid(result.outcomes),
        defects=tuple(d for d in verdict.path_defects if d.suite == result.suite),
        cases=differing[:QUOTED_CASES],
        unquoted=differing[QUOTED_CASES:],
        attachment=tuple(
            _known(proof, Attachment) for proof in verdict.attachment if proof.get("suite") == result.suite
        ),
        masked_types=tuple(sorted({kind.type for arm in result.masking for kind in arm.types})),
        facts=_known(facts, Registered) if facts else None,
    )


def _differing(result: SuiteResult, quoter: Quoter) -> list[DifferingCase]:
    return [
        DifferingCase(
            case=str(entry["case"]),
            epoch=int(entry.get("epoch", 1)),
            category=str(entry.get("category", "")),
            metrics=tuple((entry.get("failed") or {}).items()),
            reference=str(entry.get("reference", "")),
            candidate=str(entry.get("candidate", "")),
            quote=quoter(str(entry["case"]), int(entry.get("epoch", 1))) if place < QUOTED_CASES else None,
        )
        for place, entry in enumerate(result.discordant)
    ]


def _untested(results: Sequence[SuiteResult]) -> list[tuple[str, tuple[str, ...]]]:
    """What no suite tested stands once; the rest stands under its suite."""
    common = [
        item
        for item in (results[0].not_tested if results else [])
        if len(results) > 1 and all(item in result.not_tested for result in results)
    ]
    groups = [("All suites", tuple(common))] if common else []
    for title, entries in groupby(
        ((result.title, item) for result in results for item in result.not_tested if item not in common),
        key=lambda entry: entry[0],
    ):
        groups.append((title, tuple(item for _, item in entries)))
    return groups


def _models(verdict: Verdict) -> tuple[str, str] | None:
    for facts in verdict.registered.values():
        arms = (facts or {}).get("arms") or {}
        if "reference" in arms and "candidate" in arms:
            return str(arms["reference"].get("model")), str(arms["candidate"].get("model"))
    return None


def _known(entry: Mapping[str, Any], model: type[BaseModel]) -> dict[str, Any]:
    """`entry` with None for what an older file does not have, so that templates can name every member."""
    return dict.fromkeys(model.model_fields) | dict(entry)
