"""Leakage beside over-blocking, one panel to a suite: a guardrail that stops everything leaks nothing.

Each arm is a point with its exact 95 % intervals in both directions; lower left is better.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from analysis.finding import Finding
from analysis.plots import style, theme
from analysis.plots.rates import ARMS, share

_NAME_PT, _LINE_PT = 9.0, 11.0
_PANEL_IN = (3.5, 3.0)
_HEAD_IN = 0.3


@dataclass(frozen=True, kw_only=True)
class Panel:
    """One suite."""

    title: str
    leaked: Finding
    stopped: Finding


def draw(panels: Sequence[Panel], *, rehearsal: bool) -> Figure:
    """The panels side by side, each with the axes that it needs."""
    width, height = _PANEL_IN
    inches = width * len(panels), height + _HEAD_IN
    with style.applied():
        figure = Figure(figsize=inches)
        for place, panel in enumerate(panels):
            axes = figure.add_axes(
                (
                    (place * width + 0.62) / inches[0],
                    0.52 / inches[1],
                    (width - 0.85) / inches[0],
                    (height - 0.95) / inches[1],
                )
            )
            _panel(axes, panel)
        if rehearsal:
            style.stamp(figure)
    return figure


def _panel(axes: Axes, panel: Panel) -> None:
    reach = max(
        [
            found.high * 1000
            for finding in (panel.leaked, panel.stopped)
            for arm, *_ in ARMS
            if (found := share(finding, arm))
        ],
        default=1.0,
    )
    reach = max(1.1 * reach, 1100 * min(panel.leaked.cap, panel.stopped.cap))
    axes.set_xlim(0, reach)
    axes.set_ylim(0, reach)
    axes.spines["left"].set_visible(True)
    for axis in (axes.xaxis, axes.yaxis):
        axis.set_major_locator(MaxNLocator(nbins=5, integer=True, steps=[1, 2, 5, 10]))
    axes.tick_params(length=3, labelsize=8)
    axes.set_title(panel.title, fontsize=9, fontweight="bold", loc="left")
    axes.set_xlabel("harmless text stopped, per 1,000 →", fontsize=8.5)
    axes.set_ylabel("exposed to the user, per 1,000 →", fontsize=8.5)
    for value, line in ((panel.stopped.cap * 1000, axes.axvline), (panel.leaked.cap * 1000, axes.axhline)):
        if value <= reach:
            line(value, color=theme.LIMIT, linewidth=1.2)
    if panel.leaked.cap * 1000 <= reach:
        axes.text(
            reach, panel.leaked.cap * 1000, "cap ", ha="right", va="bottom", fontsize=8, color=theme.LIMIT
        )
    taken: list[float] = []
    for arm, mark, colour, _ in reversed(ARMS):
        leaked, stopped = share(panel.leaked, arm), share(panel.stopped, arm)
        if leaked is None or stopped is None:
            continue
        x, y = stopped.rate * 1000, leaked.rate * 1000
        axes.plot([stopped.low * 1000, stopped.high * 1000], [y, y], color=colour, linewidth=1.4)
        axes.plot([x, x], [leaked.low * 1000, leaked.high * 1000], color=colour, linewidth=1.4)
        axes.plot(
            [x],
            [y],
            marker=mark,
            markersize=7,
            color=colour,
            markerfacecolor=colour if arm == "candidate" else theme.PAPER,
            markeredgewidth=1.4,
            clip_on=False,
            zorder=5,
            gid=f"point:{arm}",
        )
        axes.annotate(
            arm,
            (x, y),
            xytext=(7, _offset(axes, y, taken)),
            textcoords="offset points",
            fontsize=8.5,
            color=colour,
            arrowprops={"arrowstyle": "-", "color": colour, "linewidth": 0.6, "shrinkA": 0, "shrinkB": 3},
        )


def _offset(axes: Axes, y: float, taken: list[float]) -> float:
    """Points from a mark to its name, above the names that already stand there; notes the new one."""
    mark = axes.transData.transform((0.0, y))[1] * 72 / axes.figure.dpi
    name = mark + _NAME_PT
    for other in sorted(taken):
        if abs(name - other) < _LINE_PT:
            name = other + _LINE_PT
    taken.append(name)
    return float(name - mark)
