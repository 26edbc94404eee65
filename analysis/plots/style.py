"""What all pictures share: colours, marks, the rehearsal stamp, and bytes that do not change by the day."""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import matplotlib as mpl
from matplotlib.figure import Figure, SubFigure
from matplotlib.text import Text
from matplotlib.transforms import ScaledTranslation

from analysis.wording import BANNER

INK = "#1a1c1f"
QUIET = "#5f6368"
RULE = "#dadce0"
LIMIT = "#8a3b00"
STAMP = "#ffd400"

COLOURS = {
    "parity": "#00635a",
    "beyond": "#b3261e",
    "worse": "#b3261e",
    "open": "#5c5200",
    "void": "#4a4458",
}
"""By `Words.name`. Each has a contrast of at least 4.5 on white; the mark's shape says the same."""

MARKS = {"parity": "o", "beyond": "^", "worse": "^", "open": "o", "void": "x"}
FILLED = {"parity", "beyond"}

_SHEET = Path(__file__).with_name("parity.mplstyle")
_METADATA = re.compile(r"<metadata>.*?</metadata>", re.DOTALL)
_SHEET_ELEMENT = re.compile(r"<style[^>]*>.*?</style>", re.DOTALL)
_REFERENCE = re.compile(r'(?<= id=")|(?<=href="#)|(?<=url\(#)')
_NAMESPACE = re.compile(r' xmlns(:\w+)?="[^"]*"')


@contextmanager
def applied() -> Iterator[None]:
    """Draw and save inside it, so that a reader's own matplotlib settings change nothing."""
    with mpl.rc_context():
        mpl.rcdefaults()
        mpl.rc_file(_SHEET, use_default_template=False)
        yield


def stamp(figure: Figure | SubFigure, *, x_in: float = 0.1, y_in: float = 0.1) -> Text:
    """Put the rehearsal stamp into the upper left corner, its distances from the edges in inches."""
    inches = ScaledTranslation(x_in, -y_in, figure.dpi_scale_trans)
    return figure.text(
        0,
        1,
        BANNER,
        transform=figure.transSubfigure + inches,
        ha="left",
        va="top",
        fontsize=9,
        fontweight="bold",
        color="black",
        bbox={"boxstyle": "square,pad=0.3", "facecolor": STAMP, "edgecolor": "black", "linewidth": 1.0},
        gid="rehearsal",
    )


def png(figure: Figure, *, title: str) -> bytes:
    """The figure as PNG with `title` in its text chunk and neither date nor program name."""
    buffer = io.BytesIO()
    with applied():
        figure.savefig(buffer, format="png", dpi=160, metadata={"Title": title, "Software": None})
    return buffer.getvalue()


def svg(figure: Figure, *, salt: str) -> str:
    """The figure as an `<svg>` element for a page: no namespaces, metadata or style sheet of its own.

    `salt` stands before every id, which keeps several pictures on one page apart.
    """
    buffer = io.StringIO()
    with applied(), mpl.rc_context({"svg.hashsalt": salt}):
        figure.savefig(buffer, format="svg", metadata={"Date": None, "Creator": None})
    text = buffer.getvalue()
    text = text[text.index("<svg") :]
    for part in (_METADATA, _SHEET_ELEMENT, _NAMESPACE):
        text = part.sub("", text)
    return _REFERENCE.sub(rf"\g<0>{salt}-", text.replace("xlink:href", "href"))
