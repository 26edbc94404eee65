"""The nights of a job in one picture: how each ended, what changed, and both arms' failures over time.

A band is the exact 95 % interval of a rate; a line ends where something changed, since nights before and
after must not be joined.
"""

from __future__ import annotations

import textwrap
from collections.abc import Sequence
from datetime import date, timedelta

import matplotlib.dates as mdates
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from analysis import wording
from analysis.history.overview import Event, Overview, Panel, Point
from analysis.plots import style, theme
from suites.metrics import METRICS

_WIDTH_IN = 10.0
_PANEL_IN, _GAP_IN = 0.98, 0.34
_LANES_IN, _EVENT_IN = 0.62, 0.185
_LEFT_IN, _RIGHT_IN, _BETWEEN_IN = 1.3, 0.9, 0.5
_FOOT_IN = 0.75
_HEAD_IN = 0.62
_CHARACTERS = 150

_LANES = (
    ("worse", "▲ alarm", "beyond", "^"),
    ("parity", "● within limit", "parity", "o"),
    ("open", "○ not shown", "open", "o"),
    ("broken", f"{wording.CROSS} no result", "void", "x"),
)
"""How nights end, from top to bottom: name, label, colour, mark."""

_SIGNS = {"detector": "◆", "break": "┃", "alarm": "▲"}
_DASHES = {"detector": (0, (4, 2)), "break": (0, (1, 1.2)), "alarm": "solid"}


def draw(overview: Overview) -> Figure:
    """The picture as a figure of its own."""
    suites = sorted({panel.suite for panel in overview.panels})
    metrics = [name for name in METRICS if any(panel.metric == name for panel in overview.panels)]
    rows = _event_rows(overview.events)
    height = _HEAD_IN + rows * _EVENT_IN + _LANES_IN + 0.45 + len(metrics) * (_PANEL_IN + _GAP_IN) + _FOOT_IN
    with style.applied():
        figure = Figure(figsize=(_WIDTH_IN, height))
        span = _span(overview)
        top = height - _HEAD_IN - rows * _EVENT_IN
        _title(figure, overview, height)
        lanes = figure.add_axes(
            _box(_LEFT_IN, top - _LANES_IN, _WIDTH_IN - _LEFT_IN - _RIGHT_IN, _LANES_IN, height)
        )
        _lanes(lanes, overview, span)
        _labels(lanes, overview.events, rows, span)
        width = (_WIDTH_IN - _LEFT_IN - _RIGHT_IN - _BETWEEN_IN * (len(suites) - 1)) / max(len(suites), 1)
        for column, suite in enumerate(suites):
            events = [event for event in overview.events if suite in event.suites]
            for row, metric in enumerate(metrics):
                left = _LEFT_IN + column * (width + _BETWEEN_IN)
                bottom = top - _LANES_IN - 0.45 - (row + 1) * (_PANEL_IN + _GAP_IN) + 0.1
                axes = figure.add_axes(_box(left, bottom, width, _PANEL_IN, height))
                panel = next((p for p in overview.panels if (p.suite, p.metric) == (suite, metric)), None)
                edges = {"last": row == len(metrics) - 1, "named": column == len(suites) - 1}
                _panel(axes, panel, events, overview, span, **edges)
                if column == 0:
                    label = "\n".join(textwrap.wrap(METRICS[metric].title, 14))
                    axes.text(-1.2 / width, 0.5, label, transform=axes.transAxes, va="center", fontsize=9)
                if row == 0:
                    axes.set_title(suite, loc="left", fontsize=10, fontweight="bold", pad=7)
        _foot(figure, overview, height)
        if overview.rehearsal:
            style.stamp(figure)
    return figure


def _box(
    left: float, bottom: float, width: float, high: float, height: float
) -> tuple[float, float, float, float]:
    return left / _WIDTH_IN, bottom / height, width / _WIDTH_IN, high / height


def _span(overview: Overview) -> tuple[float, float]:
    first, last = overview.marks[0].night, overview.marks[-1].night
    room = max((last - first).days * 0.015, 0.6)
    return _day(first) - room, _day(last) + room


def _day(day: date) -> float:
    return float(mdates.date2num(day))  # type: ignore[no-untyped-call]


def _title(figure: Figure, overview: Overview, height: float) -> None:
    first, last = overview.marks[0].night, overview.marks[-1].night
    shift = 1.15 if overview.rehearsal else 0.1
    figure.text(
        shift / _WIDTH_IN,
        1 - 0.1 / height,
        f"{overview.job}: {len(overview.marks)} nights, {first:%-d %b %Y} to {last:%-d %b %Y}",
        va="top",
        fontsize=12,
        fontweight="bold",
    )


def _lanes(axes: Axes, overview: Overview, span: tuple[float, float]) -> None:
    axes.set_xlim(*span)
    axes.set_ylim(len(_LANES) - 0.4, -0.6)
    axes.set_yticks(range(len(_LANES)), [label for _, label, _, _ in _LANES], fontsize=8)
    axes.tick_params(axis="y", length=0, pad=4)
    for tick, (_, _, colour, _) in zip(axes.get_yticklabels(), _LANES, strict=True):
        tick.set_color(style.COLOURS[colour])
    axes.tick_params(axis="x", labelbottom=False, length=0)
    small = 2.6 if len(overview.marks) > 100 else 4.5  # noqa: PLR2004 - where marks begin to touch
    for place, (lane, _, colour, mark) in enumerate(_LANES):
        days = [_day(each.night) for each in overview.marks if _lane(each.verdict) == lane]
        if lane == "broken":
            days += [_day(night) for night in overview.never_ran]
        axes.plot(
            days,
            [place] * len(days),
            linestyle="none",
            marker=mark,
            markersize=small + (2.5 if lane == "broken" else 0),
            color=style.COLOURS[colour],
            markerfacecolor="none" if lane == "open" else style.COLOURS[colour],
            markeredgewidth=1.6 if lane == "broken" else 0.7,
            gid=f"nights:{lane}",
        )


def _lane(verdict: str | None) -> str:
    return {"regression": "worse", "parity": "parity", "inconclusive": "open"}.get(verdict or "", "broken")


def _event_rows(events: Sequence[Event]) -> int:
    return min(max(len(events), 1), 6)


def _labels(axes: Axes, events: Sequence[Event], rows: int, span: tuple[float, float]) -> None:
    """Each event once above the lanes, on a level of its own, with a stroke down to its night."""
    for place, event in enumerate(events):
        level = rows - place % rows
        day = _day(event.night)
        high = 1 + (level - 0.35) * _EVENT_IN / _LANES_IN
        colour = _colour(event)
        axes.plot(
            [day, day],
            [0, high],
            transform=axes.get_xaxis_transform(),
            color=colour,
            linewidth=0.9,
            linestyle=_DASHES[event.kind],
            clip_on=False,
            zorder=0,
        )
        right = (day - span[0]) / (span[1] - span[0]) > 0.62  # noqa: PLR2004 - from there on text would leave the page
        text = f"{_SIGNS[event.kind]} {event.night:%-d %b}: {event.what} ({wording.series(event.suites)})"
        axes.annotate(
            text,
            (day, high),
            xycoords=axes.get_xaxis_transform(),
            xytext=(-3 if right else 3, 0),
            textcoords="offset points",
            ha="right" if right else "left",
            va="center",
            fontsize=8,
            fontweight="bold" if event.kind == "alarm" else "normal",
            color=colour,
            bbox={"facecolor": theme.PAPER, "edgecolor": "none", "pad": 0.6},
            annotation_clip=False,
            gid=f"event:{event.kind}:{event.night}",
        )


def _colour(event: Event) -> str:
    return {"alarm": style.COLOURS["beyond"], "detector": theme.LIMIT, "break": theme.INK}[event.kind]


def _panel(
    axes: Axes,
    panel: Panel | None,
    events: Sequence[Event],
    overview: Overview,
    span: tuple[float, float],
    *,
    last: bool,
    named: bool,
) -> None:
    axes.set_xlim(*span)
    axes.spines["left"].set_visible(True)
    locator = mdates.AutoDateLocator(minticks=3, maxticks=7)  # type: ignore[no-untyped-call]
    axes.xaxis.set_major_locator(locator)
    axes.xaxis.set_major_formatter(mdates.ConciseDateFormatter(locator, show_offset=False))  # type: ignore[no-untyped-call]
    axes.tick_params(axis="x", labelbottom=last, length=3, labelsize=8)
    axes.yaxis.set_major_locator(MaxNLocator(nbins=3, integer=True, min_n_ticks=2))
    axes.tick_params(axis="y", length=3, labelsize=8)
    if panel is None:
        axes.set_yticks([])
        axes.text(0.5, 0.5, "nothing counted", transform=axes.transAxes, ha="center", color=theme.QUIET)
        return
    points = [point for stretch in panel.stretches for point in stretch]
    most = max(max(p.candidate.high, p.reference.high) for p in points) * 1000
    axes.set_ylim(-0.02 * most, most * 1.06)
    for event in events:
        axes.axvline(
            _day(event.night), color=_colour(event), linewidth=0.9, linestyle=_DASHES[event.kind], zorder=1
        )
    for stretch in panel.stretches:
        for arm, colour, dashes, alpha in (
            ("reference", theme.REFERENCE, (0, (3, 1.5)), 0.22),
            ("candidate", theme.CANDIDATE, "solid", 0.22),
        ):
            _stretch(axes, stretch, arm, colour, dashes, alpha)
    _alarms(axes, panel, overview)
    if named:
        _arm_labels(axes, points[-1], most)


def _stretch(
    axes: Axes, stretch: Sequence[Point], arm: str, colour: str, dashes: object, alpha: float
) -> None:
    days, rates, lows, highs = [], [], [], []
    for point in stretch:
        found = getattr(point, arm)
        middle = (_day(point.first) + _day(point.last)) / 2
        days.append(middle)
        rates.append(found.rate * 1000)
        lows.append(found.low * 1000)
        highs.append(found.high * 1000)
    if len(days) == 1:
        axes.errorbar(
            days,
            rates,
            yerr=[[rates[0] - lows[0]], [highs[0] - rates[0]]],
            color=colour,
            fmt="o",
            markersize=3,
        )
        return
    axes.fill_between(days, lows, highs, color=colour, alpha=alpha, linewidth=0, zorder=2)
    axes.plot(days, rates, color=colour, linestyle=dashes, linewidth=1.5, zorder=3, gid=f"{arm}")


def _alarms(axes: Axes, panel: Panel, overview: Overview) -> None:
    """From the night on which an alarm was raised, where it is this panel's."""
    standing = {
        alarm.since for alarm in overview.alarms if (alarm.suite, alarm.metric) == (panel.suite, panel.metric)
    }
    for since in standing:
        axes.axvspan(
            _day(since),
            _day(overview.marks[-1].night + timedelta(days=1)),
            color=style.COLOURS["beyond"],
            alpha=0.09,
            linewidth=0,
            zorder=0,
            gid="alarm-stands",
        )
        axes.plot(
            [_day(since)],
            [0.93],
            transform=axes.get_xaxis_transform(),
            marker="^",
            markersize=7,
            color=style.COLOURS["beyond"],
            zorder=5,
            clip_on=False,
        )


def _arm_labels(axes: Axes, last: Point, most: float) -> None:
    """The arms' names at the ends of their lines, kept apart."""
    candidate, reference = last.candidate.rate * 1000, last.reference.rate * 1000
    apart = most * 0.2
    if abs(candidate - reference) < apart:
        middle = max((candidate + reference) / 2, apart / 2)
        above = candidate >= reference
        candidate = middle + (apart / 2 if above else -apart / 2)
        reference = middle - (apart / 2 if above else -apart / 2)
    for name, at, colour in (
        ("candidate", candidate, theme.CANDIDATE),
        ("reference", reference, theme.REFERENCE),
    ):
        axes.annotate(
            name,
            (1.0, at),
            xycoords=axes.get_yaxis_transform(),
            xytext=(2, 0),
            textcoords="offset points",
            va="center",
            fontsize=7,
            color=colour,
            annotation_clip=False,
        )


def _foot(figure: Figure, overview: Overview, height: float) -> None:
    since = overview.since_conclusive
    told = (
        "No night has come to a conclusion yet."
        if since is None
        else f"Nights since the last conclusive one: {since}."
    )
    text = (
        "Failures per 1,000 pairs, both arms over the same pairs; bands: exact 95 % intervals; high is worse."
        " A line ends where something changed, since nights before and after are not joined."
        " Red ground: an alarm stands. " + told
    )
    for place, line in enumerate(textwrap.wrap(text, _CHARACTERS)):
        figure.text(
            0.1 / _WIDTH_IN, (0.34 - 0.16 * place) / height, line, va="top", fontsize=8, color=theme.QUIET
        )
