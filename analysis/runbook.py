"""Which page of the runbook tells what to do about a verdict; the pages stand in docs/runbook/."""

from __future__ import annotations

from analysis.result import Verdict

FOLDER = "docs/runbook"
"""From the checkout."""

NO_VERDICT = "5-not-finished.md"
"""Of a run that left no verdict behind."""

_MISSING = {"missing_over_limit", "missing_unevenly"}


def page_for(verdict: Verdict) -> str:
    """The page's file name, by exit code and by the cause that has to be looked at first."""
    match verdict.verdict:
        case None:
            return NO_VERDICT
        case "parity":
            return "0-within-the-limit.md"
        case "regression":
            return "1-beyond-the-limit.md" if verdict.breach == "shown" else "1-worse.md"
        case "not_comparable":
            return "4-not-comparable.md"
        case _:
            return _inconclusive(verdict)


def _inconclusive(verdict: Verdict) -> str:
    if verdict.suites_not_run or any(each.cases_run < each.cases_planned for each in verdict.suites):
        return "3-part-of-the-plan.md"
    deciding = [finding for finding in verdict.findings if finding.gates and finding.family != "category"]
    if deciding and all(f.verdict == "parity" or "alpha_spent" in f.flags for f in deciding):
        return "3-not-signed-off.md"
    if any(_MISSING & set(finding.flags) for finding in deciding):
        return "3-answers-missing.md"
    return "3-too-few-pairs.md"
