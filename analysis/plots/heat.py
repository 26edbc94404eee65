"""What became of each category's cases: a heat map of category by outcome, one for each arm, side by side."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from analysis import wording
from analysis.described import CategoryOutcomes
from analysis.plots import style, theme
from suites.outcomes import Outcome

_ROW_IN = 0.2
_CELL_IN = 0.56
_LABEL_IN = 2.7
_GAP_IN = 0.25
_HEAD_IN = 0.98
_STEPS = (0.25, 0.5, 0.75)


def outcomes(rows: Sequence[CategoryOutcomes]) -> list[str]:
    """The outcomes that any category had on any arm, in the order of `Outcome`."""
    there = {name for row in rows for arm in (row.reference, row.candidate) for name in arm}
    return [str(name) for name in Outcome if name in there] + sorted(there - set(Outcome))


def step(number: int, total: int) -> int:
    """The shade of a cell, 0 (nothing) to 4 (three quarters of the category's cases or more)."""
    return 0 if number == 0 else 1 + sum(number / total >= share for share in _STEPS)


def draw(rows: Sequence[CategoryOutcomes], *, title: str, rehearsal: bool) -> Figure:
    """Numbers are cases; the shade is their share of the category's. A frame marks where the arms differ."""
    names = outcomes(rows)
    side = len(names) * _CELL_IN
    width = _LABEL_IN + 2 * side + _GAP_IN + 0.15
    height = len(rows) * _ROW_IN + _HEAD_IN + 0.1
    with style.applied():
        figure = Figure(figsize=(width, height))
        figure.text(
            _LABEL_IN / width,
            1 - 0.1 / height,
            title,
            va="top",
            fontweight="bold",
            fontsize=9,
        )
        for place, arm in enumerate(("reference", "candidate")):
            axes = figure.add_axes(
                (
                    (_LABEL_IN + place * (side + _GAP_IN)) / width,
                    0.1 / height,
                    side / width,
                    1 - (_HEAD_IN + 0.1) / height,
                ),
                xlim=(0, len(names)),
                ylim=(len(rows), 0),
            )
            _arm(axes, rows, names, arm, first=place == 0)
        if rehearsal:
            style.stamp(figure)
    return figure


def _arm(
    axes: Axes, rows: Sequence[CategoryOutcomes], names: Sequence[str], arm: str, *, first: bool
) -> None:
    axes.xaxis.tick_top()
    axes.xaxis.set_label_position("top")
    axes.set_xticks(
        [place + 0.5 for place in range(len(names))],
        [wording.readable(name).replace(" ", "\n") for name in names],
        fontsize=7.5,
    )
    labels = [wording.readable(row.category) for row in rows] if first else []
    axes.set_yticks([place + 0.5 for place in range(len(rows))] if first else [], labels, fontsize=7.5)
    axes.tick_params(length=0)
    axes.spines["bottom"].set_visible(False)
    axes.set_xlabel(arm, fontsize=8.5, labelpad=4)
    for line, row in enumerate(rows):
        mine: Mapping[str, int] = getattr(row, arm)
        other: Mapping[str, int] = row.reference if arm == "candidate" else row.candidate
        total = sum(mine.values())
        for column, name in enumerate(names):
            number = mine.get(name, 0)
            differs = number != other.get(name, 0)
            axes.add_patch(
                Rectangle(
                    (column + 0.03, line + 0.06),
                    0.94,
                    0.88,
                    facecolor=theme.SHADES[step(number, total)],
                    edgecolor=theme.INK if differs else theme.RULE,
                    linewidth=1.3 if differs else 0.5,
                    zorder=2 if differs else 1,
                )
            )
            if number or differs:
                axes.text(
                    column + 0.5,
                    line + 0.5,
                    wording.count(number),
                    ha="center",
                    va="center_baseline",
                    fontsize=7.5,
                    zorder=3,
                    gid=f"cell:{arm}:{'_'.join(row.category.split())}:{name}",
                )
