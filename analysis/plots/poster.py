"""The first screen as one picture: headline, the sentence below it, the suites and the forest plot."""

from __future__ import annotations

import textwrap

from matplotlib.figure import Figure, SubFigure

from analysis import statement, wording
from analysis.plots import forest, style, theme
from analysis.result import Verdict

_WIDTH_IN = 8.0
_LINE_IN = 0.2
_CHARACTERS = 104
"""As many fit on a line at the size of the text."""


def draw(verdict: Verdict) -> Figure:
    """The verdict as a picture that can stand alone. Without a comparison there is no plot in it."""
    lines = _lines(verdict)
    words = wording.words_of_run(verdict)
    head = textwrap.wrap(f"{words.symbol} {verdict.headline}", 60)
    above = 0.5 + 0.32 * len(head) + _LINE_IN * (len(lines) + 0.5)
    below = forest.height(verdict) if forest.rows(verdict) else 0.0
    foot = textwrap.wrap(wording.NOT_PROOF, _CHARACTERS) if below else []
    total = above + below + _LINE_IN * (len(foot) + 0.5)
    with style.applied():
        figure = Figure(figsize=(_WIDTH_IN, total))
        ratios = (above, max(below, 0.01), total - above - below)
        text, plot, note = figure.subfigures(3, 1, height_ratios=ratios, hspace=0, squeeze=False)[:, 0]
        y = above - (0.42 if verdict.rehearsal else 0.2)
        for line in head:
            text.text(
                0.012,
                y / above,
                line,
                va="top",
                fontsize=14,
                fontweight="bold",
                color=style.COLOURS[words.name],
                gid="headline",
            )
            y -= 0.32
        _set(text, lines, y - 0.03, above)
        if below:
            forest.draw_into(plot, verdict)
        _set(note, [(line, theme.QUIET) for line in foot], total - above - below, total - above - below)
        if verdict.rehearsal:
            style.stamp(figure)
    return figure


def _lines(verdict: Verdict) -> list[tuple[str, str]]:
    lines = [(line, theme.INK) for line in textwrap.wrap(statement.lead(verdict), _CHARACTERS)]
    for result in verdict.suites:
        words = wording.words_of_suite(verdict, result.suite)
        lines.append((f"{words.symbol} {result.title}: {words.long}", style.COLOURS[words.name]))
    lines += [
        (f"{wording.CROSS} {suite}: did not run", style.COLOURS["void"]) for suite in verdict.suites_not_run
    ]
    for note in verdict.notes:
        lines += [(line, theme.QUIET) for line in textwrap.wrap(note, _CHARACTERS)]
    return lines


def _set(figure: SubFigure, lines: list[tuple[str, str]], top: float, height: float) -> None:
    for place, (line, colour) in enumerate(lines):
        figure.text(0.012, (top - place * _LINE_IN) / height, line, va="top", fontsize=9, color=colour)
