"""The outcome-by-outcome matrix: what the reference did with a case against what the candidate did.

Off the diagonal the arms did different things. Shades have four steps, since most counts are tiny.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from analysis import wording
from analysis.plots import style, theme
from suites.outcomes import Outcome

SHADES = theme.SHADES
_STEPS = (0.01, 0.05, 0.25)
_CELL_IN = 0.62


@dataclass(frozen=True)
class Grid:
    """Pairs by outcome. `counts[r][c]` has the reference at `outcomes[r]`, the candidate at `outcomes[c]`."""

    outcomes: tuple[str, ...]
    counts: tuple[tuple[int, ...], ...]

    @property
    def total(self) -> int:
        """All pairs."""
        return sum(map(sum, self.counts))

    @property
    def agreeing(self) -> int:
        """Pairs in which both arms ended alike."""
        return sum(self.counts[place][place] for place in range(len(self.outcomes)))

    def shade(self, row: int, column: int) -> int:
        """The step of a cell, 0 (no pair) to 4 (a quarter of all pairs or more)."""
        here = self.counts[row][column]
        return 0 if here == 0 else 1 + sum(here / self.total >= step for step in _STEPS)


def grid(outcomes: Mapping[str, Mapping[str, int]]) -> Grid:
    """Arrange counts by reference and candidate outcome; outcomes that neither arm had are left out."""
    present = {name for name, across in outcomes.items() if any(across.values())}
    present |= {name for across in outcomes.values() for name, number in across.items() if number}
    order = [*(str(name) for name in Outcome if name in present)]
    order += sorted(present - set(order))
    return Grid(
        outcomes=tuple(order),
        counts=tuple(tuple(outcomes.get(row, {}).get(column, 0) for column in order) for row in order),
    )


def draw(outcomes: Mapping[str, Mapping[str, int]], *, title: str, rehearsal: bool) -> Figure:
    """The matrix as a picture, for slides; the page sets the same grid as a table."""
    table = grid(outcomes)
    size = len(table.outcomes)
    side = max(size, 1) * _CELL_IN
    width, height = side + 1.7, side + 1.5
    with style.applied():
        figure = Figure(figsize=(max(width, 4.6), height))
        figure.text(0.5, 1 - 0.45 / height, f"{title}: pairs by outcome", ha="center", fontweight="bold")
        axes = figure.add_axes(
            (1.45 / max(width, 4.6), 0.2 / height, side / max(width, 4.6), side / height),
            xlim=(0, max(size, 1)),
            ylim=(max(size, 1), 0),
        )
        axes.xaxis.tick_top()
        axes.xaxis.set_label_position("top")
        names = [wording.readable(name).replace(" ", "\n") for name in table.outcomes]
        axes.set_xticks([place + 0.5 for place in range(size)], names, fontsize=8)
        axes.set_yticks([place + 0.5 for place in range(size)], names, fontsize=8)
        axes.tick_params(length=0)
        axes.spines["bottom"].set_visible(False)
        axes.set_xlabel("candidate", labelpad=6)
        axes.set_ylabel("reference", labelpad=6)
        for row, counts in enumerate(table.counts):
            for column, number in enumerate(counts):
                axes.add_patch(
                    Rectangle(
                        (column, row),
                        1,
                        1,
                        facecolor=SHADES[table.shade(row, column)],
                        edgecolor=theme.INK if row == column else theme.RULE,
                        linewidth=1.4 if row == column else 0.6,
                        zorder=2 if row == column else 1,
                    )
                )
                if number:
                    axes.text(
                        column + 0.5,
                        row + 0.5,
                        wording.count(number),
                        ha="center",
                        va="center",
                        zorder=3,
                        gid=f"cell:{table.outcomes[row]}:{table.outcomes[column]}",
                    )
        if rehearsal:
            style.stamp(figure)
    return figure
