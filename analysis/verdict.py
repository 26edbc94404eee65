"""The rule: from paired counts to findings, from findings to a suite's verdict, from suites to the run's.

Everything here is a function of the counts and of what was registered: the same counts always give the
same verdict. With theta the candidate's failure rate minus the reference's, each finding carries three
exact one-sided p-values, and a verdict needs one of them to be small after Holm's correction over the
whole registered family, also over the part of it that was not run.

    p_beyond_margin small                    regression, beyond the margin
    p_worse small, p_parity not              regression, a breach of the margin is not excluded
    p_parity small, both caps shown          parity
    otherwise                                inconclusive

Families are the primary metrics, the metrics of critical strata, and the category cells at hand. They
are corrected apart, and so are the estimands: what a suite's purpose does not ask for is judged beside
the rest, and counts for nothing.

A claim that may be tried again is given its share of the chance of a false sign-off, attempt by attempt:
then `p_parity` and the caps have to be shown at that share, and everything else stays.

Missing pairs are no evidence for either side: the p-values, `worst` and the caps take each at its worst
for the claim in question. Where they are over 5 %, or missing on one arm more than on the other by more
than chance, nothing is signed off.

A suite signs off when every primary metric and every metric of a critical stratum is within its margin
and its caps at once. That conjunction needs no correction (Berger 1982), and since it implies each of
its parts, they are parity then too.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass

from analysis import needs, reasons
from analysis.counts import Cell
from analysis.finding import Breach, Family, Finding, VerdictName
from analysis.numbers import ALPHA, Numbers, compute
from analysis.stats.multiplicity import holm

MOST_MISSING = 0.05
"""Share of a metric's pairs, from which on the numbers do not matter."""

_WORST_FIRST: tuple[VerdictName, ...] = ("not_comparable", "regression", "inconclusive", "parity")
_UNABLE = {"missing_over_limit", "too_few_clusters"}
"""Flags with which nothing at all is concluded."""
_UNSIGNED = {*_UNABLE, "missing_unevenly", "cap_not_shown"}
"""Flags with which nothing is within its limit."""


@dataclass(frozen=True)
class _Shown:
    """Which claims hold for one cell after correction within its family."""

    worse: bool
    beyond: bool
    within: bool
    within_at_first: bool
    """Within, had all the chance of a false sign-off been this attempt's."""
    better: bool


def judge(
    cells: Sequence[Cell],
    *,
    family_size: int,
    critical_size: int = 0,
    uneven: Collection[str] = (),
    sign_off: float = ALPHA,
) -> list[Finding]:
    """Findings for the cells of all suites at hand, in the order given.

    Args:
        cells: Cells of every suite that was compared, for one estimand or both.
        family_size: How many primary metrics are registered over all suites, run or not.
        critical_size: How many metrics of critical strata are, likewise.
        uneven: Suites in which one arm's answers are missing more often than the other's.
        sign_off: The chance of a false sign-off that this attempt may use (`multiplicity.spent`); 0 signs
            nothing off. Losses are looked for at the whole ALPHA in every attempt: finding one is no gain
            for whoever tries again.

    Raises:
        ValueError: There are more primary or critical cells than were registered.
    """
    level = sign_off or ALPHA
    numbers = compute(cells, cap_alpha=level)
    flags = [_shape_flags(cell, number, uneven, level) for cell, number in zip(cells, numbers, strict=True)]
    whole = {(cell.suite, cell.metric): cell for cell in cells if cell.family == "primary" and cell.gates}
    sizes: dict[Family, int] = {"primary": family_size, "critical": critical_size}
    findings: dict[int, Finding] = {}
    for gates in (True, False):
        places = [place for place, cell in enumerate(cells) if cell.gates is gates]
        of_these = {place: cells[place] for place in places}
        shown = _corrected(of_these, numbers, sizes, sign_off)
        signed_off = _signed_off(of_these, numbers, flags, sign_off)
        for place in places:
            cell, number = cells[place], numbers[place]
            if cell.family == "category":
                verdict, told = _category(number, shown[place], flags[place])
            else:
                verdict, told = _gate(shown[place], flags[place], together=cell.suite in signed_off)
                if sign_off < ALPHA and verdict == "inconclusive" and shown[place].within_at_first:
                    told = [*told, "alpha_spent"]
            of_all = whole.get((cell.suite, cell.metric))
            findings[place] = _finding(cell, number, verdict, told, of_all, level)
    return [findings[place] for place in range(len(cells))]


def suite_verdict(findings: Sequence[Finding]) -> tuple[VerdictName, str]:
    """One suite's verdict by all its findings, with the reason in plain words.

    A regression in any metric, stratum or category is the suite's; signing off needs every primary
    metric and every stratum. Findings for the estimand that does not decide are not looked at.
    """
    deciding = [finding for finding in findings if finding.gates]
    worse = [finding for finding in deciding if finding.verdict == "regression"]
    gates = [finding for finding in deciding if finding.family != "category"]
    open_ = [finding for finding in gates if finding.verdict != "parity"]
    if worse:
        return "regression", reasons.of_worse_suite(worse)
    if open_ or not any(finding.family == "primary" for finding in gates):
        return "inconclusive", reasons.of_open_suite(open_)
    return "parity", reasons.of_good_suite(gates)


def breach_of(findings: Iterable[Finding]) -> Breach | None:
    """Of the regressions that decide: whether any is shown to be beyond its margin; None without one."""
    there = {finding.breach for finding in findings if finding.gates}
    return "shown" if "shown" in there else "not_excluded" if "not_excluded" in there else None


def worst_of(verdicts: Iterable[VerdictName]) -> VerdictName:
    """The worst verdict; of none at all it is `inconclusive`, since nothing was shown."""
    there = set(verdicts)
    return next((name for name in _WORST_FIRST if name in there), "inconclusive")


def _corrected(
    cells: dict[int, Cell], numbers: Sequence[Numbers], sizes: dict[Family, int], sign_off: float
) -> dict[int, _Shown]:
    """Which claims hold, each kind corrected by Holm on its own within each family.

    The category cells that exist are their own family. They are only screened for losses; that a cell is
    within its margin is looked at uncorrected, and only to keep a small loss from being called a regression.
    """
    held: dict[int, dict[str, bool]] = {place: {} for place in cells}
    for family in ("primary", "critical", "category"):
        members = [place for place, cell in cells.items() if cell.family == family]
        size = sizes.get(family, len(members))
        for claim in ("p_worse", "p_beyond", "p_parity", "p_better"):
            p = [getattr(numbers[place], claim) for place in members]
            adjusted = p if (family, claim) == ("category", "p_parity") else holm(p, family_size=size)
            for place, value in zip(members, adjusted, strict=True):
                held[place][claim] = bool(value <= ALPHA)
                if claim == "p_parity":
                    level = ALPHA if family == "category" else sign_off
                    held[place]["within"] = bool(value <= level and level > 0)
    return {
        place: _Shown(
            worse=claims["p_worse"],
            beyond=claims["p_beyond"],
            within=claims["within"],
            within_at_first=claims["p_parity"],
            better=claims["p_better"],
        )
        for place, claims in held.items()
    }


def _signed_off(
    cells: dict[int, Cell], numbers: Sequence[Numbers], flags: Sequence[Collection[str]], sign_off: float
) -> set[str]:
    """The suites whose primary metrics and critical strata are all within limits at once, uncorrected."""
    suites: dict[str, bool] = {}
    for place, cell in cells.items():
        if cell.family != "category":
            good = numbers[place].p_parity <= sign_off and sign_off > 0 and not _UNSIGNED & set(flags[place])
            suites[cell.suite] = suites.get(cell.suite, True) and good
    return {suite for suite, good in suites.items() if good}


def _gate(shown: _Shown, flags: list[str], *, together: bool) -> tuple[VerdictName, list[str]]:
    """A primary metric, over all cases or over a critical stratum."""
    if _UNABLE & set(flags):
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
    return "parity" if within and not _UNSIGNED & set(flags) else "inconclusive", flags


def _category(number: Numbers, shown: _Shown, flags: list[str]) -> tuple[VerdictName, list[str]]:
    """A category can only be seen to be worse; it is never large enough to be signed off."""
    if unable := [flag for flag in flags if flag in _UNABLE]:
        return "inconclusive", unable
    if shown.beyond:
        return "regression", ["beyond_margin"]
    if shown.worse:
        if shown.within:
            return "inconclusive", ["real_shift_within_margin"]
        return "regression", ["margin_not_excluded"]
    return "inconclusive", ["unconfirmed_loss"] if number.p_worse <= ALPHA else []


def _shape_flags(cell: Cell, number: Numbers, uneven: Collection[str], sign_off: float) -> list[str]:
    """What the shape of a cell says before any claim is tested."""
    flags = []
    if cell.missing > MOST_MISSING * (cell.pairs + cell.missing):
        flags.append("missing_over_limit")
    if cell.suite in uneven:
        flags.append("missing_unevenly")
    if number.worth.too_few:
        flags.append("too_few_clusters")
    if not number.upper <= cell.cap:
        flags.append("cap_not_shown")
    # Without a single failure p_parity is (1 - margin) ** pairs: what cannot be shown even then.
    if (cell.pairs + cell.missing) / number.worth.deff * math.log1p(-cell.margin) > math.log(sign_off):
        flags.append("too_few_pairs")
    return flags


def _finding(
    cell: Cell, number: Numbers, verdict: VerdictName, flags: list[str], whole: Cell | None, sign_off: float
) -> Finding:
    n, candidate_only, reference_only = cell.pairs, cell.candidate_only, cell.reference_only
    finding = Finding(
        suite=cell.suite,
        metric=cell.metric,
        slice=cell.slice,
        title=cell.title,
        family=cell.family,
        estimand=cell.estimand,
        gates=cell.gates,
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
        margin_shown=needs.margin(cell, number, flags),
        margin=cell.margin,
        cap=cell.cap,
        equivalence=cell.equivalence,
        deff=number.worth.deff,
        clusters=number.worth.clusters,
        p_worse=_known(number.p_worse),
        p_beyond_margin=_known(number.p_beyond),
        p_parity=_known(number.p_parity),
        verdict=verdict,
        breach=_breach(verdict, flags),
        flags=flags,
        needed_pairs=_needed(cell, number, verdict, flags, whole, sign_off),
    )
    return finding.model_copy(update={"reason": reasons.of_finding(finding, number.upper)})


def _breach(verdict: VerdictName, flags: Collection[str]) -> Breach | None:
    if verdict != "regression":
        return None
    return "shown" if "beyond_margin" in flags else "not_excluded"


def _needed(
    cell: Cell,
    number: Numbers,
    verdict: VerdictName,
    flags: Collection[str],
    whole: Cell | None,
    sign_off: float,
) -> int | None:
    if verdict != "inconclusive" or {*_UNABLE, "missing_unevenly"} & set(flags):
        return None
    if cell.family == "category":
        return None if whole is None else needs.pairs_of_category(cell, number, whole)
    return needs.pairs(cell, number, alpha=sign_off)


def _known(number: float) -> float | None:
    return None if math.isnan(number) else number
