"""The one place of colours, type and line widths, for pictures, page and paper alike.

A `Tone` has a colour for a light surface and one for a dark one. Text in any of them has a contrast of at
least 4.5 to 1 on its surface. No colour carries a meaning alone: a sign, a shape or a word stands beside it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Tone:
    """One role's colour, as `#rrggbb`."""

    light: str
    dark: str


TONES = {
    "paper": Tone("#ffffff", "#16181b"),
    "ink": Tone("#1a1c1f", "#e9ebee"),
    "quiet": Tone("#565b61", "#a9afb7"),
    "rule": Tone("#dfe1e5", "#3a3f45"),
    "axis": Tone("#9aa0a6", "#7d848c"),
    "tint": Tone("#f6f7f9", "#1f2226"),
    "link": Tone("#0b57a4", "#8ab8f0"),
    "limit": Tone("#8a3b00", "#ffad70"),
    "alarm-tint": Tone("#fdf1f0", "#3a2120"),
    "parity": Tone("#00635a", "#5fd0c2"),
    "beyond": Tone("#b3261e", "#ff948a"),
    "open": Tone("#5c5200", "#dcc95a"),
    "void": Tone("#4a4458", "#c4bcd6"),
    "reference": Tone("#5f6368", "#b3b9c0"),
    "candidate": Tone("#0b4f8a", "#7db7f0"),
    "shade0": Tone("#fefefe", "#17191c"),
    "shade1": Tone("#eef3f8", "#1d2732"),
    "shade2": Tone("#d5e2ef", "#24374c"),
    "shade3": Tone("#a9c5e0", "#2b4a6a"),
    "shade4": Tone("#7ba7cf", "#335f8c"),
}
"""By role. `parity` to `void` are `Words.name`s; `shade0` to `shade4` are the steps of a heat map."""

STAMP = "#ffd400"
"""Behind the word REHEARSAL, which is black on any surface."""

INK, QUIET, RULE, AXIS, LIMIT, PAPER = (
    TONES[role].light for role in ("ink", "quiet", "rule", "axis", "limit", "paper")
)
REFERENCE, CANDIDATE = TONES["reference"].light, TONES["candidate"].light
SHADES = tuple(TONES[f"shade{step}"].light for step in range(5))

SETTINGS: Any = {
    "font.family": "sans-serif",
    "font.sans-serif": "DejaVu Sans",
    "font.size": 9,
    "text.color": INK,
    "axes.edgecolor": AXIS,
    "axes.labelcolor": INK,
    "axes.linewidth": 0.8,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.spines.left": False,
    "xtick.color": INK,
    "ytick.color": INK,
    "xtick.labelsize": 8.5,
    "ytick.labelsize": 9,
    "figure.facecolor": PAPER,
    "axes.facecolor": PAPER,
    "savefig.facecolor": PAPER,
    "svg.fonttype": "none",
    "axes.unicode_minus": True,
    "path.simplify": False,
}
"""matplotlib's settings; DejaVu Sans comes with matplotlib, so that pictures are alike on every machine."""
