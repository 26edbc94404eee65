"""What all pictures share: colours, marks, the rehearsal stamp, and bytes that do not change by the day."""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from contextlib import contextmanager
from weakref import WeakKeyDictionary
from xml.sax.saxutils import escape

import matplotlib as mpl
from matplotlib.figure import Figure, SubFigure
from matplotlib.text import Text
from matplotlib.transforms import ScaledTranslation

from analysis.plots.theme import SETTINGS, STAMP, TONES
from analysis.wording import BANNER

COLOURS = {
    name: TONES[role].light
    for name, role in (
        ("parity", "parity"),
        ("beyond", "beyond"),
        ("worse", "beyond"),
        ("open", "open"),
        ("void", "void"),
    )
}
"""By `Words.name`; the mark's shape says the same."""

MARKS = {"parity": "o", "beyond": "^", "worse": "^", "open": "o", "void": "x"}
FILLED = {"parity", "beyond"}

DIRECTIONS = "← better\N{EM SPACE}\N{EM SPACE}per 1,000 cases\N{EM SPACE}\N{EM SPACE}worse →"
"""Under the axis of a difference, candidate minus reference."""

_METADATA = re.compile(r"<metadata>.*?</metadata>", re.DOTALL)
_SHEET_ELEMENT = re.compile(r"<style[^>]*>.*?</style>", re.DOTALL)
_REFERENCE = re.compile(r'(?<= id=")|(?<=href="#)|(?<=url\(#)')
_NAMESPACE = re.compile(r' xmlns(:\w+)?="[^"]*"')
_ROLES = {tone.light: role for role, tone in reversed(TONES.items())}
_COLOUR = re.compile("|".join(_ROLES))
_WRITTEN: WeakKeyDictionary[Figure, str] = WeakKeyDictionary()
"""By figure, as long as anyone has it. A figure is not drawn on once it has been saved."""


@contextmanager
def applied() -> Iterator[None]:
    """Draw and save inside it, so that a reader's own matplotlib settings change nothing."""
    with mpl.rc_context():
        mpl.rcdefaults()
        mpl.rcParams.update(SETTINGS)
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

    Colours are the page's variables of the theme's names, so that they follow its light and dark.

    Args:
        figure: What was drawn.
        salt: Stands before every id, which keeps several pictures on one page apart.
    """
    text = _plain(figure)
    text = text[text.index("<svg") :]
    for part in (_METADATA, _SHEET_ELEMENT, _NAMESPACE):
        text = part.sub("", text)
    text = _COLOUR.sub(lambda found: f"var(--{_ROLES[found[0]]})", text)
    return _REFERENCE.sub(rf"\g<0>{salt}-", text.replace("xlink:href", "href"))


def svg_file(figure: Figure, *, title: str) -> bytes:
    """The figure as an SVG file that stands alone, with `title` for whoever cannot see it."""
    text = _plain(figure)
    place = text.index(">", text.index("<svg")) + 1
    return f"{text[:place]}\n <title>{escape(title)}</title>{text[place:]}".encode()


def _plain(figure: Figure) -> str:
    """What matplotlib writes, once for page, paper and file: nothing takes longer in a whole report."""
    if (written := _WRITTEN.get(figure)) is None:
        buffer = io.StringIO()
        with applied(), mpl.rc_context({"svg.hashsalt": "picture"}):
            figure.savefig(buffer, format="svg", metadata={"Date": None, "Creator": None})
        written = _WRITTEN[figure] = buffer.getvalue()
    return written
