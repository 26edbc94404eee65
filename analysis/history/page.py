"""Writes what the nights show: a page that needs neither network nor script, or the plot alone."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from analysis import wording
from analysis.errors import RequestError
from analysis.history.overview import Overview
from analysis.plots import style, theme, trend
from suites.files import write_atomically


def write(overview: Overview, target: Path) -> None:
    """Write one form, by the file's ending, whole or not at all.

    Raises:
        RequestError: The ending is not known.
    """
    form = _FORMS.get(target.suffix.lower())
    if form is None:
        raise RequestError(
            f"Cannot write {target}: the ending {target.suffix or '(none)'!r} is not known."
            f" There are: {', '.join(sorted(_FORMS))}."
        )
    write_atomically(target, form(overview))


def _title(overview: Overview) -> str:
    banner = f"{wording.BANNER}: " if overview.rehearsal else ""
    return f"{banner}{overview.job}, nights up to {overview.marks[-1].night}"


def _png(overview: Overview) -> bytes:
    return style.png(trend.draw(overview), title=_title(overview))


def _svg(overview: Overview) -> bytes:
    return style.svg_file(trend.draw(overview), title=_title(overview))


def _html(overview: Overview) -> bytes:
    environment = Environment(
        loader=PackageLoader("analysis", "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    plot = Markup(style.svg(trend.draw(overview), salt="trend"))  # noqa: S704 - drawn here, from escaped words
    tones = {role: (tone.light, tone.dark) for role, tone in theme.TONES.items()}
    page = environment.get_template("history.html.j2").render(
        title=_title(overview), overview=overview, plot=plot, tones=tones, words=wording
    )
    return page.encode()


_FORMS: dict[str, Callable[[Overview], bytes]] = {".html": _html, ".png": _png, ".svg": _svg}
