"""What an answer of the candidate costs in time and tokens, as a multiple of the reference's."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from matplotlib.figure import Figure
from matplotlib.ticker import FixedLocator, NullFormatter

from analysis import wording
from analysis.described import Cost
from analysis.plots import style, theme

QUANTITIES = {"latency_ms": "latency", "input_tokens": "input tokens", "output_tokens": "output tokens"}

_WIDTH_IN = 6.6
_ROW_IN = 0.25
_HEAD_IN, _AXIS_IN = 0.5, 0.5
_LABELS = 0.42
_TICKS = (0.1, 0.2, 0.5, 0.8, 1.0, 1.25, 2.0, 5.0, 10.0)


@dataclass(frozen=True, kw_only=True)
class Row:
    """One quantity of one suite, whose ratio could be told."""

    suite: str
    cost: Cost
    ratio: float
    low: float
    high: float


def draw(rows: Sequence[Row], *, rehearsal: bool) -> Figure:
    """One line to a quantity; the axis is logarithmic, so that half and double lie equally far from even."""
    inches = len(rows) * _ROW_IN + _HEAD_IN + _AXIS_IN
    low = min(0.8, 0.9 * min(row.low for row in rows))
    high = max(1.25, 1.1 * max(row.high for row in rows))
    with style.applied():
        figure = Figure(figsize=(_WIDTH_IN, inches))
        axes = figure.add_axes(
            (_LABELS, _AXIS_IN / inches, 0.78 - _LABELS, 1 - (_HEAD_IN + _AXIS_IN) / inches),
            ylim=(len(rows) - 0.4, -0.6),
        )
        axes.set_xscale("log")
        axes.set_xlim(low, high)
        axes.xaxis.set_major_locator(FixedLocator([tick for tick in _TICKS if low <= tick <= high]))
        axes.xaxis.set_major_formatter(lambda at, _place: f"{wording.CROSS}{at:g}")
        axes.xaxis.set_minor_formatter(NullFormatter())
        axes.minorticks_off()
        axes.axvline(1, color=theme.INK, linewidth=0.9, zorder=1)
        axes.set_yticks(range(len(rows)), [f"{row.suite}: {QUANTITIES[row.cost.quantity]}" for row in rows])
        axes.tick_params(axis="y", length=0, labelsize=8)
        axes.set_xlabel("← candidate less\N{EM SPACE}\N{EM SPACE}candidate more →", fontsize=8.5)
        for line, row in enumerate(rows):
            name = f"{row.suite}:{row.cost.quantity}".replace(" ", "_")
            axes.plot(
                [row.low, row.high],
                [line, line],
                color=theme.CANDIDATE,
                linewidth=1.8,
                solid_capstyle="butt",
                gid=f"interval:{name}",
            )
            axes.plot(
                [row.ratio], [line], marker="o", markersize=4.5, color=theme.CANDIDATE, gid=f"ratio:{name}"
            )
            axes.text(
                1.03,
                line,
                f"{wording.CROSS}{row.ratio:.2f} ({row.low:.2f} to {row.high:.2f})",
                transform=axes.get_yaxis_transform(),
                va="center",
                fontsize=8,
            )
        if rehearsal:
            style.stamp(figure)
    return figure
