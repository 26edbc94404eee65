"""How often each arm failed: by suite, and leakage beside over-blocking for the whole run."""

from __future__ import annotations

from collections.abc import Iterator

from analysis import statement
from analysis.blocks import Block, Picture
from analysis.finding import Finding
from analysis.plots import balance, rates
from analysis.result import SuiteResult, Verdict
from suites.metrics import METRICS

_READING = (
    "A guardrail that stops everything leaks nothing, and one that stops nothing is never in the way: the "
    "two are only worth something together. Lower left is better; the bars are 95 % intervals."
)


def blocks(verdict: Verdict) -> Iterator[Block]:
    """Of the whole run first; nothing where nothing was compared."""
    found = {result.suite: _compared(verdict, result) for result in verdict.suites}
    panels = [
        balance.Panel(
            title=result.title,
            leaked=found[result.suite]["exposure"],
            stopped=found[result.suite]["overblock"],
        )
        for result in verdict.suites
        if {"exposure", "overblock"} <= found[result.suite].keys()
    ]
    if panels:
        yield Block(
            name="balance",
            title="Leakage beside over-blocking",
            sentences=(_READING,),
            pictures=(
                Picture(
                    name="balance",
                    figure=balance.draw(panels, rehearsal=verdict.rehearsal),
                    alt=". ".join(_told(panel) for panel in panels),
                ),
            ),
        )
    for result in verdict.suites:
        if mine := list(found[result.suite].values()):
            yield Block(
                name="rates",
                suite=result.suite,
                title="How often each arm failed, and the cap",
                pictures=(
                    Picture(
                        name=f"{result.suite}-rates",
                        figure=rates.draw(mine, title="", rehearsal=verdict.rehearsal),
                        alt=f"{result.title}: failures per 1,000 of both arms by metric, with 95 % intervals "
                        "and caps; the numbers stand in the table of failures.",
                    ),
                ),
                rank=1,
            )


def _compared(verdict: Verdict, result: SuiteResult) -> dict[str, Finding]:
    return {f.metric: f for f in statement.primary(verdict, result.suite) if f.pairs}


def _told(panel: balance.Panel) -> str:
    parts = []
    for arm in ("reference", "candidate"):
        leaked, stopped = rates.share(panel.leaked, arm), rates.share(panel.stopped, arm)
        if leaked and stopped:
            parts.append(
                f"{arm} {METRICS['exposure'].title.lower()} {leaked.rate * 1000:.1f} and "
                f"{METRICS['overblock'].title.lower()} {stopped.rate * 1000:.1f} per 1,000"
            )
    return f"{panel.title}: {', '.join(parts)}"
