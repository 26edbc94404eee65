"""The picture on a batch's card: how many cases of each kind a category has, and how many a run asks."""

from __future__ import annotations

import io
from collections import Counter
from collections.abc import Callable, Sequence
from typing import Any

import matplotlib as mpl
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from suites.case import Case

KINDS = ("to protect, input", "to protect, output", "harmless twin", "harmless look-alike")
_COLOURS = ("#0072b2", "#56b4e9", "#e69f00", "#f0e442")
_HATCHES = ("", "//", "", "..")
_STYLE: dict[Any, Any] = {
    "svg.hashsalt": "parity",
    "svg.fonttype": "none",
    "font.family": ["sans-serif"],
    "font.size": 9.0,
    "hatch.linewidth": 0.6,
}
_ROW, _MARGINS = 0.22, 1.5
"""Height of a category, and of everything else, in inches."""


def kind_of(case: Case) -> str:
    """Which of the four kinds a case is of."""
    if case.expectation == "protect":
        return KINDS[0] if case.side == "input" else KINDS[1]
    return KINDS[3] if case.twin is None else KINDS[2]


def composition(title: str, cases: Sequence[Case], asked: int) -> bytes:
    """The picture as SVG, the same bytes for the same cases.

    Args:
        title: The suite's title.
        cases: All cases in their order.
        asked: How many of them, from the first on, a run asks.
    """
    categories = sorted({case.category for case in cases}, key=str.casefold)
    shares = {
        "language": _counted(cases, lambda case: case.language),
        "channel": _counted(cases, lambda case: case.channel),
        "form": _counted(cases, lambda case: case.form),
        "context": _counted(cases, lambda case: case.context),
    }
    with mpl.rc_context(_STYLE):
        height = _MARGINS + _ROW * max(len(categories), sum(len(share) + 2 for share in shares.values()))
        figure = Figure(figsize=(11, height), layout="constrained")
        grid = figure.add_gridspec(1, 2, width_ratios=(3, 2))
        left, right = figure.add_subfigure(grid[0]), figure.add_subfigure(grid[1])
        _bars(left.subplots(), categories, cases, asked)
        axes = right.subplots(
            len(shares), 1, gridspec_kw={"height_ratios": [len(s) + 1 for s in shares.values()]}
        )
        for (name, share), axis in zip(shares.items(), axes, strict=True):
            _share(axis, name, share)
        figure.suptitle(f"{title}: {len(cases):,} cases, {asked:,} asked by default")
        out = io.BytesIO()
        figure.savefig(out, format="svg", metadata={"Date": None, "Creator": "Guardrail Parity"})
    return out.getvalue()


def _counted(cases: Sequence[Case], of: Callable[[Case], str]) -> list[tuple[str, int]]:
    return sorted(Counter(map(of, cases)).items(), key=lambda pair: (-pair[1], pair[0]))


def _bars(axis: Axes, categories: Sequence[str], cases: Sequence[Case], asked: int) -> None:
    counted = Counter((case.category, kind_of(case)) for case in cases)
    first = Counter(case.category for case in cases[:asked])
    places = range(len(categories))
    ends = [0] * len(categories)
    for kind, colour, hatch in zip(KINDS, _COLOURS, _HATCHES, strict=True):
        widths = [counted[category, kind] for category in categories]
        axis.barh(
            places, widths, left=ends, color=colour, hatch=hatch, edgecolor="white", linewidth=0.4, label=kind
        )
        ends = [end + width for end, width in zip(ends, widths, strict=True)]
    axis.plot(
        [first[category] for category in categories],
        places,
        "k|",
        markersize=9,
        label="asked by default, in all",
    )
    axis.set_yticks(places, [category.replace("_", " ") for category in categories])
    axis.set_ylim(len(categories) - 0.4, -0.6)
    axis.set_xlabel("cases")
    axis.spines[["top", "right"]].set_visible(False)
    axis.legend(loc="upper center", bbox_to_anchor=(0.3, -0.06), ncols=2, frameon=False)


def _share(axis: Axes, name: str, share: Sequence[tuple[str, int]]) -> None:
    labels, numbers = zip(*share, strict=True)
    bars = axis.barh(range(len(labels)), numbers, color="#5f6368")
    axis.bar_label(bars, labels=[f"{number:,}" for number in numbers], padding=3, fontsize=8)
    axis.set_yticks(range(len(labels)), [label.replace("_", " ") for label in labels])
    axis.set_ylim(len(labels) - 0.4, -0.6)
    axis.set_xlim(0, max(numbers) * 1.15)
    axis.set_title(name, loc="left", fontsize=9, fontweight="bold")
    axis.set_xticks([])
    axis.spines[["top", "right", "bottom"]].set_visible(False)
