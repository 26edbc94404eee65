"""How often each arm failed, by metric, with exact 95 % intervals, and the cap that both must stay under."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from analysis import wording
from analysis.finding import Finding
from analysis.plots import style, theme
from analysis.stats import intervals
from suites.metrics import METRICS

_WIDTH_IN = 6.6
_ROW_IN = 0.42
_HEAD_IN, _AXIS_IN = 0.5, 0.52
_LABELS = 0.335
"""Where the axes begin, as a fraction of the width."""
_NUMBERS = 0.86

ARMS = (("reference", "s", theme.REFERENCE, -0.17), ("candidate", "o", theme.CANDIDATE, 0.17))
"""Name, mark, colour and place within a row. The marks differ too, for paper without colours."""


class Share(NamedTuple):
    """A rate with its exact two-sided 95 % limits; fractions."""

    rate: float
    low: float
    high: float


def share(finding: Finding, arm: str) -> Share | None:
    """How often an arm failed; None where there was no pair."""
    if not finding.pairs:
        return None
    alone = finding.candidate_only if arm == "candidate" else finding.reference_only
    failed = finding.both + alone
    low = 1 - float(intervals.rate_upper(finding.pairs - failed, finding.pairs, alpha=0.025))
    high = float(intervals.rate_upper(failed, finding.pairs, alpha=0.025))
    return Share(failed / finding.pairs, low, high)


def draw(findings: Sequence[Finding], *, title: str, rehearsal: bool) -> Figure:
    """One row to a primary finding of one suite."""
    inches = len(findings) * _ROW_IN + _HEAD_IN + _AXIS_IN
    reach = _reach(findings)
    with style.applied():
        figure = Figure(figsize=(_WIDTH_IN, inches))
        axes = figure.add_axes(
            (_LABELS, _AXIS_IN / inches, _NUMBERS - 0.02 - _LABELS, 1 - (_HEAD_IN + _AXIS_IN) / inches),
            xlim=(-0.02 * reach, reach),
            ylim=(len(findings) - 0.5, -0.5),
        )
        axes.set_yticks(range(len(findings)), [METRICS[f.metric].title for f in findings])
        axes.tick_params(axis="y", length=0)
        axes.xaxis.set_major_locator(MaxNLocator(nbins=6, integer=True, steps=[1, 2, 5, 10]))
        axes.set_xlabel("failures per 1,000 cases in which they were possible", fontsize=8.5)
        axes.grid(axis="x", color=theme.RULE, linewidth=0.6)
        axes.set_axisbelow(True)
        for line, finding in enumerate(findings):
            _row(axes, line, finding)
        _legend(figure, inches, title)
        if rehearsal:
            style.stamp(figure)
    return figure


def _reach(findings: Sequence[Finding]) -> float:
    caps = [f.cap * 1000 for f in findings]
    highs = [found.high * 1000 for f in findings for arm, *_ in ARMS if (found := share(f, arm))]
    return 1.06 * min(max([*caps, *highs]), 3 * max(caps))


def _row(axes: Axes, line: int, finding: Finding) -> None:
    right = axes.get_xlim()[1]
    cap = finding.cap * 1000
    axes.plot(
        [cap, cap],
        [line - 0.38, line + 0.38],
        color=theme.LIMIT,
        linewidth=2.2,
        solid_capstyle="butt",
        gid=f"cap:{finding.metric}",
    )
    for arm, mark, colour, off in ARMS:
        found = share(finding, arm)
        if found is None:
            continue
        y = line + off
        axes.plot(
            [found.low * 1000, min(found.high * 1000, right)],
            [y, y],
            color=colour,
            linewidth=1.8,
            solid_capstyle="butt",
            gid=f"interval:{arm}:{finding.metric}",
        )
        axes.plot(
            [found.rate * 1000],
            [y],
            marker=mark,
            markersize=5.2,
            color=colour,
            markerfacecolor=colour if arm == "candidate" else theme.PAPER,
            markeredgewidth=1.3,
            clip_on=False,
            zorder=4,
            gid=f"rate:{arm}:{finding.metric}",
        )
        axes.text(
            1.02,
            y,
            wording.rate(found.rate),
            transform=axes.get_yaxis_transform(),
            va="center",
            fontsize=8,
            color=colour,
        )


def _legend(figure: Figure, inches: float, title: str) -> None:
    top = 1 - 0.16 / inches
    figure.text(0.26, top, title, va="top", fontweight="bold", fontsize=9)
    for x, words, colour in (
        (0.60, "□ reference", theme.REFERENCE),
        (0.745, "● candidate", theme.CANDIDATE),
        (0.89, "┃ cap", theme.LIMIT),
    ):
        figure.text(x, top, words, va="top", fontsize=8.5, color=colour)
