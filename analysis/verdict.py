"""The rule: from paired counts to findings, from findings to a suite's verdict, from suites to the run's.

Everything here is a function of the counts and of what was registered: the same counts always give the
same verdict. With theta the candidate's failure rate minus the reference's, each finding carries three
exact one-sided p-values, and a verdict needs one of them to be small after Holm's correction over the
whole registered family, also over the part of it that was not run.

    p_beyond_margin small                    regression, beyond the margin
    p_worse small, p_parity not              regression, a breach of the margin is not excluded
    p_parity small, both caps shown          parity
    otherwise                                inconclusive

Missing pairs are no evidence for either side. Rates, difference and the interval describe the pairs that
were observed; the p-values, `worst` and the caps take every missing pair at its worst for the claim in
question: as failures of the candidate alone for parity, as failures of the reference alone for a
regression. Without missing pairs the two views agree exactly.

A suite signs off when every primary metric is within its margin and its caps at once. That conjunction
needs no correction (Berger 1982), and since it implies each of its parts, they are parity then too.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from analysis import reasons
from analysis.counts import Cell
from analysis.result import Finding, VerdictName
from analysis.stats import hypotheses, intervals, planning
from analysis.stats.multiplicity import holm

ALPHA = 0.05
"""Chance of any false regression in a family, and of a false sign-off; also 1 minus the confidence."""
MOST_MISSING = 0.05
"""Share of a metric's pairs, from which on the numbers do not matter."""

_WORST_FIRST: tuple[VerdictName, ...] = ("not_comparable", "regression", "inconclusive", "parity")


@dataclass(frozen=True)
class _Numbers:
    """What was computed for one cell; NaN where it has no pair. Missing pairs are at their worst."""

    low: float
    high: float
    worst: float
    p_worse: float
    p_beyond: float
    p_parity: float
    p_better: float
    upper: float
    """The higher of both arms' exact upper limits."""


@dataclass(frozen=True)
class _Shown:
    """Which claims hold for one cell after correction within its family."""

    worse: bool
    beyond: bool
    within: bool
    better: bool


def judge(cells: Sequence[Cell], *, family_size: int) -> list[Finding]:
    """Findings for the cells of all suites at hand, in the order given.

    Args:
        cells: Primary metrics and category cells of every suite that was compared.
        family_size: How many primary metrics are registered over all suites, run or not.

    Raises:
        ValueError: There are more primary cells than were registered.
    """
    numbers = _numbers(cells)
    shown = _corrected(cells, numbers, family_size)
    signed_off = _signed_off(cells, numbers)
    findings = []
    for cell, number, claims in zip(cells, numbers, shown, strict=True):
        if cell.family == "primary":
            verdict, flags = _primary(cell, number, claims, together=cell.suite in signed_off)
        else:
            verdict, flags = _category(cell, number, claims)
        findings.append(_finding(cell, number, verdict, flags))
    return findings


def suite_verdict(findings: Sequence[Finding]) -> tuple[VerdictName, str]:
    """One suite's verdict by all its findings, with the reason in plain words.

    A regression in any metric or category is the suite's; signing off needs every primary metric.
    """
    worse = [finding for finding in findings if finding.verdict == "regression"]
    primary = [finding for finding in findings if finding.family == "primary"]
    open_ = [finding for finding in primary if finding.verdict != "parity"]
    if worse:
        return "regression", reasons.of_worse_suite(worse)
    if open_ or not primary:
        return "inconclusive", reasons.of_open_suite(open_)
    return "parity", reasons.of_good_suite(primary)


def worst_of(verdicts: Iterable[VerdictName]) -> VerdictName:
    """The worst verdict; of none at all it is `inconclusive`, since nothing was shown."""
    there = set(verdicts)
    return next((name for name in _WORST_FIRST if name in there), "inconclusive")


def _numbers(cells: Sequence[Cell]) -> list[_Numbers]:
    b, c, n, u, both, margin = (
        np.array([getattr(cell, name) for cell in cells], dtype=np.float64)
        for name in ("candidate_only", "reference_only", "pairs", "missing", "both", "margin")
    )
    whole = n + u
    # A cell without pairs is computed as if it had one, and then has no number.
    observed, possible = np.where(n > 0, n, 1.0), np.where(whole > 0, whole, 1.0)
    low, high = intervals.difference(b, c, observed, alpha=ALPHA)
    about_all = (
        intervals.difference(b + u, c, possible, alpha=2 * ALPHA)[1],
        hypotheses.p_worse(b, c + u),
        hypotheses.p_beyond_margin(b, c + u, possible, margin),
        hypotheses.p_parity(b + u, c, possible, margin),
        hypotheses.p_worse(c, b + u),
        intervals.rate_upper(both + np.maximum(b, c) + u, possible, alpha=ALPHA),
    )
    columns = [
        *(np.where(n > 0, column, np.nan) for column in (low, high)),
        *(np.where(whole > 0, column, np.nan) for column in about_all),
    ]
    return [_Numbers(*row) for row in np.column_stack(columns).tolist()]


def _corrected(cells: Sequence[Cell], numbers: Sequence[_Numbers], family_size: int) -> list[_Shown]:
    """Which claims hold, each kind corrected by Holm on its own within each family.

    The category cells that exist are their own family. They are only screened for losses; that a cell is
    within its margin is looked at uncorrected, and only to keep a small loss from being called a regression.
    """
    places = {
        family: [place for place, cell in enumerate(cells) if cell.family == family]
        for family in ("primary", "category")
    }
    sizes = {"primary": family_size, "category": len(places["category"])}
    held: dict[int, dict[str, bool]] = {place: {} for place in range(len(cells))}
    for family, members in places.items():
        for claim in ("p_worse", "p_beyond", "p_parity", "p_better"):
            p = [getattr(numbers[place], claim) for place in members]
            adjusted = (
                p if (family, claim) == ("category", "p_parity") else holm(p, family_size=sizes[family])
            )
            for place, value in zip(members, adjusted, strict=True):
                held[place][claim] = bool(value <= ALPHA)
    return [
        _Shown(
            worse=claims["p_worse"],
            beyond=claims["p_beyond"],
            within=claims["p_parity"],
            better=claims["p_better"],
        )
        for claims in held.values()
    ]


def _signed_off(cells: Sequence[Cell], numbers: Sequence[_Numbers]) -> set[str]:
    """The suites whose primary metrics are all within margin and caps at once, uncorrected."""
    suites: dict[str, bool] = {}
    for cell, number in zip(cells, numbers, strict=True):
        if cell.family == "primary":
            good = number.p_parity <= ALPHA and not _cap_open(cell, number) and not _too_much_missing(cell)
            suites[cell.suite] = suites.get(cell.suite, True) and good
    return {suite for suite, good in suites.items() if good}


def _primary(cell: Cell, number: _Numbers, shown: _Shown, *, together: bool) -> tuple[VerdictName, list[str]]:
    flags = _shape_flags(cell, number)
    if "missing_over_limit" in flags:
        return "inconclusive", flags
    if shown.beyond:
        return "regression", ["beyond_margin", *flags]
    if shown.worse and not shown.within:
        return "regression", ["margin_not_excluded", *flags]
    if shown.worse:
        flags = ["real_shift_within_margin", *flags]
    if shown.better:
        flags = ["improved", *flags]
    if together and not shown.within:
        flags = ["shown_jointly", *flags]
    within = shown.within or together
    return "parity" if within and "cap_not_shown" not in flags else "inconclusive", flags


def _category(cell: Cell, number: _Numbers, shown: _Shown) -> tuple[VerdictName, list[str]]:
    """A category can only be seen to be worse; it is never large enough to be signed off."""
    if _too_much_missing(cell):
        return "inconclusive", ["missing_over_limit"]
    if shown.beyond:
        return "regression", ["beyond_margin"]
    if shown.worse:
        if shown.within:
            return "inconclusive", ["real_shift_within_margin"]
        return "regression", ["margin_not_excluded"]
    return "inconclusive", ["unconfirmed_loss"] if number.p_worse <= ALPHA else []


def _shape_flags(cell: Cell, number: _Numbers) -> list[str]:
    flags = []
    if _too_much_missing(cell):
        flags.append("missing_over_limit")
    if _cap_open(cell, number):
        flags.append("cap_not_shown")
    # Without a single failure p_parity is (1 - margin) ** pairs: what cannot be shown even then.
    if (cell.pairs + cell.missing) * math.log1p(-cell.margin) > math.log(ALPHA):
        flags.append("too_few_pairs")
    return flags


def _cap_open(cell: Cell, number: _Numbers) -> bool:
    return not number.upper <= cell.cap


def _too_much_missing(cell: Cell) -> bool:
    return cell.missing > MOST_MISSING * (cell.pairs + cell.missing)


def _finding(cell: Cell, number: _Numbers, verdict: VerdictName, flags: list[str]) -> Finding:
    n, candidate_only, reference_only = cell.pairs, cell.candidate_only, cell.reference_only
    finding = Finding(
        suite=cell.suite,
        metric=cell.metric,
        slice=cell.slice,
        family=cell.family,
        epochs=cell.epochs,
        pairs=n,
        missing=cell.missing,
        both=cell.both,
        candidate_only=candidate_only,
        reference_only=reference_only,
        reference_rate=(cell.both + reference_only) / n if n else None,
        candidate_rate=(cell.both + candidate_only) / n if n else None,
        difference=(candidate_only - reference_only) / n if n else None,
        low=_known(number.low),
        high=_known(number.high),
        worst=_known(number.worst),
        margin=cell.margin,
        cap=cell.cap,
        p_worse=_known(number.p_worse),
        p_beyond_margin=_known(number.p_beyond),
        p_parity=_known(number.p_parity),
        verdict=verdict,
        flags=flags,
        needed_pairs=_needed(cell, flags) if cell.family == "primary" and verdict == "inconclusive" else None,
    )
    return finding.model_copy(update={"reason": reasons.of_finding(finding, number.upper)})


def _needed(cell: Cell, flags: Sequence[str]) -> int | None:
    """Pairs that would show it if what was seen is the truth; None where more pairs would not.

    Where the observed difference asks for it the plan is made for that, else for no difference at all.
    """
    if "missing_over_limit" in flags:
        return None
    seen = cell.candidate_only - cell.reference_only
    margin = planning.pairs_for_parity(
        discordant=cell.candidate_only + cell.reference_only,
        pairs=cell.pairs,
        margin=cell.margin,
        shift=seen / cell.pairs if cell.pairs else 0.0,
        alpha=ALPHA,
    )
    cap = planning.pairs_for_cap(
        failures=cell.both + max(cell.candidate_only, cell.reference_only),
        pairs=cell.pairs,
        cap=cell.cap,
        alpha=ALPHA,
    )
    if margin is None or cap is None:
        return None
    needed = max(margin, cap)
    return needed if needed > cell.pairs else None


def _known(number: float) -> float | None:
    return None if math.isnan(number) else number
