"""The verdict in short, for people who were not there: one line first, then the table.

The line holds the verdict, the worst finding and what to do. No text of a prompt or an answer is in it, nor
in the table: only counts, rates and names of what was counted.
"""

from __future__ import annotations

import html
import re
from collections.abc import Iterator, Sequence

from analysis import gates, runbook, statement, terms, wording
from analysis.finding import Finding
from analysis.result import Verdict
from suites.metrics import METRICS

_SPACE = re.compile(r"\s+")
_MEANT_IN_MARKDOWN = re.compile(r"([\\`*_{}\[\]<>|~#])")
_HEADINGS = ("pairs", "candidate only", "reference only", "difference", "95 % interval", "limit")


def first_line(verdict: Verdict) -> str:
    """Verdict, worst finding and next step, on one line."""
    sign = wording.words_of_run(verdict).symbol
    return one_line(
        f"{sign} {verdict.headline}. {statement.lead(verdict)} Next: {statement.next_step(verdict)}"
    )


def one_line(text: str) -> str:
    """`text` with every run of spaces and line ends as one space."""
    return _SPACE.sub(" ", text).strip()


def markdown(verdict: Verdict, *, more: Sequence[str] = (), pages: str = runbook.FOLDER) -> str:
    """The summary as Markdown, as GitHub shows it under a job.

    Args:
        verdict: What was reached.
        more: Lines of the caller's own, such as alarms; they stand under the first line.
        pages: Folder or address of the runbook's pages.
    """
    page = runbook.page_for(verdict)
    lines = [f"**{escaped(first_line(verdict))}**", ""]
    lines += [f"- {escaped(one_line(line))}" for line in more]
    lines += [
        f"- {escaped(one_line(said))}" for said in (*terms.sentences(verdict, brief=True), *verdict.notes)
    ]
    lines += ["", *table(verdict), "", f"What to do: [{page}]({pages}/{page})"]
    return re.sub(r"\n{3,}", "\n\n", "\n".join(lines)) + "\n"


def plain(verdict: Verdict, *, more: Sequence[str] = ()) -> list[str]:
    """The summary as lines of text: the first line, the caller's, then one per suite, worst first."""
    lines = [first_line(verdict), *map(one_line, more)]
    for result in verdict.suites:
        words = wording.words_of_suite(verdict, result.suite)
        lines.append(one_line(f"{words.symbol} {result.title}: {words.long}. {result.reason}"))
    lines += [f"{wording.CROSS} {suite}: did not run" for suite in verdict.suites_not_run]
    lines += [one_line(said) for said in (*terms.sentences(verdict, brief=True), *verdict.notes)]
    return lines


def escaped(text: str) -> str:
    """`text` so that Markdown and HTML show it as it is."""
    return _MEANT_IN_MARKDOWN.sub(r"\\\1", html.escape(text, quote=False))


def table(verdict: Verdict) -> Iterator[str]:
    """Every metric and critical stratum as a table in Markdown; what failed, where nothing was compared."""
    findings = statement.primary(verdict)
    if not findings:
        for sentence in statement.unproved(verdict):
            yield f"- {escaped(one_line(sentence))}"
        return
    yield f"| suite | failure | {' | '.join(_HEADINGS)} | verdict |"
    yield f"|---|---|{'--:|' * len(_HEADINGS)}---|"
    for result in verdict.suites:
        for finding in statement.primary(verdict, result.suite):
            yield _row(result.title, METRICS[finding.metric].title, finding)
        for stratum in gates.strata(verdict, result.suite):
            words = f"{stratum.words.symbol} {stratum.words.short}"
            blank = " | ".join([""] * len(_HEADINGS))
            yield f"| {escaped(result.title)} | {escaped(stratum.title)} | {blank} | {words} |"
    yield ""
    yield "Per 1,000 cases; difference: candidate minus reference, + is worse."


def _row(suite: str, failure: str, finding: Finding) -> str:
    words = wording.words_of_finding(finding)
    cells = (
        escaped(suite),
        escaped(failure),
        wording.count(finding.pairs),
        wording.count(finding.candidate_only),
        wording.count(finding.reference_only),
        wording.signed(finding.difference),
        wording.interval(finding),
        wording.plain(finding.margin),
        f"{words.symbol} {words.short}",
    )
    return f"| {' | '.join(cells)} |"
