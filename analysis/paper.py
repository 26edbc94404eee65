"""The report as a PDF of at most ten pages, tagged for screen readers (PDF/UA-1), set by Typst.

The same page gives the same bytes: no date of writing, and no font but those that come with matplotlib and
Typst themselves. Texts of prompts and answers are never on paper.
"""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import Any

import matplotlib as mpl
import typst

from analysis import passport, statement, wording
from analysis.blocks import Block, Picture, Table
from analysis.errors import EvidenceError
from analysis.finding import Finding
from analysis.page import Page, SuitePart
from analysis.plots import style, theme
from analysis.result import Verdict
from suites.metrics import METRICS

MOST_PAGES = 10

_TEMPLATE = Path(__file__).parent / "templates" / "paper.typ"
_MOST_CASES = 12
_MOST_SIGNALS = 8
"""Slices that stand out, told with their numbers: on the first sheet, and of each suite."""
_RANKS = 3
"""Of blocks, from those that are left out first to those that never are."""


def render(page: Page) -> bytes:
    """The PDF. Blocks of the highest rank are left out first where there would be too many pages.

    Raises:
        EvidenceError: Even without them it is longer.
    """
    pages = 0
    for rank in range(_RANKS, -1, -1):
        typesetter = typst.Compiler(
            _TEMPLATE,
            root=_TEMPLATE.parent,
            font_paths=_fonts(),
            ignore_system_fonts=True,
            sys_inputs={"report": json.dumps(_document(page, rank))},
        )
        pages = int(json.loads(typesetter.query("<pages>", field="value", one=True)))
        if pages <= MOST_PAGES:
            made = typesetter.compile(format="pdf", pdf_standards="ua-1", timestamp=0)
            if isinstance(made, bytes):
                return made
    raise EvidenceError(
        f"The PDF would have {pages} pages and may have {MOST_PAGES}. Write the page instead: -o report.html"
    )


@cache
def _fonts() -> typst.Fonts:
    return typst.Fonts(
        include_system_fonts=False, font_paths=[str(Path(mpl.get_data_path()) / "fonts" / "ttf")]
    )


def _document(page: Page, rank: int) -> dict[str, Any]:
    """Everything that the template prints, in words."""
    verdict = page.verdict
    return {
        "colours": {role: tone.light for role, tone in theme.TONES.items()},
        "stamp": theme.STAMP,
        "banner": wording.BANNER if verdict.rehearsal else None,
        "banner_meaning": wording.BANNER_MEANING,
        "title": f"Guardrail parity: {verdict.headline}",
        "date": page.date,
        "purpose": verdict.purpose,
        "headline": verdict.headline,
        "words": _words(page.words),
        "models": page.models,
        "lead": page.lead,
        "next": page.next_step,
        "notes": [*verdict.notes, *page.small_losses],
        "not_proof": wording.NOT_PROOF,
        "holds_for": wording.HOLDS_FOR,
        "unproved": page.unproved,
        "untested": [{"title": title, "items": items} for title, items in page.untested],
        "not_run": verdict.suites_not_run,
        "sight": page.sight,
        "validity": page.validity,
        "signals": [_signal(finding) for finding in page.signals[:_MOST_SIGNALS]],
        "more_signals": _named_only(page.signals[_MOST_SIGNALS:], verdict),
        "forest": _picture(page.forest) if page.forest else None,
        "blocks": _blocks(page.blocks, rank),
        "suites": [_suite(part, rank) for part in page.suites],
        "signs": [_words(words) | {"meaning": words.meaning} for words in wording.ALL_WORDS],
        "metrics": [{"title": metric.title, "question": metric.question} for metric in METRICS.values()],
        "passport": passport.lines(verdict),
    }


def _suite(part: SuitePart, rank: int) -> dict[str, Any]:
    result = part.result
    return {
        "name": result.suite,
        "title": result.title,
        "words": _words(part.words),
        "reason": result.reason,
        "claim": result.claim,
        "record": part.record,
        "extent": f"{wording.count(result.cases_run)} of {wording.count(result.cases_planned)} registered "
        + (f"cases, {result.epochs} times each" if result.epochs > 1 else "cases")
        + f"; suite version {result.version}.",
        "strata": [
            {
                "title": stratum.title,
                "words": _words(stratum.words),
                "findings": [_finding(finding) for finding in stratum.findings],
            }
            for stratum in part.strata
        ],
        "findings": [_finding(finding) for finding in part.findings],
        "signals": [_signal(finding) for finding in part.signals[:_MOST_SIGNALS]],
        "more_signals": max(0, len(part.signals) - _MOST_SIGNALS),
        "hidden_loss": part.hidden_loss,
        "defects": part.defects_found,
        "checks": [sum(bool(proof["passed"]) for proof in part.attachment), len(part.attachment)],
        "blocks": _blocks(part.blocks, rank),
        "cases": [
            {
                "case": case.case,
                "category": wording.readable(case.category),
                "reference": wording.readable(case.reference),
                "candidate": wording.readable(case.candidate),
                "failed": "; ".join(
                    f"{METRICS[name].title.lower() if name in METRICS else name}: only {arm}"
                    for name, arm in case.metrics
                ),
            }
            for case in (*part.cases.quoted, *part.cases.named)[:_MOST_CASES]
        ],
        "more_cases": max(0, part.cases.found - _MOST_CASES),
    }


def _finding(finding: Finding) -> dict[str, Any]:
    return {
        "metric": METRICS[finding.metric].title,
        "question": METRICS[finding.metric].question,
        "numbers": [
            wording.rate(finding.candidate_rate),
            wording.rate(finding.reference_rate),
            wording.signed(finding.difference),
            wording.interval(finding),
            wording.bound(wording.worst_of(finding), finding.margin),
            wording.plain(finding.margin),
            wording.plain(finding.cap),
            wording.count(finding.pairs),
            wording.count(finding.candidate_only),
            wording.count(finding.reference_only),
            wording.count(finding.missing),
        ],
        "words": _words(wording.words_of_finding(finding)),
    }


def _signal(finding: Finding) -> str:
    return (
        f"{wording.category(finding)}: {METRICS[finding.metric].title.lower()} "
        f"{wording.signed(finding.difference)} ({wording.interval(finding)}; "
        f"p {wording.probability(finding.p_worse)})"
    )


def _named_only(signals: Sequence[Finding], verdict: Verdict) -> str:
    """The other slices that stand out, by suite; a slice is named once, whatever stands out in it."""
    suites = dict.fromkeys(finding.suite for finding in signals)
    named = {
        suite: dict.fromkeys(wording.category(finding) for finding in signals if finding.suite == suite)
        for suite in suites
    }
    return "; ".join(
        f"{statement.title_of(verdict, suite)}: {', '.join(slices)}" for suite, slices in named.items()
    )


def _words(words: wording.Words) -> dict[str, str]:
    return {
        "colour": style.COLOURS[words.name],
        "symbol": words.symbol,
        "long": words.long,
        "short": words.short,
    }


def _blocks(blocks: tuple[Block, ...], rank: int) -> list[dict[str, Any]]:
    return [
        {
            "title": block.title,
            "sentences": block.sentences,
            "pictures": [_picture(picture) for picture in block.pictures],
            "tables": [_table(table) for table in block.tables if not table.folded],
        }
        for block in blocks
        if block.rank <= rank
    ]


def _picture(picture: Picture) -> dict[str, Any]:
    title = re.sub(r"\s+", " ", picture.alt)
    return {
        "svg": style.svg_file(picture.figure, title=title).decode(),
        "alt": title,
        "inches": float(picture.figure.get_size_inches()[0]),
    }


def _table(table: Table) -> dict[str, Any]:
    return {"label": table.label, "head": table.head, "rows": table.rows, "words": table.words}
