"""Categories of one suite, one panel per metric: a screen for places where the candidate is worse.

Cells are too small to show that a limit holds; they can only raise a hand. The x axes are shared, in
cases per 1,000, candidate minus reference.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from analysis import wording
from analysis.finding import Finding
from analysis.plots import style, theme
from suites.metrics import METRICS

_ROW_IN = 0.2
_HEAD_IN = 1.0
_AXIS_IN = 0.55
_WIDTH_IN = 11.6
_LABEL_IN = 2.75
_GAP_IN = 0.16
_MOST = 400.0
"""The axis ends at most this many cases per 1,000 from zero."""


def cells(findings: Sequence[Finding], suite: str) -> list[Finding]:
    """The category findings of one suite, metrics in the registered order."""
    order = list(METRICS)
    mine = [f for f in findings if f.suite == suite and f.family == "category"]
    return sorted(mine, key=lambda f: order.index(f.metric))


def draw(findings: Sequence[Finding], *, title: str, rehearsal: bool) -> Figure:
    """Draw one suite's category findings (see `cells`); `title` is the suite's."""
    metrics = list(dict.fromkeys(f.metric for f in findings))
    names = sorted({wording.category(f) for f in findings})
    height = len(names) * _ROW_IN + _HEAD_IN + _AXIS_IN
    with style.applied():
        figure = Figure(figsize=(_WIDTH_IN, height))
        figure.text(
            _WIDTH_IN / 2 / _WIDTH_IN,
            1 - 0.2 / height,
            f"{title}: categories",
            ha="center",
            va="top",
            fontweight="bold",
            fontsize=10,
        )
        width = (_WIDTH_IN - _LABEL_IN - 0.2) / max(len(metrics), 1)
        reach = _reach(findings)
        for place, metric in enumerate(metrics):
            axes = figure.add_axes(
                (
                    (_LABEL_IN + place * width) / _WIDTH_IN,
                    _AXIS_IN / height,
                    (width - _GAP_IN) / _WIDTH_IN,
                    1 - (_AXIS_IN + _HEAD_IN) / height,
                ),
                xlim=reach,
                ylim=(len(names) - 0.4, -0.6),
            )
            _panel(axes, [f for f in findings if f.metric == metric], names, first=place == 0)
            axes.set_title(METRICS[metric].title.replace(" and ", "\nand "), fontsize=8.5, pad=6)
        figure.text(
            (_LABEL_IN + (_WIDTH_IN - _LABEL_IN) / 2) / _WIDTH_IN,
            0.08 / height,
            style.DIRECTIONS,
            ha="center",
            va="bottom",
            fontsize=8.5,
        )
        figure.text(
            1 - 0.1 / _WIDTH_IN,
            1 - 0.2 / height,
            f"▲ stands out (uncorrected p < {wording.SIGNAL_P:g})",
            ha="right",
            va="top",
            fontsize=8.5,
            color=style.COLOURS["beyond"],
        )
        if rehearsal:
            style.stamp(figure)
    return figure


def _reach(findings: Sequence[Finding]) -> tuple[float, float]:
    lows = [f.low * 1000 for f in findings if f.low is not None]
    highs = [f.high * 1000 for f in findings if f.high is not None]
    low, high = max(min([*lows, -10.0]), -_MOST), min(max([*highs, 10.0]), _MOST)
    return low - 0.05 * (high - low), high + 0.05 * (high - low)


def _panel(axes: Axes, findings: Sequence[Finding], names: Sequence[str], *, first: bool) -> None:
    axes.axvline(0, color=theme.INK, linewidth=0.8, zorder=1)
    for margin in sorted({f.margin * 1000 for f in findings}):
        axes.axvline(margin, color=theme.LIMIT, linewidth=1.2, zorder=1)
    axes.set_yticks(range(len(names)), names if first else [], fontsize=7.5)
    axes.tick_params(axis="y", length=0)
    axes.tick_params(axis="x", length=3, labelsize=8)
    axes.xaxis.set_major_locator(MaxNLocator(nbins=5, integer=True, steps=[1, 2, 5, 10]))
    axes.xaxis.set_major_formatter(_inner(*axes.get_xlim()))
    axes.set_axisbelow(True)
    axes.grid(axis="y", color=theme.RULE, linewidth=0.8)
    for finding in findings:
        _cell(axes, names.index(wording.category(finding)), finding)


def _inner(low: float, high: float) -> Callable[[float, float], str]:
    """Numerals for ticks away from the edges, where they would run into the next panel's."""
    edge = 0.12 * (high - low)

    def numeral(at: float, _place: float) -> str:
        return f"{at:.0f}".replace("-", wording.MINUS) if low + edge <= at <= high - edge else ""

    return numeral


def _cell(axes: Axes, line: int, finding: Finding) -> None:
    if finding.low is None or finding.high is None or finding.difference is None:
        return
    name = f"{finding.metric}:{'_'.join(wording.category(finding).split())}"
    out = stands_out(finding)
    colour = style.COLOURS["beyond"] if out else theme.QUIET
    axes.plot(
        [finding.low * 1000, finding.high * 1000],
        [line, line],
        color=colour,
        linewidth=1.8 if out else 1.1,
        solid_capstyle="butt",
        zorder=2,
        gid=f"interval:{name}",
    )
    axes.plot(
        [finding.difference * 1000],
        [line],
        marker="^" if out else "o",
        markersize=6 if out else 3.6,
        color=colour,
        zorder=3,
        gid=f"estimate:{name}",
    )


def stands_out(finding: Finding) -> bool:
    """Whether a category is to be named: its uncorrected one-sided p is below `SIGNAL_P`."""
    return finding.p_worse is not None and finding.p_worse < wording.SIGNAL_P
