"""What a verdict means, in sentences that a reader without statistics can rely on.

Every number in them was computed elsewhere; rates are given as cases per 1,000.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from analysis import applicability, thinning, wording
from analysis.finding import Finding
from analysis.result import SuiteResult, Verdict
from suites.metrics import METRICS

LEVEL = "95\N{NO-BREAK SPACE}%"


def primary(verdict: Verdict, suite: str | None = None) -> list[Finding]:
    """The findings that decide, of one suite or of all, in the order of suites and metrics."""
    order = [result.suite for result in verdict.suites]
    names = list(METRICS)
    mine = [f for f in verdict.findings if f.family == "primary" and f.gates and suite in (None, f.suite)]
    return sorted(mine, key=lambda f: (order.index(f.suite), names.index(f.metric)))


def signals(verdict: Verdict, suite: str | None = None) -> list[Finding]:
    """The categories that stand out before any correction for how many were looked at, worst first."""
    out = [
        f
        for f in verdict.findings
        if f.family == "category"
        and suite in (None, f.suite)
        and f.p_worse is not None
        and f.p_worse < wording.SIGNAL_P
    ]
    return sorted(out, key=lambda f: (f.p_worse or 0.0, f.suite, f.slice, f.metric))


def worst(verdict: Verdict) -> Finding | None:
    """The finding to look at first.

    A regression with the largest difference in margins, a category's only where nothing else regressed;
    else what is not shown; else the one whose interval comes closest to its limit. None when nothing was
    compared.
    """
    compared = [f for f in verdict.findings if f.gates and f.difference is not None and f.high is not None]
    gates = [f for f in compared if f.family != "category"]
    lost_alone = [f for f in compared if f.family == "category" and f.verdict == "regression"]
    for found in (
        [f for f in gates if f.verdict == "regression"],
        lost_alone,
        [f for f in gates if f.verdict == "inconclusive"],
        gates,
    ):
        if found:
            return max(found, key=_in_limits)
    return None


def _in_limits(finding: Finding) -> float:
    """How bad a finding is, measured in its own limit."""
    size = finding.difference if finding.verdict == "regression" else wording.worst_of(finding)
    return (size or 0.0) / finding.margin


def lead(verdict: Verdict) -> str:
    """The verdict in one or two sentences, for the first screen and the terminal."""
    finding = worst(verdict)
    if verdict.verdict is None:
        return "The run broke off before there was enough for a verdict. This is not a pass."
    if verdict.verdict == "not_comparable":
        return _not_comparable(verdict)
    if verdict.verdict == "regression" and finding is not None:
        return (
            f"Worst: {_where(verdict, finding)}, {_against(finding)}. "
            f"The difference lies {_extent(finding)} ({LEVEL}); the agreed limit is "
            f"{wording.plain(finding.margin)}.{_taken_alone(finding)}"
        )
    if verdict.verdict == "parity" and finding is not None:
        return (
            "For every way to fail that was measured, the candidate is shown to be no worse than the "
            f"reference by more than the agreed limit. Closest to its limit: {_where(verdict, finding)}, "
            f"at worst {wording.at_worst(finding)} ({LEVEL}), limit "
            f"{wording.plain(finding.margin)}."
        )
    return (
        "This run does not show that the guardrail protects as well in front of the candidate. "
        "That is neither a pass nor a finding against the candidate."
    )


_UNTIL_THEN = {
    False: "Until then nothing here speaks for putting the candidate in the reference's place.",
    True: "Whatever it shows, only a run on the real guardrail and models can speak for the candidate.",
}
"""By whether it is a rehearsal, what an inconclusive result leaves a board with."""


def next_step(verdict: Verdict) -> str:
    """What to do now, in a few sentences."""
    match verdict.verdict, verdict.rehearsal:
        case None, _:
            step = "Run the same command again with the same --out folder: finished samples are kept."
        case "not_comparable", _:
            step = "Make the named arm's route carry the guardrail, then run again: nothing can be compared."
        case "inconclusive", _:
            step = f"{_what_is_lacking(verdict)} {_UNTIL_THEN[verdict.rehearsal]}"
        case "regression", True:
            step = (
                "A rehearsal should find this only where a fault was planted; the differing cases show which."
            )
        case "regression", False:
            step = (
                "Do not put the candidate behind this guardrail yet. Read the cases on which they differed."
            )
        case _, True:
            step = "The tool works. Next, the models: parity run --arms suites/arms/bedrock.yaml"
        case _:
            step = "Keep the run's folder: its logs are the evidence for this page."
    return step


def small_losses(verdict: Verdict) -> list[str]:
    """A sentence for each real loss that is inside its limit."""
    return [
        f"A real but small loss inside the limit: {_where(verdict, f)}, {_against(f)}; at worst "
        f"{wording.at_worst(f)} ({LEVEL}), limit {wording.plain(f.margin)}."
        for f in primary(verdict)
        if "real_shift_within_margin" in f.flags
    ]


def hidden_loss(verdict: Verdict, suite: str) -> str | None:
    """How large a loss a single category of the suite could hide; None where no category was counted."""
    cells = [
        (loss, f)
        for f in verdict.findings
        if f.slice.startswith("category:") and f.suite == suite and (loss := wording.worst_of(f)) is not None
    ]
    if not cells:
        return None
    loss, cell = max(cells, key=lambda pair: pair[0])
    return (
        f"The largest loss that a single category could still hide is {wording.signed(loss)} per 1,000 "
        f"({wording.category(cell)}, {_lower(METRICS[cell.metric].title)}, "
        f"{wording.pairs(cell.pairs)})."
    )


def record(verdict: Verdict, result: SuiteResult, date: str | None = None) -> str:
    """The sentence for the record of one suite: what was compared, what came out, what was agreed."""
    found = {f.metric: f for f in primary(verdict, result.suite)}
    exposure = found.get("exposure")
    facts = verdict.registered.get(result.suite) or {}
    opening = f"{'In a rehearsal, on' if verdict.rehearsal else 'On'} {_conditions(result, facts, date)}, "
    untested = f"not tested: {'; '.join(map(_lower, result.not_tested))}" if result.not_tested else ""
    if exposure is None or exposure.difference is None:
        body = "nothing could be compared"
    else:
        body = (
            f"the candidate exposed {wording.rate(exposure.candidate_rate)} per 1,000 against "
            f"{wording.rate(exposure.reference_rate)} by the reference; at worst "
            f"{wording.at_worst(exposure)} ({LEVEL}); limit "
            f"{wording.plain(exposure.margin)}{_agreed(facts)}"
        )
    return f"{opening}{'; '.join(part for part in (body, untested) if part)}."


def _conditions(result: SuiteResult, facts: Mapping[str, Any], date: str | None) -> str:
    arms = facts.get("arms") or {}
    routes = dict.fromkeys(
        str(arms[name]["route"]) for name in ("reference", "candidate") if "route" in arms.get(name, {})
    )
    guardrails = facts.get("guardrails") or {}
    named = dict.fromkeys(f"{ref['id']} version {ref['version']}" for ref in guardrails.values())
    digest = str(facts.get("batch_sha256", ""))[:12]
    run = result.cases_run
    prompts = (
        f"{run:,} prompts" if run == result.cases_planned else f"{run:,} of {result.cases_planned:,} prompts"
    )
    parts = [
        f"batch {result.suite} {result.version}" + (f" (sha256 {digest})" if digest else ""),
        f"{prompts} in {wording.languages(result.languages)}",
        f"{result.epochs} times each" if result.epochs > 1 else "",
        f"by {wording.series(routes)}" if routes else "",
        f"behind guardrail {wording.series(named)}" if named else "",
        f"on {date}" if date else "",
    ]
    return ", ".join(part for part in parts if part)


def _agreed(facts: Mapping[str, Any]) -> str:
    margin = (facts.get("metrics") or {}).get("exposure")
    if not margin:
        return ""
    return f", set by {margin['owner']} because {_lower(str(margin['reason'])).rstrip('. ')}"


def _lower(text: str) -> str:
    """`text` without its capital, unless the first word is an abbreviation."""
    return text if text[1:2].isupper() else text[:1].lower() + text[1:]


def title_of(verdict: Verdict, suite: str) -> str:
    """A suite's title; its name where the suite gave no result."""
    return next((result.title for result in verdict.suites if result.suite == suite), suite)


def _taken_alone(finding: Finding) -> str:
    """Why an interval may lie wholly beyond the limit and the verdict still leave that open."""
    if "beyond_margin" in finding.flags or finding.low is None or finding.low <= finding.margin:
        return ""
    return (
        " Taken alone this would be beyond the limit; among all the lines that were looked at, chance is not "
        "excluded."
    )


def _where(verdict: Verdict, finding: Finding) -> str:
    what = _lower(METRICS[finding.metric].title)
    if finding.family != "primary":
        what += f" in {_lower(wording.category(finding))}"
    return f"{title_of(verdict, finding.suite)}, {what}"


def _against(finding: Finding) -> str:
    return (
        f"{wording.rate(finding.candidate_rate)} per 1,000 in front of the candidate against "
        f"{wording.rate(finding.reference_rate)} in front of the reference"
    )


def _extent(finding: Finding) -> str:
    return (
        f"between {wording.bound(finding.low, finding.margin)} and "
        f"{wording.bound(finding.high, finding.margin)} per 1,000"
    )


def unproved(verdict: Verdict) -> list[str]:
    """Where the guardrail was not seen to act as it must: a sentence for each suite and arm.

    Then what else kept the arms from being compared: unequal conditions, evidence that thinned out.
    """
    groups: dict[tuple[str, str], list[dict[str, Any]]] = {}
    for proof in verdict.attachment:
        groups.setdefault((str(proof.get("suite")), str(proof.get("arm"))), []).append(proof)
    canaries = [
        _failed_checks(title_of(verdict, suite), arm, proofs)
        for (suite, arm), proofs in groups.items()
        if not all(proof.get("passed") for proof in proofs)
    ]
    unequal = [
        f"{title_of(verdict, str(check.get('suite')))}, {check.get('arm') or 'both arms'}: "
        f"{wording.readable(str(check.get('check')))}: {str(check.get('evidence'))[:200].rstrip('.')}."
        for check in verdict.checks
        if check.get("passed") is False
    ]
    thin = [f"{title_of(verdict, each.suite)}: {thinning.sentence(each)}" for each in verdict.thinned]
    return [*canaries, *unequal, *thin]


def _failed_checks(title: str, arm: str, proofs: list[dict[str, Any]]) -> str:
    failed = [proof for proof in proofs if not proof.get("passed")]
    policies = wording.series(dict.fromkeys(str(proof.get("policy")) for proof in failed))
    sides = wording.series(dict.fromkeys(str(proof.get("side")) for proof in failed))
    first, *_ = str(failed[0].get("evidence")).split(" | ")
    return (
        f"{title}, {arm}: {len(failed)} of {len(proofs)} checks failed ({policies}; {sides}). "
        f"First evidence: {first[:200].rstrip('.')}."
    )


def _not_comparable(verdict: Verdict) -> str:
    failed = [proof for proof in verdict.attachment if not proof.get("passed")]
    if not failed and verdict.thinned:
        arms = wording.series(dict.fromkeys(f"the {each.arm}" for each in verdict.thinned))
        return f"During the run {arms} stopped showing its guardrail, so no rates are given."
    if not failed:
        return "The two arms were not measured under equal conditions, so no rates are given."
    arms = wording.series(dict.fromkeys(f"the {proof['arm']}" for proof in failed))
    return (
        f"Before the first case, {len(failed)} of {len(verdict.attachment)} checks that the guardrail really "
        f"acts failed, on {arms}. Without that proof no rates are given."
    )


def _rest_of_the_plan(verdict: Verdict, partial: Sequence[SuiteResult]) -> str:
    """What was not asked though it could have been; what could not, nobody can run."""
    left = [
        r.title
        for r in partial
        if r.cases_run + applicability.set_aside(verdict.registered.get(r.suite)) < r.cases_planned
    ]
    if left:
        return f"Run the whole plan: only a part of {wording.series(left)} was run."
    return (
        f"Some cases of {wording.series(r.title for r in partial)} are not applicable to this guardrail."
        " Configure it for them, or judge the rest alone (--allow-partial)."
    )


def _what_is_lacking(verdict: Verdict) -> str:
    if verdict.suites_not_run:
        return f"Run the whole plan: {wording.series(verdict.suites_not_run)} did not run."
    if partial := [r for r in verdict.suites if r.cases_run < r.cases_planned]:
        return _rest_of_the_plan(verdict, partial)
    if verdict.plan.exploratory if verdict.plan else "release" in verdict.purpose:
        return "Register a plan (parity register), commit it, and run under it."
    gates = [f for f in verdict.findings if f.gates and f.family != "category"]
    needed = [f for f in gates if f.verdict == "inconclusive" and f.needed_pairs]
    if needed:
        most = max(needed, key=lambda f: f.needed_pairs or 0)
        return (
            f"Run more cases: {_where(verdict, most)} needs about {most.needed_pairs:,} pairs and had "
            f"{wording.count(most.pairs)}."
        )
    return "Read the reason beside each suite; missing pairs can be asked for again."
