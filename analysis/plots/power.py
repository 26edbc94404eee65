"""How likely each verdict is, drawn against the true difference: what a batch can and cannot show.

The x axis is the true difference in cases per 1,000, candidate minus reference; right of zero is worse.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator, PercentFormatter

from analysis import wording
from analysis.plan import Question
from analysis.plots import style, theme
from analysis.stats import power

_POINTS = 121
_PANEL_IN = (3.5, 2.1)
_ALONE_IN = (6.4, 4.0)
_COLUMNS = 3
_HEAD_IN, _FOOT_IN = 0.42, 0.05
_LOW = 0.2
"""Below this chance a line's name stands above it, not below."""
_REACH = (-1.0, 3.0)
"""Where the axis ends, in margins."""

_CURVES = (
    ("parity", wording.PARITY, "parity"),
    ("inconclusive", wording.OPEN, "open"),
    ("regression", wording.WORSE, "beyond"),
)
"""Attribute of `Chances`, its words, and the name of its colour."""
_LINES = {"parity": "-", "inconclusive": (0, (1, 1.2)), "regression": (0, (5, 1.5))}


@dataclass(frozen=True)
class Panel:
    """One batch, or one metric of it. `question` has both its pairs and its margin."""

    title: str
    question: Question


def draw(panels: Sequence[Panel], *, rehearsal: bool) -> Figure:
    """One panel to a batch or metric; a single one is drawn larger.

    Raises:
        ValueError: There is no panel, or one lacks its pairs or its margin.
    """
    if not panels:
        raise ValueError("There is nothing to draw: no metric has a pair.")
    columns = min(len(panels), _COLUMNS)
    rows = math.ceil(len(panels) / columns)
    width, height = _ALONE_IN if len(panels) == 1 else _PANEL_IN
    head = _HEAD_IN if len(panels) > 1 else 0.0
    inches = columns * width, rows * height + head + _FOOT_IN
    with style.applied():
        figure = Figure(figsize=inches)
        for place, panel in enumerate(panels):
            row, column = divmod(place, columns)
            bottom = inches[1] - head - (row + 1) * height
            axes = figure.add_axes(
                (
                    (column * width + 0.62) / inches[0],
                    (bottom + 0.52) / inches[1],
                    (width - 0.8) / inches[0],
                    (height - 0.85) / inches[1],
                )
            )
            _panel(axes, panel, first=column == 0, small=len(panels) > 1)
        if len(panels) > 1:
            _legend(figure, inches)
        else:
            _labels(figure.axes[0], panels[0].question)
        if rehearsal:
            style.stamp(figure)
    return figure


def _panel(axes: Axes, panel: Panel, *, first: bool, small: bool) -> None:
    question = panel.question
    if question.pairs is None or question.margin is None:
        raise ValueError(f"{panel.title}: a panel needs both pairs and margin.")
    room = 1 - question.discordance
    shifts = np.clip(np.linspace(*_REACH, _POINTS) * question.margin, -room, room)
    found = power.chances(
        pairs=question.pairs,
        margin=question.margin,
        discordance=question.discordance,
        shifts=shifts,
        levels=question.levels,
    )
    axes.axvline(0, color=theme.INK, linewidth=0.9, zorder=1)
    axes.axvline(question.margin * 1000, color=theme.LIMIT, linewidth=1.6, zorder=1)
    axes.axhline(question.power, color=theme.RULE, linewidth=0.8, zorder=0)
    for name, _, colour in _CURVES:
        axes.plot(
            shifts * 1000,
            getattr(found, name),
            color=style.COLOURS[colour],
            linestyle=_LINES[name],
            linewidth=1.8,
            gid=f"curve:{name}",
        )
    axes.set_xlim(shifts[0] * 1000, shifts[-1] * 1000)
    axes.set_ylim(-0.02, 1.02)
    axes.yaxis.set_major_formatter(PercentFormatter(1.0))
    axes.set_yticks([0, 0.2, 0.4, 0.6, 0.8, 1.0])
    axes.tick_params(length=3, labelsize=8)
    axes.xaxis.set_major_locator(MaxNLocator(nbins=6, steps=[1, 2, 5, 10]))
    axes.set_title(panel.title, fontsize=8.5, fontweight="bold", loc="left", pad=6 if small else 18)
    axes.set_xlabel(
        f"true difference per 1,000, worse to the right · {wording.pairs(question.pairs)}", fontsize=8
    )
    if first:
        axes.set_ylabel("chance of each verdict", fontsize=8)


def _labels(axes: Axes, question: Question) -> None:
    """Names beside the lines themselves, where there is room for them."""
    margin = (question.margin or 0.0) * 1000
    by_name = {line.get_gid(): line for line in axes.lines}
    for name, words, colour in _CURVES:
        x, y = (np.asarray(values) for values in by_name[f"curve:{name}"].get_data())
        room = x.size // 6
        place, level, align = {
            "parity": (0, y[: room + 1].min(), "left"),
            "inconclusive": (int(np.clip(y.argmax(), room, x.size - 1 - room)), y.max(), "center"),
            "regression": (x.size - 1, y[-room - 1 :].min(), "right"),
        }[name]
        above = level < _LOW or (name == "inconclusive" and level < 1 - _LOW / 2)
        axes.annotate(
            f"{words.symbol} {words.short}",
            (x[place], level),
            xytext=({"left": 6, "center": 0, "right": -6}[align], 5 if above else -4),
            textcoords="offset points",
            ha=align,
            va="bottom" if above else "top",
            color=style.COLOURS[colour],
            fontsize=8.5,
            fontweight="bold",
            bbox={"facecolor": theme.PAPER, "edgecolor": "none", "pad": 1.0},
        )
    beside: dict[str, Any] = {"textcoords": "offset points", "fontsize": 8, "ha": "left"}
    axes.annotate(
        f"agreed limit {margin:.3g}", (margin, 1.02), xytext=(0, 3), va="bottom", color=theme.LIMIT, **beside
    )
    axes.annotate("no difference", (0, 1.02), xytext=(0, 3), va="bottom", color=theme.INK, **beside)
    axes.annotate(
        f"asked for: {question.power:.0%}",
        (axes.get_xlim()[0], question.power),
        xytext=(6, -3),
        va="top",
        color=theme.INK,
        **beside,
    )


def _legend(figure: Figure, inches: tuple[float, float]) -> None:
    """What the lines are, in the order from left to right in which they are high."""
    axes = figure.axes[0]
    by_name = {line.get_gid(): line for line in axes.lines}
    handles = [by_name[f"curve:{name}"] for name, _, _ in _CURVES]
    labels = [f"{words.symbol} {words.short}" for _, words, _ in _CURVES]
    limit = axes.axvline(np.nan, color=theme.LIMIT, linewidth=1.6)
    figure.legend(
        [*handles, limit],
        [*labels, "agreed limit"],
        loc="upper right",
        bbox_to_anchor=(1.0, 1 - 0.02 / inches[1]),
        ncols=4 if inches[0] > _ALONE_IN[0] - 1 else 2,
        frameon=False,
        fontsize=8.5,
        handlelength=2.6,
    )
