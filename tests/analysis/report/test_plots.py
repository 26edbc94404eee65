"""What the pictures draw, read back from their artists; never pixels."""

from __future__ import annotations

from collections.abc import Callable
from itertools import combinations
from typing import Any

import matplotlib as mpl
import pytest
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.text import Text

from analysis.plots import categories, forest, matrix, poster, style
from analysis.result import Verdict

VerdictOf = Callable[[str], Verdict]


def artist(figure: Figure, gid: str) -> Any:
    """The one artist of that name."""
    (found,) = figure.findobj(lambda one: one.get_gid() == gid)
    return found


def across(figure: Figure, gid: str) -> list[float]:
    """Where a line's points stand on the x axis."""
    line = artist(figure, gid)
    assert isinstance(line, Line2D)
    return [round(float(x), 6) for x in line.get_xdata()]


def texts(figure: Figure) -> list[str]:
    """All words in a picture."""
    return [one.get_text() for one in figure.findobj(Text) if one.get_text()]


def test_forest_draws_the_interval_in_cases_per_thousand(verdict_of: VerdictOf) -> None:
    """The ends of the bar are the finding's own bounds."""
    assert across(forest.draw(verdict_of("parity")), "interval:pii:exposure") == [-7.1, 11.2]


def test_forest_draws_the_estimate_where_the_difference_is(verdict_of: VerdictOf) -> None:
    """The mark stands at the difference of the rates."""
    assert across(forest.draw(verdict_of("parity")), "estimate:pii:exposure") == [round(1000 / 396, 6)]


def test_forest_ticks_the_loss_at_worst(verdict_of: VerdictOf) -> None:
    """The one-sided bound that decides is on the bar."""
    assert across(forest.draw(verdict_of("parity")), "worst:pii:exposure") == [9.9, 9.9]


def test_forest_draws_each_lines_own_limit(verdict_of: VerdictOf) -> None:
    """Margins differ by metric and are drawn as registered."""
    figure = forest.draw(verdict_of("parity"))

    assert across(figure, "margin:pii:exposure") == [15.0, 15.0]
    assert across(figure, "margin:topics:overblock") == [25.0, 25.0]


def test_forest_says_the_verdict_by_mark_and_word_too(verdict_of: VerdictOf) -> None:
    """A reader who sees no colour gets the same answer."""
    figure = forest.draw(verdict_of("regression"))

    assert artist(figure, "verdict:pii:exposure").get_text() == "▲ beyond limit"
    assert artist(figure, "estimate:pii:exposure").get_marker() == "^"
    assert artist(figure, "verdict:pii:overblock").get_text() == "● within limit"


def test_forest_ends_a_long_interval_in_an_arrow(verdict_of: VerdictOf) -> None:
    """What goes on beyond the picture is not drawn as if it ended there."""
    figure = forest.draw(verdict_of("partial"))

    assert artist(figure, "arrow<:pii:exposure").get_marker() == "<"
    assert artist(figure, "arrow>:pii:exposure").get_marker() == ">"


def test_forest_says_where_there_was_nothing_to_compare(verdict_of: VerdictOf) -> None:
    """A line without opportunities has words and no mark."""
    figure = forest.draw(verdict_of("partial"))

    assert artist(figure, "nothing:pii:uncaught").get_text().strip() == "nothing to compare"
    assert not figure.findobj(lambda one: one.get_gid() == "estimate:pii:uncaught")


def test_forest_has_a_row_for_every_suite_and_metric(verdict_of: VerdictOf) -> None:
    """Three headings and fifteen lines."""
    rows = forest.rows(verdict_of("parity"))

    assert [row.finding is None for row in rows].count(True) == 3
    assert len(rows) == 18


def overlaps_and_cuts(figure: Figure) -> list[str]:
    """Texts that lie over one another or reach beyond the picture, as drawn."""
    canvas = FigureCanvasAgg(figure)
    canvas.draw()
    undrawn = {
        label
        for axes in figure.findobj(Axes)
        for axis, (low, high) in ((axes.xaxis, axes.get_xlim()), (axes.yaxis, sorted(axes.get_ylim())))
        for tick in axis.majorTicks
        for label in (tick.label1, tick.label2)
        if not (low <= tick.get_loc() <= high and label.get_visible())
    }
    boxes = [
        (one.get_text(), one.get_window_extent(canvas.get_renderer()))
        for one in figure.findobj(Text)
        if one.get_text().strip() and one not in undrawn
    ]
    width, height = figure.get_size_inches() * figure.dpi
    cut = [text for text, box in boxes if box.x0 < 0 or box.y0 < 0 or box.x1 > width or box.y1 > height]
    over = [f"{a} / {b}" for (a, box), (b, other) in combinations(boxes, 2) if box.overlaps(other)]
    return cut + over


@pytest.mark.parametrize("form", ["wide", "narrow"])
@pytest.mark.parametrize("kind", ["regression", "partial"])
def test_forest_lays_no_text_over_another_and_cuts_none(
    verdict_of: VerdictOf, kind: str, form: forest.Form
) -> None:
    """Columns hold the longest numbers; nothing is cut at the edge."""
    assert overlaps_and_cuts(forest.draw(verdict_of(kind), form)) == []


def test_poster_lays_no_text_over_another_and_cuts_none(any_verdict: Verdict) -> None:
    """Whatever the length of headline, sentence and notes."""
    assert overlaps_and_cuts(poster.draw(any_verdict)) == []


def test_categories_and_matrix_lay_no_text_over_another_and_cut_none(verdict_of: VerdictOf) -> None:
    """Numerals of one panel end before the next begins; the longest name of a category fits."""
    verdict = verdict_of("regression")
    cells = [
        cell.model_copy(update={"low": -0.37, "high": 0.42, "slice": f"{cell.slice}_IDENTIFICATION_NUMBER"})
        for cell in categories.cells(verdict.findings, "toxicity")
    ]
    cells[0].slice = "category:US_INDIVIDUAL_TAX_IDENTIFICATION_NUMBER"

    assert overlaps_and_cuts(categories.draw(cells, title="Personal data", rehearsal=True)) == []
    assert overlaps_and_cuts(matrix.draw(verdict.suites[0].outcomes, title="x", rehearsal=True)) == []


def test_categories_mark_the_cell_that_stands_out(verdict_of: VerdictOf) -> None:
    """Only the cell with an uncorrected p below .05 gets the triangle."""
    verdict = verdict_of("regression")
    figure = categories.draw(categories.cells(verdict.findings, "pii"), title="Personal data", rehearsal=True)

    assert artist(figure, "estimate:exposure:EMAIL").get_marker() == "^"
    assert artist(figure, "estimate:exposure:NAME").get_marker() == "o"


def test_categories_draw_the_cells_interval(verdict_of: VerdictOf) -> None:
    """In cases per 1,000, as everywhere."""
    verdict = verdict_of("regression")
    figure = categories.draw(categories.cells(verdict.findings, "pii"), title="Personal data", rehearsal=True)

    assert across(figure, "interval:exposure:EMAIL") == [41.0, 190.0]


def test_categories_are_drawn_for_one_suite_alone(verdict_of: VerdictOf) -> None:
    """A suite's picture holds none of another's cells."""
    cells = categories.cells(verdict_of("parity").findings, "topics")

    assert {cell.suite for cell in cells} == {"topics"}
    assert len(cells) == 25


def test_matrix_counts_pairs_by_both_outcomes() -> None:
    """Rows are the reference, columns the candidate, in the order of the outcomes."""
    grid = matrix.grid({"answered": {"answered": 7, "masked": 2}, "masked": {"masked": 1}})

    assert grid.outcomes == ("masked", "answered")
    assert grid.counts == ((1, 0), (2, 7))
    assert (grid.total, grid.agreeing) == (10, 8)


def test_matrix_keeps_an_outcome_that_it_does_not_know() -> None:
    """A new outcome is shown at the end and never dropped."""
    assert matrix.grid({"answered": {"vanished": 1}}).outcomes == ("answered", "vanished")


def test_matrix_shades_a_single_pair_apart_from_none() -> None:
    """One pair in a thousand is visible."""
    grid = matrix.grid({"answered": {"answered": 999, "masked": 1}})

    assert [grid.shade(1, 0), grid.shade(0, 0), grid.shade(1, 1)] == [1, 0, 4]


def test_matrix_draws_its_counts(verdict_of: VerdictOf) -> None:
    """The number in the cell is the number of pairs."""
    outcomes = verdict_of("parity").suites[0].outcomes
    figure = matrix.draw(outcomes, title="Personal data", rehearsal=True)

    assert artist(figure, "cell:masked:refused").get_text() == "6"


def test_poster_carries_headline_and_caveat(verdict_of: VerdictOf) -> None:
    """The picture stands alone: the verdict above, what it does not prove below."""
    words = " ".join(texts(poster.draw(verdict_of("regression"))))

    assert "▲ REHEARSAL: Worse, beyond the agreed limit" in words
    assert "is not proof of equality or of safety" in words
    assert "Planted on purpose: masking fails" in words


def test_poster_of_any_verdict_can_be_drawn(any_verdict: Verdict) -> None:
    """Without a comparison the picture has words and no plot."""
    figure = poster.draw(any_verdict)

    assert any_verdict.headline in " ".join(texts(figure))


@pytest.mark.parametrize("rehearsal", [True, False])
def test_every_picture_is_stamped_exactly_when_it_is_a_rehearsal(
    verdict_of: VerdictOf, *, rehearsal: bool
) -> None:
    """Forest, categories, matrix and poster alike."""
    verdict = verdict_of("parity").model_copy(update={"rehearsal": rehearsal})
    pictures = [
        forest.draw(verdict),
        forest.draw(verdict, "narrow"),
        poster.draw(verdict),
        categories.draw(categories.cells(verdict.findings, "pii"), title="x", rehearsal=rehearsal),
        matrix.draw(verdict.suites[0].outcomes, title="x", rehearsal=rehearsal),
    ]

    stamped = [bool(picture.findobj(lambda one: one.get_gid() == "rehearsal")) for picture in pictures]

    assert stamped == [rehearsal] * 5


def test_png_is_the_same_on_every_day(verdict_of: VerdictOf) -> None:
    """No date and no program name in the bytes."""
    one, two = (style.png(forest.draw(verdict_of("partial")), title="x") for _ in range(2))

    assert one == two
    assert b"Software" not in one


def test_svg_is_the_same_on_every_day_and_names_nobody(verdict_of: VerdictOf) -> None:
    """No date, no address, no style sheet of its own."""
    one, two = (style.svg(forest.draw(verdict_of("parity")), salt="x") for _ in range(2))

    assert one == two
    assert "http" not in one
    assert "<style" not in one


def test_svgs_of_one_page_share_no_id(verdict_of: VerdictOf) -> None:
    """Two pictures on a page must not answer to one id."""
    wide = style.svg(forest.draw(verdict_of("parity")), salt="a")
    narrow = style.svg(forest.draw(verdict_of("parity"), "narrow"), salt="b")

    ids = [{part.split('"')[0] for part in picture.split(' id="')[1:]} for picture in (wide, narrow)]

    assert ids[0].isdisjoint(ids[1])
    assert len(ids[0]) > 20


def test_svg_escapes_a_title_from_a_file(verdict_of: VerdictOf) -> None:
    """A suite's title goes into the drawing as text."""
    verdict = verdict_of("parity")
    verdict.suites[0].title = "<script>alert(1)</script>"

    assert "<script" not in style.svg(forest.draw(verdict), salt="x")


def test_a_readers_own_settings_change_nothing(verdict_of: VerdictOf) -> None:
    """Pictures are drawn with our style sheet alone."""
    ours = style.png(forest.draw(verdict_of("partial")), title="x")

    with mpl.rc_context({"lines.linewidth": 9, "font.size": 20, "axes.facecolor": "black"}):
        theirs = style.png(forest.draw(verdict_of("partial")), title="x")

    assert ours == theirs
