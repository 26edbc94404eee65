"""The verdict on a terminal: what it is, the worst of it and what to do, then one line per metric."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from rich.console import Console, ConsoleOptions, RenderableType
from rich.table import Table
from rich.text import Text

from analysis import gates, runbook, statement, terms, wording
from analysis.finding import Finding
from analysis.result import SuiteResult, Verdict
from analysis.spending import told
from suites.metrics import METRICS

_STYLES = {
    "parity": "green",
    "beyond": "bold red",
    "worse": "red",
    "open": "yellow",
    "void": "magenta",
}

_ROOM_FOR_RATES = 112
"""Columns of the terminal from which both arms' rates have room beside the counts."""


def verdict_table(verdict: Verdict) -> RenderableType:
    """The verdict as something Rich can print; all rates and differences are cases per 1,000.

    Without a comparison there is no table, but the checks that failed. A narrow terminal gets the counts
    and the interval, a wide one both rates as well.
    """
    return _Verdict(verdict)


class _Verdict:
    def __init__(self, verdict: Verdict) -> None:
        self.verdict = verdict

    def __rich_console__(self, _console: Console, options: ConsoleOptions) -> Iterator[RenderableType]:
        verdict = self.verdict
        words = wording.words_of_run(verdict)
        if verdict.rehearsal:
            yield Text(f"{wording.BANNER}  {wording.BANNER_MEANING}", style="bold black on yellow")
        yield Text(f"{words.symbol} {verdict.headline}", style=f"bold {_STYLES[words.name]}")
        yield Text(statement.lead(verdict))
        yield Text(f"Next: {statement.next_step(verdict)} More: {runbook.FOLDER}/{runbook.page_for(verdict)}")
        for sentence in terms.sentences(verdict, brief=True):
            yield Text(sentence)
        for note in verdict.notes:
            yield Text(f"Note: {note}")
        for sentence in statement.small_losses(verdict):
            yield Text(sentence)
        for sentence in statement.unproved(verdict):
            yield Text(f"{wording.CROSS} {sentence}", style=_STYLES["void"])
        if findings := statement.primary(verdict):
            yield Text()
            strata = {finding.suite: gates.strata(verdict, finding.suite) for finding in findings}
            yield _table(findings, strata, wide=options.max_width >= _ROOM_FOR_RATES)
            for result in verdict.suites:
                yield from _beside(verdict, result)
        for finding in statement.signals(verdict):
            yield _signal(finding)
        if cost := told(verdict):
            yield Text(cost, style="dim")


def _table(findings: list[Finding], strata: Mapping[str, list[gates.Stratum]], *, wide: bool) -> Table:
    table = Table(
        box=None,
        pad_edge=False,
        padding=(0, 2 if wide else 1, 0, 0),
        header_style="bold",
        caption="per 1,000 cases; difference: candidate minus reference, + is worse; interval: 95 %",
        caption_justify="left",
    )
    table.add_column("suite and failure")
    rates = ("cand.", "ref.") if wide else ()
    for heading in ("pairs", "only\ncand.", "only\nref.", *rates, "diff.", "interval", "limit"):
        table.add_column(heading, justify="right", no_wrap=True)
    table.add_column("verdict", no_wrap=True)
    first: dict[str, Finding] = {}
    for finding in findings:
        first.setdefault(finding.suite, finding)
    blank = [""] * (len(table.columns) - 2)
    for finding, following in zip(findings, [*findings[1:], None], strict=True):
        if finding is first[finding.suite]:
            table.add_row(Text(finding.suite, style="bold"))
        words = wording.words_of_finding(finding)
        arms = (wording.rate(finding.candidate_rate), wording.rate(finding.reference_rate)) if wide else ()
        table.add_row(
            f"  {METRICS[finding.metric].title}" if wide else METRICS[finding.metric].title,
            wording.count(finding.pairs),
            wording.count(finding.candidate_only),
            wording.count(finding.reference_only),
            *arms,
            wording.signed(finding.difference),
            wording.interval(finding),
            wording.plain(finding.margin),
            _sign(words),
        )
        if following is None or following.suite != finding.suite:
            for stratum in strata[finding.suite]:
                table.add_row(f"{'  ' if wide else ''}{stratum.title}", *blank, _sign(stratum.words))
    return table


def _sign(words: wording.Words) -> Text:
    return Text(f"{words.symbol} {words.short}", style=_STYLES[words.name])


def _beside(verdict: Verdict, result: SuiteResult) -> Iterator[RenderableType]:
    """What stands beside a suite's numbers: what could still hide, tries, time."""
    parts = [statement.hidden_loss(verdict, result.suite)]
    if result.any_of_k:
        most = result.any_of_k[-1]
        candidate, reference = wording.rate(most.candidate_rate), wording.rate(most.reference_rate)
        parts.append(
            f"Of 1,000 prompts, each tried {most.tries} times, {candidate} expose something in front of the"
            f" candidate and {reference} in front of the reference."
        )
    latency = next((cost for cost in result.costs if cost.quantity == "latency_ms"), None)
    if latency and latency.ratio is not None and not latency.rehearsed:
        parts.append(f"The candidate's answers take {latency.ratio:.2f} times as long.")
    if told := " ".join(part for part in parts if part):
        yield Text(f"{result.suite}: {told}", style="dim")


def _signal(finding: Finding) -> Text:
    return Text(
        f"Stands out: {finding.suite}, {wording.category(finding)}, "
        f"{METRICS[finding.metric].title.lower()} {wording.signed(finding.difference)} per 1,000 "
        f"({wording.interval(finding)}), uncorrected p {wording.probability(finding.p_worse)}",
        style=_STYLES["worse"],
    )
