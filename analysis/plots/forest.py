"""The forest plot: one row per suite and metric, how much worse the candidate may be, and the limit.

The x axis is the difference in cases per 1,000, candidate minus reference; right of zero is worse.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from matplotlib.axes import Axes
from matplotlib.figure import Figure, SubFigure
from matplotlib.ticker import MaxNLocator
from matplotlib.transforms import Transform, blended_transform_factory

from analysis import wording
from analysis.finding import Finding
from analysis.plots import style, theme
from analysis.result import Verdict
from suites.metrics import METRICS

_WIDTH_IN = {"wide": 8.0, "narrow": 3.7}
_ROW_IN = {"wide": 0.225, "narrow": 0.44}
_AXIS_IN = 0.56
_HEAD_IN = 0.44

_REACH = 3.0
"""The axis ends at most this many margins from zero; longer intervals end in an arrow."""

_PLOT = (0.322, 0.600)
_NUMBERS = 0.617
_WORDS = 0.860
"""Where the columns of the wide form begin, and the plot ends, as fractions of its width."""

_BACKING = {"facecolor": theme.PAPER, "edgecolor": "none", "pad": 0.5}
"""Behind labels that the line at zero may run through."""

Form = Literal["wide", "narrow"]
"""`narrow` is for a telephone: labels stand over their lines, numbers are left to the table."""


@dataclass(frozen=True)
class Row:
    """One line of the plot: a suite's heading, or one of its metrics."""

    label: str
    finding: Finding | None = None


def rows(verdict: Verdict) -> list[Row]:
    """The rows from top to bottom: suites in the verdict's order, metrics in the registered order."""
    lines: list[Row] = []
    for suite in verdict.suites:
        found = {
            f.metric: f
            for f in verdict.findings
            if f.suite == suite.suite and f.family == "primary" and f.gates
        }
        if found:
            lines.append(Row(suite.title))
            lines += [Row(METRICS[name].title, found[name]) for name in METRICS if name in found]
    return lines


def height(verdict: Verdict, form: Form = "wide") -> float:
    """How many inches the plot needs."""
    return len(rows(verdict)) * _ROW_IN[form] + _AXIS_IN + _HEAD_IN


def draw(verdict: Verdict, form: Form = "wide") -> Figure:
    """The plot as a figure of its own."""
    with style.applied():
        figure = Figure(figsize=(_WIDTH_IN[form], height(verdict, form)))
        draw_into(figure, verdict, form)
        if verdict.rehearsal:
            style.stamp(figure)
    return figure


def draw_into(figure: Figure | SubFigure, verdict: Verdict, form: Form = "wide") -> Axes:
    """Draw the plot into `figure`, which has to be `height(verdict, form)` high; returns its axes."""
    lines = rows(verdict)
    inches = height(verdict, form)
    left, right = _PLOT if form == "wide" else (0.04, 0.96)
    axes = figure.add_axes((left, _AXIS_IN / inches, right - left, 1 - (_AXIS_IN + _HEAD_IN) / inches))
    axes.set_ylim(len(lines) - 0.5, -0.5)
    axes.set_xlim(*_reach([row.finding for row in lines if row.finding]))
    axes.set_yticks([])
    axes.axvline(0, color=theme.INK, linewidth=0.9, zorder=1)
    axes.xaxis.set_major_locator(MaxNLocator(nbins=6, integer=True, steps=[1, 2, 5, 10]))
    axes.tick_params(axis="x", length=3)
    axes.set_xlabel(style.DIRECTIONS, fontsize=9, labelpad=4)
    across = blended_transform_factory(figure.transSubfigure, axes.transData)
    _head(axes, across, form)
    for place, row in enumerate(lines):
        if row.finding is None:
            _suite(axes, across, place, row.label, form)
        else:
            _metric(axes, across, place, row.label, row.finding, form)
    return axes


def _reach(findings: list[Finding]) -> tuple[float, float]:
    """The axis in cases per 1,000: all margins and intervals, but no further than `_REACH` margins."""
    if not findings:
        return -1.0, 1.0
    most = max(f.margin for f in findings) * 1000
    lows = [f.low * 1000 for f in findings if f.low is not None]
    highs = [f.high * 1000 for f in findings if f.high is not None]
    low = max(min([*lows, -0.5 * most]), -_REACH * most)
    high = min(max([*highs, most]), _REACH * most)
    return low - 0.06 * (high - low), high + 0.06 * (high - low)


def _head(axes: Axes, across: Transform, form: Form) -> None:
    axes.text(
        1.0 if form == "narrow" else 0.5,
        1.0,
        "┃ agreed limit",
        transform=axes.transAxes,
        ha="right" if form == "narrow" else "center",
        va="bottom",
        fontsize=8.5,
        color=theme.LIMIT,
    )
    if form == "wide":
        axes.text(
            _NUMBERS,
            -0.5,
            "difference (95 % interval)",
            transform=across,
            ha="left",
            va="bottom",
            fontsize=8.5,
            color=theme.QUIET,
        )


def _suite(axes: Axes, across: Transform, place: int, label: str, form: Form) -> None:
    left = 0.012 if form == "wide" else 0.04
    axes.text(
        left, place + 0.08, label, transform=across, ha="left", va="center", fontweight="bold", bbox=_BACKING
    )
    if place:
        axes.plot(
            [left, 1 - left],
            [place - 0.48, place - 0.48],
            transform=across,
            color=theme.RULE,
            linewidth=0.8,
            clip_on=False,
            zorder=0,
        )


def _metric(axes: Axes, across: Transform, place: int, label: str, finding: Finding, form: Form) -> None:
    words = wording.words_of_finding(finding)
    name = f"{finding.suite}:{finding.metric}"
    verdict = f"{words.symbol} {words.short}"
    colour = style.COLOURS[words.name]
    if form == "narrow":
        above = place - 0.26
        axes.text(
            0.04,
            above,
            label,
            transform=across,
            va="center",
            fontsize=8.5,
            bbox=_BACKING,
        )
        axes.text(
            0.96,
            above,
            verdict,
            transform=across,
            ha="right",
            va="center",
            fontsize=8.5,
            color=colour,
            gid=f"verdict:{name}",
        )
        _interval(axes, place + 0.18, finding, half=0.26)
        return
    axes.text(0.028, place, label, transform=across, va="center", fontsize=9)
    axes.text(
        _NUMBERS,
        place,
        _numbers(finding),
        transform=across,
        va="center",
        fontsize=9,
        gid=f"numbers:{name}",
    )
    axes.text(
        _WORDS,
        place,
        verdict,
        transform=across,
        va="center",
        fontsize=9,
        color=colour,
        gid=f"verdict:{name}",
    )
    _interval(axes, place, finding, half=0.36)


def _interval(axes: Axes, line: float, finding: Finding, *, half: float) -> None:
    words = wording.words_of_finding(finding)
    colour = style.COLOURS[words.name]
    name = f"{finding.suite}:{finding.metric}"
    margin = finding.margin * 1000
    left, right = axes.get_xlim()
    axes.plot(
        [margin, margin],
        [line - half, line + half],
        color=theme.LIMIT,
        linewidth=2.2,
        solid_capstyle="butt",
        zorder=2,
        gid=f"margin:{name}",
    )
    if finding.low is None or finding.high is None or finding.difference is None:
        axes.text(
            (left + right) / 2,
            line,
            " nothing to compare ",
            ha="center",
            va="center",
            fontsize=8.5,
            color=theme.QUIET,
            backgroundcolor=theme.PAPER,
            zorder=3,
            gid=f"nothing:{name}",
        )
        return
    low, high, at = finding.low * 1000, finding.high * 1000, finding.difference * 1000
    axes.plot(
        [low, high],
        [line, line],
        color=colour,
        linewidth=2.0,
        solid_capstyle="butt",
        zorder=3,
        gid=f"interval:{name}",
    )
    if (worst := wording.worst_of(finding)) is not None:
        axes.plot(
            [worst * 1000, worst * 1000],
            [line - 0.16, line + 0.16],
            color=colour,
            linewidth=1.4,
            solid_capstyle="butt",
            zorder=3,
            gid=f"worst:{name}",
        )
    axes.plot(
        [at],
        [line],
        marker=style.MARKS[words.name],
        markersize=6,
        color=colour,
        markeredgewidth=1.4,
        markerfacecolor=colour if words.name in style.FILLED else theme.PAPER,
        zorder=4,
        gid=f"estimate:{name}",
    )
    for beyond, x, mark in ((high > right, right, ">"), (low < left, left, "<")):
        if beyond:
            axes.plot(
                [x],
                [line],
                marker=mark,
                markersize=6,
                color=colour,
                clip_on=False,
                zorder=5,
                gid=f"arrow{mark}:{name}",
            )


def _numbers(finding: Finding) -> str:
    if finding.difference is None:
        return "no opportunities"
    return f"{wording.signed(finding.difference)} ({wording.interval(finding)})"
