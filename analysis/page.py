"""What the report says: everything that its forms print, gathered once. `sheet` and `paper` set it.

Nothing is computed further on, so that page and paper cannot tell different things.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any

from matplotlib.figure import Figure
from pydantic import BaseModel

from analysis import gates, room, sensitivity, statement, terms, wording
from analysis.blocks import Block, Picture
from analysis.finding import Finding
from analysis.plots import categories, forest, matrix
from analysis.quotes import Quoter, absent
from analysis.result import PathDefect, SuiteResult, Verdict
from suites.registered import Attachment, Registered


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
    picture: Picture | None
    """The categories, where any were counted."""
    grid: matrix.Grid
    blocks: tuple[Block, ...]
    defects_found: int
    defects: tuple[PathDefect, ...]
    """Those that are listed."""
    cases: room.Cases
    attachment: tuple[dict[str, Any], ...]
    checks: tuple[dict[str, Any], ...]
    masked_types: tuple[str, ...]
    facts: dict[str, Any] | None


@dataclass(frozen=True, kw_only=True)
class Page:
    """Everything the templates need; nothing is computed there."""

    verdict: Verdict
    words: wording.Words
    date: str | None
    revealed: str | None
    """Why protected values are shown; None: they are not."""
    lead: str
    next_step: str
    small_losses: tuple[str, ...]
    signals: tuple[Finding, ...]
    unproved: tuple[str, ...]
    untested: tuple[tuple[str, tuple[str, ...]], ...]
    """What was not tested: of all suites under the first heading, then suite by suite."""
    models: tuple[str, str] | None
    """Reference and candidate, as the first suite registered them."""
    sight: tuple[str, ...]
    """What such a run could have seen."""
    validity: tuple[str, ...]
    """Plan and attempt, how long the verdict holds, and what voids it; empty where nothing was said."""
    forest: Picture | None
    forest_narrow: Figure | None
    """The same for a telephone."""
    blocks: tuple[Block, ...]
    """Of the whole run."""
    suites: tuple[SuitePart, ...]

    def pictures(self) -> Iterator[Picture]:
        """Every drawing of the report, each with a name of its own."""
        if self.forest is not None:
            yield self.forest
        for block in self.blocks:
            yield from block.pictures
        for part in self.suites:
            if part.picture is not None:
                yield part.picture
            for block in part.blocks:
                yield from block.pictures


def build(
    verdict: Verdict,
    *,
    date: str | None = None,
    quoter: Quoter = absent,
    revealed: str | None = None,
    blocks: Sequence[Block] = (),
) -> Page:
    """Gather the report.

    Args:
        verdict: The answer of the run.
        date: When it was begun, in words.
        quoter: Finds texts; it is asked for the cases of a suite until there is no more room.
        revealed: Why it leaves protected values in them, if it does.
        blocks: What is told beside findings and cases, in the order in which it is to stand.
    """
    compared = any(f.family == "primary" for f in verdict.findings)
    return Page(
        verdict=verdict,
        words=wording.words_of_run(verdict),
        date=date,
        revealed=revealed,
        lead=statement.lead(verdict),
        next_step=statement.next_step(verdict),
        small_losses=tuple(statement.small_losses(verdict)),
        signals=tuple(statement.signals(verdict)),
        unproved=tuple(statement.unproved(verdict)),
        untested=tuple(_untested(verdict.suites)),
        models=_models(verdict),
        sight=sensitivity.sentences(verdict, list(sensitivity.sights(verdict))),
        validity=tuple(terms.sentences(verdict)),
        forest=_forest(verdict) if compared else None,
        forest_narrow=forest.draw(verdict, "narrow") if compared else None,
        blocks=tuple(block for block in blocks if block.suite is None),
        suites=tuple(_suite_part(verdict, result, date, quoter, blocks) for result in verdict.suites),
    )


def _forest(verdict: Verdict) -> Picture:
    return Picture(
        name="forest",
        figure=forest.draw(verdict),
        alt="Forest plot: for each suite and metric, how much worse the candidate is per 1,000 cases, with "
        f"its {statement.LEVEL} interval and the agreed limit. The same numbers stand in the tables below.",
    )


def _suite_part(
    verdict: Verdict, result: SuiteResult, date: str | None, quoter: Quoter, blocks: Sequence[Block]
) -> SuitePart:
    cells = categories.cells(verdict.findings, result.suite)
    facts = verdict.registered.get(result.suite)
    defects = tuple(d for d in verdict.path_defects if d.suite == result.suite)
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
        picture=_categories(verdict, result, cells) if cells else None,
        grid=matrix.grid(result.outcomes),
        blocks=tuple(block for block in blocks if block.suite == result.suite),
        defects_found=len(defects),
        defects=defects[: room.DEFECTS],
        cases=room.of(result.discordant, quoter),
        checks=tuple(check for check in verdict.checks if check.get("suite") == result.suite),
        attachment=tuple(
            _known(proof, Attachment) for proof in verdict.attachment if proof.get("suite") == result.suite
        ),
        masked_types=tuple(sorted({kind.type for arm in result.masking for kind in arm.types})),
        facts=_known(facts, Registered) if facts else None,
    )


def _categories(verdict: Verdict, result: SuiteResult, cells: Sequence[Finding]) -> Picture:
    return Picture(
        name=f"{result.suite}-categories",
        figure=categories.draw(cells, title=result.title, rehearsal=verdict.rehearsal),
        alt=f"Differences by category and metric with {statement.LEVEL} intervals; the numbers stand in the "
        "table of categories.",
    )


def _untested(results: Sequence[SuiteResult]) -> list[tuple[str, tuple[str, ...]]]:
    """What no suite tested stands once; the rest stands under its suite."""
    common = [
        item
        for item in (results[0].not_tested if results else [])
        if len(results) > 1 and all(item in result.not_tested for result in results)
    ]
    groups = [("All suites", tuple(common))] if common else []
    for title, entries in groupby(
        (
            (result.title, item)
            for result in results
            for item in (*_unasked(result), *result.not_tested)
            if item not in common
        ),
        key=lambda entry: entry[0],
    ):
        groups.append((title, tuple(item for _, item in entries)))
    return groups


def _unasked(result: SuiteResult) -> tuple[str, ...]:
    left = result.cases_planned - result.cases_run
    if left <= 0:
        return ()
    planned = wording.count(result.cases_planned)
    return (f"{wording.count(left)} of its {planned} registered cases, which were not run",)


def _models(verdict: Verdict) -> tuple[str, str] | None:
    for facts in verdict.registered.values():
        arms = (facts or {}).get("arms") or {}
        if "reference" in arms and "candidate" in arms:
            return str(arms["reference"].get("model")), str(arms["candidate"].get("model"))
    return None


def _known(entry: Mapping[str, Any], model: type[BaseModel]) -> dict[str, Any]:
    """`entry` with None for what an older file does not have, so that templates can name every member."""
    return dict.fromkeys(model.model_fields) | dict(entry)
