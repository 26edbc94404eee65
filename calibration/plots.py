"""The pictures of the calibration page: every figure a mark with its own error, beside what was promised."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter

from analysis.plots import style, theme
from calibration.promises import Measured

_WIDTH_IN = 7.0
_ROW_IN, _HEAD_IN, _FOOT_IN = 0.34, 0.75, 0.6
_LETTER = 0.0098
"""Width of a letter of the labels, as a fraction of the picture's."""
_WATCHED = 265
"""Nights of a year that are left after the quiet ones: where a delay without an end is drawn."""
_MARKS = ("o", "s", "^", "D")
_INKS = (style.COLOURS["parity"], theme.LIMIT, theme.QUIET, theme.INK)


@dataclass(frozen=True)
class Row:
    """One line of a strip: its label and the figures on it."""

    label: str
    measured: Sequence[Measured]
    ink: int = 0
    """Which colour and mark; the mark says the same as the colour."""


def strip(
    title: str,
    rows: Sequence[Row],
    *,
    axis: str,
    reach: tuple[float, float],
    nominal: float = 0.05,
    nominal_label: str = "promised: 5 %",
) -> bytes:
    """A strip a row with a mark for each setting, and the promise as a line through all.

    Args:
        title: One sentence that says what is seen.
        rows: From top to bottom.
        nominal: What was promised, as a fraction.
        nominal_label: Its words.
        axis: What the marks stand for.
        reach: Ends of the axis, as fractions.
    """
    height = len(rows) * _ROW_IN + _HEAD_IN + _FOOT_IN
    left = 0.03 + _LETTER * max(len(row.label) for row in rows)
    with style.applied():
        figure = Figure(figsize=(_WIDTH_IN, height))
        axes = figure.add_axes((left, _FOOT_IN / height, 0.97 - left, len(rows) * _ROW_IN / height))
        axes.axvline(nominal, color=theme.LIMIT, linewidth=1.2, linestyle=(0, (5, 2)))
        axes.text(nominal, -0.75, nominal_label, color=theme.LIMIT, ha="center", va="bottom", fontsize=8.5)
        for place, row in enumerate(rows):
            axes.axhline(place, color=theme.RULE, linewidth=0.6, zorder=0)
            count = len(row.measured)
            for number, figure_of in enumerate(row.measured):
                y = place + (0 if count == 1 else 0.22 * (2 * number / (count - 1) - 1))
                low, high = figure_of.limits
                if high - low > 1e-9:  # noqa: PLR2004 - a simulated figure
                    axes.plot([low, high], [y, y], color=_INKS[row.ink], linewidth=1.0)
                axes.plot(
                    figure_of.rate, y, _MARKS[row.ink], color=_INKS[row.ink], markersize=4,
                    markerfacecolor=_INKS[row.ink] if row.ink == 0 else "white",
                )  # fmt: skip
        axes.set(xlim=reach, ylim=(len(rows) - 0.5, -0.6))
        axes.set_yticks(range(len(rows)), [row.label for row in rows])
        axes.tick_params(axis="y", length=0)
        axes.xaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value * 100:g} %"))
        axes.set_xlabel(axis)
        figure.text(0.012, 1 - 0.1 / height, title, ha="left", va="top", fontsize=10, fontweight="bold")
    return style.png(figure, title=title)


def delay(title: str, measured: Sequence[Measured]) -> bytes:
    """Median nights until an alarm against the size of the shift, one line for each alarm.

    Args:
        title: One sentence that says what is seen.
        measured: `rate` holds the median; an infinite one is drawn at the upper edge.
    """
    with style.applied():
        figure = Figure(figsize=(_WIDTH_IN, 3.4))
        axes = figure.add_axes((0.1, 0.17, 0.66, 0.66))
        for ink, method in enumerate(dict.fromkeys(each.method for each in measured)):
            own = [each for each in measured if each.method == method]
            x = [float(each.setting["shift"]) * 1000 for each in own]
            y = [min(each.rate, _WATCHED) for each in own]
            axes.plot(x, y, color=_INKS[ink], marker=_MARKS[ink], linewidth=1.4, markersize=5)
            axes.text(x[-1] + 0.6, y[-1], method, color=_INKS[ink], va="center" if ink else "bottom")
            for place, each in zip(zip(x, y, strict=True), own, strict=True):
                told = "none in the year" if math.isinf(each.rate) else f"{each.rate:g}"
                axes.annotate(
                    told, place, xytext=(0, 6 if ink == 0 else -13), textcoords="offset points",
                    ha="center", fontsize=8.5, color=_INKS[ink],
                )  # fmt: skip
        axes.set_yscale("log")
        axes.set_ylim(0.7, _WATCHED * 1.8)
        axes.yaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:g}"))
        axes.grid(axis="y", color=theme.RULE, linewidth=0.6)
        axes.set_xlabel("Shift: more failures per 1,000, from one night on")
        axes.set_ylabel("Median nights to the alarm")
        figure.text(0.012, 0.97, title, ha="left", va="top", fontsize=10, fontweight="bold")
    return style.png(figure, title=title)
