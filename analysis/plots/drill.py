"""How often a run noticed what was planted in it, against how much was planted.

The x axis is the share of the answers concerned in which the fault struck; the y axis the share of
repetitions that ended as a regression, with exact 95 % limits.
"""

from __future__ import annotations

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import PercentFormatter

from analysis.drill import TITLES, Drill, Point, Share
from analysis.plots import style, theme

_SIZE_IN = (6.4, 3.8)
_LOOKS = {
    "masking": ("-", "o", theme.CANDIDATE),
    "blocking": ((0, (5, 1.5)), "s", style.COLOURS["beyond"]),
    "overblock": ((0, (1, 1.2)), "^", style.COLOURS["open"]),
}
"""By kind of fault its line, its mark and its colour."""
_APART = 0.05
"""Names at the end of lines stand at least so far apart, in the height of the axis."""


def draw(drill: Drill) -> Figure:
    """One line to a kind of fault; the false alarms of arms that are alike at the left.

    Raises:
        ValueError: There is no point.
    """
    if not drill.points:
        raise ValueError("There is nothing to draw: nothing was planted.")
    with style.applied():
        figure = Figure(figsize=_SIZE_IN)
        axes = figure.add_axes((0.11, 0.15, 0.66, 0.74))
        kinds = list(dict.fromkeys(point.kind for point in drill.points))
        most = max(point.rate for point in drill.points)
        for place, kind in enumerate(kinds):
            of_kind = sorted((each for each in drill.points if each.kind == kind), key=lambda each: each.rate)
            _line(axes, [each for each in of_kind if each.replayed], place, len(kinds))
            _end_to_end(axes, [each for each in of_kind if not each.replayed], (0.03 + 0.025 * place) * most)
        _alike(axes, drill.exchanged, most)
        _names(axes, drill, kinds, most)
        axes.axhline(0.8, color=theme.RULE, linewidth=0.8, zorder=0)
        axes.set_xlim(-0.06 * most, 1.05 * most)
        axes.set_ylim(-0.03, 1.03)
        axes.xaxis.set_major_formatter(PercentFormatter(1.0, decimals=None))
        axes.set_xticks([0.0, *sorted({point.rate for point in drill.points if point.rate > 0.05 * most})])
        axes.yaxis.set_major_formatter(PercentFormatter(1.0))
        axes.set_yticks([0, 0.2, 0.4, 0.6, 0.8, 1.0])
        axes.tick_params(length=3, labelsize=8)
        axes.set_xlabel("planted in this share of the answers concerned", fontsize=8)
        axes.set_ylabel("ended as a regression", fontsize=8)
        if drill.rehearsal:
            style.stamp(figure)
    return figure


def _line(axes: Axes, points: list[Point], place: int, many: int) -> None:
    if not points:
        return
    line, mark, colour = _LOOKS[points[0].kind]
    # A little to the side, so that limits at one rate do not hide each other.
    aside = (place - (many - 1) / 2) * 0.012 * max(point.rate for point in points)
    x = np.array([point.rate for point in points]) + aside
    axes.errorbar(
        x,
        [point.noticed.rate for point in points],
        yerr=_reach([point.noticed for point in points]),
        color=colour,
        linestyle=line,
        marker=mark,
        markersize=5,
        linewidth=1.6,
        elinewidth=0.9,
        capsize=2,
    )


def _end_to_end(axes: Axes, points: list[Point], aside: float) -> None:
    """So far to the left of their rate that no kind hides another one's."""
    for point in points:
        axes.errorbar(
            [point.rate - aside],
            [point.noticed.rate],
            yerr=_reach([point.noticed]),
            color=_LOOKS[point.kind][2],
            marker=_LOOKS[point.kind][1],
            markersize=6,
            markerfacecolor=theme.PAPER,
            elinewidth=0.9,
            capsize=2,
            linestyle="none",
        )


def _alike(axes: Axes, alike: Share | None, most: float) -> None:
    if alike is None:
        return
    axes.errorbar(
        [0],
        [alike.rate],
        yerr=_reach([alike]),
        color=theme.QUIET,
        marker="x",
        markersize=6,
        elinewidth=0.9,
        capsize=2,
        linestyle="none",
    )
    axes.annotate(
        "arms that are alike",
        (0, alike.high),
        xytext=(0.01 * most, 6),
        textcoords=("data", "offset points"),
        color=theme.QUIET,
        fontsize=7.5,
        rotation=90,
        ha="center",
        va="bottom",
    )


def _names(axes: Axes, drill: Drill, kinds: list[str], most: float) -> None:
    """The kinds' names at the right ends of their lines, pushed apart where they would meet."""
    ends = []
    for kind in kinds:
        points = [point for point in drill.points if point.kind == kind and point.replayed]
        if points:
            ends.append((max(points, key=lambda point: point.rate).noticed.rate, kind))
    lowest = -1.0
    for rate, kind in sorted(ends):
        lowest = max(rate, lowest + _APART)
        axes.annotate(
            TITLES[kind],
            (1.07 * most, lowest),
            color=_LOOKS[kind][2],
            fontsize=8.5,
            fontweight="bold",
            va="center",
            annotation_clip=False,
        )
    if any(not point.replayed for point in drill.points):
        axes.annotate("open: from end to end", (1.07 * most, -0.03), fontsize=7.5, annotation_clip=False)


def _reach(shares: list[Share]) -> np.ndarray:
    return np.array(
        [
            [max(each.rate - each.low, 0.0) for each in shares],
            [max(each.high - each.rate, 0.0) for each in shares],
        ]
    )
