"""Why a finding or a suite got its verdict, in one sentence for a reader without statistics.

The sentences hold for rehearsals as well: they speak of limits, never of the verdict's name.
"""

from __future__ import annotations

from collections.abc import Sequence

from analysis import wording
from analysis.finding import Finding
from suites.metrics import METRICS


def of_finding(finding: Finding, upper: float) -> str:
    """The sentence under one finding.

    Args:
        finding: Whole but for its reason.
        upper: The higher of both arms' upper limits, as a fraction.
    """
    if "missing_over_limit" in finding.flags:
        return (
            f"{wording.count(finding.missing)} of {wording.count(finding.pairs + finding.missing)} pairs are"
            " missing, more than the 5 % with which any claim could be made."
        )
    if finding.pairs == 0:
        return "No pair gave an opportunity for this failure, so nothing was shown."
    if "too_few_clusters" in finding.flags:
        return (
            f"The pairs come from {finding.clusters} templates, too few to claim anything of other prompts"
            " like these."
        )
    if finding.verdict == "regression":
        return _worse(finding)
    if finding.family == "category":
        return _screened(finding)
    return _within(finding) if finding.verdict == "parity" else _open(finding, upper)


def of_worse_suite(worse: Sequence[Finding]) -> str:
    """Which failures grew, whole metrics before strata before categories."""
    families = ("primary", "critical", "category")
    ordered = sorted(worse, key=lambda finding: families.index(finding.family))
    return f"The candidate is worse: {wording.series(_name(finding) for finding in ordered)}."


def of_open_suite(open_: Sequence[Finding]) -> str:
    """Which failures keep the suite from signing off."""
    if not open_:
        return "No metric could be compared."
    if any("missing_unevenly" in finding.flags for finding in open_):
        return (
            "Answers are missing on one arm more often than on the other, beyond chance; until that is"
            " explained nothing is shown."
        )
    return f"Not shown for {wording.series(_name(finding) for finding in open_)}."


def of_good_suite(gates: Sequence[Finding]) -> str:
    """How close the closest metric came, over all cases or over a critical stratum."""
    tightest = max(gates, key=lambda finding: (finding.worst or 0.0) / finding.margin)
    metrics = sum(finding.family == "primary" for finding in gates)
    strata = len({finding.slice for finding in gates if finding.family == "critical"})
    what = f"All {metrics} kinds of failure"
    if strata:
        what += f" and {'the critical stratum' if strata == 1 else f'{strata} critical strata'}"
    return f"{what} are within their limits and caps; closest is {_name(tightest)}, {_at_worst(tightest)}."


def _name(finding: Finding) -> str:
    title = METRICS[finding.metric].title.lower()
    if finding.family == "primary":
        return title
    where = finding.title or wording.category(finding)
    return f"{title} in {where[0].lower() + where[1:] if finding.title else where}"


def _worse(finding: Finding) -> str:
    least = wording.bound(finding.low, finding.margin)
    more = f"{wording.signed(finding.difference)} per 1,000, at least {least}"
    limit = wording.plain(finding.margin)
    if "beyond_margin" in finding.flags:
        return f"The candidate fails more often ({more}) and by more than the limit of {limit}."
    return f"The candidate fails more often ({more}); more than the limit of {limit} is not excluded."


def _screened(finding: Finding) -> str:
    if "real_shift_within_margin" in finding.flags:
        return f"A real loss in this category, but within the limit: {_at_worst(finding)}."
    if "unconfirmed_loss" in finding.flags:
        return (
            f"A loss by itself (p = {wording.probability(finding.p_worse)}), but not after correction for all"
            " the categories looked at."
        )
    if finding.needed_pairs is None:
        return "No loss found; a category is screened for losses alone."
    return (
        "No loss found; too few cases to show that this category alone is within the limit: with arms as"
        f" alike as in the whole suite it would take about {wording.count(finding.needed_pairs)}."
    )


def _within(finding: Finding) -> str:
    text = f"Within the limit: {_at_worst(finding)}"
    if "shown_jointly" in finding.flags:
        text += ", shown together with the suite's other metrics rather than alone"
    if "real_shift_within_margin" in finding.flags:
        text += "; a real loss, but a small one"
    if "improved" in finding.flags:
        text += "; fewer failures than with the reference, beyond chance"
    return text + "."


def _open(finding: Finding, upper: float) -> str:
    parts = []
    if "missing_unevenly" in finding.flags:
        parts.append("answers are missing on one arm more often than on the other, beyond chance")
    if finding.worst is not None and finding.worst > finding.margin:
        parts.append(f"{_at_worst(finding)}, so the limit is not shown to hold")
    elif finding.equivalence and (finding.margin_shown or 0.0) > finding.margin:
        parts.append(
            f"it may be better by {wording.rate(finding.margin_shown)} per 1,000, and the limit of"
            f" {wording.plain(finding.margin)} was registered for either side"
        )
    elif "missing_unevenly" in finding.flags:
        pass
    elif "cap_not_shown" not in finding.flags:
        parts.append(
            f"{_at_worst(finding)}, which does not stand after correction for "
            + ("the attempts made" if "alpha_spent" in finding.flags else "all the metrics registered")
        )
    if "cap_not_shown" in finding.flags:
        parts.append(
            f"an arm may fail as often as {wording.rate(upper)} per 1,000, above the cap of"
            f" {wording.plain(finding.cap)}"
        )
    if "too_few_pairs" in finding.flags:
        parts.append(
            f"{wording.pairs(finding.pairs)} {'is' if finding.pairs == 1 else 'are'} too few to show it even"
            " without a single failure"
        )
    text = "; ".join(parts)
    return f"{text[0].upper()}{text[1:]}."


def _at_worst(finding: Finding) -> str:
    """One-sided, with missing pairs at their worst, so that it agrees with the verdict."""
    if finding.worst is None:
        return "nothing was counted"
    size = wording.bound(finding.worst, finding.margin)
    return f"at worst {size} per 1,000 (one-sided 95 %) against a limit of {wording.plain(finding.margin)}"
