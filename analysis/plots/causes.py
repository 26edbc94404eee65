"""Where differences come from: pairs by cause, to the right those on which only the candidate failed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby
from operator import attrgetter
from typing import Literal

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle
from matplotlib.ticker import MaxNLocator
from matplotlib.transforms import blended_transform_factory

from analysis import wording
from analysis.described import Attribution, Cause
from analysis.plots import style, theme
from suites.metrics import METRICS

LOOKS: dict[Cause, tuple[str, str, str]] = {
    "route": ("route", theme.CANDIDATE, ""),
    "model": ("model", "#a9c5e0", "////"),
    "detector": ("detector", "#fefefe", "...."),
    "unknown": ("not known", "#dfe1e5", ""),
}
"""Words, colour and hatching of a cause; the hatching tells them apart where colours do not."""

_WIDTH_IN = 7.4
_ROW_IN = 0.3
_HEAD_IN, _AXIS_IN = 0.52, 0.5
_LABELS = 0.34


@dataclass(frozen=True, kw_only=True)
class Bar:
    """One metric of one suite."""

    suite: str
    attribution: Attribution


def draw(bars: Sequence[Bar], *, rehearsal: bool) -> Figure:
    """One bar to a metric in which the arms differed, under the name of its suite."""
    lines: list[Bar | str] = []
    for suite, mine in groupby(bars, key=attrgetter("suite")):
        lines += [str(suite), *mine]
    inches = len(lines) * _ROW_IN + _HEAD_IN + _AXIS_IN
    left, right = (_most(bars, side) for side in ("reference_only", "candidate_only"))
    room = 0.04 * (left + right)
    with style.applied():
        figure = Figure(figsize=(_WIDTH_IN, inches))
        axes = figure.add_axes(
            (_LABELS, _AXIS_IN / inches, 0.97 - _LABELS, 1 - (_HEAD_IN + _AXIS_IN) / inches),
            xlim=(-left - room, right + room),
            ylim=(len(lines) - 0.45, -0.55),
        )
        axes.axvline(0, color=theme.INK, linewidth=0.9, zorder=3)
        axes.set_yticks([])
        axes.xaxis.set_major_locator(MaxNLocator(nbins=7, integer=True))
        axes.xaxis.set_major_formatter(lambda at, _place: f"{abs(at):.0f}")
        axes.set_xlabel(
            "← only the reference failed\N{EM SPACE}pairs\N{EM SPACE}only the candidate failed →",
            fontsize=8.5,
        )
        for line, each in enumerate(lines):
            heading = isinstance(each, str)
            axes.text(
                0.012 if heading else 0.028,
                line,
                each if isinstance(each, str) else METRICS[each.attribution.metric].title,
                transform=blended_transform_factory(figure.transFigure, axes.transData),
                va="center",
                fontweight="bold" if heading else "normal",
                fontsize=8.5,
            )
            if not isinstance(each, str):
                _bar(axes, line, each.attribution)
        _legend(figure, inches)
        if rehearsal:
            style.stamp(figure)
    return figure


def _most(bars: Sequence[Bar], side: Literal["candidate_only", "reference_only"]) -> int:
    return max(sum(int(getattr(share, side)) for share in bar.attribution.shares) for bar in bars)


def _bar(axes: Axes, line: int, attribution: Attribution) -> None:
    for side, sign in (("candidate_only", 1), ("reference_only", -1)):
        start = 0.0
        for share in attribution.shares:
            count = getattr(share, side)
            if not count:
                continue
            _, colour, hatch = LOOKS[share.cause]
            axes.barh(
                line,
                sign * count,
                left=sign * start,
                height=0.62,
                color=colour,
                hatch=hatch,
                edgecolor=theme.INK,
                linewidth=0.8,
                gid=f"bar:{side}:{share.cause}:{attribution.metric}",
            )
            axes.text(
                sign * (start + count / 2),
                line,
                wording.count(count),
                ha="center",
                va="center",
                fontsize=8,
                color=theme.PAPER if share.cause == "route" else theme.INK,
                bbox=None
                if share.cause in {"route", "unknown"}
                else {"facecolor": theme.PAPER, "edgecolor": "none", "pad": 0.8},
            )
            start += count


def _legend(figure: Figure, inches: float) -> None:
    handles = [
        Rectangle((0, 0), 1, 1, facecolor=colour, hatch=hatch, edgecolor=theme.INK, linewidth=0.8)
        for _, colour, hatch in LOOKS.values()
    ]
    figure.legend(
        handles,
        [words for words, *_ in LOOKS.values()],
        loc="upper right",
        bbox_to_anchor=(0.99, 1 - 0.06 / inches),
        ncols=4,
        frameon=False,
        fontsize=8.5,
        handlelength=1.6,
    )
