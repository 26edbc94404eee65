"""The report as one HTML page. Words and layout are the templates'.

The page works from a file, without network or script: pictures are inline SVG, and its own
Content-Security-Policy forbids everything else. All values are escaped by Jinja.
"""

from __future__ import annotations

from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup
from matplotlib.figure import Figure

from analysis import statement, terms, wording
from analysis.page import Page
from analysis.plots import style, theme
from analysis.quotes import legible
from suites.metrics import METRICS

_TEMPLATES = Path(__file__).parent / "templates"


def render(page: Page) -> str:
    """The page as HTML. The same page gives the same text."""
    environment = Environment(
        loader=FileSystemLoader(_TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters |= {
        "approval": terms.approval,
        "before": wording.words_of_earlier,
        "bound": wording.bound,
        "category": wording.category,
        "count": wording.count,
        "flag": wording.flag,
        "interval": wording.interval,
        "worst": lambda finding: wording.bound(wording.worst_of(finding), finding.margin),
        "legible": legible,
        "percent": wording.percent,
        "plain": wording.plain,
        "probability": wording.probability,
        "rate": wording.rate,
        "readable": wording.readable,
        "series": wording.series,
        "signed": wording.signed,
        "svg": _svg,
        "words": wording.words_of_finding,
    }
    environment.globals |= {
        "BANNER": wording.BANNER,
        "BANNER_MEANING": wording.BANNER_MEANING,
        "METRICS": METRICS,
        "HOLDS_FOR": wording.HOLDS_FOR,
        "NOT_PROOF": wording.NOT_PROOF,
        "SIGNAL_P": wording.SIGNAL_P,
        "SIGNS": wording.ALL_WORDS,
        "STAMP": theme.STAMP,
        "TONES": theme.TONES,
        "title_of": statement.title_of,
    }
    return environment.get_template("page.html.j2").render(page=page, verdict=page.verdict)


def _svg(figure: Figure, salt: str) -> Markup:
    return Markup(style.svg(figure, salt=salt))  # noqa: S704 - our own drawing, labels escaped by matplotlib's XML writer
